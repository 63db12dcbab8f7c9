#include "access/quota.h"

#include <algorithm>

namespace aiml042::access {

namespace {

constexpr std::int64_t kNsPerMicrosecond = 1'000;
constexpr std::int64_t kDebtNsMax = 60'000'000'000;

Timestamp rounded_up(std::int64_t ns) {
    return (ns + kNsPerMicrosecond - 1) / kNsPerMicrosecond;
}

}  // namespace

Quota::Quota(RateLimit limit)
    : ns_per_unit_(limit.per_second > 0.0 ? 1e9 / limit.per_second : 0.0),
      burst_ns_(static_cast<std::int64_t>(std::max(1e9 * limit.burst_seconds, ns_per_unit_))) {}

std::int64_t Quota::cost_ns(std::uint64_t amount) const {
    return static_cast<std::int64_t>(std::min(static_cast<double>(amount) * ns_per_unit_, 1e15));
}

std::optional<Timestamp> Quota::take(std::uint64_t amount, Timestamp steady_now) {
    if (ns_per_unit_ <= 0.0) {
        return std::nullopt;
    }
    const std::int64_t now = steady_now * kNsPerMicrosecond;
    const std::int64_t cost = cost_ns(amount);
    std::int64_t full_at = full_at_ns_.load(std::memory_order_relaxed);
    while (true) {
        const std::int64_t next = std::max(full_at, now) + cost;
        if (next - now > burst_ns_) {
            return rounded_up(next - now - burst_ns_);
        }
        if (full_at_ns_.compare_exchange_weak(full_at, next, std::memory_order_relaxed)) {
            return std::nullopt;
        }
    }
}

void Quota::charge(std::uint64_t amount, Timestamp steady_now) {
    if (ns_per_unit_ <= 0.0) {
        return;
    }
    const std::int64_t now = steady_now * kNsPerMicrosecond;
    const std::int64_t cost = cost_ns(amount);
    std::int64_t full_at = full_at_ns_.load(std::memory_order_relaxed);
    while (!full_at_ns_.compare_exchange_weak(
        full_at,
        std::min(std::max(full_at, now) + cost, now + burst_ns_ + kDebtNsMax),
        std::memory_order_relaxed)) {
    }
}

std::optional<Timestamp> Quota::wait(Timestamp steady_now) const {
    const std::int64_t over =
        full_at_ns_.load(std::memory_order_relaxed) - steady_now * kNsPerMicrosecond - burst_ns_;
    return ns_per_unit_ > 0.0 && over > 0 ? std::optional<Timestamp>(rounded_up(over))
                                          : std::nullopt;
}

}  // namespace aiml042::access
