#include "app/disk_reserve.h"

#include <algorithm>

#include "base/limits.h"
#include "base/log.h"
#include "os/file.h"

namespace aiml042::app {

namespace {

constexpr std::uint64_t kHeldMin = 1ULL << 20;

/// Below this the disk counts as full when a start fails.
constexpr std::uint64_t kFullBytes = 1ULL << 20;

}  // namespace

bool DiskReserve::release() {
    const auto free = os::free_bytes(folder_);
    if (!free || *free >= limits::kDiskReserveBytes || !os::file_exists(path())) {
        return false;
    }
    const Status status = os::remove_file(path());
    log_warn("disk_reserve_released", {{"free_bytes", *free}, {"status", status.to_string()}});
    return status.is_ok();
}

void DiskReserve::keep() {
    if (held_ >= limits::kDiskReserveBytes) {
        return;
    }
    if (const auto file = os::File::open(path(), os::FileMode::kRead)) {
        held_ = file->size().is_ok() ? *file->size() : 0;
    }
    const auto free = os::free_bytes(folder_);
    if (!free) {
        return;
    }
    const std::uint64_t wanted =
        std::min<std::uint64_t>(limits::kDiskReserveBytes, (*free + held_) / 2);
    if (wanted < kHeldMin || wanted <= held_) {
        return;
    }
    auto file = os::File::open(path(), os::FileMode::kReplace);
    Status status = file.status();
    if (file) {
        status = file->reserve(wanted);
    }
    if (status.is_ok()) {
        held_ = wanted;
    } else {
        log_warn("disk_reserve_not_kept", {{"reason", status.detail()}});
        static_cast<void>(os::remove_file(path()));
    }
}

Status DiskReserve::explain(Status status) const {
    const auto free = os::free_bytes(folder_);
    if (status.is_ok() || !free || *free >= kFullBytes) {
        return status;
    }
    return {ErrorCode::kDiskFull,
            "the disk of " + folder_ + " is full (" + std::to_string(*free) +
                " bytes free): make room and start again; what failed is " + status.detail()};
}

}  // namespace aiml042::app
