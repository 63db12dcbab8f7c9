#include "stats/kswin.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "stats/kolmogorov.h"

namespace aiml042::stats {

namespace {

constexpr std::size_t kOlder = Kswin::kWindow - Kswin::kRecent;

/// Distances are multiples of 1 / (70 * 30); the smallest with a p-value of at most alpha.
double critical_distance() {
    std::vector<std::uint64_t> ends;
    for (std::uint64_t i = 1; i <= Kswin::kWindow; ++i) {
        ends.push_back(i);
    }
    constexpr std::uint64_t kSteps = kOlder * Kswin::kRecent;
    std::uint64_t low = 0;
    std::uint64_t high = kSteps;
    while (high - low > 1) {
        const std::uint64_t middle = (low + high) / 2;
        const double d = static_cast<double>(middle) / static_cast<double>(kSteps);
        const bool rare = smirnov_exact_survival(d, kOlder, Kswin::kRecent, ends) <= Kswin::kAlpha;
        (rare ? high : low) = middle;
    }
    return static_cast<double>(high) / static_cast<double>(kSteps);
}

}  // namespace

Kswin::Kswin() {
    static const double kCritical = critical_distance();  // The same for all.
    critical_ = kCritical;
}

std::optional<Change> Kswin::update(double x) {
    Entry& slot = by_time_[next_ % kWindow];
    if (count_ == kWindow) {
        leave(slot);
    }
    slot = {x, next_++};
    join(slot);
    if (count_ < kWindow) {
        return std::nullopt;
    }
    const double apart = distance();
    if (apart < critical_ - 1e-12 || apart <= kDistanceMin) {
        return std::nullopt;
    }
    const Change out = means();
    keep_recent();
    return out;
}

void Kswin::join(const Entry& entry) {
    const auto end = sorted_.begin() + static_cast<std::ptrdiff_t>(count_);
    const auto at = std::upper_bound(
        sorted_.begin(), end, entry.value, [](double x, const Entry& e) { return x < e.value; });
    std::move_backward(at, end, end + 1);
    *at = entry;
    ++count_;
}

void Kswin::leave(const Entry& entry) {
    const auto end = sorted_.begin() + static_cast<std::ptrdiff_t>(count_);
    auto at = std::lower_bound(
        sorted_.begin(), end, entry.value, [](const Entry& e, double x) { return e.value < x; });
    while (at->index != entry.index) {  // Among equal values.
        ++at;
    }
    std::move(at + 1, end, at);
    --count_;
}

double Kswin::distance() const {
    const std::uint64_t recent_from = next_ - kRecent;
    // In units of 1 / (kOlder * kRecent), so that sums are exact.
    std::int64_t apart = 0;
    std::int64_t largest = 0;
    for (std::size_t i = 0; i < kWindow; ++i) {
        apart += sorted_[i].index >= recent_from ? static_cast<std::int64_t>(kOlder)
                                                 : -static_cast<std::int64_t>(kRecent);
        if (i + 1 == kWindow || sorted_[i + 1].value != sorted_[i].value) {
            largest = std::max(largest, apart < 0 ? -apart : apart);
        }
    }
    return static_cast<double>(largest) / static_cast<double>(kOlder * kRecent);
}

Change Kswin::means() const {
    double older = 0.0;
    double recent = 0.0;
    for (const Entry& entry : sorted_) {
        (entry.index + kRecent >= next_ ? recent : older) += entry.value;
    }
    return {.before = older / static_cast<double>(kOlder),
            .after = recent / static_cast<double>(kRecent)};
}

void Kswin::keep_recent() {
    std::array<Entry, kWindow> kept{};
    const std::uint64_t from = next_ - kRecent;
    std::size_t count = 0;
    for (const Entry& entry : sorted_) {
        if (entry.index >= from) {
            kept[count++] = {entry.value, entry.index - from};
        }
    }
    sorted_ = kept;
    count_ = count;
    for (std::size_t i = 0; i < count; ++i) {
        by_time_[sorted_[i].index] = sorted_[i];
    }
    next_ = kRecent;
}

}  // namespace aiml042::stats
