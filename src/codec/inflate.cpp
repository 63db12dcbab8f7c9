#include "codec/inflate.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include <zlib.h>
#include <zstd.h>

#include "base/check.h"
#include "codec/item_parser.h"

namespace aiml042::codec {

namespace {

constexpr std::size_t kFirstBytes = 16 * 1024;

/// A frame may ask for a window of at most 8 MiB (RFC 8878 names it as what every decoder should
/// support).
constexpr int kZstdWindowLogMax = 23;

constexpr int kGzipWindow = 15 + 16;  // The largest window, with a gzip header.

Status damaged(const char* what) {
    return {ErrorCode::kMalformedBody, what};
}

Status too_large(std::size_t bytes_max) {
    return {ErrorCode::kTooLarge,
            "the body is larger than " + std::to_string(bytes_max) + " bytes after inflation"};
}

/// Size to grow to from `size` bytes that are full; one byte above the limit is room enough to
/// notice too much.
std::size_t grown(std::size_t size, std::size_t bytes_in, std::size_t bytes_max) {
    return std::min(std::max({2 * size, 4 * bytes_in, kFirstBytes}), bytes_max + 1);
}

Status inflate_gzip(ByteView in, std::size_t bytes_max, std::string& out) {
    z_stream stream{};
    if (inflateInit2(&stream, kGzipWindow) != Z_OK) {
        return {ErrorCode::kOverloaded, "no memory to inflate the body"};
    }
    const std::unique_ptr<z_stream, int (*)(z_streamp)> guard(&stream, inflateEnd);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream.avail_in = static_cast<uInt>(in.size());
    std::size_t filled = 0;
    for (;;) {
        if (filled == out.size()) {
            out.resize(grown(filled, in.size(), bytes_max));
        }
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
        stream.avail_out = static_cast<uInt>(out.size() - filled);
        const int result = ::inflate(&stream, Z_NO_FLUSH);
        filled = out.size() - stream.avail_out;
        if (filled > bytes_max) {
            return too_large(bytes_max);
        }
        if (result == Z_STREAM_END) {
            break;
        }
        if (result != Z_OK || (stream.avail_in == 0 && stream.avail_out != 0)) {
            return damaged(result == Z_OK || result == Z_BUF_ERROR ? "the gzip body is cut off"
                                                                   : "the gzip body is damaged");
        }
    }
    out.resize(filled);
    return stream.avail_in == 0 ? Status() : damaged("something follows the gzip body");
}

Status inflate_zstd(ByteView in, std::size_t bytes_max, std::string& out) {
    const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                          ZSTD_freeDCtx);
    if (!context) {
        return {ErrorCode::kOverloaded, "no memory to inflate the body"};
    }
    constexpr std::string_view kMagic("\x28\xB5\x2F\xFD",
                                      4);  // A frame to be skipped has another one.
    if (!in.starts_with(kMagic)) {
        return damaged("the body is not a zstd frame");
    }
    ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
    const unsigned long long declared = ZSTD_getFrameContentSize(in.data(), in.size());
    if (declared != ZSTD_CONTENTSIZE_UNKNOWN && declared != ZSTD_CONTENTSIZE_ERROR &&
        declared > bytes_max) {
        return too_large(bytes_max);
    }
    ZSTD_inBuffer source{in.data(), in.size(), 0};
    std::size_t filled = 0;
    for (;;) {
        if (filled == out.size()) {
            out.resize(grown(filled, in.size(), bytes_max));
        }
        ZSTD_outBuffer target{out.data(), out.size(), filled};
        const std::size_t result = ZSTD_decompressStream(context.get(), &target, &source);
        filled = target.pos;
        if (filled > bytes_max) {
            return too_large(bytes_max);
        }
        if (ZSTD_isError(result) != 0) {
            return damaged("the zstd body is damaged, or asks for a window above 8 MiB");
        }
        if (result == 0) {
            break;
        }
        if (source.pos == source.size && target.pos < target.size) {
            return damaged("the zstd body is cut off");
        }
    }
    out.resize(filled);
    return source.pos == source.size ? Status() : damaged("something follows the zstd body");
}

std::string deflate_gzip(ByteView in, int level) {
    z_stream stream{};
    constexpr int kMemoryLevel = 8;
    AIML_CHECK(
        deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) ==
        Z_OK);
    const std::unique_ptr<z_stream, int (*)(z_streamp)> guard(&stream, deflateEnd);
    std::string out(deflateBound(&stream, in.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    AIML_CHECK(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    return out;
}

std::string deflate_zstd(ByteView in, int level) {
    std::string out(ZSTD_compressBound(in.size()), '\0');
    const std::size_t size = ZSTD_compress(out.data(), out.size(), in.data(), in.size(), level);
    AIML_CHECK(ZSTD_isError(size) == 0);
    out.resize(size);
    return out;
}

}  // namespace

Status inflate(ByteView in, Encoding encoding, std::size_t bytes_max, std::string& out) {
    out.clear();
    Status status;
    switch (encoding) {
        case Encoding::kIdentity:
            if (in.size() > bytes_max) {
                return too_large(bytes_max);
            }
            out.assign(in);
            break;
        case Encoding::kGzip:
            status = inflate_gzip(in, bytes_max, out);
            break;
        case Encoding::kZstd:
            status = inflate_zstd(in, bytes_max, out);
            break;
    }
    if (!status.is_ok()) {
        out.clear();
        return status;
    }
    out.append(ItemParser::kPadding, ' ');
    out.resize(out.size() - ItemParser::kPadding);
    return {};
}

std::string deflate(ByteView in, Encoding encoding, int level) {
    switch (encoding) {
        case Encoding::kGzip:
            return deflate_gzip(in, level);
        case Encoding::kZstd:
            return deflate_zstd(in, level);
        default:
            return std::string(in);
    }
}

}  // namespace aiml042::codec
