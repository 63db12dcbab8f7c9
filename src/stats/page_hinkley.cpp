#include "stats/page_hinkley.h"

#include <algorithm>

namespace aiml042::stats {

std::optional<Change> PageHinkley::update(double x) {
    ++n_;
    total_ += x;
    mean_ += (x - mean_) / static_cast<double>(n_);
    sum_ = std::max(0.0, kAlpha * sum_ + (x - mean_ - kDelta));
    if (sum_ == 0.0) {
        n_at_zero_ = n_;
        total_at_zero_ = total_;
    }
    if (n_ + 1 < kRowsMin || sum_ < threshold_) {
        return std::nullopt;
    }
    const Change out{
        .before = n_at_zero_ > 0 ? total_at_zero_ / static_cast<double>(n_at_zero_) : mean_,
        .after = (total_ - total_at_zero_) / static_cast<double>(n_ - n_at_zero_)};
    *this = PageHinkley(threshold_);
    return out;
}

}  // namespace aiml042::stats
