// Random bytes of the kernel, fit for keys and seeds. Any thread; does not block once the machine
// has booted.

#pragma once

#include <cstdint>
#include <span>

namespace aiml042::os {

void random_bytes(std::span<char> out);

[[nodiscard]] std::uint64_t random_u64();

}  // namespace aiml042::os
