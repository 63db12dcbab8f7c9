// What the newest events of a deployment carry, column by column.

#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "query/core.h"
#include "query/grouping.h"
#include "store/directory.h"

namespace aiml042::query {

/// How many distinct hashes were seen: exact up to kKept, above that estimated from the kKept smallest (K minimum values,
/// Bar-Yossef et al. 2002; standard error about 3 %).
class DistinctCount {
  public:
    static constexpr std::size_t kKept = 1'024;

    void add(std::uint64_t hash) {
        if (smallest_.size() < kKept || hash < *smallest_.rbegin()) {
            insert(hash);
        }
    }

    [[nodiscard]] double estimate() const;

  private:
    void insert(std::uint64_t hash);

    std::set<std::uint64_t> smallest_;
};

struct ColumnStats {
    std::string name;  // As filters and group_by take it.
    std::string role;  // metadata, feature, system, score, quantile, attribution.
    model::ValueType type = model::ValueType::kNumber;
    std::uint64_t present = 0;
    std::uint64_t rows = 0;  // Looked at.
    DistinctCount distinct;
    double min = 0.0;  // Numbers; meaningful when present > 0.
    double max = 0.0;
    std::vector<GroupValue> examples;  // The first five.
};

/// Columns that occur, metadata first, then features, then the event's own.
Result<std::vector<ColumnStats>> column_stats(const Core& core, const store::DeploymentInfo& deployment);

}  // namespace aiml042::query
