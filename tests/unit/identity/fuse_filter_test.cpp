#include "identity/fuse_filter.h"

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/hash.h"

using namespace aiml042;  // NOLINT(google-build-using-namespace)
using identity::FuseFilter;

namespace {

std::vector<std::uint64_t> keys(std::uint64_t count, std::uint64_t seed, unsigned shift = 0) {
    std::vector<std::uint64_t> out;
    for (std::uint64_t i = 0; i < count; ++i) {
        out.push_back(hash64(std::to_string(seed) + ":" + std::to_string(i)) >> shift);
    }
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

}  // namespace

TEST_CASE("fuse filter: knows every key it was built from, at all sizes") {
    for (const std::uint64_t count :
         {1ULL, 2ULL, 3ULL, 5ULL, 10ULL, 100ULL, 1000ULL, 33333ULL, 200000ULL}) {
        CAPTURE(count);
        const auto set = keys(count, 7);
        const FuseFilter filter = FuseFilter::build(set, 0);
        CHECK(std::ranges::all_of(set, [&](std::uint64_t key) { return filter.may_contain(key); }));
    }
}

TEST_CASE("fuse filter: refuses all but 1.5e-5 of the other keys, with 2.4 bytes a key") {
    const auto set = keys(200'000, 1, 4);
    const FuseFilter filter = FuseFilter::build(set, 4);
    const auto others = keys(2'000'000, 2, 4);
    const auto wrong =
        std::ranges::count_if(others, [&](std::uint64_t key) { return filter.may_contain(key); });
    CHECK(wrong < 90);  // 30 expected.
    CHECK(wrong > 3);   // It is a filter, not a set.
    CHECK(static_cast<double>(filter.memory_bytes()) < 2.45 * 200'000);
}

TEST_CASE(
    "fuse filter: nothing is in an empty one, and keys that are no hashes only make it useless") {
    CHECK_FALSE(FuseFilter().may_contain(42));
    CHECK_FALSE(FuseFilter::build({}, 0).may_contain(42));
    std::vector<std::uint64_t> dense;
    for (std::uint64_t i = 0; i < 50'000; ++i) {
        dense.push_back(i);
    }
    const FuseFilter filter = FuseFilter::build(dense, 0);
    CHECK(std::ranges::all_of(dense, [&](std::uint64_t key) { return filter.may_contain(key); }));
}

TEST_CASE(
    "fuse filter: written and read it answers the same; damaged bytes are refused or stay inside") {
    const auto set = keys(5'000, 3);
    const FuseFilter filter = FuseFilter::build(set, 0);
    std::string bytes;
    ByteWriter out(bytes);
    filter.write(out);
    FuseFilter again;
    ByteReader in(bytes);
    REQUIRE(again.read(in));
    CHECK(in.done());
    const auto others = keys(20'000, 4);
    CHECK(std::ranges::all_of(others, [&](std::uint64_t key) {
        return again.may_contain(key) == filter.may_contain(key);
    }));
    CHECK(std::ranges::all_of(set, [&](std::uint64_t key) { return again.may_contain(key); }));

    for (std::size_t i = 0; i < 32;
         ++i) {  // The header: whatever is in it, no read may leave the array.
        std::string bad = bytes;
        bad[i] = static_cast<char>(bad[i] ^ 0x55);
        FuseFilter damaged;
        ByteReader reader(bad);
        if (damaged.read(reader)) {
            for (const std::uint64_t key : others) {
                static_cast<void>(damaged.may_contain(key));
            }
        }
    }
    FuseFilter cut;
    ByteReader short_in(ByteView(bytes).substr(0, bytes.size() - 1));
    CHECK_FALSE(cut.read(short_in));
}
