#include "net/chunk_decoder.h"

#include <catch2/catch.hpp>
#include <string>

using namespace aiml042;  // NOLINT(google-build-using-namespace)
using net::ChunkDecoder;

namespace {

struct Decoded {
    ChunkDecoder::State state;
    std::string payload;
    std::size_t consumed;
};

/// Feeds `piece` bytes at a time.
Decoded decode(const std::string& wire, std::size_t piece) {
    ChunkDecoder decoder;
    Decoded out{ChunkDecoder::State::kMore, "", 0};
    std::size_t given = 0;
    while (out.state == ChunkDecoder::State::kMore && given < wire.size()) {
        given = std::min(given + piece, wire.size());
        do {
            const auto step = decoder.step(std::string_view(wire).substr(out.consumed, given - out.consumed));
            out.state = step.state;
            out.consumed += step.consumed;
            out.payload += step.payload;
        } while (out.state == ChunkDecoder::State::kPayload);
    }
    return out;
}

}  // namespace

TEST_CASE("chunks: the payload is the same however the bytes come in") {
    const std::string wire = "5\r\nhello\r\n1;name=value\r\n,\r\nA\r\n 123456789\r\n0\r\n\r\nGET /";
    for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
        CAPTURE(piece);
        const Decoded out = decode(wire, piece);
        CHECK(out.state == ChunkDecoder::State::kDone);
        CHECK(out.payload == "hello, 123456789");
        CHECK(wire.substr(out.consumed) == "GET /");
    }
}

// A09, A11
TEST_CASE("chunks: sizes, line ends and trailers that are not strict are refused") {
    for (const char* wire : {"-1\r\n", "0x5\r\nhello\r\n", "5 \r\nhello", "00000000000000005\r\nhello\r\n", "7FFFFFFFFFFFFFFF\r\n",
                             "\r\n", "5\nhello\r\n", "5\r\nhelloX", "5\r\nhello\n", "g\r\n", "5;\x01\r\n", "+5\r\n",
                             "0\r\nAuthorization: Bearer x\r\n\r\n", "0\r\nContent-Length: 5\r\n\r\n", "0\r\n\n"}) {
        CAPTURE(wire);
        CHECK(decode(wire, 100).state == ChunkDecoder::State::kMalformed);
    }
}

// A10
TEST_CASE("chunks: what is not payload is bounded") {
    CHECK(decode("5;" + std::string(64, 'x') + "\r\nhello\r\n0\r\n\r\n", 1'000).state == ChunkDecoder::State::kDone);
    CHECK(decode("5;" + std::string(65, 'x') + "\r\nhello\r\n0\r\n\r\n", 1'000).state == ChunkDecoder::State::kMalformed);
    std::string tiny;
    for (int i = 0; i < 100'000; ++i) {
        tiny += "1\r\nx\r\n";
    }
    CHECK(decode(tiny + "0\r\n\r\n", 16'384).state == ChunkDecoder::State::kMalformed);
    std::string lines;
    for (int i = 0; i < 20'000; ++i) {
        lines += "40\r\n" + std::string(64, 'x') + "\r\n";
    }
    CHECK(decode(lines + "0\r\n\r\n", 16'384).state == ChunkDecoder::State::kDone);
}
