// Bytes in and out of memory: varints, little-endian numbers, strings with a length. Used by log
// records, blocks and stored states; every format that uses it is described where it is written.

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace aiml042 {

/// Borrowed bytes. Parameters only; the owner must outlive the call.
using ByteView = std::string_view;

static_assert(std::endian::native == std::endian::little, "formats are little-endian");

/// Appends to a string it does not own.
class ByteWriter {
  public:
    explicit ByteWriter(std::string& out) : out_(&out) {}

    void u8(std::uint8_t v) { out_->push_back(static_cast<char>(v)); }

    template <typename T>
    void fixed(T v) {
        char raw[sizeof(T)];
        std::memcpy(raw, &v, sizeof(T));
        out_->append(raw, sizeof(T));
    }

    /// LEB128, 1 to 10 bytes.
    void varint(std::uint64_t v) {
        char raw[10];
        std::size_t n = 0;
        while (v >= 0x80) {
            raw[n++] = static_cast<char>(v | 0x80);
            v >>= 7;
        }
        raw[n++] = static_cast<char>(v);
        out_->append(raw, n);
    }

    /// Signed numbers near zero stay short.
    void zigzag(std::int64_t v) {
        varint((static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63));
    }

    void string(std::string_view v) {
        varint(v.size());
        out_->append(v);
    }

    void bytes(ByteView v) { out_->append(v); }

    [[nodiscard]] std::size_t size() const { return out_->size(); }

  private:
    std::string* out_;
};

/// Reads what ByteWriter wrote. A read past the end or a bad varint makes `ok()` false for good and
/// yields zeros.
class ByteReader {
  public:
    explicit ByteReader(ByteView in) : at_(in.data()), end_(in.data() + in.size()) {}

    std::uint8_t u8() { return fixed<std::uint8_t>(); }

    template <typename T>
    T fixed() {
        T v{};
        if (remaining() < sizeof(T)) {
            fail();
            return v;
        }
        std::memcpy(&v, at_, sizeof(T));
        at_ += sizeof(T);
        return v;
    }

    std::uint64_t varint() {
        std::uint64_t v = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at_ == end_) {
                break;
            }
            const auto byte = static_cast<std::uint8_t>(*at_++);
            v |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80) {
                return v;
            }
        }
        fail();
        return 0;
    }

    std::int64_t zigzag() {
        const std::uint64_t v = varint();
        return static_cast<std::int64_t>((v >> 1) ^ (~(v & 1) + 1));
    }

    std::string_view string() { return bytes(varint()); }

    ByteView bytes(std::uint64_t n) {
        if (remaining() < n) {
            fail();
            return {};
        }
        const ByteView v(at_, n);
        at_ += n;
        return v;
    }

    [[nodiscard]] std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }

    [[nodiscard]] bool done() const { return at_ == end_; }

    [[nodiscard]] bool ok() const { return ok_; }

    [[nodiscard]] const char* position() const { return at_; }

  private:
    void fail() {
        ok_ = false;
        at_ = end_;
    }

    const char* at_;
    const char* end_;
    bool ok_ = true;
};

}  // namespace aiml042
