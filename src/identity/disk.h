// The few file operations that runs, manifest and tombstones need, with their failures as Status.

#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/status.h"

namespace aiml042::identity {

/// Owns a file descriptor.
class File {
  public:
    File() = default;

    explicit File(int descriptor) : descriptor_(descriptor) {}

    File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

    File& operator=(File&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }

    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File();

    /// `flags` as of open(2).
    static Result<File> open(const std::string& path, int flags);

    [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

    /// Fails with kDiskFull or kStorageFailed.
    Status write(ByteView bytes);
    Status write_at(std::uint64_t offset, ByteView bytes);
    /// Exactly `size` bytes; kCorruptBlock when the file is shorter or cannot be read.
    Status read_at(std::uint64_t offset, char* to, std::size_t size) const;
    Status sync();
    Status truncate(std::uint64_t size);
    [[nodiscard]] Result<std::uint64_t> size() const;

  private:
    int descriptor_ = -1;
};

/// The whole file; kNotFound when there is none.
Result<std::string> read_file(const std::string& path);

/// Makes creations, renames and deletions in the folder durable.
Status sync_folder(const std::string& folder);

/// Puts `bytes` at folder/name, durable on return; a crash leaves the old content or the new (and
/// maybe a name.tmp).
Status replace_file(const std::string& folder, const std::string& name, ByteView bytes);

}  // namespace aiml042::identity
