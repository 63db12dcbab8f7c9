#include "query/estimate_model.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/hash.h"
#include "metrics/reasons.h"
#include "query/parallel.h"
#include "stats/interval.h"
#include "stats/multiplicity.h"

namespace aiml042::query {

namespace {

using metrics::Estimate;
using metrics::ExpectedMetric;
using metrics::ScoreCalibration;
using Kind = EstimateTask::Kind;

constexpr std::uint64_t kRowsMax = 20'000'000;
constexpr std::size_t kShiftedColumnsMax = 8;
constexpr double kShiftLevel = 0.01;
constexpr Timestamp kArrivalCells = 512;  // Of a reference, about.

constexpr EstimatedMetric kBinaryMetrics[] = {{"accuracy", ExpectedMetric::kAccuracy},
                                              {"precision", ExpectedMetric::kPrecision},
                                              {"recall", ExpectedMetric::kRecall},
                                              {"specificity", ExpectedMetric::kSpecificity},
                                              {"f1", ExpectedMetric::kF1},
                                              {"roc_auc", ExpectedMetric::kRocAuc}};
constexpr EstimatedMetric kClassMetrics[] = {{"accuracy", ExpectedMetric::kAccuracy},
                                             {"precision", ExpectedMetric::kPrecision},
                                             {"recall", ExpectedMetric::kRecall},
                                             {"f1", ExpectedMetric::kF1}};
constexpr EstimatedMetric kLossMetrics[] = {{.name = "mae", .loss = 0},
                                            {.name = "mse", .loss = 1},
                                            {.name = "rmse", .loss = 1, .root = true},
                                            {.name = "mape", .loss = 2}};
constexpr std::string_view kScoreMethods[] = {"raw", "calibrated", "weighted"};
constexpr std::string_view kLossMethods[] = {"reference", "weighted", "loss_model"};
constexpr std::size_t kLossCount = 3;

/// Everything that what is learned depends on.
CacheKey key_of(const Core& core,
                const Plan& plan,
                const EstimateColumns& columns,
                std::span<const TimeRange> windows) {
    std::string text = fmt::format("{}\n{}\n{}\n{}\n",
                                   plan.scan.filter->text(),
                                   plan.scan.understanding.name(),
                                   plan.scan.classes->serial(),
                                   plan.scan.as_of);
    for (const EstimateColumn& column : columns.all) {
        const Hash128& name = column.reference->name();
        fmt::format_to(std::back_inserter(text),
                       "{}:{} {} {:x} {:x}\n",
                       column.choice.name.size(),
                       column.choice.name,
                       column.choice.texts->serial(),
                       name.high,
                       name.low);
    }
    for (const TimeRange& window : windows) {
        fmt::format_to(std::back_inserter(text), "{} {}\n", window.from, window.to);
        for (const auto& block :
             core.store.blocks(plan.deployment.project, plan.deployment.id, window)) {
            fmt::format_to(std::back_inserter(text), "{} {}\n", block->id(), block->version());
        }
    }
    return {static_cast<std::uint64_t>(plan.deployment.id), hash128(text, 0)};
}

Status check_size(const Core& core, const Plan& plan, std::span<const TimeRange> windows) {
    std::uint64_t rows = 0;
    for (const TimeRange& window : windows) {
        const Blocks all = core.store.blocks(plan.deployment.project, plan.deployment.id, window);
        for (const auto& block : overlapping(all, window)) {
            rows += block->rows();
        }
    }
    return rows <= kRowsMax
               ? Status::ok()
               : Status(
                     ErrorCode::kQueryTooLarge,
                     fmt::format("the reference holds {} events; estimates learn from at most {}",
                                 rows,
                                 kRowsMax),
                     "/reference");
}

Status learn_losses(const Core& core, const EstimateColumns& columns, EstimateModel& model) {
    model.losses.resize(kLossCount);
    return parallel_for(
        core.pool, core.options.threads, kLossCount, [&](std::size_t i, unsigned /*worker*/) {
            model.losses[i] = metrics::LossModel::fit(
                model.tally.sample, model.sample_losses(i), columns.ordered);
            return Status::ok();
        });
}

/// Maps from scores to probabilities under the weights of the sample's rows.
std::vector<ScoreCalibration> weighted_maps(const EstimateModel& model,
                                            std::span<const double> weights) {
    std::vector<ScoreCalibration> out;
    const metrics::RowSample& sample = model.tally.sample;
    for (std::size_t i = 0; i < model.task.classes.size(); ++i) {
        std::vector<ScoreCalibration::Row> rows;
        for (std::size_t row = 0; row < sample.rows(); ++row) {
            const std::span<const double> numbers = sample.numbers(row);
            if (numbers[i] >= 0.0 && numbers[i] <= 1.0) {
                rows.push_back(
                    {numbers[i], numbers.back() == static_cast<double>(i), weights[row]});
            }
        }
        out.push_back(ScoreCalibration::fit(rows));
    }
    return out;
}

/// Raw, calibrated, weighted: the maps of each.
using Maps = std::array<std::vector<ScoreCalibration>, std::size(kScoreMethods)>;

Maps maps_of(const EstimateModel& model, const BucketShift& shift) {
    Maps out;
    out[0].resize(model.task.classes.size());
    for (const metrics::LearnedCalibration& learned : model.calibrations) {
        out[1].push_back(learned.used());
    }
    // Rows that all weigh the same say what the whole reference says better.
    out[2] = shift.ratio.trees > 0 ? weighted_maps(model, shift.ratio.weights) : out[1];
    return out;
}

std::vector<Estimate> expect_all(const BucketTally& bucket,
                                 const Maps& maps,
                                 ExpectedMetric metric,
                                 double confidence) {
    std::vector<Estimate> out;
    for (const std::vector<ScoreCalibration>& map : maps) {
        std::vector<metrics::ExpectedClass> classes;
        for (std::size_t i = 0; i < bucket.classes.size(); ++i) {
            classes.push_back({&bucket.classes[i], &map[i]});
        }
        out.push_back(metrics::expect_metric(classes, metric, confidence));
    }
    return out;
}

/// The weighted mean loss of the reference's rows, with the band of that of n new ones.
Estimate mean_loss(std::span<const double> losses,
                   std::span<const double> weights,
                   std::uint64_t n,
                   double confidence) {
    double sum = 0.0;
    double all = 0.0;
    double squares = 0.0;
    for (std::size_t i = 0; i < losses.size(); ++i) {
        if (losses[i] == losses[i]) {
            sum += weights[i] * losses[i];
            all += weights[i];
            squares += weights[i] * weights[i];
        }
    }
    if (!(all > 0.0)) {
        return {.n = n, .reason = metrics::reasons::kSmallReference};
    }
    if (n == 0) {
        return {.reason = metrics::reasons::kNoEvents};
    }
    Estimate out{.value = sum / all, .n = n};
    double spread = 0.0;
    for (std::size_t i = 0; i < losses.size(); ++i) {
        const double off = losses[i] - *out.value;
        spread += off == off ? weights[i] * off * off / all : 0.0;
    }
    const double variance = spread * (squares / (all * all) + 1.0 / static_cast<double>(n));
    const double half = stats::normal_quantile(confidence) * std::sqrt(variance);
    out.interval = {std::max(0.0, *out.value - half), *out.value + half};
    return out;
}

Estimate root_of(Estimate of) {
    if (of.value) {
        of.value = std::sqrt(*of.value);
    }
    if (of.interval) {
        of.interval = {std::sqrt(of.interval->first), std::sqrt(of.interval->second)};
    }
    return of;
}

std::vector<Estimate> lose_all(const EstimateModel& model,
                               const BucketTally& bucket,
                               const BucketShift& shift,
                               const EstimatedMetric& metric,
                               double confidence) {
    const std::vector<double> losses = model.sample_losses(metric.loss);
    const std::vector<double> alike(losses.size(), 1.0);
    const std::uint64_t n = bucket.sample.rows_seen();
    std::vector<Estimate> out{
        mean_loss(losses, alike, n, confidence),
        mean_loss(losses, shift.ratio.weights, n, confidence),
        model.losses[metric.loss].estimate(bucket.sample, shift.ratio.weights, confidence)};
    if (metric.root) {
        std::ranges::transform(out, out.begin(), root_of);
    }
    return out;
}

}  // namespace

std::size_t EstimateModel::memory_bytes() const {
    std::size_t bytes = sizeof(*this) + tally.sample.memory_bytes() +
                        tally.columns.size() * sizeof(metrics::LabelSplit);
    for (const metrics::CalibrationRows& rows : tally.classes) {
        bytes += rows.memory_bytes();
    }
    for (const metrics::LossModel& model : losses) {
        bytes += model.memory_bytes();
    }
    return bytes;
}

std::vector<double> EstimateModel::sample_losses(std::size_t i) const {
    std::vector<double> out(tally.sample.rows());
    for (std::size_t row = 0; row < out.size(); ++row) {
        out[row] = tally.sample.numbers(row)[i];
    }
    return out;
}

Result<std::shared_ptr<const EstimateModel>> learn_estimates(const Core& core,
                                                             const Plan& plan,
                                                             const EstimateTask& task,
                                                             const EstimateColumns& columns,
                                                             std::span<const TimeRange> windows) {
    AIML_TRY(check_size(core, plan, windows));
    const CacheKey key = key_of(core, plan, columns, windows);
    if (auto known = core.estimate_models.find(key, 0)) {
        return known;
    }
    const Timestamp length = windows.back().to - windows.front().from;
    const Timestamp width = std::max(kSecond, length / kArrivalCells);
    std::vector<ReferenceTally> tallies(std::max(1U, core.options.threads),
                                        ReferenceTally(task, columns.all.size(), width));
    for (const TimeRange& window : windows) {
        AIML_TRY(visit_estimate_rows(core,
                                     plan,
                                     columns,
                                     window,
                                     task.inputs(),
                                     [&](const EstimateBatch& batch, unsigned worker) {
                                         tallies[worker].update(task, batch);
                                     }));
    }
    for (std::size_t i = 1; i < tallies.size(); ++i) {
        tallies[0].merge(tallies[i]);
    }
    tallies[0].sample.finish();
    auto model =
        std::make_shared<EstimateModel>(EstimateModel{task, std::move(tallies[0]), {}, {}});
    for (const metrics::CalibrationRows& rows : model->tally.classes) {
        model->calibrations.push_back(metrics::learn_calibration(rows));
    }
    if (task.kind == Kind::kRegression) {
        AIML_TRY(learn_losses(core, columns, *model));
    }
    core.estimate_models.put(key, 0, model, model->memory_bytes());
    return std::shared_ptr<const EstimateModel>(std::move(model));
}

std::span<const EstimatedMetric> estimated_metrics(const EstimateTask& task) {
    switch (task.kind) {
        case Kind::kBinary:
            return kBinaryMetrics;
        case Kind::kMulticlass:
            return kClassMetrics;
        case Kind::kRegression:
            break;
    }
    return kLossMetrics;
}

std::span<const std::string_view> estimate_methods(const EstimateTask& task) {
    return task.kind == Kind::kRegression ? std::span<const std::string_view>(kLossMethods)
                                          : std::span<const std::string_view>(kScoreMethods);
}

BucketShift shift_of_bucket(const EstimateModel& model,
                            const EstimateColumns& columns,
                            const BucketTally& bucket) {
    std::vector<double> effects(columns.all.size(), 0.0);
    std::vector<std::uint32_t> told;
    std::vector<double> p_values;
    for (std::uint32_t i = 0; i < columns.all.size(); ++i) {
        std::array<std::uint64_t, stats::kTreeCodes> now = bucket.columns[i].labelled;
        for (std::size_t code = 0; code < now.size(); ++code) {
            now[code] += bucket.columns[i].unlabelled[code];
        }
        const auto shift =
            metrics::code_shift(model.tally.columns[i].labelled, now, columns.ordered[i] != 0);
        if (shift) {
            effects[i] = shift->effect;
            told.push_back(i);
            p_values.push_back(shift->p_value);
        }
    }
    const std::vector<double> adjusted = stats::benjamini_hochberg(p_values);
    BucketShift out;
    for (std::size_t i = 0; i < told.size(); ++i) {
        if (adjusted[i] < kShiftLevel) {
            out.columns.push_back(told[i]);
        }
    }
    std::ranges::stable_sort(
        out.columns, std::ranges::greater(), [&](std::uint32_t i) { return effects[i]; });
    out.columns.resize(std::min(out.columns.size(), kShiftedColumnsMax));
    out.ratio =
        metrics::density_ratio(model.tally.sample, bucket.sample, out.columns, columns.ordered);
    return out;
}

std::vector<std::vector<Estimate>> estimate_bucket(const EstimateModel& model,
                                                   const BucketTally& bucket,
                                                   const BucketShift& shift,
                                                   std::span<const EstimatedMetric> metrics,
                                                   double confidence) {
    std::vector<std::vector<Estimate>> out;
    const Maps maps = model.task.kind == Kind::kRegression ? Maps() : maps_of(model, shift);
    for (const EstimatedMetric& metric : metrics) {
        out.push_back(metric.expected ? expect_all(bucket, maps, *metric.expected, confidence)
                                      : lose_all(model, bucket, shift, metric, confidence));
    }
    return out;
}

}  // namespace aiml042::query
