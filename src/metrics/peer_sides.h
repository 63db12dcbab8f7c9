// Both sides of a column as other monitors read them: missing values and those of the other type
// are left out, numbers are values or categories.

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "metrics/peer_drift.h"

namespace aiml042::metrics {

/// Rows per bin or category of both sides.
struct PeerCounts {
    std::vector<double> reference;
    std::vector<double> current;

    /// Divided by all rows of their side.
    [[nodiscard]] PeerCounts shares(double n, double m) const;
};

class PeerSides {
  public:
    PeerSides(const ReferenceColumn& reference, const ColumnValues& current);

    [[nodiscard]] bool numeric() const {
        return reference_.kind() == ReferenceColumn::Kind::kNumeric;
    }

    /// Values of the column's kind.
    [[nodiscard]] double n() const { return static_cast<double>(reference_.n()); }

    [[nodiscard]] double m() const { return m_; }

    [[nodiscard]] double pair_n() const { return n() * m_ / (n() + m_); }

    /// Ascending; of a numeric column. The reference's may be a summary of n() values.
    [[nodiscard]] std::span<const double> before() const { return reference_.values(); }

    [[nodiscard]] std::span<const double> now() const { return current_.numbers(); }

    /// Smallest and largest of both sides.
    [[nodiscard]] double lowest() const;
    [[nodiscard]] double highest() const;

    /// Different values of the reference, of the current data and of both, each at most `most`.
    struct Different {
        std::size_t before = 0;
        std::size_t now = 0;
        std::size_t both = 0;
    };

    [[nodiscard]] Different different(std::size_t most) const;

    /// One entry per value or text that either side has, in ascending order of numbers.
    [[nodiscard]] PeerCounts by_value() const;

    /// Rows between edges.
    [[nodiscard]] PeerCounts between(std::span<const double> edges) const;

    [[nodiscard]] double rank_error() const { return reference_.rank_error(); }

  private:
    /// Calls visit(rows of the reference, rows of the current data) per value until it is false.
    void for_each_value(const std::function<bool(double, double)>& visit) const;

    const ReferenceColumn& reference_;
    const ColumnValues& current_;
    double m_ = 0.0;
};

/// Distance by Jensen and Shannon of counts, each side divided by its sum: the root of the
/// divergence, logarithms natural.
[[nodiscard]] double peer_js_distance(const PeerCounts& counts);

/// Pearson's statistic of the current counts against the reference's shares as if those were known:
/// infinite where the reference has none.
[[nodiscard]] double one_sample_chi2(const PeerCounts& counts, double n, double m);

[[nodiscard]] PeerDrift evidently_drift(const PeerSides& sides);
[[nodiscard]] PeerDrift nannyml_drift(const PeerSides& sides);
[[nodiscard]] PeerDrift azure_drift(const PeerSides& sides);
[[nodiscard]] PeerDrift sagemaker_drift(const PeerSides& sides);
[[nodiscard]] PeerDrift whylogs_drift(const PeerSides& sides);

}  // namespace aiml042::metrics
