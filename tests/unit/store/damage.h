// A sealed store whose files can be damaged bit by bit.

#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <vector>

#include "fixture.h"

namespace aiml042::store::test {

inline constexpr Timestamp kDamageStart = 1'700'006'400 * kSecond;

/// Feeds an empty store `events` events of two days, labels every second one, and seals it.
inline void fill_and_seal(Store& store, Feeder& feeder, std::mt19937_64& random, Lsn events) {
    Lsn lsn = 0;
    while (lsn < events) {
        ++lsn;
        const Timestamp day = lsn % 3 == 1 ? kDamageStart - kDay : kDamageStart;
        feeder.append(random_event(random, lsn, day), lsn, kDamageStart);
    }
    for (Lsn event = 1; event <= events; event += 2) {
        LabelEntry entry;
        entry.event = event;
        entry.sequence = ++lsn;
        entry.value = 1.0;
        store.add_label(feeder.partition(static_cast<Timestamp>(
                            *feeder.rows[event][builtin::kTimestamp].number)),
                        entry);
    }
    REQUIRE(store.seal(kDamageStart, 0).is_ok());
}

/// The table files of a store, by name.
inline std::vector<std::filesystem::path> files_of(const TemporaryFolder& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
        if (file.path().extension() == ".sst") {
            files.push_back(file.path());
        }
    }
    std::ranges::sort(files);
    return files;
}

/// Flips one bit of a file; once more restores it.
inline void flip_bit(const std::filesystem::path& path, std::uint64_t bit) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(static_cast<std::streamoff>(bit / 8));
    const auto old = static_cast<unsigned>(file.get());
    file.seekp(static_cast<std::streamoff>(bit / 8));
    file.put(static_cast<char>(old ^ 1U << bit % 8));
}

}  // namespace aiml042::store::test
