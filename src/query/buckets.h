// The time axis of an answer.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace aiml042::query {

/// Buckets of `step` with edges at multiples of it (shifted by `phase`), covering `range`; without
/// a step the range is one bucket. The first and the last bucket hold only what lies in the range.
struct Buckets {
    TimeRange range;
    std::optional<Timestamp> step;
    Timestamp phase = 0;

    /// Start of the bucket that `t` falls into, as answers show it.
    [[nodiscard]] Timestamp start_of(Timestamp t) const {
        return step.has_value() ? floor_to(t - phase, *step) + phase : range.from;
    }

    [[nodiscard]] Timestamp start(std::size_t i) const {
        return step.has_value() ? start_of(range.from) + static_cast<Timestamp>(i) * *step
                                : range.from;
    }

    [[nodiscard]] std::size_t index_of(Timestamp t) const {
        return step.has_value()
                   ? static_cast<std::size_t>((start_of(t) - start_of(range.from)) / *step)
                   : 0;
    }

    /// How many; an empty range has none.
    [[nodiscard]] std::size_t count() const {
        return range.from >= range.to ? 0 : index_of(range.to - 1) + 1;
    }

    /// Seconds of the range inside bucket `i`.
    [[nodiscard]] double seconds(std::size_t i) const {
        const Timestamp begin = start(i) < range.from ? range.from : start(i);
        const Timestamp end =
            step.has_value() && start(i) + *step < range.to ? start(i) + *step : range.to;
        return static_cast<double>(end - begin) / 1e6;
    }
};

}  // namespace aiml042::query
