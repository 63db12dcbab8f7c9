#include "codec/inflate.h"

#include <string>

#include <catch2/catch.hpp>
#include <zstd.h>

#include "codec/item_parser.h"

namespace aiml042::codec {

namespace {

constexpr std::size_t kLimit = 8 * 1024 * 1024;

std::string text_of(std::size_t bytes) {
    std::string text;
    for (std::size_t i = 0; text.size() < bytes; ++i) {
        text += "line " + std::to_string(i * i % 1'009) + "\n";
    }
    text.resize(bytes);
    return text;
}

ErrorCode code(const std::string& bytes, Encoding encoding, std::size_t limit = kLimit) {
    std::string out = "before";
    const Status status = inflate(bytes, encoding, limit, out);
    if (!status.is_ok()) {
        CHECK(out.empty());
    }
    return status.code();
}

}  // namespace

TEST_CASE("inflate: what deflate made comes back, with padding behind it") {
    for (const std::size_t size : {0U, 1U, 100U, 16'384U, 1'000'000U}) {
        const std::string text = text_of(size);
        for (const auto& [encoding, level] : {std::pair{Encoding::kGzip, 1},
                                              std::pair{Encoding::kGzip, 9},
                                              std::pair{Encoding::kZstd, 1},
                                              std::pair{Encoding::kZstd, 19},
                                              std::pair{Encoding::kIdentity, 0}}) {
            CAPTURE(size, static_cast<int>(encoding), level);
            std::string out;
            const Status status = inflate(deflate(text, encoding, level), encoding, kLimit, out);
            INFO(status.to_string());
            CHECK(status.is_ok());
            CHECK(out == text);
            CHECK(out.capacity() >= out.size() + ItemParser::kPadding);
        }
    }
}

TEST_CASE("inflate: the limit is on what comes out, to the byte") {
    const std::string text = text_of(100'000);
    for (const Encoding encoding : {Encoding::kIdentity, Encoding::kGzip, Encoding::kZstd}) {
        CAPTURE(static_cast<int>(encoding));
        const std::string small = deflate(text, encoding, 3);
        CHECK(code(small, encoding, text.size()) == ErrorCode::kOk);
        CHECK(code(small, encoding, text.size() - 1) == ErrorCode::kTooLarge);
        CHECK(code(small, encoding, 0) == ErrorCode::kTooLarge);
    }
    // A bomb stops at the limit, whether its frame says its size or not.
    const std::string zeros(200'000'000, '\0');
    CHECK(code(deflate(zeros, Encoding::kGzip, 9), Encoding::kGzip) == ErrorCode::kTooLarge);
    CHECK(code(deflate(zeros, Encoding::kZstd, 3), Encoding::kZstd) == ErrorCode::kTooLarge);
}

TEST_CASE("inflate: cut, damaged or followed by anything") {
    const std::string text = text_of(50'000);
    for (const Encoding encoding : {Encoding::kGzip, Encoding::kZstd}) {
        CAPTURE(static_cast<int>(encoding));
        const std::string small = deflate(text, encoding, 3);
        for (const std::size_t size :
             {std::size_t{0}, std::size_t{1}, std::size_t{5}, small.size() / 2, small.size() - 1}) {
            CAPTURE(size);
            CHECK(code(small.substr(0, size), encoding) == ErrorCode::kMalformedBody);
        }
        CHECK(code(small + "x", encoding) == ErrorCode::kMalformedBody);
        CHECK(code(small + '\0', encoding) == ErrorCode::kMalformedBody);
        CHECK(code(small + small, encoding) == ErrorCode::kMalformedBody);
        CHECK(code(text, encoding) == ErrorCode::kMalformedBody);
    }
    // gzip checks what comes out; every bit behind its header is covered.
    const std::string small = deflate(text, Encoding::kGzip, 6);
    for (std::size_t at = 10; at < small.size(); at += 97) {
        std::string damaged = small;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
        CAPTURE(at);
        CHECK(code(damaged, Encoding::kGzip) == ErrorCode::kMalformedBody);
    }
}

TEST_CASE(
    "inflate: zstd frames that hide their size, ask for a large window, or are to be skipped") {
    const std::string text = text_of(9'000'000);
    const auto compress = [&](int window_log, bool with_size) {
        ZSTD_CCtx* const context = ZSTD_createCCtx();
        ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, with_size ? 1 : 0);
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
        std::string out(ZSTD_compressBound(text.size()), '\0');
        ZSTD_inBuffer in{text.data(), text.size(), 0};
        ZSTD_outBuffer target{out.data(), out.size(), 0};
        while (ZSTD_compressStream2(context, &target, &in, ZSTD_e_end) != 0) {
        }
        out.resize(target.pos);
        ZSTD_freeCCtx(context);
        return out;
    };
    constexpr std::size_t kLarge = 32 * 1024 * 1024;
    CHECK(code(compress(20, false), Encoding::kZstd, kLarge) == ErrorCode::kOk);
    CHECK(code(compress(23, false), Encoding::kZstd, kLarge) == ErrorCode::kOk);
    CHECK(code(compress(20, false), Encoding::kZstd) == ErrorCode::kTooLarge);
    CHECK(code(compress(27, false), Encoding::kZstd, kLarge) == ErrorCode::kMalformedBody);
    std::string damaged = compress(20, true);
    damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
    CHECK(code(damaged, Encoding::kZstd, kLarge) == ErrorCode::kMalformedBody);
    CHECK(code(std::string("\x50\x2A\x4D\x18\x04\x00\x00\x00"
                           "abcd",
                           12),
               Encoding::kZstd) == ErrorCode::kMalformedBody);
}

}  // namespace aiml042::codec
