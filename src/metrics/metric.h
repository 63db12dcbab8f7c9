// The catalogue: every metric declared once, read by the query engine, the API's catalogue, the
// docs and the page.

#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/family.h"

namespace aiml042::metrics {

/// A number with what stands behind it. `value` empty = there is none, and `reason` says why (a
/// stable phrase such as "no labels", "one class only", "empty denominator").
struct Estimate {
    std::optional<double> value = {};
    std::uint64_t n = 0;  // Rows behind the value.
    std::optional<std::pair<double, double>> interval = {};
    std::optional<double> error_bound =
        {};                              // Approximate answers: |value - exact| is at most this.
    std::optional<double> p_value = {};  // Of a metric that is a test's statistic.
    std::array<std::uint32_t, 2> groups = {kNoClass, kNoClass};  // Of fairness: which ones.
    std::string_view reason = {};
};

/// How far down an order by score a metric looks: so many rows, or so many percent of them.
struct TopK {
    std::uint64_t count = 0;  // 0: `percent` counts.
    double percent = 0.0;     // In (0, 100].

    /// Rows of `n`: a share is rounded up, and there are at most n.
    [[nodiscard]] std::uint64_t of(std::uint64_t n) const;

    /// "100" or "10%".
    [[nodiscard]] std::string text() const;
};

/// `family` is what the state was made with.
struct FinishOptions {
    FamilyOptions family = {};
    std::optional<double> confidence = {};  // 0.95: ask for an interval.
    enum class Average : std::uint8_t {
        kBinary,
        kMacro,
        kMicro,
        kWeighted
    } average = Average::kBinary;
    double beta = 1.0;             // fbeta; above 0.
    std::optional<TopK> top = {};  // lift@k …; a metric that takes a k looks at all without.
    std::optional<double> quantile = {};  // pinball@q; in (0, 1).
    std::uint64_t min_n = 30;             // Of fairness: rows of a group that counts.
    double window_seconds = 0.0;          // Length of the bucket, for rates.
};

/// Tasks a metric makes sense for, as bits.
enum class TaskBit : std::uint32_t {
    kBinary = 1,
    kMulticlass = 2,
    kRegression = 4,
    kRanking = 8,
    kLlm = 16,
    kAny = 0xFFFF
};

[[nodiscard]] constexpr std::uint32_t task_bits(std::initializer_list<TaskBit> tasks) {
    std::uint32_t out = 0;
    for (const TaskBit task : tasks) {
        out |= static_cast<std::uint32_t>(task);
    }
    return out;
}

using Finish = Estimate (*)(const State& state, const FinishOptions& options);

/// What a formula reads of the options, as bits. What none of a question's formulas reads is
/// refused, and an answer's definition names what was read.
enum class Option : std::uint32_t {
    kAverage = 1,
    kBeta = 2,
    kThreshold = 4,
    kWidthBins = 8,  // Bins, cut this way …
    kMassBins = 16,
    kDebiasedBins = 32,
    kGroups = 64,  // Rows::column_class as groups, and min_n.
};

[[nodiscard]] constexpr std::uint32_t option_bits(std::initializer_list<Option> options) {
    std::uint32_t out = 0;
    for (const Option option : options) {
        out |= static_cast<std::uint32_t>(option);
    }
    return out;
}

/// Which state answers a metric, how, and what it reads of the options.
struct MetricForm {
    const Family* family = nullptr;
    Finish finish = nullptr;
    std::uint32_t options = 0;  // Option.

    [[nodiscard]] bool reads(Option option) const {
        return (options & static_cast<std::uint32_t>(option)) != 0;
    }

    /// The binning asked for where the formula knows it, else the one it always has; nothing where
    /// it has no bins.
    [[nodiscard]] std::optional<FamilyOptions::Binning> binning(FamilyOptions::Binning asked) const;
};

struct MetricSpec {
    std::string_view name = {};   // "lift@k" where it takes a k.
    std::string_view alias = {};  // A second name; empty when none.
    /// What may follow the @ of the name, or stand beside it as `k` or `quantile`.
    enum class Parameter : std::uint8_t {
        kNone,
        kTop,       // k: a number of rows or a share of them; FinishOptions::top.
        kRank,      // k: a number of ranks or classes; FinishOptions::top and FamilyOptions::k.
        kQuantile,  // FinishOptions::quantile.
    } parameter = Parameter::kNone;
    bool parameter_optional = false;
    std::string_view title = {};
    std::string_view group =
        {};  // "traffic", "latency", "labels", "classification", "calibration", "regression" …
    std::string_view unit = {};      // "", "ms", "s", "1/s", "ratio", "label unit" …
    std::optional<double> min = {};  // Range of the value.
    std::optional<double> max = {};
    int direction = 0;        // +1 higher is better, -1 lower is better, 0 neither.
    std::uint32_t tasks = 0;  // TaskBit.
    const Family* family = nullptr;
    std::string_view formula = {};   // Plain text.
    std::string_view source = {};    // Citation.
    std::string_view interval = {};  // Method of the interval; empty when none.
    Finish finish = nullptr;
    std::uint32_t options = 0;  // Option, of `finish`.
    // Other states that answer the same metric; see form_of().
    MetricForm multiclass = {};  // Tasks with more than two classes.
    MetricForm threshold = {};   // FamilyOptions::threshold is set.
    MetricForm mass = {};        // FamilyOptions::binning is kMass.
};

/// The state and formula for a task and options. A caller that has no task passes kBinary.
[[nodiscard]] MetricForm form_of(const MetricSpec& spec,
                                 TaskBit task,
                                 const FamilyOptions& options);

/// What `formula` (of one of the spec's forms) makes of a state; an interval ends where the
/// metric's range does.
[[nodiscard]] Estimate finish(const MetricSpec& spec,
                              Finish formula,
                              const State& state,
                              const FinishOptions& options);

/// Whether a metric means something for a task.
[[nodiscard]] constexpr bool fits(const MetricSpec& spec, TaskBit task) {
    return (spec.tasks & static_cast<std::uint32_t>(task)) != 0;
}

/// All metrics, by name.
[[nodiscard]] std::span<const MetricSpec> catalog();

/// Adds one of a plugin, whose texts and family live as long as the process; its name is new. At
/// start only, before other threads and where has_room(1).
void add_metric(const MetricSpec& spec);
[[nodiscard]] bool has_room(std::size_t metrics);

/// All metrics as Markdown: docs/reference/metrics.md.
[[nodiscard]] std::string catalog_markdown();

/// By name or alias ("auc" → roc_auc); null when unknown.
[[nodiscard]] const MetricSpec* find_metric(std::string_view name);

/// Names closest to a wrong one (edit distance), at most three.
[[nodiscard]] std::vector<std::string_view> nearest_metrics(std::string_view name);

/// Curves from family states, as data for charts: see metrics/curves.h.

}  // namespace aiml042::metrics
