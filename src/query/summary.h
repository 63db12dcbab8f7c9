// What one block has, in a few hundred bytes: for inferring task and positive class, and for
// describing deployments.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "query/block_view.h"
#include "query/byte_cache.h"
#include "store/directory.h"
#include "store/store.h"

namespace aiml042::query {

/// Distinct texts, at most `kMax` of them.
class SmallSet {
  public:
    static constexpr std::size_t kMax =
        65;  // One more than answers list, so that "more" can be told.

    void add(std::string_view text);
    void add(const SmallSet& other);

    [[nodiscard]] const std::vector<std::string>& values() const { return values_; }

    [[nodiscard]] bool full() const { return values_.size() >= kMax; }

  private:
    std::vector<std::string> values_;  // Sorted.
};

struct VersionCount {
    std::uint64_t events = 0;
    Timestamp first = kTimestampMax;
    Timestamp last = kTimestampMin;

    void add(const VersionCount& other);
};

struct BlockSummary {
    std::uint64_t rows = 0;
    std::uint64_t labelled = 0;
    std::uint64_t errors = 0;
    Timestamp first = kTimestampMax;
    Timestamp last = kTimestampMin;
    SmallSet label_classes;  // Of current labels; numbers by their text where a label has no class.
    SmallSet predicted_classes;
    bool has_score = false;
    bool has_predicted_value = false;
    bool has_action = false;
    bool has_experiment = false;
    bool has_ranking = false;
    bool has_llm = false;
    SmallSet embeddings;  // Names, of a few events.
    std::map<std::string, VersionCount, std::less<>> versions;
    std::map<std::string, SmallSet, std::less<>>
        metadata;  // Values of text and boolean metadata keys.

    void add(const BlockSummary& other);
    [[nodiscard]] std::size_t memory_bytes() const;
};

/// Metadata keys that a summary looks into, the first ones seen.
inline constexpr std::size_t kSummaryKeysMax = 16;

Result<BlockSummary> summarize(BlockView& view, const store::Schema& schema);

/// Summaries of blocks as they are now, remembered. Threads: any.
class Summaries {
  public:
    explicit Summaries(std::size_t bytes_max) : cache_(bytes_max) {}

    Result<std::shared_ptr<const BlockSummary>> of(const std::shared_ptr<const store::Block>& block,
                                                   const store::Schema& schema);

  private:
    ByteCache<BlockSummary> cache_;
};

}  // namespace aiml042::query
