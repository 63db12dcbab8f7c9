// Writes one run from entries that come in order, and merges runs.
//
// Memory: the filter it builds (2.25 bytes per entry), up to 64 MB while a shard of the filter is
// filled, 1 MiB of buffer. A run exists once finish() returned and the manifest names it; before,
// the file is called *.tmp.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "identity/run.h"
#include "identity/run_page.h"

namespace aiml042::identity {

class RunWriter {
  public:
    /// `entries_max`: about how many entries will come at most; sizes the filter's shards.
    static Result<RunWriter> create(const std::string& folder,
                                    std::uint64_t id,
                                    std::uint64_t entries_max);

    /// Adds one entry, not less than the one before.
    Status add(const Entry& entry);

    [[nodiscard]] std::uint64_t entries() const { return info_.entries; }

    /// Durable under its name on return, ready to be read. Only with at least one entry.
    Result<std::shared_ptr<const Run>> finish();

    /// Removes what was written.
    void discard();

  private:
    RunWriter(std::string folder, File file, std::uint64_t id, unsigned shard_bits);
    Status flush_page();
    void finish_shards(std::uint64_t until);

    std::string folder_;
    std::string draft_;
    File file_;
    RunInfo info_;
    RunTail tail_;
    PageBuilder page_;
    std::string buffer_;  // Pages not yet written.
    std::vector<std::uint64_t> shard_keys_;
};

/// True when an entry must not go into a merged run.
using Dropped = std::function<bool(const Entry& entry, std::uint64_t run)>;

/// Writes all entries of `inputs` but the dropped and the repeated into `out`. A damaged input is
/// marked and named by the status.
Status merge_runs(std::span<const std::shared_ptr<const Run>> inputs,
                  const Dropped& dropped,
                  RunWriter& out);

}  // namespace aiml042::identity
