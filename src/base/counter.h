// Counters and gauges of the server itself, shown at /metrics. Lock-free to bump; registered once,
// never removed.
//
//   static Counter& events = counter("aiml042_ingest_events_total", "Inference events accepted");
//   events.add(n);

#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace aiml042 {

class Counter {
  public:
    void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }

    /// For gauges.
    void set(std::uint64_t n) { value_.store(n, std::memory_order_relaxed); }

    [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

/// The counter of that name, made on first use. `name` as Prometheus wants it, ending in _total;
/// `labels` such as `route="/v1/labels"` or empty. Takes a lock: keep the reference.
Counter& counter(std::string_view name, std::string_view help, std::string_view labels = {});

/// The same for a value that goes up and down.
Counter& gauge(std::string_view name, std::string_view help, std::string_view labels = {});

/// Log-linear histogram of durations, 1 µs to 100 s, shown as Prometheus buckets. Lock-free.
class DurationHistogram {
  public:
    static constexpr std::size_t kBuckets = 28;

    void observe_us(std::uint64_t microseconds);

    [[nodiscard]] std::uint64_t bucket(std::size_t i) const {
        return buckets_[i].load(std::memory_order_relaxed);
    }

    [[nodiscard]] std::uint64_t sum_us() const { return sum_us_.load(std::memory_order_relaxed); }

    /// Upper edge of a bucket in microseconds: powers of two from 1.
    static constexpr std::uint64_t edge_us(std::size_t i) { return std::uint64_t{1} << i; }

  private:
    std::atomic<std::uint64_t> buckets_[kBuckets]{};
    std::atomic<std::uint64_t> sum_us_{0};
};

DurationHistogram& duration_histogram(std::string_view name,
                                      std::string_view help,
                                      std::string_view labels = {});

/// Everything registered, in Prometheus text format 0.0.4.
[[nodiscard]] std::string prometheus_text();

}  // namespace aiml042
