#include "metrics/moments.h"

#include <algorithm>
#include <cmath>

#include "base/scratch.h"
#include "metrics/reasons.h"
#include "metrics/typed_state.h"
#include "stats/interval.h"

namespace aiml042::metrics {

void Moments::add(std::span<const double> values) {
    Scratch<double, kRun> squares;
    while (!values.empty()) {
        const std::size_t n = std::min(values.size(), squares.size());
        for (std::size_t i = 0; i < n; ++i) {
            squares[i] = values[i] * values[i];
        }
        sum_.add(values.first(n));
        squares_.add(std::span<const double>(squares).first(n));
        if (kind_ == Squares::kExact) {
            for (std::size_t i = 0; i < n; ++i) {
                squares[i] = stats::square_rest(values[i], squares[i]);
            }
            squares_.add(std::span<const double>(squares).first(n));
        }
        count_ += n;
        values = values.subspan(n);
    }
}

void Moments::merge(const Moments& other) {
    AIML_CHECK(kind_ == other.kind_);
    count_ += other.count_;
    sum_.merge(other.sum_);
    squares_.merge(other.squares_);
}

std::optional<double> Moments::variance() const {
    if (count_ < 2 || !sum_.is_finite() || !squares_.is_finite()) {
        return std::nullopt;
    }
    const auto n = static_cast<double>(count_);
    const double variance =
        std::max(0.0, stats::scaled_variance(count_, sum_, squares_)) / n / (n - 1.0);
    return std::isfinite(variance) ? std::optional(variance) : std::nullopt;
}

Estimate Moments::mean(std::optional<double> confidence, std::string_view empty_reason) const {
    if (count_ == 0) {
        return {.reason = empty_reason};
    }
    const double mean = sum_.value() / static_cast<double>(count_);
    if (!std::isfinite(mean)) {
        return {.n = count_, .reason = reasons::kNotFinite};
    }
    Estimate out{.value = mean, .n = count_};
    if (confidence) {
        if (const auto spread = variance()) {
            out.interval = stats::mean_interval(mean, *spread, count_, *confidence);
        }
    }
    return out;
}

std::size_t Moments::memory_bytes() const {
    return sizeof(*this) + sum_.memory_bytes() + squares_.memory_bytes() -
           2 * sizeof(stats::ExactSum);
}

}  // namespace aiml042::metrics
