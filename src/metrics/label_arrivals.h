// When labels came to events, and which events still wait: what a delay model is fitted on.
//
// State: delays in log-linear bins; events by time in cells of `width`, 24 bytes and a map's node
// each. Cost: about 30 ns per row. Threads: one owner at a time; combine owners with merge().

#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/time.h"
#include "stats/life_table.h"
#include "stats/log_linear_histogram.h"

namespace aiml042::metrics {

class LabelArrivals {
  public:
    /// Events of `width` > 0 around a time count as one age.
    explicit LabelArrivals(Timestamp width) : width_(width) {}

    /// `delay_s` NaN: no label yet.
    void add(Timestamp event, double delay_s);
    void merge(const LabelArrivals& other);

    [[nodiscard]] std::uint64_t events() const { return events_; }

    [[nodiscard]] std::uint64_t labelled() const { return delays_.count(); }

    /// Ages of all events at `now`, in seconds.
    [[nodiscard]] std::vector<stats::LifeTable::Waiting> ages(Timestamp now) const;

    /// The same of those without a label.
    [[nodiscard]] std::vector<stats::LifeTable::Waiting> waiting(Timestamp now) const;

    /// Which share of labels has come by which age.
    [[nodiscard]] stats::LifeTable life_table(Timestamp now) const;

  private:
    struct Cell {
        std::uint64_t events = 0;
        std::uint64_t waiting = 0;
    };

    using Count = std::uint64_t Cell::*;
    [[nodiscard]] std::vector<stats::LifeTable::Waiting> counts(Timestamp now, Count count) const;

    Timestamp width_;
    std::uint64_t events_ = 0;
    stats::LogLinearHistogram delays_;
    std::map<Timestamp, Cell> cells_;  // By their middles.
};

}  // namespace aiml042::metrics
