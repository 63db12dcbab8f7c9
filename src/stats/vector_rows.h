// Vectors of one length, one after another.

#pragma once

#include <cstddef>
#include <span>

namespace aiml042::stats {

struct VectorRowsView {
    std::span<const float> values;
    std::size_t length = 0;  // At least 1.

    [[nodiscard]] std::size_t size() const { return values.size() / length; }

    [[nodiscard]] std::span<const float> row(std::size_t i) const {
        return values.subspan(i * length, length);
    }
};

}  // namespace aiml042::stats
