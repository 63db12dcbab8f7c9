// Deliberate faults, only in the sabotage build, that the crash harness must notice
// (tests/crash/prove.py).

#pragma once

#include <cstdlib>
#include <string_view>

namespace aiml042::os {

/// Whether AIML042_SABOTAGE_FAULT names `fault`. Always false, at no cost, in every other build.
inline bool sabotaged([[maybe_unused]] std::string_view fault) {
#ifdef AIML042_SABOTAGE
    const char* wanted = std::getenv("AIML042_SABOTAGE_FAULT");  // NOLINT(concurrency-mt-unsafe)
    return wanted != nullptr && fault == wanted;
#else
    return false;
#endif
}

}  // namespace aiml042::os
