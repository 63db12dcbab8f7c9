// How far up the labelled class stands among the scores of all classes.

#include <algorithm>
#include <limits>
#include <vector>

#include "base/scratch.h"
#include "metrics/metric_files.h"
#include "metrics/reasons.h"
#include "metrics/typed_state.h"
#include "stats/interval.h"

namespace aiml042::metrics {

namespace {

/// Rows by the rank of their labelled class: how many classes have a strictly higher score. Any k
/// is answered from one state. State: 8 bytes per rank that occurs. Cost: about 2 ns per row and
/// class. A labelled class without a score stands below all that have one; rows without a label
/// class or without any score are left out.
class ClassRanks final : public TypedState<ClassRanks> {
  public:
    void update(const Rows& rows, std::span<const std::uint32_t> selection) override {
        for_each_run(selection, [&](std::span<const std::uint32_t> run) { update_run(rows, run); });
    }

    void merge_from(const ClassRanks& other) {
        labelled_ += other.labelled_;
        n_ += other.n_;
        make_room(other.counts_.size());
        for (std::size_t i = 0; i < other.counts_.size(); ++i) {
            counts_[i] += other.counts_[i];
        }
    }

    [[nodiscard]] std::size_t memory_bytes() const override {
        return sizeof(*this) + counts_.capacity() * sizeof(std::uint64_t);
    }

    [[nodiscard]] std::uint64_t n() const { return n_; }

    /// Rows with fewer than k classes above the labelled one.
    [[nodiscard]] std::uint64_t within(std::uint64_t k) const {
        std::uint64_t out = 0;
        for (std::size_t i = 0; i < std::min<std::uint64_t>(k, counts_.size()); ++i) {
            out += counts_[i];
        }
        return out;
    }

    [[nodiscard]] std::string_view reason() const {
        return labelled_ == 0 ? reasons::kNoLabels : reasons::kNoScores;
    }

  private:
    void update_run(const Rows& rows, std::span<const std::uint32_t> run) {
        Scratch<double, kRun> own;
        Scratch<std::uint32_t, kRun> above;
        Scratch<std::uint32_t, kRun> scored;
        for (std::size_t i = 0; i < run.size(); ++i) {
            own[i] = -std::numeric_limits<double>::infinity();
            above[i] = 0;
            scored[i] = 0;
            labelled_ += rows.labelled[run[i]];
        }
        for (const Rows::ClassScores& column : rows.class_scores) {
            for (std::size_t i = 0; i < run.size(); ++i) {
                const double score = column.scores[run[i]];
                const bool is_own = rows.label_class[run[i]] == column.class_code && score == score;
                own[i] = is_own ? score : own[i];
            }
        }
        for (const Rows::ClassScores& column : rows.class_scores) {
            for (std::size_t i = 0; i < run.size(); ++i) {
                const double score = column.scores[run[i]];
                above[i] += score > own[i] ? 1U : 0U;  // A missing score is above nothing.
                scored[i] += score == score ? 1U : 0U;
            }
        }
        for (std::size_t i = 0; i < run.size(); ++i) {
            if (rows.label_class[run[i]] != kNoClass && scored[i] != 0) {
                make_room(above[i] + std::size_t{1});
                ++counts_[above[i]];
                ++n_;
            }
        }
    }

    void make_room(std::size_t ranks) {
        if (ranks > counts_.size()) {
            counts_.resize(ranks);
        }
    }

    std::uint64_t labelled_ = 0;
    std::uint64_t n_ = 0;
    std::vector<std::uint64_t> counts_;
};

constexpr Family kClassRanksFamily{
    .name = "class_ranks",
    .inputs = inputs_of({Input::kLabelled, Input::kLabelClass, Input::kClassColumns}),
    .make = [](const FamilyOptions&) -> std::unique_ptr<State> {
        return std::make_unique<ClassRanks>();
    }};

Estimate top_k_accuracy(const State& state, const FinishOptions& options) {
    const auto& ranks = as<ClassRanks>(state);
    if (ranks.n() == 0) {
        return {.reason = ranks.reason()};
    }
    const std::uint64_t k = options.top.value_or(TopK{.count = 1}).count;
    const auto hits = static_cast<double>(ranks.within(k));
    const auto n = static_cast<double>(ranks.n());
    Estimate out{.value = hits / n, .n = ranks.n()};
    if (options.confidence) {
        out.interval = stats::wilson(hits, n, *options.confidence);
    }
    return out;
}

constexpr MetricSpec kMetrics[] = {
    {.name = "top_k_accuracy",
     .parameter = MetricSpec::Parameter::kRank,
     .title = "Top-k accuracy",
     .group = "classification",
     .min = 0.0,
     .max = 1.0,
     .direction = 1,
     .tasks = task_bits({TaskBit::kMulticlass}),
     .family = &kClassRanksFamily,
     .formula = "share of rows where fewer than k classes have a strictly higher score than the "
                "labelled one; a labelled class without a score stands below those that have one",
     .interval = "Wilson",
     .finish = top_k_accuracy},
};

}  // namespace

std::span<const MetricSpec> top_k_accuracy_metrics() {
    return kMetrics;
}

}  // namespace aiml042::metrics
