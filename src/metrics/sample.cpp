#include "metrics/sample.h"

#include <algorithm>
#include <cmath>

#include "metrics/reasons.h"
#include "stats/interval.h"
#include "stats/quantile.h"
#include "stats/radix_sort.h"

namespace aiml042::metrics {

Sample::Sample(bool exact) : may_sketch_(!exact) {}

Sample::Sample(const Sample& other)
    : may_sketch_(other.may_sketch_),
      kept_(other.kept_),
      histogram_(other.histogram_ ? std::make_unique<stats::LogLinearHistogram>(*other.histogram_) : nullptr) {}

void Sample::add(std::span<const double> values) {
    if (histogram_) {
        histogram_->add(values);
        return;
    }
    kept_.insert(kept_.end(), values.begin(), values.end());
    sorted_.reset();
    sorted_sizes_.reset();
    if (may_sketch_ && kept_.size() > kKeptMax) {
        to_histogram();
    }
}

void Sample::to_histogram() {
    histogram_ = std::make_unique<stats::LogLinearHistogram>();
    histogram_->add(kept_);
    kept_ = {};
    sorted_.reset();
    sorted_sizes_.reset();
}

void Sample::merge(const Sample& other) {
    AIML_CHECK(may_sketch_ == other.may_sketch_);
    if (!other.histogram_) {
        add(other.kept_);
        return;
    }
    if (!histogram_) {
        to_histogram();
    }
    histogram_->merge(*other.histogram_);
}

std::uint64_t Sample::count() const { return histogram_ ? histogram_->count() : kept_.size(); }

const std::vector<double>& Sample::sorted(bool of_sizes) const {
    const auto make = [this, of_sizes] {
        auto copy = kept_;
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
        const auto& histogram = *histogram_;
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
        const std::vector<double>& values = kept_;
        const auto [least, most] = std::minmax_element(values.begin(), values.end());
        lo = *least;
        hi = *most;
        points.reserve(values.size());
        for (const double value : values) {
            points.emplace_back(value, 1);
        }
    } else {
        const auto occupied = histogram_->occupied();
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
    return sizeof(*this) + kept_.capacity() * sizeof(double) + (histogram_ ? histogram_->memory_bytes() : 0);
}

}  // namespace aiml042::metrics
