#include "base/bit_pack.h"

#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace aiml042;  // NOLINT(google-build-using-namespace)

// Every width and every length around the groups of eight has its own way through the loops.
TEST_CASE("bit_pack: what is packed is unpacked") {
    std::mt19937_64 random(1);
    for (unsigned width = 0; width <= 64; ++width) {
        if (!is_packed_width(width)) {
            continue;
        }
        for (const std::size_t count :
             {0U, 1U, 7U, 8U, 9U, 15U, 16U, 17U, 63U, 64U, 65U, 1023U, 1024U}) {
            std::vector<std::uint64_t> values(count);
            for (auto& v : values) {
                v = width == 0 ? 0 : random() >> (64 - width);
            }
            std::string packed;
            pack_bits(values, width, packed);
            REQUIRE(packed.size() == packed_bytes(count, width));
            std::vector<std::uint64_t> back(count);
            // A copy of the exact size, so that a sanitizer sees a read past the end.
            const std::vector<char> exact(packed.begin(), packed.end());
            unpack_bits(exact.data(), width, back);
            REQUIRE(back == values);
            for (std::size_t i = 0; i < count; ++i) {
                REQUIRE(unpack_at(exact.data(), width, count, i) == values[i]);
            }
        }
    }
}
