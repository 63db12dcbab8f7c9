#include "access/throttle.h"

#include <algorithm>

#include "base/limits.h"

namespace aiml042::access {

namespace {

constexpr Timestamp kForgottenAfter = 10 * kMinute;
constexpr std::uint32_t kWaitSecondsMax = 300;
constexpr std::uint32_t kFailuresPerStep = 10;  // The wait doubles with each further ten.

std::uint32_t wait_seconds(std::uint32_t failures) {
    const std::uint32_t step =
        std::min((failures - Throttle::kFreeFailures - 1) / kFailuresPerStep, 16U);
    return std::min(1U << step, kWaitSecondsMax);
}

}  // namespace

void Throttle::make_room(Timestamp steady_now) {
    if (records_.size() < limits::kThrottledAddressesMax) {
        return;
    }
    std::erase_if(records_, [&](const auto& entry) {
        return steady_now - entry.second.last > kForgottenAfter;
    });
    if (records_.size() >=
        limits::kThrottledAddressesMax) {  // Under attack from everywhere: begin anew.
        records_.clear();
    }
}

std::optional<std::uint32_t> Throttle::failed(std::string_view address, Timestamp steady_now) {
    const MutexLock lock(mutex_);
    make_room(steady_now);
    Record& record = records_[std::string(address)];
    if (steady_now - record.last > kForgottenAfter) {
        record.failures = 0;
    }
    record.last = steady_now;
    record.failures = std::min(record.failures + 1, 1'000'000U);
    return record.failures > kFreeFailures
               ? std::optional<std::uint32_t>(wait_seconds(record.failures))
               : std::nullopt;
}

}  // namespace aiml042::access
