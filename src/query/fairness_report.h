// What a fairness report says: rates, AUCs and calibration of every group, the gaps between groups,
// and what all of it was made from. Written as JSON, CSV and HTML elsewhere.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "metrics/metric.h"
#include "query/core.h"
#include "query/engine.h"
#include "query/plan.h"

namespace aiml042::query {

struct FairnessRequest {
    /// Project, deployment, version, window, filter, threshold, as_of, include_shadow, exact, `by`,
    /// `min_n`, confidence (0.95 where it has none); the rest is not looked at.
    MetricQuery rows;
    Timestamp made_at = 0;
    std::string product_version;
};

/// How a number of the report is made.
struct FairnessMethod {
    std::string_view name;
    std::string_view title;
    std::string_view formula;
    std::string_view interval;  // Empty: it has none.
    std::string_view source = {};
};

struct FairnessReport {
    using Named = std::pair<std::string_view, metrics::Estimate>;

    struct Group {
        std::string text;              // See group_parts().
        std::uint64_t n = 0;           // Labelled events with a decision.
        std::vector<Named> estimates;  // In the order of fairness_rates().
    };

    struct Version {
        std::string name;
        std::uint64_t events = 0;
        metrics::Estimate label_coverage;
    };

    Plan plan;
    std::vector<Version> versions;  // Most events first; those without a version have no name.
    std::vector<Group> groups;      // Most rows first.
    std::vector<Named> gaps;
    std::uint64_t events = 0;  // In the window, labelled or not.
    std::uint64_t labelled = 0;
    Lsn as_of_sequence{};

    /// Whether a group takes part in gaps.
    [[nodiscard]] bool counts(const Group& group) const;
    /// The name of a group code; empty for kNoClass.
    [[nodiscard]] std::string name_of(std::uint32_t code) const;
    /// The keys of `by`.
    [[nodiscard]] std::vector<std::string> keys() const;
    /// "below", "not_below" or "cannot_tell": where the interval of demographic_parity_ratio lies.
    [[nodiscard]] std::string_view four_fifths() const;
};

inline constexpr double kFourFifths = 0.8;
inline constexpr std::string_view kSmallGroup = "fewer than min_n events: not among the gaps";

/// What is told of each group.
[[nodiscard]] std::span<const FairnessMethod> fairness_rates();

/// The same of the gaps, from the catalogue.
[[nodiscard]] std::vector<FairnessMethod> fairness_gaps();

/// Cost: a scan of the window, remembered per block, and a sort of all scores. Errors: as a metric
/// query's; kQueryTooLarge beyond limits::kClassesPerDeploymentMax groups.
[[nodiscard]] Result<FairnessReport> make_fairness_report(const Core& core,
                                                          const MetricQuery& rows);

}  // namespace aiml042::query
