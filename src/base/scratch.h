// An array on the stack whose elements hold nothing until they are written: for hot loops, where
// setting them to zero first would cost as much as the work.

#pragma once

#include <array>
#include <cstddef>

namespace aiml042 {

template <typename T, std::size_t N>
struct Scratch : std::array<T, N> {
    Scratch() {}  // NOLINT(cppcoreguidelines-pro-type-member-init, modernize-use-equals-default)
};

}  // namespace aiml042
