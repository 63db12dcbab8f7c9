#include "metrics/sample.h"

#include <algorithm>
#include <cmath>

#include "metrics/reasons.h"
#include "stats/interval.h"
#include "stats/quantile.h"
#include "stats/radix_sort.h"

namespace aiml042::metrics {

Sample::Sample(bool exact) {
    if (!exact) {
        values_.emplace<stats::LogLinearHistogram>();
    }
}

void Sample::add(std::span<const double> values) {
    if (auto* kept = std::get_if<std::vector<double>>(&values_)) {
        kept->insert(kept->end(), values.begin(), values.end());
        sorted_.reset();
        sorted_sizes_.reset();
    } else {
        std::get<stats::LogLinearHistogram>(values_).add(values);
    }
}

void Sample::merge(const Sample& other) {
    AIML_CHECK(exact() == other.exact());
    if (const auto* theirs = std::get_if<std::vector<double>>(&other.values_)) {
        add(*theirs);
    } else {
        std::get<stats::LogLinearHistogram>(values_).merge(std::get<stats::LogLinearHistogram>(other.values_));
    }
}

std::uint64_t Sample::count() const {
    const auto* kept = std::get_if<std::vector<double>>(&values_);
    return kept != nullptr ? kept->size() : std::get<stats::LogLinearHistogram>(values_).count();
}

const std::vector<double>& Sample::sorted(bool of_sizes) const {
    const auto make = [this, of_sizes] {
        auto copy = std::get<std::vector<double>>(values_);
        if (of_sizes) {
            std::transform(copy.begin(), copy.end(), copy.begin(), [](double x) { return std::fabs(x); });
        }
        stats::sort_ascending(copy);
        return copy;
    };
    return of_sizes ? sorted_sizes_.get(make) : sorted_.get(make);
}

Estimate Sample::quantile(double q,
                          bool of_sizes,
                          std::optional<double> confidence,
                          std::string_view empty_reason) const {
    const std::uint64_t n = count();
    if (n == 0) {
        return {.reason = empty_reason};
    }
    Estimate out{.n = n};
    std::pair<std::uint64_t, std::uint64_t> ranks{0, 0};
    bool ranked = false;
    if (confidence) {
        if (const auto found = stats::quantile_ranks(n, q, *confidence)) {
            ranks = *found;
            ranked = true;
        }
    }
    if (exact()) {
        const std::vector<double>& values = sorted(of_sizes);
        out.value = stats::quantile_sorted(values, q);
        if (ranked) {
            out.interval = {values[ranks.first], values[ranks.second]};
        }
    } else {
        const auto& histogram = std::get<stats::LogLinearHistogram>(values_);
        const auto answer = histogram.quantile(q, of_sizes);
        out.value = answer->value;
        out.error_bound = answer->error_bound;
        if (ranked) {
            const auto lo = histogram.order_statistic(ranks.first, of_sizes);
            const auto hi = histogram.order_statistic(ranks.second, of_sizes);
            out.interval = {lo.value - lo.error_bound, hi.value + hi.error_bound};
        }
    }
    if (!std::isfinite(*out.value)) {
        return {.n = n, .reason = reasons::kNotFinite};
    }
    return out;
}

std::vector<Sample::Bar> Sample::bars(std::uint32_t bins) const {
    AIML_CHECK(bins >= 1 && bins <= kBinsMax);
    std::vector<std::pair<double, std::uint64_t>> points;  // Value, count.
    double lo = 0.0;
    double hi = 0.0;
    if (count() == 0) {
        return {};
    }
    if (exact()) {
        const auto& values = std::get<std::vector<double>>(values_);
        const auto [least, most] = std::minmax_element(values.begin(), values.end());
        lo = *least;
        hi = *most;
        points.reserve(values.size());
        for (const double value : values) {
            points.emplace_back(value, 1);
        }
    } else {
        const auto occupied = std::get<stats::LogLinearHistogram>(values_).occupied();
        lo = occupied.front().lo;
        hi = occupied.back().hi;
        for (const auto& bin : occupied) {
            points.emplace_back(bin.lo + (bin.hi - bin.lo) / 2, bin.count);
        }
    }
    const double width = hi > lo ? (hi - lo) / bins : 1.0;
    if (!std::isfinite(width)) {
        return {};
    }
    std::vector<Bar> out(bins);
    for (std::uint32_t i = 0; i < bins; ++i) {
        out[i].lo = lo + i * width;
        out[i].hi = lo + (i + 1) * width;
    }
    for (const auto& [value, count] : points) {
        out[std::min<std::size_t>(bins - 1, static_cast<std::size_t>((value - lo) / width))].n += count;
    }
    return out;
}

std::size_t Sample::memory_bytes() const {
    const auto* kept = std::get_if<std::vector<double>>(&values_);
    return sizeof(*this) + (kept != nullptr ? kept->capacity() * sizeof(double)
                                            : std::get<stats::LogLinearHistogram>(values_).memory_bytes());
}

}  // namespace aiml042::metrics
