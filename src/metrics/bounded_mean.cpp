#include "metrics/bounded_mean.h"

#include <algorithm>

#include "stats/interval.h"

namespace aiml042::metrics {

void BoundedMean::add(std::span<const double> values) {
    constexpr std::size_t kFold = 1'024;  // Sums of 2^51 at most stay below 2^63.
    count_ += values.size();
    while (!values.empty()) {
        const std::size_t n = std::min(kFold, values.size());
        stats::FixedSum::Digits sum{0, 0};
        stats::FixedSum::Digits squares{0, 0};
        for (const double value : values.first(n)) {
            const auto digits = stats::FixedSum::split(value);
            const auto square = stats::FixedSum::split(value * value * kSquareScale);
            sum.high += digits.high;
            sum.low += digits.low;
            squares.high += square.high;
            squares.low += square.low;
        }
        sum_.add(sum);
        squares_.add(squares);
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
