// The one RocksDB of the store: four families of keys, atomic batches without RocksDB's own log,
// flushes that make all families durable together.
//
// Threads: read and scan from any thread; write, flush and drop from the fold thread only.
// Errors: kCorruptBlock (naming the key) when stored bytes are damaged, kDiskFull, kStorageFailed.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace aiml042::store {

enum class Family : std::uint8_t { kMeta = 0, kColumns = 1, kText = 2, kLabels = 3 };

inline constexpr std::size_t kFamilies = 4;

/// Puts and removals that become visible and durable together.
class Batch {
  public:
    Batch();
    ~Batch();
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;
    Batch(Batch&&) noexcept;
    Batch& operator=(Batch&&) noexcept;

    void put(Family family, ByteView key, ByteView value);
    void remove(Family family, ByteView key);

    /// Moves everything of `other` behind what is here.
    void append(Batch other);

    /// Bytes of keys and values so far.
    [[nodiscard]] std::size_t bytes() const;
    [[nodiscard]] bool empty() const;

  private:
    friend class Disk;
    struct State;
    std::unique_ptr<State> state_;
};

/// One file of the database.
struct DiskFile {
    std::uint64_t number = 0;  // Grows: what is written later has a higher one.
    std::string name;
    Family family = Family::kMeta;
    std::uint64_t bytes = 0;
};

/// What Disk::scrub_file() asks and tells.
struct FileScan {
    /// So many bytes of keys and values were read. False: stop.
    std::function<bool(std::uint64_t bytes)> read;
    /// The first key behind `key` that the file may hold; empty when there is none. Asked only
    /// behind damage, which hides where the file goes on.
    std::function<std::string(ByteView key)> key_behind;
    /// What lies behind `from` and before `to` (empty: the end of the file) cannot be read.
    std::function<void(ByteView from, ByteView to, const Status& why)> damaged;
};

class Disk {
  public:
    /// Opens the database in `folder`, made when it is not there.
    static Result<std::unique_ptr<Disk>> open(const std::string& folder);
    ~Disk();
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    /// Calls `use` with the value, which is borrowed for the call; kNotFound when there is none.
    [[nodiscard]] Status read(Family family,
                              ByteView key,
                              const std::function<Status(ByteView)>& use) const;

    /// Calls `each` for every key of [from, to) in order; stops with its status when it fails.
    [[nodiscard]] Status scan(
        Family family,
        ByteView from,
        ByteView to,
        const std::function<Status(ByteView key, ByteView value)>& each) const;

    /// After a failure nothing of the batch is there; write() and flush() may be tried again at any
    /// time.
    [[nodiscard]] Status write(Batch batch);

    /// Makes everything written durable, all families at one point.
    [[nodiscard]] Status flush();

    /// Removes [from, to): whole files at once, the rest by a range mark. Durable with the next
    /// flush.
    [[nodiscard]] Status drop_range(Family family, ByteView from, ByteView to);

    /// The files there are now, by number.
    [[nodiscard]] std::vector<DiskFile> files() const;

    /// Reads every block of a file against RocksDB's checksums: from the disk itself, past the
    /// caches of RocksDB and, where the file system can, of the kernel. A file that is gone by now
    /// is nothing.
    void scrub_file(const DiskFile& file, const FileScan& scan) const;

    /// Reads every block of every file against RocksDB's own checksums.
    [[nodiscard]] Status verify_files() const;

  private:
    struct State;
    explicit Disk(std::unique_ptr<State> state);
    Status note(Status status);
    [[nodiscard]] bool nothing_in_memory() const;
    [[nodiscard]] Status recover();
    std::unique_ptr<State> state_;
};

}  // namespace aiml042::store
