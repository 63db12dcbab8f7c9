// Writes one row of a batch member by member, in whatever order they come, into a buffer that is
// large enough by construction: no check and no allocation per member. The layout is
// docs/formats/batch.md.

#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/check.h"
#include "base/hash.h"
#include "base/time.h"
#include "codec/batch_format.h"
#include "codec/compact_number.h"

namespace aiml042::codec {

class RowWriter {
  public:
    /// Begins a row made of an item of `json_bytes` bytes of JSON. No member is more than three
    /// times as long as the JSON it came from; the remainder repeats what is in the JSON once.
    void begin(std::size_t json_bytes) {
        const std::size_t wanted = 4 * json_bytes + 1024;
        if (capacity_ < wanted) {
            capacity_ = wanted + wanted / 2;
            bytes_ = std::make_unique_for_overwrite<char[]>(capacity_);
        }
        at_ = bytes_.get() + kRowLengthBytes + kRowHeadBytes;
        columns_ = 0;
    }

    template <typename Tag>
    void text(Tag tag, std::string_view value) {
        *at_++ = static_cast<char>(tag);
        put_text(value);
    }

    template <typename Tag>
    void number(Tag tag, const JsonNumber& value) {
        *at_++ = static_cast<char>(tag);
        at_ = put_number(at_, value);
    }

    template <typename Tag>
    void index(Tag tag, std::uint32_t value) {
        *at_++ = static_cast<char>(tag);
        put_varint(value);
    }

    template <typename Tag>
    void flag(Tag tag) {
        *at_++ = static_cast<char>(tag);
    }

    void column_number(std::uint32_t column, const JsonNumber& value) {
        put_column(column);
        at_ = put_number(at_, value);
    }

    void column_text(std::uint32_t column, std::string_view value) {
        put_column(column);
        put_text(value);
    }

    void column_bool(std::uint32_t column, bool value) {
        put_column(column);
        *at_++ = value ? 1 : 0;
    }

    [[nodiscard]] std::uint32_t columns() const { return columns_; }

    /// Completes the row; the view lives until begin().
    [[nodiscard]] std::string_view finish(Hash128 identity, Timestamp time) {
        const auto size = static_cast<std::size_t>(at_ - bytes_.get());
        AIML_CHECK(size <= capacity_);
        const auto length = static_cast<std::uint32_t>(size - kRowLengthBytes);
        const auto columns = static_cast<std::uint16_t>(columns_);
        char* out = bytes_.get();
        const auto put = [&out](const auto& value) {
            std::memcpy(out, &value, sizeof(value));
            out += sizeof(value);
        };
        put(length);
        put(identity.high);
        put(identity.low);
        put(time);
        put(columns);
        return {bytes_.get(), size};
    }

  private:
    void put_varint(std::uint32_t v) {
        for (; v >= 0x80; v >>= 7) {
            *at_++ = static_cast<char>(v | 0x80);
        }
        *at_++ = static_cast<char>(v);
    }

    void put_text(std::string_view value) {
        put_varint(static_cast<std::uint32_t>(value.size()));
        std::memcpy(at_, value.data(), value.size());
        at_ += value.size();
    }

    void put_column(std::uint32_t column) {
        put_varint(kFirstColumnTag + column);
        ++columns_;
    }

    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    char* at_ = nullptr;
    std::uint32_t columns_ = 0;
};

}  // namespace aiml042::codec
