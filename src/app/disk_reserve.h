// Some space kept in the data directory so that a server can start on a full disk: SQLite and
// RocksDB each write a little when they are opened.
//
// The file `reserve` is allocated while there is room and removed at a start that finds less free
// than it holds. Then half of what is free is taken for the next such start, the rest is for
// deletions. Where the file system cannot allocate ahead it holds nothing. Threads: one at a time.

#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"

namespace aiml042::app {

class DiskReserve {
  public:
    explicit DiskReserve(std::string folder) : folder_(std::move(folder)) {}

    /// Before anything is opened: gives the space back when the disk is full. Whether it did.
    bool release();

    /// Takes it again as far as there is room. Blocks for milliseconds.
    void keep();

    /// `status`, said in a way that helps when the disk is full.
    [[nodiscard]] Status explain(Status status) const;

  private:
    [[nodiscard]] std::string path() const { return folder_ + "/reserve"; }

    const std::string folder_;
    std::uint64_t held_ = 0;
};

}  // namespace aiml042::app
