// ADWIN: a window over a stream that grows while its mean is one and forgets its older part when
// two parts have different means.
//
// State: sums and squares of runs of 1, 2, 4 … values, at most six of each length: below 5 kB.
// Every 32nd value all cuts between runs are looked at. Cost: about 15 ns per value. Not mergeable:
// the order is what it is about. Source: A. Bifet, R. Gavaldà (2007), "Learning from time-changing
// data with adaptive windowing", with the normal approximation of its section 4; constants as river
// has them (delta 0.002, clock 32, at least five values on each side, eleven in all).

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "stats/change.h"

namespace aiml042::stats {

class Adwin {
  public:
    static constexpr double kDelta = 0.002;
    static constexpr std::uint32_t kClock = 32;

    explicit Adwin(double delta = kDelta) : delta_(delta) {}

    /// `x` finite. A change: means of what was forgotten and of what is kept.
    std::optional<Change> update(double x);

    /// Values in the window.
    [[nodiscard]] double width() const { return width_; }

    /// Their mean; 0 without any.
    [[nodiscard]] double mean() const { return width_ > 0.0 ? total_ / width_ : 0.0; }

  private:
    static constexpr std::size_t kRunsMax = 5;  // Of one length; the sixth makes a longer one.
    static constexpr std::size_t kLengths = 48;

    /// Runs of 2^i values, the oldest first.
    struct Length {
        std::array<double, kRunsMax + 1> sums{};
        std::array<double, kRunsMax + 1> squares{};  // Of deviations from the run's mean.
        std::size_t count = 0;
    };

    void insert(double x);
    void take_new_squares();
    void forget_oldest();
    [[nodiscard]] bool has_cut() const;
    [[nodiscard]] bool differs(double n0, double u0, double spread) const;

    double delta_;
    std::uint32_t tick_ = 0;
    double width_ = 0.0;
    double total_ = 0.0;
    double squares_ = 0.0;  // Of deviations from the window's mean, of all up to the last look …
    double near_ = 0.0;     // … when it was this; of the values since then:
    double new_count_ = 0.0;
    double new_sum_ = 0.0;  // Less near_ each.
    double new_squares_ = 0.0;
    std::size_t used_ = 0;  // Lengths with runs.
    std::array<Length, kLengths> lengths_{};
};

}  // namespace aiml042::stats
