#include "stats/ddm.h"

#include <cmath>

namespace aiml042::stats {

std::optional<Change> Ddm::update(bool error) {
    if (!warning_) {
        n_before_warning_ = n_;
        errors_before_warning_ = errors_;
    }
    ++n_;
    errors_ += error ? 1U : 0U;
    if (n_ <= kRowsMin) {
        return std::nullopt;
    }
    const auto n = static_cast<double>(n_);
    const double rate = static_cast<double>(errors_) / n;
    const double deviation = std::sqrt(rate * (1.0 - rate) / n);
    if (rate + deviation <= least_) {
        rate_min_ = rate;
        deviation_min_ = deviation;
        least_ = rate + deviation;
    }
    if (rate + deviation > rate_min_ + kDrift * deviation_min_) {
        const Change out{.before = rate_min_,
                         .after = static_cast<double>(errors_ - errors_before_warning_) /
                                  static_cast<double>(n_ - n_before_warning_)};
        *this = Ddm();
        return out;
    }
    warning_ = rate + deviation > rate_min_ + kWarning * deviation_min_;
    return std::nullopt;
}

}  // namespace aiml042::stats
