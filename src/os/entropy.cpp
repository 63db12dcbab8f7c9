#include "os/entropy.h"

#include <array>
#include <bit>
#include <cerrno>

#include <sys/random.h>

#include "base/check.h"

namespace aiml042::os {

void random_bytes(std::span<char> out) {
    while (!out.empty()) {
        const ssize_t n = ::getrandom(out.data(), out.size(), 0);
        if (n < 0) {
            AIML_CHECK(errno == EINTR);
            continue;
        }
        out = out.subspan(static_cast<std::size_t>(n));
    }
}

std::uint64_t random_u64() {
    std::array<char, sizeof(std::uint64_t)> raw{};
    random_bytes(raw);
    return std::bit_cast<std::uint64_t>(raw);
}

}  // namespace aiml042::os
