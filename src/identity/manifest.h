// Which runs exist, and from which arrival on the caller must re-insert. The one file that makes a
// run part of the index.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "identity/run.h"

namespace aiml042::identity {

struct Manifest {
    std::uint64_t next_run = 1;
    Timestamp sealed_until = 0;
    std::vector<RunInfo> runs;

    /// Replaces the manifest of the folder, durable on return.
    Status store(const std::string& folder) const;

    /// kNotFound when there is none, kCorruptBlock when it is damaged or newer than this program.
    static Result<Manifest> load(const std::string& folder);
};

inline constexpr char kManifestName[] = "manifest";

}  // namespace aiml042::identity
