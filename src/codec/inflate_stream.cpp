#include "codec/inflate_stream.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>

#include <zlib.h>
#include <zstd.h>

#include "codec/inflate.h"

namespace aiml042::codec {

namespace {

constexpr int kGzipWindow = 15 + 16;  // The largest window, with a gzip header.
constexpr int kZstdWindowLogMax = 27;
constexpr std::string_view kGzipMagic("\x1F\x8B");
constexpr std::string_view kZstdMagic("\x28\xB5\x2F\xFD");
constexpr std::string_view kZstdSkippableMagic("\x2A\x4D\x18");  // Behind a byte 0x50 to 0x5F.

/// Whether a zstd file begins here: with a frame, or with one to be skipped (pzstd writes these).
bool begins_zstd(ByteView in) {
    return in.starts_with(kZstdMagic) ||
           (!in.empty() && (static_cast<unsigned char>(in.front()) & 0xF0U) == 0x50U &&
            in.substr(1).starts_with(kZstdSkippableMagic));
}

Status damaged() {
    return {ErrorCode::kMalformedBody, "the compressed bytes are damaged"};
}

}  // namespace

struct InflateStream::State {
    bool begun = false;
    bool between = true;  // No member or frame is open.
    Encoding encoding = Encoding::kIdentity;
    z_stream gzip{};
    std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> zstd{nullptr, ZSTD_freeDCtx};

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    ~State() {
        if (encoding == Encoding::kGzip) {
            inflateEnd(&gzip);
        }
    }

    Status begin(ByteView in);
    Result<std::size_t> read_gzip(ByteView& in, char* out, std::size_t room);
    Result<std::size_t> read_zstd(ByteView& in, char* out, std::size_t room);
};

Status InflateStream::State::begin(ByteView in) {
    begun = true;
    if (in.starts_with(kGzipMagic)) {
        if (inflateInit2(&gzip, kGzipWindow) != Z_OK) {
            return {ErrorCode::kOverloaded, "no memory to inflate"};
        }
        encoding = Encoding::kGzip;
    } else if (begins_zstd(in)) {
        zstd.reset(ZSTD_createDCtx());
        if (!zstd) {
            return {ErrorCode::kOverloaded, "no memory to inflate"};
        }
        ZSTD_DCtx_setParameter(zstd.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
        encoding = Encoding::kZstd;
    }
    return {};
}

Result<std::size_t> InflateStream::State::read_gzip(ByteView& in, char* out, std::size_t room) {
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    if (between && !in.empty()) {
        between = false;
        inflateReset(&gzip);
    }
    const std::size_t given = std::min(in.size(), kMost);
    const std::size_t wanted = std::min(room, kMost);
    gzip.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    gzip.avail_in = static_cast<uInt>(given);
    gzip.next_out = reinterpret_cast<Bytef*>(out);
    gzip.avail_out = static_cast<uInt>(wanted);
    const int result = ::inflate(&gzip, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        return damaged();
    }
    between = result == Z_STREAM_END;
    in.remove_prefix(given - gzip.avail_in);
    return wanted - gzip.avail_out;
}

Result<std::size_t> InflateStream::State::read_zstd(ByteView& in, char* out, std::size_t room) {
    ZSTD_inBuffer source{in.data(), in.size(), 0};
    ZSTD_outBuffer target{out, room, 0};
    if (!in.empty() || !between) {
        const std::size_t result = ZSTD_decompressStream(zstd.get(), &target, &source);
        if (ZSTD_isError(result) != 0) {
            return damaged();
        }
        between = result == 0;
    }
    in.remove_prefix(source.pos);
    return target.pos;
}

InflateStream::InflateStream() : state_(std::make_unique<State>()) {}

InflateStream::~InflateStream() = default;

Result<std::size_t> InflateStream::inflate(ByteView& in, char* out, std::size_t room) {
    if (!state_->begun && !in.empty()) {
        AIML_TRY(state_->begin(in));
    }
    switch (state_->encoding) {
        case Encoding::kGzip:
            return state_->read_gzip(in, out, room);
        case Encoding::kZstd:
            return state_->read_zstd(in, out, room);
        case Encoding::kIdentity:
            break;
    }
    const std::size_t size = std::min(in.size(), room);
    std::memcpy(out, in.data(), size);
    in.remove_prefix(size);
    return size;
}

Status InflateStream::finish() const {
    return state_->between ? Status()
                           : Status(ErrorCode::kMalformedBody, "the compressed bytes are cut off");
}

}  // namespace aiml042::codec
