#include "stats/adwin.h"

#include <algorithm>
#include <cmath>

namespace aiml042::stats {

namespace {

constexpr double kWidthMin = 10.0;
constexpr double kSideMin = 5.0;

double length_of(std::size_t i) {
    return static_cast<double>(std::uint64_t{1} << i);
}

/// Squares of deviations that two parts have beyond their own, from sizes and sums.
double between(double n, double u, double m, double v) {
    const double gap = u / n - v / m;
    return n * m * gap * gap / (n + m);
}

}  // namespace

std::optional<Change> Adwin::update(double x) {
    insert(x);
    if (++tick_ % kClock != 0 || width_ <= kWidthMin) {
        return std::nullopt;
    }
    take_new_squares();
    const double width = width_;
    const double total = total_;
    while (has_cut()) {
        forget_oldest();
    }
    if (width_ == width) {
        return std::nullopt;
    }
    return Change{.before = (total - total_) / (width - width_), .after = mean()};
}

void Adwin::insert(double x) {
    const double gap = x - near_;
    new_count_ += 1.0;
    new_sum_ += gap;
    new_squares_ += gap * gap;
    width_ += 1.0;
    total_ += x;
    double sum = x;
    double squares = 0.0;
    for (std::size_t i = 0; i < kLengths; ++i) {
        Length& runs = lengths_[i];
        runs.sums[runs.count] = sum;
        runs.squares[runs.count] = squares;
        used_ = std::max(used_, i + 1);
        if (++runs.count <= kRunsMax) {
            return;
        }
        const double apart = runs.sums[0] - runs.sums[1];
        sum = runs.sums[0] + runs.sums[1];
        squares = runs.squares[0] + runs.squares[1] + apart * apart / (2.0 * length_of(i));
        std::shift_left(runs.sums.begin(), runs.sums.end(), 2);
        std::shift_left(runs.squares.begin(), runs.squares.end(), 2);
        runs.count -= 2;
    }
}

/// What the values since the last look add to the window's squares.
void Adwin::take_new_squares() {
    const double before = width_ - new_count_;
    const double sum = new_sum_ + new_count_ * near_;
    squares_ += new_squares_ - new_sum_ * new_sum_ / new_count_;
    if (before > 0.0) {
        squares_ += between(before, total_ - sum, new_count_, sum);
    }
    near_ = mean();
    new_count_ = 0.0;
    new_sum_ = 0.0;
    new_squares_ = 0.0;
}

void Adwin::forget_oldest() {
    Length& runs = lengths_[used_ - 1];
    const double n = length_of(used_ - 1);
    width_ -= n;
    total_ -= runs.sums[0];
    squares_ -= runs.squares[0] + between(n, runs.sums[0], width_, total_);
    std::shift_left(runs.sums.begin(), runs.sums.end(), 1);
    std::shift_left(runs.squares.begin(), runs.squares.end(), 1);
    if (--runs.count == 0) {
        --used_;
    }
}

bool Adwin::has_cut() const {
    const double variance = std::max(0.0, squares_) / width_;
    const double log_term = std::log(2.0 * std::log(width_) / delta_);
    // A difference of means below this part of the bound is none: (u0/n0 - u1/n1)^2 has to exceed
    // 2 variance log_term (1/n0 + 1/n1). Multiplied out it needs no division.
    const double least = 2.0 * variance * log_term * width_;
    double n0 = 0.0;
    double u0 = 0.0;
    for (std::size_t i = used_; i-- > 0;) {
        const double n = length_of(i);
        const Length& runs = lengths_[i];
        for (std::size_t k = 0; k < runs.count; ++k) {
            n0 += n;
            u0 += runs.sums[k];
            const double n1 = width_ - n0;
            if (n0 < kSideMin || n1 < kSideMin) {
                continue;
            }
            const double apart = u0 * n1 - (total_ - u0) * n0;
            if (apart * apart > least * n0 * n1 && differs(n0, u0, variance * log_term)) {
                return true;
            }
        }
    }
    return false;
}

bool Adwin::differs(double n0, double u0, double spread) const {
    const double n1 = width_ - n0;
    const double log_term = std::log(2.0 * std::log(width_) / delta_);
    const double sizes = 1.0 / (n0 - kSideMin + 1.0) + 1.0 / (n1 - kSideMin + 1.0);
    const double bound = std::sqrt(2.0 * sizes * spread) + 2.0 / 3.0 * log_term * sizes;
    return std::fabs(u0 / n0 - (total_ - u0) / n1) > bound;
}

}  // namespace aiml042::stats
