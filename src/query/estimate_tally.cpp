#include "query/estimate_tally.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "base/hash.h"
#include "base/limits.h"
#include "model/row.h"

namespace aiml042::query {

namespace {

using Kind = EstimateTask::Kind;
using metrics::Input;
using metrics::kNoClass;

/// Absolute, squared, relative.
constexpr std::size_t kLosses = 3;

bool is_probability(double x) {
    return x >= 0.0 && x <= 1.0;
}

std::size_t numbers_of(const EstimateTask& task) {
    return task.kind == Kind::kRegression ? kLosses : task.classes.size() + 1;
}

/// The score of the task's i-th class.
double score_of(const EstimateTask& task,
                const metrics::Rows& rows,
                std::size_t i,
                std::uint32_t row) {
    if (task.kind == Kind::kBinary) {
        return rows.score[row];
    }
    return rows.class_scores[i].scores.empty() ? model::kMissing : rows.class_scores[i].scores[row];
}

std::array<double, kLosses> losses_of(const metrics::Rows& rows, std::uint32_t row) {
    const double label = rows.label_value[row];
    const double error = std::fabs(rows.predicted_value[row] - label);
    const double relative = error / std::fabs(label);
    return {error, error * error, std::isfinite(relative) ? relative : model::kMissing};
}

/// The codes of one row, and a hash of what it is.
struct RowCodes {
    std::array<std::uint8_t, limits::kEstimateColumnsMax> codes{};
    std::size_t count = 0;
    std::uint64_t key = 0;

    [[nodiscard]] std::span<const std::uint8_t> all() const {
        return std::span(codes).first(count);
    }
};

/// `with_label`: rows that differ in their labels alone differ.
RowCodes row_codes(const EstimateTask& task,
                   const EstimateBatch& batch,
                   std::size_t place,
                   bool with_label) {
    struct What {
        Timestamp time = 0;
        double prediction = 0.0;
        double label_value = 0.0;
        std::uint64_t label_class = 0;
    };

    const std::uint32_t row = batch.selection[place];
    const metrics::Rows& rows = batch.rows;
    const bool values = task.kind == Kind::kRegression;
    What what{.time = rows.timestamp[row]};
    if (values) {
        what.prediction = rows.predicted_value[row];
    } else if (!task.classes.empty()) {
        what.prediction = score_of(task, rows, 0, row);
    }
    if (with_label) {
        what.label_value = rows.label_value[row];
        what.label_class = values ? 0U : rows.label_class[row];
    }
    RowCodes out;
    out.count = batch.codes.size();
    for (std::size_t i = 0; i < out.count; ++i) {
        out.codes[i] = batch.codes[i][place];
    }
    const auto bytes = [](const auto* data, std::size_t size) {
        return ByteView(reinterpret_cast<const char*>(data), size);
    };
    out.key = hash64(bytes(&what, sizeof(what)), hash64(bytes(out.codes.data(), out.count)));
    return out;
}

void split_columns(std::vector<metrics::LabelSplit>& columns, const RowCodes& row, bool labelled) {
    for (std::size_t i = 0; i < row.count; ++i) {
        ++(labelled ? columns[i].labelled : columns[i].unlabelled)[row.codes[i]];
    }
}

template <typename State>
void merge_all(std::vector<State>& into, const std::vector<State>& from) {
    for (std::size_t i = 0; i < into.size(); ++i) {
        into[i].merge(from[i]);
    }
}

}  // namespace

metrics::Inputs EstimateTask::inputs() const {
    constexpr metrics::Inputs kAlways = metrics::inputs_of(
        {Input::kTimestamp, Input::kLabelled, Input::kLabelDelay, Input::kLabelValue});
    switch (kind) {
        case Kind::kBinary:
            return kAlways |
                   metrics::inputs_of({Input::kScore, Input::kPredictedClass, Input::kLabelClass});
        case Kind::kMulticlass:
            return kAlways |
                   metrics::inputs_of(
                       {Input::kClassColumns, Input::kPredictedClass, Input::kLabelClass});
        case Kind::kRegression:
            break;
    }
    return kAlways | metrics::inputs_of({Input::kPredictedValue});
}

Result<EstimateTask> estimate_task(const Plan& plan) {
    const Understanding& how = plan.scan.understanding;
    EstimateTask out;
    switch (plan.profile.task) {
        case model::TaskType::kBinary:
        case model::TaskType::kUnknown:
            out.classes = {how.positive_class};
            return out;
        case model::TaskType::kMulticlass:
            out.kind = Kind::kMulticlass;
            break;
        case model::TaskType::kRegression:
        case model::TaskType::kQuantile:
            out.kind = Kind::kRegression;
            return out;
        default:
            return Status(ErrorCode::kInvalidArgument,
                          "estimates are of classifications and regressions; this deployment's "
                          "task is another",
                          "/deployment_id");
    }
    for (const Understanding::ScoreColumn& column : how.class_scores) {
        out.classes.push_back(column.class_code);
    }
    if (out.classes.size() > limits::kEstimateClassesMax) {
        return Status(ErrorCode::kQueryTooLarge,
                      fmt::format("{} classes have scores; estimates are made of at most {}",
                                  out.classes.size(),
                                  limits::kEstimateClassesMax),
                      "/deployment_id");
    }
    return out;
}

ReferenceTally::ReferenceTally(const EstimateTask& task, std::size_t columns_in, Timestamp width)
    : classes(task.classes.size()),
      sample(kReferenceSampleMax, columns_in, numbers_of(task)),
      columns(columns_in),
      arrivals(width) {}

void ReferenceTally::update(const EstimateTask& task, const EstimateBatch& batch) {
    const metrics::Rows& rows = batch.rows;
    std::vector<double> numbers(numbers_of(task));
    for (std::size_t place = 0; place < batch.selection.size(); ++place) {
        const std::uint32_t row = batch.selection[place];
        arrivals.add(rows.timestamp[row], rows.label_delay_s[row]);
        const RowCodes codes = row_codes(task, batch, place, true);
        bool usable = false;
        if (task.kind == Kind::kRegression) {
            const auto losses = losses_of(rows, row);
            std::ranges::copy(losses, numbers.begin());
            usable = std::isfinite(losses[0]) && std::isfinite(losses[1]);
        } else if (rows.label_class[row] != kNoClass) {
            numbers.back() = -1.0;
            for (std::size_t i = 0; i < task.classes.size(); ++i) {
                numbers[i] = score_of(task, rows, i, row);
                const bool own = rows.label_class[row] == task.classes[i];
                numbers.back() = own ? static_cast<double>(i) : numbers.back();
                if (is_probability(numbers[i])) {
                    classes[i].add(numbers[i], own, codes.key);
                    usable = true;
                }
            }
        }
        split_columns(columns, codes, usable);
        if (usable) {
            ++labelled;
            sample.add(codes.key, codes.all(), numbers);
        }
    }
}

void ReferenceTally::merge(const ReferenceTally& other) {
    merge_all(classes, other.classes);
    merge_all(columns, other.columns);
    sample.merge(other.sample);
    arrivals.merge(other.arrivals);
    labelled += other.labelled;
}

BucketTally::BucketTally(const EstimateTask& task,
                         std::size_t columns_in,
                         std::size_t sample_max,
                         Timestamp width)
    : classes(task.classes.size()),
      sample(sample_max, columns_in, 0),
      columns(columns_in),
      arrivals(width) {}

void BucketTally::add(const EstimateTask& task, const EstimateBatch& batch, std::size_t place) {
    const std::uint32_t row = batch.selection[place];
    const metrics::Rows& rows = batch.rows;
    const RowCodes codes = row_codes(task, batch, place, false);
    const bool labelled = rows.labelled[row] != 0;
    arrivals.add(rows.timestamp[row], rows.label_delay_s[row]);
    split_columns(columns, codes, labelled);
    metrics::SelectionBin& bin = selection.at(codes.codes[0]);
    if (task.kind == Kind::kRegression) {
        if (!std::isfinite(rows.predicted_value[row])) {
            return;
        }
        sample.add(codes.key, codes.all(), {});
        ++bin.rows;
        const auto losses = losses_of(rows, row);
        if (labelled && std::isfinite(losses[1])) {
            ++bin.labelled;
            bin.absolute.add(losses[0]);
            bin.squared.add(losses[1]);
            if (std::isfinite(losses[2])) {
                bin.percentage.add(losses[2]);
                ++bin.with_percentage;
            }
        }
        return;
    }
    const std::uint32_t predicted = rows.predicted_class[row];
    if (predicted == kNoClass) {
        return;
    }
    bool usable = false;
    for (std::size_t i = 0; i < task.classes.size(); ++i) {
        const double score = score_of(task, rows, i, row);
        if (is_probability(score)) {
            classes[i].add(score, predicted == task.classes[i]);
            usable = true;
        }
    }
    if (usable) {
        sample.add(codes.key, codes.all(), {});
    }
    ++bin.rows;
    const std::uint32_t label = rows.label_class[row];
    if (label != kNoClass) {
        ++bin.labelled;
        const bool binary = task.kind == Kind::kBinary;
        const bool positive = !binary || predicted == task.classes[0];
        const bool truly = binary ? label == task.classes[0] : label == predicted;
        ++bin.decisions[positive ? 1 : 0][truly ? 1 : 0];
    }
}

void BucketTally::merge(const BucketTally& other) {
    merge_all(classes, other.classes);
    merge_all(columns, other.columns);
    sample.merge(other.sample);
    selection.merge(other.selection);
    arrivals.merge(other.arrivals);
}

}  // namespace aiml042::query
