// Measures the identity index: insert, look-ups of known and unknown requests, seal, memory.
//
//   identity_bench [folder] [millions of keys ...]       (default: a temporary folder, 1 10)

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

#include "base/hash.h"
#include "identity/index.h"

using namespace aiml042;  // NOLINT(google-build-using-namespace)

namespace {

constexpr Timestamp kStart = 1'764'000'000LL * kSecond;

/// Distinct and as random as the hash of a request_id; cheap, so that it does not hide what is
/// measured.
Hash128 id(std::uint64_t i) {
    const auto mix = [](std::uint64_t x) {
        x = (x ^ x >> 30) * 0xBF58'476D'1CE4'E5B9ULL;
        x = (x ^ x >> 27) * 0x94D0'49BB'1331'11EBULL;
        return x ^ x >> 31;
    };
    return {mix(i + 1), mix(i ^ 0xABCD'EF01'2345'6789ULL)};
}

/// CPU time of this thread: a busy machine changes it little.
double cpu_nanoseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <typename Work>
double nanoseconds_each(std::uint64_t count, Work&& work) {
    const double begin = cpu_nanoseconds();
    work();
    return (cpu_nanoseconds() - begin) / static_cast<double>(count);
}

/// Inserts in batches of 1,000 as the gate does, looking 16 rows ahead.
void insert(identity::Index& index, std::uint64_t from, std::uint64_t to, Timestamp at) {
    std::uint64_t taken = 0;
    for (std::uint64_t i = from; i < to; i += 1000) {
        const auto ahead = index.lookahead();
        const std::uint64_t end = std::min(i + 1000, to);
        for (std::uint64_t k = i; k < end; ++k) {
            ahead.touch(id(k + 16));
            taken += index.insert(id(k), 20000, at) ? 1U : 0U;
        }
    }
    if (taken != to - from) {
        std::abort();
    }
}

double find(const identity::Index& index,
            std::uint64_t base,
            std::uint64_t range,
            std::size_t expected) {
    constexpr std::uint64_t kProbes = 1'000'000;
    std::uint64_t found = 0;
    const double each = nanoseconds_each(kProbes, [&] {
        const auto ahead = index.lookahead();
        for (std::uint64_t i = 0; i < kProbes; ++i) {
            ahead.touch(id(base + (i + 16) * 7'919'999 % range));
            found += index.find(id(base + i * 7'919'999 % range)).size();
        }
    });
    if (found < expected * kProbes || found > expected * kProbes + 100) {
        std::abort();
    }
    return each;
}

void measure(const std::string& folder, std::uint64_t keys) {
    std::filesystem::remove_all(folder);
    auto opened = identity::Index::open({.folder = folder, .merge_inline = true});
    if (!opened) {
        std::fprintf(stderr, "%s\n", opened.status().to_string().c_str());
        std::exit(1);
    }
    identity::Index& index = **opened;
    constexpr std::uint64_t kSealAt = 4'000'000;  // As a busy hour would be: several seals.
    double seal_ns = 0;
    double insert_ns = 0;
    double hot_bytes = 0;
    double hot_find = 0;
    double hot_miss = 0;
    for (std::uint64_t from = 0; from < keys; from += kSealAt) {
        const std::uint64_t to = std::min(keys, from + kSealAt);
        const Timestamp at = kStart + static_cast<Timestamp>(from / 1'000) * kSecond;
        insert_ns += nanoseconds_each(keys, [&] { insert(index, from, to, at); });
        if (from == 0) {
            hot_bytes = static_cast<double>(index.stats().memory_bytes) / static_cast<double>(to);
            hot_find = find(index, 0, to, 1);
            hot_miss = find(index, 1ULL << 40, 1ULL << 39, 0);
        }
        seal_ns += nanoseconds_each(keys, [&] {
            if (!index.seal(at + kSecond).is_ok()) {
                std::abort();
            }
        });
    }
    const identity::IndexStats stats = index.stats();
    const double sealed_find = find(index, 0, keys, 1);
    const double sealed_miss = find(index, 1ULL << 40, 1ULL << 39, 0);
    const Timestamp later = kStart + kDay;
    const double insert_over_runs = nanoseconds_each(
        1'000'000, [&] { insert(index, 1ULL << 41, (1ULL << 41) + 1'000'000, later); });
    std::printf(
        "%4llu M keys: insert %.0f ns (%.0f over %llu runs), hot find %.0f / miss %.0f ns, sealed "
        "find %.0f / "
        "miss %.0f ns, seal+merge %.0f ns/key, RAM %.1f B/hot key, %.2f B/sealed key, disk %.1f "
        "B/key\n",
        static_cast<unsigned long long>(keys / 1'000'000),
        insert_ns,
        insert_over_runs,
        static_cast<unsigned long long>(stats.runs),
        hot_find,
        hot_miss,
        sealed_find,
        sealed_miss,
        seal_ns,
        hot_bytes,
        static_cast<double>(stats.memory_bytes) / static_cast<double>(keys),
        static_cast<double>(stats.disk_bytes) / static_cast<double>(keys));
    std::filesystem::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string folder = argc > 1 ? argv[1]
                                        : (std::filesystem::temp_directory_path() /
                                           ("aiml042_identity_bench_" + std::to_string(::getpid())))
                                              .string();
    std::vector<std::uint64_t> millions;
    for (int i = 2; i < argc; ++i) {
        millions.push_back(std::strtoull(argv[i], nullptr, 10));
    }
    if (millions.empty()) {
        millions = {1, 10};
    }
    for (const std::uint64_t m : millions) {
        measure(folder, m * 1'000'000);
    }
    return 0;
}
