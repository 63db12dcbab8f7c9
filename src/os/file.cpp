#include "os/file.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/limits.h"

namespace aiml042::os {

namespace {

Status io_failure(const char* call, const std::string& path, int error) {
    ErrorCode code = ErrorCode::kStorageFailed;
    if (error == ENOSPC || error == EDQUOT) {
        code = ErrorCode::kDiskFull;
    } else if (error == ENOENT) {
        code = ErrorCode::kNotFound;
    }
    return {code, std::string(call) + " " + path + ": " + std::generic_category().message(error)};
}

int open_flags(FileMode mode) {
    switch (mode) {
        case FileMode::kRead:
            return O_RDONLY | O_CLOEXEC;
        case FileMode::kReadWrite:
            return O_RDWR | O_CLOEXEC;
        case FileMode::kCreate:
            return O_RDWR | O_CLOEXEC | O_CREAT | O_EXCL;
        case FileMode::kReplace:
            break;
    }
    return O_RDWR | O_CLOEXEC | O_CREAT | O_TRUNC;
}

int open_retrying(const std::string& path, int flags) {
    int descriptor = -1;
    do {
        descriptor = ::open(path.c_str(), flags, 0600);
    } while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

/// Of one read of read_cold(): a multiple of the sector, and of the pages of identity runs.
constexpr std::size_t kColdPieceBytes = 256 * 1024;
static_assert(kColdPieceBytes % limits::kSectorBytes == 0);

/// Closes at the end.
class Descriptor {
  public:
    explicit Descriptor(int descriptor) : descriptor_(descriptor) {}

    ~Descriptor() { ::close(descriptor_); }

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

  private:
    int descriptor_;
};

}  // namespace

File::~File() {
    close();
}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      durable_each_write_(other.durable_each_write_),
      path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
    if (this != &other) {
        close();
        descriptor_ = std::exchange(other.descriptor_, -1);
        durable_each_write_ = other.durable_each_write_;
        path_ = std::move(other.path_);
    }
    return *this;
}

Status File::failed(const char* call, int error) const {
    return io_failure(call, path_, error);
}

Result<File> File::open(const std::string& path, FileMode mode, Durability durability) {
    File file;
    file.path_ = path;
    const int flags = open_flags(mode);
    if (durability == Durability::kEachWrite) {
        file.descriptor_ = open_retrying(path, flags | O_DIRECT | O_DSYNC);
        file.durable_each_write_ = file.is_open();
        if (!file.is_open() && errno == EINVAL) {
            // No O_DIRECT here (tmpfs, some network file systems). The refused call may have made
            // the file.
            file.descriptor_ = open_retrying(path, flags & ~O_EXCL);
        }
    } else {
        file.descriptor_ = open_retrying(path, flags);
    }
    if (!file.is_open()) {
        return io_failure("open", path, errno);
    }
    return file;
}

Result<std::uint64_t> File::size() const {
    struct stat info {};

    if (::fstat(descriptor_, &info) != 0) {
        return failed("fstat", errno);
    }
    return static_cast<std::uint64_t>(info.st_size);
}

Result<std::size_t> File::read_at(std::uint64_t offset, char* out, std::size_t size) const {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t n =
            ::pread(descriptor_, out + done, size - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return failed("pread", errno);
        }
        if (n == 0) {
            break;
        }
        done += static_cast<std::size_t>(n);
    }
    return done;
}

Status File::write_at(std::uint64_t offset, ByteView bytes) {
    bool direct_dropped = false;
    while (!bytes.empty()) {
        const ssize_t n =
            ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno == EINVAL && durable_each_write_ && !direct_dropped) {
            // Opened with O_DIRECT but its alignment is not ours: go through the page cache,
            // O_DSYNC stays.
            direct_dropped = true;
            const int flags = ::fcntl(descriptor_, F_GETFL);
            if (flags >= 0 && ::fcntl(descriptor_, F_SETFL, flags & ~O_DIRECT) == 0) {
                continue;
            }
            return failed("pwrite", EINVAL);
        }
        if (n < 0) {
            return failed("pwrite", errno);
        }
        if (n == 0) {
            return failed("pwrite", EIO);
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
    return {};
}

Status File::sync() {
    if (!durable_each_write_ && ::fdatasync(descriptor_) != 0) {
        return failed("fdatasync", errno);
    }
    return {};
}

Status File::reserve(std::uint64_t size) {
    while (::fallocate(descriptor_, 0, 0, static_cast<off_t>(size)) != 0) {
        if (errno == EINTR) {
            continue;
        }
        if (errno == EOPNOTSUPP || errno == ENOSYS) {
            return {};
        }
        return failed("fallocate", errno);
    }
    return {};
}

Status File::resize(std::uint64_t size) {
    while (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) {
        if (errno != EINTR) {
            return failed("ftruncate", errno);
        }
    }
    return {};
}

void File::close() {
    if (descriptor_ >= 0) {
        ::close(std::exchange(descriptor_, -1));
    }
}

Result<std::vector<std::string>> list_folder(const std::string& path) {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()),
                                                     [](DIR* d) { return ::closedir(d); });
    if (folder == nullptr) {
        return io_failure("opendir", path, errno);
    }
    std::vector<std::string> names;
    errno = 0;
    // A stream of one thread: readdir is safe there.
    while (const dirent* entry = ::readdir(folder.get())) {  // NOLINT(concurrency-mt-unsafe)
        std::string name(static_cast<const char*>(entry->d_name));
        if (name != "." && name != "..") {
            names.push_back(std::move(name));
        }
        errno = 0;
    }
    if (errno != 0) {
        return io_failure("readdir", path, errno);
    }
    std::ranges::sort(names);
    return names;
}

Status create_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0) {
        struct stat info {};

        if (errno == EEXIST && ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
            return {};
        }
        const auto slash = path.find_last_of('/');
        if (errno != ENOENT || slash == std::string::npos || slash == 0) {
            return io_failure("mkdir", path, errno);
        }
        AIML_TRY(create_folder(path.substr(0, slash)));
        if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
            return io_failure("mkdir", path, errno);
        }
    }
    const auto slash = path.find_last_of('/');
    if (slash == std::string::npos) {
        return sync_folder(".");
    }
    return sync_folder(slash == 0 ? "/" : path.substr(0, slash));
}

Status sync_folder(const std::string& path) {
    const int descriptor = open_retrying(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return io_failure("open", path, errno);
    }
    const int error = ::fsync(descriptor) == 0 ? 0 : errno;
    ::close(descriptor);
    return error == 0 ? Status() : io_failure("fsync", path, error);
}

Status remove_file(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        return io_failure("unlink", path, errno);
    }
    return {};
}

Status rename_file(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) {
        return io_failure("rename", from, errno);
    }
    return {};
}

bool file_exists(const std::string& path) {
    struct stat info {};

    return ::stat(path.c_str(), &info) == 0;
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
    auto file = File::open(path, FileMode::kRead);
    if (!file) {
        return file.status();
    }
    std::uint64_t size = 0;
    AIML_ASSIGN(size, file->size());
    if (size > bytes_max) {
        return Status(ErrorCode::kTooLarge, path + " has " + std::to_string(size) + " bytes");
    }
    std::string bytes(size, '\0');
    std::size_t got = 0;
    AIML_ASSIGN(got, file->read_at(0, bytes.data(), bytes.size()));
    bytes.resize(got);
    return bytes;
}

Status read_cold(const std::string& path,
                 const std::function<Status(std::uint64_t offset, ByteView bytes)>& each) {
    int descriptor = open_retrying(path, O_RDONLY | O_CLOEXEC | O_DIRECT);
    bool direct = descriptor >= 0;
    if (!direct && errno == EINVAL) {
        descriptor = open_retrying(path, O_RDONLY | O_CLOEXEC);
    }
    if (descriptor < 0) {
        return io_failure("open", path, errno);
    }
    const Descriptor owner(descriptor);
    const std::unique_ptr<char, decltype(&std::free)> buffer(
        static_cast<char*>(std::aligned_alloc(limits::kSectorBytes, kColdPieceBytes)), &std::free);
    for (std::uint64_t offset = 0;;) {
        const auto at = static_cast<off_t>(offset);
        if (!direct) {
            ::posix_fadvise(descriptor, at, kColdPieceBytes, POSIX_FADV_DONTNEED);
        }
        const ssize_t n = ::pread(descriptor, buffer.get(), kColdPieceBytes, at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno == EINVAL && direct) {
            // O_DIRECT was taken but its alignment is not ours.
            direct = false;
            const int flags = ::fcntl(descriptor, F_GETFL);
            if (flags >= 0 && ::fcntl(descriptor, F_SETFL, flags & ~O_DIRECT) == 0) {
                continue;
            }
        }
        if (n < 0) {
            return io_failure("pread", path + " at " + std::to_string(offset), errno);
        }
        if (n == 0) {
            return {};
        }
        AIML_TRY(each(offset, ByteView(buffer.get(), static_cast<std::size_t>(n))));
        offset += static_cast<std::uint64_t>(n);
        if (direct && offset % limits::kSectorBytes != 0) {
            return {};  // Only the end of a file is not on a sector boundary.
        }
    }
}

Status write_file_durably(const std::string& folder, const std::string& name, ByteView bytes) {
    const std::string path = folder + "/" + name;
    const std::string partial = path + ".partial";
    {
        auto file = File::open(partial, FileMode::kReplace);
        if (!file) {
            return file.status();
        }
        AIML_TRY(file->write_at(0, bytes));
        AIML_TRY(file->sync());
    }
    AIML_TRY(rename_file(partial, path));
    return sync_folder(folder);
}

Result<std::uint64_t> free_bytes(const std::string& path) {
    struct statvfs info {};

    if (::statvfs(path.c_str(), &info) != 0) {
        return io_failure("statvfs", path, errno);
    }
    return std::uint64_t{info.f_bavail} * std::uint64_t{info.f_frsize};
}

}  // namespace aiml042::os
