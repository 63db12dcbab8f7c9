#include "os/folder_lock.h"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace aiml042::os {

namespace {

std::string holder_of(int descriptor) {
    std::array<char, 32> text{};
    const ssize_t n = ::pread(descriptor, text.data(), text.size(), 0);
    std::string pid;
    for (ssize_t i = 0; i < n; ++i) {
        const char c = text[static_cast<std::size_t>(i)];
        if (c < '0' || c > '9') {
            break;
        }
        pid.push_back(c);
    }
    return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::string& folder) {
    const std::string path = folder + "/lock";
    FolderLock lock;
    lock.descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock.descriptor_ < 0) {
        return Status(ErrorCode::kStorageFailed,
                      "open " + path + ": " + std::generic_category().message(errno));
    }
    if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return Status(
                ErrorCode::kConflict,
                "data directory " + folder + " is in use by " + holder_of(lock.descriptor_));
        }
        return Status(ErrorCode::kStorageFailed,
                      "flock " + path + ": " + std::generic_category().message(errno));
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock.descriptor_, 0) != 0 ||
        ::pwrite(lock.descriptor_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        // The lock holds all the same; only the name of its holder is missing (a full disk must not
        // stop a start).
        static_cast<void>(::ftruncate(lock.descriptor_, 0));
    }
    return lock;
}

FolderLock::~FolderLock() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
    if (this != &other) {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
        descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
}

}  // namespace aiml042::os
