// A sealed run: entries sorted by (key, check, day, arrival) in one immutable file, with a filter
// and a page directory in memory.
//
// File (little-endian): a header of 1,024 bytes, pages of 1,024 bytes (run_page.h), the tail (first
// key of every page, then the filter shards), a footer of 32 bytes. Every part has its CRC-32C; a
// page's covers its number and the run's id too, so that a page in the wrong place is noticed.
// Entries are read with pread() and their page is checked on every read. Memory: 2.25 to 2.4 bytes
// per entry for the filter, 0.1 to 0.2 for the directory. Threads: immutable; the damage mark is
// atomic.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/scrub.h"
#include "base/status.h"
#include "identity/disk.h"
#include "identity/entry.h"
#include "identity/fuse_filter.h"
#include "identity/run_page.h"

namespace aiml042::identity {

/// What the manifest knows of a run.
struct RunInfo {
    std::uint64_t id = 0;
    std::uint64_t entries = 0;
    std::uint32_t arrival_min = 0;  // Seconds.
    std::uint32_t arrival_max = 0;
    bool damaged = false;  // A page failed its checksum: to be rebuilt at the next start.
};

/// "0000002a.run"
[[nodiscard]] std::string run_file_name(std::uint64_t id);

/// The parts of a run that stay in memory.
struct RunTail {
    std::vector<std::uint64_t> first_keys;  // Of each page.
    unsigned shard_bits = 0;
    std::vector<FuseFilter> shards;  // By the shard_bits highest bits of the key.

    [[nodiscard]] std::string encode() const;
    [[nodiscard]] bool decode(ByteView bytes);
};

class Run {
  public:
    /// Reads and checks all but the pages. kCorruptBlock when the file is not what the manifest
    /// says.
    static Result<std::shared_ptr<const Run>> open(const std::string& folder,
                                                   const RunInfo& expected);

    Run(std::string path,
        File file,
        const RunInfo& info,
        RunTail tail,
        RunVersion version = RunVersion::kPacked);

    [[nodiscard]] const RunInfo& info() const { return info_; }

    [[nodiscard]] const std::string& path() const { return path_; }

    void prefetch(std::uint64_t key) const { shard(key).prefetch(key); }

    /// No I/O; wrong once in 65,000 keys that are not there.
    [[nodiscard]] bool may_contain(std::uint64_t key) const { return shard(key).may_contain(key); }

    /// Appends the entries with this identity to `out`. Reads one page (rarely two): about 1 µs
    /// when the kernel has it.
    Status find(std::uint64_t key, std::uint32_t check, std::vector<Entry>& out) const;

    /// `count` pages from `page` on, checked, appended to `out`.
    Status read_pages(std::uint64_t page, std::uint64_t count, std::vector<Entry>& out) const;

    [[nodiscard]] std::uint64_t pages() const { return tail_.first_keys.size(); }

    /// Reads everything: checksums, order, directory and filter against the entries.
    [[nodiscard]] Status verify() const;

    /// Reads all bytes from the disk itself against their checksums. A run with a fault is marked
    /// damaged: the next start sets it aside.
    void scrub(const Scrub& scrub) const;

    void mark_damaged() const { damaged_.store(true); }

    [[nodiscard]] bool damaged() const { return damaged_.load(); }

    [[nodiscard]] std::size_t memory_bytes() const;
    [[nodiscard]] std::uint64_t disk_bytes() const;

  private:
    [[nodiscard]] PagePlace place(std::uint64_t page) const {
        return {.run = info_.id, .page = page, .version = version_};
    }

    [[nodiscard]] const FuseFilter& shard(std::uint64_t key) const {
        return tail_.shards[tail_.shard_bits == 0 ? 0 : key >> (64 - tail_.shard_bits)];
    }

    const std::string path_;
    const File file_;
    const RunInfo info_;
    const RunVersion version_;
    const RunTail tail_;
    unsigned radix_bits_ = 0;
    std::vector<std::uint32_t>
        radix_;  // By highest bits of a key: the first page whose first key has them or more.
    mutable std::atomic<bool> damaged_;
};

}  // namespace aiml042::identity
