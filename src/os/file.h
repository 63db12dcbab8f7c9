// Files and folders of the machine, with errors as Status.
//
// A full disk or quota is kDiskFull, a missing file kNotFound, anything else kStorageFailed; the
// detail names the call, the path and the reason. Every call here may block on the disk. Threads: a
// File may be used by several threads as long as they touch different ranges.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace aiml042::os {

/// How a file is opened.
enum class FileMode : std::uint8_t {
    kRead,       // Must exist.
    kReadWrite,  // Must exist.
    kCreate,     // Must not exist; read and write.
    kReplace,    // Made or emptied; read and write.
};

/// How writes become durable.
enum class Durability : std::uint8_t {
    kOnSync,     // Through the page cache; sync() makes durable.
    kEachWrite,  // Each write is durable when it returns (O_DIRECT|O_DSYNC) where the file system
                 // can do that, else as kOnSync. Offsets, sizes and memory must be multiples of
                 // limits::kSectorBytes.
};

class File {
  public:
    File() = default;
    ~File();
    File(File&& other) noexcept;
    File& operator=(File&& other) noexcept;
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    static Result<File> open(const std::string& path,
                             FileMode mode,
                             Durability durability = Durability::kOnSync);

    [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

    [[nodiscard]] const std::string& path() const { return path_; }

    /// Whether a write is durable without sync().
    [[nodiscard]] bool durable_each_write() const { return durable_each_write_; }

    [[nodiscard]] Result<std::uint64_t> size() const;

    /// Reads up to `size` bytes; fewer only at the end of the file.
    Result<std::size_t> read_at(std::uint64_t offset, char* out, std::size_t size) const;

    /// Writes all of `bytes`. After a failure an unknown part of it may be on disk.
    Status write_at(std::uint64_t offset, ByteView bytes);

    /// Makes everything written durable (fdatasync). Does nothing when each write already is. After
    /// a failure the kernel may have dropped the data: never call it again on the same file.
    Status sync();

    /// Reserves `size` bytes so that later writes inside it do not find the disk full. They read as
    /// zeros. Does nothing where the file system cannot reserve.
    Status reserve(std::uint64_t size);

    Status resize(std::uint64_t size);

    /// Closes early; the destructor does otherwise.
    void close();

  private:
    Status failed(const char* call, int error) const;

    int descriptor_ = -1;
    bool durable_each_write_ = false;
    std::string path_;
};

/// Names (not paths) in a folder, sorted, without "." and "..".
Result<std::vector<std::string>> list_folder(const std::string& path);

/// Makes a folder and those above it, mode 0700, and makes the new entries durable. An existing one
/// is no error.
Status create_folder(const std::string& path);

/// Makes creations, removals and renames in the folder durable.
Status sync_folder(const std::string& path);

/// A file that is not there is no error.
Status remove_file(const std::string& path);

/// Replaces `to` at once when it exists.
Status rename_file(const std::string& from, const std::string& to);

[[nodiscard]] bool file_exists(const std::string& path);

/// Whole content; kTooLarge when the file has more than `bytes_max`.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

/// Reads a file in pieces from the disk itself, past the page cache where the file system can, so
/// that bytes that rotted under a cached page are seen and nothing useful is pushed out. Stops with
/// the status of `each` when it fails; a piece that the disk refuses is kStorageFailed with its
/// offset.
Status read_cold(const std::string& path,
                 const std::function<Status(std::uint64_t offset, ByteView bytes)>& each);

/// Replaces `folder/name` in one step: after a crash the old or the new content is there, whole.
/// Durable on return.
Status write_file_durably(const std::string& folder, const std::string& name, ByteView bytes);

/// Bytes that may still be written to the file system of `path`.
Result<std::uint64_t> free_bytes(const std::string& path);

}  // namespace aiml042::os
