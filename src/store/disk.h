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
