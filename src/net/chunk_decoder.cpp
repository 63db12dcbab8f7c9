#include "net/chunk_decoder.h"

#include <algorithm>

#include "base/limits.h"

namespace aiml042::net {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

}  // namespace

bool ChunkDecoder::take_size_byte(char c) {
    if (const int digit = hex_digit(c); digit >= 0) {
        remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
        return ++size_digits_ <= limits::kChunkSizeDigitsMax;
    }
    if (size_digits_ == 0) {
        return false;
    }
    if (c == ';') {
        extension_bytes_ = 0;
        place_ = Place::kExtension;
        return true;
    }
    place_ = Place::kSizeLineFeed;
    return c == '\r';
}

bool ChunkDecoder::take_byte(char c) {
    switch (place_) {
        case Place::kSize:
            return take_size_byte(c);
        case Place::kExtension:
            if (c == '\r') {
                place_ = Place::kSizeLineFeed;
                return true;
            }
            return (c == '\t' || (c >= 0x20 && c < 0x7F)) &&
                   ++extension_bytes_ <= limits::kChunkExtensionBytesMax;
        case Place::kSizeLineFeed:
            place_ = remaining_ == 0 ? Place::kEnd : Place::kData;
            return c == '\n';
        case Place::kDataReturn:
            place_ = Place::kDataLineFeed;
            return c == '\r';
        case Place::kDataLineFeed:
            place_ = Place::kSize;
            size_digits_ = 0;
            return c == '\n';
        case Place::kEnd:  // Anything but an empty line would be a trailer.
            place_ = Place::kEndLineFeed;
            return c == '\r';
        case Place::kEndLineFeed:
            place_ = Place::kDone;
            return c == '\n';
        case Place::kData:
        case Place::kDone:
            break;
    }
    return false;
}

ChunkDecoder::Step ChunkDecoder::step(std::string_view bytes) {
    std::size_t at = 0;
    while (true) {
        if (place_ == Place::kDone) {
            return {State::kDone, at, {}};
        }
        if (at == bytes.size()) {
            return {State::kMore, at, {}};
        }
        if (place_ == Place::kData) {
            const auto length =
                static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size() - at));
            remaining_ -= length;
            payload_bytes_ += length;
            if (remaining_ == 0) {
                place_ = Place::kDataReturn;
            }
            return {State::kPayload, at + length, bytes.substr(at, length)};
        }
        ++overhead_bytes_;
        if (!take_byte(bytes[at]) ||
            overhead_bytes_ > limits::kChunkOverheadBytesMax + payload_bytes_ / 8) {
            return {State::kMalformed, at, {}};
        }
        ++at;
    }
}

}  // namespace aiml042::net
