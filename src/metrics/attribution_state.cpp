#include "metrics/attribution_state.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <numeric>

namespace aiml042::metrics {

namespace {

/// Indexes by a weight, the largest first.
std::vector<std::size_t> order_by(std::span<const WeightPair> features, double WeightPair::*side) {
    std::vector<std::size_t> out(features.size());
    std::iota(out.begin(), out.end(), std::size_t{0});
    std::ranges::stable_sort(
        out, std::ranges::greater(), [&](std::size_t i) { return features[i].*side; });
    return out;
}

double gain(std::span<const WeightPair> features, const std::vector<std::size_t>& order) {
    double sum = 0.0;
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        sum += features[order[rank]].reference / std::log2(static_cast<double>(rank) + 2.0);
    }
    return sum;
}

}  // namespace

Hash128 AttributionWeights::name() const {
    std::vector<std::uint64_t> words;
    for (const AttributionWeight& one : features) {
        words.push_back(one.feature);
        words.push_back(std::bit_cast<std::uint64_t>(one.weight));
    }
    return hash128(
        {reinterpret_cast<const char*>(words.data()), words.size() * sizeof(std::uint64_t)}, 0);
}

std::optional<double> attribution_drift(std::span<const WeightPair> features) {
    if (features.size() < 2) {
        return std::nullopt;
    }
    const double best = gain(features, order_by(features, &WeightPair::reference));
    const double now = gain(features, order_by(features, &WeightPair::current));
    return best > 0.0 ? std::optional(std::max(0.0, 1.0 - now / best)) : std::nullopt;
}

void AttributionSums::update(const Rows& rows, std::span<const std::uint32_t> selection) {
    std::vector<std::uint8_t> has_any(selection.size(), 0);
    for (const Rows::Attributions& column : rows.attributions) {
        if (column.feature >= sums_.size()) {
            sums_.resize(column.feature + std::size_t{1});
        }
        Sum& sum = sums_[column.feature];
        for (std::size_t i = 0; i < selection.size(); ++i) {
            const double value = column.values[selection[i]];
            if (value == value) {
                sum.absolute.add(std::fabs(value));
                ++sum.n;
                has_any[i] = 1;
            }
        }
    }
    rows_ += static_cast<std::uint64_t>(std::ranges::count(has_any, 1));
}

void AttributionSums::merge_from(const AttributionSums& other) {
    sums_.resize(std::max(sums_.size(), other.sums_.size()));
    for (std::size_t i = 0; i < other.sums_.size(); ++i) {
        sums_[i].absolute.merge(other.sums_[i].absolute);
        sums_[i].n += other.sums_[i].n;
    }
    rows_ += other.rows_;
}

std::size_t AttributionSums::memory_bytes() const {
    return sizeof(*this) + sums_.capacity() * sizeof(Sum);
}

std::optional<double> AttributionSums::weight(std::uint32_t feature) const {
    return feature < sums_.size() && sums_[feature].n > 0
               ? std::optional(sums_[feature].absolute.value() /
                               static_cast<double>(sums_[feature].n))
               : std::nullopt;
}

constexpr Family kAttributionsFamily{.name = "attributions",
                                     .inputs = inputs_of({Input::kAttributions}),
                                     .label_free = true,
                                     .make = [](const FamilyOptions&) -> std::unique_ptr<State> {
                                         return std::make_unique<AttributionSums>();
                                     }};

}  // namespace aiml042::metrics
