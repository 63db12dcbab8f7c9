#include "stats/life_table.h"

#include <algorithm>
#include <cmath>

namespace aiml042::stats {

LifeTable LifeTable::fit(const LogLinearHistogram& came,
                         std::vector<Waiting> waiting,
                         std::uint64_t risk_min) {
    std::ranges::sort(waiting, {}, &Waiting::age);
    LifeTable out;
    std::uint64_t at_risk = came.count();
    for (const Waiting& one : waiting) {
        at_risk += one.count;
        out.age_max_ = one.age;
    }
    Step step;
    auto next = waiting.begin();
    for (const LogLinearHistogram::Bin& bin : came.occupied()) {
        // What waits as long as what came had the chance to come then.
        for (; next != waiting.end() && next->age < bin.lo; ++next) {
            at_risk -= next->count;
        }
        if (next != waiting.begin() && at_risk < risk_min) {
            out.age_max_ = step.age;
            break;
        }
        step.age = std::max(0.0, bin.lo + (bin.hi - bin.lo) / 2);
        const auto risk = static_cast<double>(at_risk);
        const auto events = static_cast<double>(bin.count);
        step.left *= 1.0 - events / risk;
        // With nobody left the sum has no bound, and neither has its weight: left is 0.
        step.variance += at_risk > bin.count ? events / (risk * (risk - events)) : 0.0;
        at_risk -= bin.count;
        out.steps_.push_back(step);
        out.age_max_ = std::max(out.age_max_, step.age);
    }
    return out;
}

LifeTable::Step LifeTable::step_at(double age) const {
    const auto after = std::ranges::upper_bound(steps_, age, {}, &Step::age);
    return after == steps_.begin() ? Step{} : *(after - 1);
}

double LifeTable::share_at(double age) const {
    return 1.0 - step_at(age).left;
}

std::optional<LifeTable::Completeness> LifeTable::completeness(const std::vector<Waiting>& ages,
                                                               double confidence) const {
    double count = 0.0;
    double share = 0.0;
    double left = 0.0;        // Means over the ages, of the share not come …
    double covariance = 0.0;  // … and of what makes its error.
    for (const Waiting& one : ages) {
        const Step step = step_at(one.age);
        const auto weight = static_cast<double>(one.count);
        count += weight;
        share += weight * (1.0 - step.left);
        left += weight * step.left;
        covariance += weight * step.left * step.variance;
    }
    const Step last = step_at(age_max_);
    const double finally = 1.0 - last.left;
    if (!(count > 0.0) || !(finally > 0.0)) {
        return std::nullopt;
    }
    share /= count;
    Completeness out{.value = std::min(1.0, share / finally), .interval = {0.0, 1.0}};
    if (!(share > 0.0)) {
        return out;
    }
    // Errors at earlier ages are part of those at later ones: cov(ln S(s), ln S(t)) = V(min(s, t)).
    const double own = covariance / count * (left / count) / (share * share);
    const double both = covariance / count * last.left / (share * finally);
    const double end = last.left * last.left * last.variance / (finally * finally);
    const double spread = std::sqrt(std::max(0.0, own - 2.0 * both + end));
    const double factor = std::exp(normal_quantile(confidence) * spread);
    out.interval = {out.value / factor, std::min(1.0, out.value * factor)};
    return out;
}

double LifeTable::to_come(const std::vector<Waiting>& waiting) const {
    const double never = step_at(age_max_).left;
    double out = 0.0;
    for (const Waiting& one : waiting) {
        const double left = step_at(one.age).left;
        out += left > 0.0 ? static_cast<double>(one.count) * (1.0 - never / left) : 0.0;
    }
    return out;
}

std::optional<double> LifeTable::age_of(double share) const {
    const double wanted = share * share_finally();
    for (const Step& step : steps_) {
        if (1.0 - step.left >= wanted) {
            return step.age;
        }
    }
    return std::nullopt;
}

}  // namespace aiml042::stats
