// Keeps a second process off a data directory.

#pragma once

#include <string>

#include "base/status.h"

namespace aiml042::os {

/// Holds `flock` on `<folder>/lock` until destroyed; the file holds the pid of its holder. The
/// kernel lets go of it when the process ends in any way.
class FolderLock {
  public:
    /// kConflict, naming the holder, when another process (or another FolderLock of this one) has
    /// it.
    static Result<FolderLock> take(const std::string& folder);

    FolderLock() = default;
    ~FolderLock();
    FolderLock(FolderLock&& other) noexcept;
    FolderLock& operator=(FolderLock&& other) noexcept;
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

  private:
    int descriptor_ = -1;
};

}  // namespace aiml042::os
