#include "identity/disk.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace aiml042::identity {

namespace {

Status failure(const char* what, const std::string& detail = {}) {
    const int error = errno;
    std::string text = std::string(what) + ": " + std::generic_category().message(error);
    if (!detail.empty()) {
        text += " (" + detail + ")";
    }
    return {error == ENOSPC || error == EDQUOT ? ErrorCode::kDiskFull : ErrorCode::kStorageFailed,
            std::move(text)};
}

}  // namespace

File::~File() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

Result<File> File::open(const std::string& path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0640);
    if (descriptor < 0) {
        if (errno == ENOENT) {
            return Status(ErrorCode::kNotFound, path);
        }
        return failure("open", path);
    }
    return File(descriptor);
}

Status File::write(ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            return failure("write");
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

Status File::write_at(std::uint64_t offset, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t n =
            ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            return failure("write");
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
    return {};
}

Status File::read_at(std::uint64_t offset, char* to, std::size_t size) const {
    while (size > 0) {
        const ssize_t n = ::pread(descriptor_, to, size, static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return {ErrorCode::kCorruptBlock,
                    "read at " + std::to_string(offset) + ": " +
                        std::generic_category().message(errno)};
        }
        if (n == 0) {
            return {ErrorCode::kCorruptBlock, "the file ends at " + std::to_string(offset)};
        }
        to += n;
        offset += static_cast<std::uint64_t>(n);
        size -= static_cast<std::size_t>(n);
    }
    return {};
}

Status File::sync() {
    return ::fsync(descriptor_) == 0 ? Status() : failure("fsync");
}

Status File::truncate(std::uint64_t size) {
    return ::ftruncate(descriptor_, static_cast<off_t>(size)) == 0 ? Status()
                                                                   : failure("ftruncate");
}

Result<std::uint64_t> File::size() const {
    struct stat info {};

    if (::fstat(descriptor_, &info) != 0) {
        return failure("fstat");
    }
    return static_cast<std::uint64_t>(info.st_size);
}

Result<std::string> read_file(const std::string& path) {
    AIML_ASSIGN(const File file, File::open(path, O_RDONLY));
    AIML_ASSIGN(const std::uint64_t size, file.size());
    std::string bytes(size, '\0');
    AIML_TRY(file.read_at(0, bytes.data(), bytes.size()).with_context(path));
    return bytes;
}

Status sync_folder(const std::string& folder) {
    AIML_ASSIGN(File file, File::open(folder, O_RDONLY | O_DIRECTORY));
    return file.sync();
}

Status replace_file(const std::string& folder, const std::string& name, ByteView bytes) {
    const std::string target = folder + "/" + name;
    const std::string draft = target + ".tmp";
    AIML_ASSIGN(File file, File::open(draft, O_WRONLY | O_CREAT | O_TRUNC));
    AIML_TRY(file.write(bytes).with_context(draft));
    AIML_TRY(file.sync().with_context(draft));
    if (::rename(draft.c_str(), target.c_str()) != 0) {
        return failure("rename", draft);
    }
    return sync_folder(folder);
}

}  // namespace aiml042::identity
