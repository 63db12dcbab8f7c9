// Fuzzes the framing guard, Beast's parser behind it and the chunk decoder with the same bytes: whatever comes in, no
// read outside, and what is accepted has exactly one framing.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "net/chunk_decoder.h"
#include "net/guard.h"
#include "net/head_parser.h"

namespace {

using namespace aiml042;  // NOLINT(google-build-using-namespace)

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

/// The chunk decoder must take the same from the bytes at once as from one byte at a time.
void compare_chunkings(std::string_view bytes) {
    const auto run = [](std::string_view input, std::size_t piece) {
        net::ChunkDecoder decoder;
        std::string payload;
        std::size_t consumed = 0;
        auto state = net::ChunkDecoder::State::kMore;
        for (std::size_t given = 0; given < input.size() && state == net::ChunkDecoder::State::kMore;) {
            given = given + piece < input.size() ? given + piece : input.size();
            do {
                const auto step = decoder.step(input.substr(consumed, given - consumed));
                state = step.state;
                consumed += step.consumed;
                payload += step.payload;
            } while (state == net::ChunkDecoder::State::kPayload);
        }
        return std::pair(state, payload);
    };
    require(run(bytes, bytes.size() + 1) == run(bytes, 1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);  // Exact size: ASan sees reads beyond.
    compare_chunkings(bytes);
    const net::HeadEnd end = net::find_head_end(bytes, 0);
    if (end.state != net::HeadEnd::State::kComplete) {
        return 0;
    }
    require(end.length <= bytes.size() && end.length <= limits::kHeaderBytesMax);
    const std::string head = bytes.substr(0, end.length);
    net::GuardedHead guarded;
    if (net::guard_head(head, guarded).code != ErrorCode::kOk) {
        return 0;
    }
    require(!guarded.target.empty() && guarded.target.front() == '/');
    require(guarded.framing == net::Framing::kLength || guarded.content_length == 0);
    net::Request request;
    if (net::parse_head(head, guarded, request).code == ErrorCode::kOk) {
        require(request.path.front() == '/' && request.path.find('\0') == std::string::npos);
        require(request.headers.size() <= limits::kHeaderFieldsMax);
        for (const auto& [name, value] : request.headers) {
            require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos && !name.empty());
        }
    }
    return 0;
}
