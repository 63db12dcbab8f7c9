// What a scrub of stored bytes tells whoever runs it: how much was read, and what does not hold.
//
// The rooms that store something read it in pieces and call `pace` between them; who runs the scrub
// makes them wait there. Threads: both are called on the thread that scrubs, under no lock.

#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace aiml042 {

/// Stored bytes that fail their checksum or cannot be read.
struct ScrubFault {
    std::string file;    // Name within its folder.
    std::string item;    // What is lost with them: a column of a block, a page, a stretch.
    std::string detail;  // Where in the file, and what was found.
};

struct Scrub {
    /// So many bytes more were read; waits as the pace asks. False: stop now.
    std::function<bool(std::uint64_t bytes)> pace;
    std::function<void(ScrubFault)> fault;
};

}  // namespace aiml042
