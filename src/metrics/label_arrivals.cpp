#include "metrics/label_arrivals.h"

#include <algorithm>

namespace aiml042::metrics {

namespace {

/// Of fewer events nothing is told of the delays beyond.
constexpr std::uint64_t kRiskMin = 20;

}  // namespace

void LabelArrivals::add(Timestamp event, double delay_s) {
    const bool labelled = delay_s == delay_s;
    Cell& cell = cells_[floor_to(event, width_) + width_ / 2];
    ++events_;
    ++cell.events;
    cell.waiting += labelled ? 0U : 1U;
    if (labelled) {
        delays_.add(std::max(0.0, delay_s));
    }
}

void LabelArrivals::merge(const LabelArrivals& other) {
    for (const auto& [time, theirs] : other.cells_) {
        Cell& mine = cells_[time];
        mine.events += theirs.events;
        mine.waiting += theirs.waiting;
    }
    events_ += other.events_;
    delays_.merge(other.delays_);
}

std::vector<stats::LifeTable::Waiting> LabelArrivals::counts(Timestamp now, Count count) const {
    std::vector<stats::LifeTable::Waiting> out;
    for (const auto& [time, cell] : cells_) {
        if (cell.*count > 0) {
            out.push_back({std::max(0.0, static_cast<double>(now - time) / 1e6), cell.*count});
        }
    }
    return out;
}

std::vector<stats::LifeTable::Waiting> LabelArrivals::ages(Timestamp now) const {
    return counts(now, &Cell::events);
}

std::vector<stats::LifeTable::Waiting> LabelArrivals::waiting(Timestamp now) const {
    return counts(now, &Cell::waiting);
}

stats::LifeTable LabelArrivals::life_table(Timestamp now) const {
    return stats::LifeTable::fit(delays_, waiting(now), kRiskMin);
}

}  // namespace aiml042::metrics
