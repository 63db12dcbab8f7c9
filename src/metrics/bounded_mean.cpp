#include "metrics/bounded_mean.h"

#include <algorithm>

#include "base/scratch.h"
#include "stats/interval.h"

namespace aiml042::metrics {

void BoundedMean::add(std::span<const double> values) {
    constexpr std::size_t kFold = 1'024;
    Scratch<double, kFold> squares;
    count_ += values.size();
    while (!values.empty()) {
        const std::size_t n = std::min(kFold, values.size());
        for (std::size_t i = 0; i < n; ++i) {
            squares[i] = values[i] * values[i] * kSquareScale;
        }
        sum_.add(values.first(n));
        squares_.add(std::span<const double>(squares).first(n));
        values = values.subspan(n);
    }
}

void BoundedMean::merge(const BoundedMean& other) {
    count_ += other.count_;
    sum_.merge(other.sum_);
    squares_.merge(other.squares_);
}

Estimate BoundedMean::mean(std::optional<double> confidence, std::string_view empty_reason) const {
    if (count_ == 0) {
        return {.reason = empty_reason};
    }
    const auto n = static_cast<double>(count_);
    const double mean = sum_.value() / n;
    Estimate out{.value = mean, .n = count_};
    if (confidence && count_ >= 2) {
        const double variance = (squares_.value() / kSquareScale / n - mean * mean) * n / (n - 1.0);
        out.interval = stats::mean_interval(mean, std::max(0.0, variance), count_, *confidence);
    }
    return out;
}

}  // namespace aiml042::metrics
