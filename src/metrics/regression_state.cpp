#include "metrics/regression_state.h"

#include <algorithm>
#include <cmath>

#include "base/scratch.h"
#include "metrics/reasons.h"
#include "stats/interval.h"

namespace aiml042::metrics {

void Regression::update(const Rows& rows, std::span<const std::uint32_t> selection) {
    for_each_run(selection, [&](std::span<const std::uint32_t> run) {
        Scratch<double, kRun + 1> labels;
        Scratch<double, kRun + 1> predictions;
        Scratch<double, kRun + 1> terms;
        std::size_t n = 0;
        std::uint64_t labelled = 0;
        for (const std::uint32_t i : run) {
            labels[n] = rows.label_value[i];
            predictions[n] = rows.predicted_value[i];
            n += std::isnan(labels[n]) || std::isnan(predictions[n]) ? 0U : 1U;
            labelled += std::isnan(rows.label_value[i]) ? 0U : 1U;
        }
        labelled_ += labelled;
        const auto fill = [&](auto&& term) {
            for (std::size_t i = 0; i < n; ++i) {
                terms[i] = term(labels[i], predictions[i]);
            }
            return std::span<const double>(terms).first(n);
        };
        errors_.add(fill([](double y, double p) { return p - y; }));
        absolute_.add(fill([](double y, double p) { return std::fabs(p - y); }));
        squared_.add(fill([](double y, double p) { return (p - y) * (p - y); }));
        symmetric_.add(fill([](double y, double p) {
            const double scale = std::fabs(y) + std::fabs(p);
            return scale == 0.0 ? 0.0 : 2.0 * std::fabs(p - y) / scale;
        }));
        labels_.add(std::span<const double>(labels).first(n));
        label_squares_.add(fill([](double y, double /*p*/) { return y * y; }));
        label_squares_.add(
            fill([](double y, double /*p*/) { return stats::square_rest(y, y * y); }));
        std::size_t with_label = 0;
        for (std::size_t i = 0; i < n; ++i) {
            terms[with_label] = std::fabs(predictions[i] - labels[i]) / std::fabs(labels[i]);
            with_label += labels[i] != 0.0 ? 1U : 0U;
        }
        percentage_.add(std::span<const double>(terms).first(with_label));
    });
}

void Regression::merge_from(const Regression& other) {
    labelled_ += other.labelled_;
    errors_.merge(other.errors_);
    absolute_.merge(other.absolute_);
    squared_.merge(other.squared_);
    percentage_.merge(other.percentage_);
    symmetric_.merge(other.symmetric_);
    labels_.merge(other.labels_);
    label_squares_.merge(other.label_squares_);
}

std::size_t Regression::memory_bytes() const {
    std::size_t far = 0;
    for (const Moments* moments : {&absolute_, &squared_, &percentage_, &symmetric_}) {
        far += moments->memory_bytes() - sizeof(Moments);
    }
    for (const stats::ExactSum* sum : {&errors_, &labels_, &label_squares_}) {
        far += sum->memory_bytes() - sizeof(stats::ExactSum);
    }
    return sizeof(*this) + far;
}

Estimate Regression::bias(std::optional<double> confidence) const {
    const std::uint64_t n = absolute_.count();
    if (n == 0) {
        return {.reason = reason()};
    }
    const auto count = static_cast<double>(n);
    const double mean = errors_.value() / count;
    if (!std::isfinite(mean)) {
        return {.n = n, .reason = reasons::kNotFinite};
    }
    Estimate out{.value = mean, .n = n};
    if (confidence && n >= 2 && squared_.sum().is_finite()) {
        const double squares = stats::scaled_variance(n, errors_, squared_.sum());
        out.interval = stats::mean_interval(
            mean, std::max(0.0, squares) / count / (count - 1.0), n, *confidence);
    }
    return out;
}

Estimate Regression::r2() const {
    const std::uint64_t n = absolute_.count();
    if (n == 0) {
        return {.reason = reason()};
    }
    if (!labels_.is_finite() || !label_squares_.is_finite() || !squared_.sum().is_finite()) {
        return {.n = n, .reason = reasons::kNotFinite};
    }
    const double spread =
        stats::scaled_variance(n, labels_, label_squares_);  // n times the lower sum.
    if (!(spread > 0.0)) {
        return {.n = n, .reason = reasons::kNoVariance};
    }
    const double value = 1.0 - squared_.sum().value() * (static_cast<double>(n) / spread);
    if (!std::isfinite(value)) {
        return {.n = n, .reason = reasons::kNotFinite};
    }
    return {.value = value, .n = n};
}

std::string_view Regression::reason() const {
    return labelled_ == 0 ? reasons::kNoLabels : reasons::kNoPredictedValues;
}

}  // namespace aiml042::metrics
