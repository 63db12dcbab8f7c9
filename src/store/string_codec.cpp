#include "store/string_codec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <numeric>
#include <optional>
#include <string_view>
#include <vector>

#include <zstd.h>

#include "base/limits.h"
#include "store/integer_codec.h"

namespace aiml042::store {

namespace {

using model::StringPool;

enum class PoolMode : std::uint8_t { kPlain = 0, kZstd = 1, kNumber = 2, kUuid = 3, kHex = 4 };

constexpr std::size_t kZstdBytesMin = 256;  // Shorter pools are not worth a frame.
constexpr std::size_t kPatternStringsMin = 4;
constexpr std::size_t kDigitsMax = 18;  // Of a number that fits an int64 whatever its digits are.

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// 0 to 15, or 16 for what is no digit of that case.
constexpr std::array<std::uint8_t, 256> make_hex_values(char ten) {
    std::array<std::uint8_t, 256> values{};
    values.fill(16);
    for (unsigned i = 0; i < 16; ++i) {
        values[i < 10 ? '0' + i : static_cast<unsigned>(ten) + i - 10] =
            static_cast<std::uint8_t>(i);
    }
    return values;
}

constexpr auto kValuesLower = make_hex_values('a');
constexpr auto kValuesUpper = make_hex_values('A');

std::size_t common_prefix(const StringPool& pool) {
    std::string_view prefix = pool.at(0);
    for (std::uint32_t i = 1; i < pool.size() && !prefix.empty(); ++i) {
        const std::string_view text = pool.at(i);
        const auto ends = std::mismatch(prefix.begin(), prefix.end(), text.begin(), text.end());
        prefix = prefix.substr(0, static_cast<std::size_t>(ends.first - prefix.begin()));
    }
    return prefix.size();
}

// Numbers behind the prefix. The prefix may end in digits that all strings share: they stay part of
// the prefix unless the lengths differ, when the number must begin behind the last non-digit to be
// read back.
struct Numbers {
    std::size_t prefix = 0;
    std::size_t digits = 0;  // 0: no leading zeros, any length.
    std::vector<std::int64_t> values;
};

std::optional<Numbers> as_numbers(const StringPool& pool, std::size_t prefix) {
    const std::string_view first = pool.at(0);
    bool same_length = true;
    for (std::uint32_t i = 1; i < pool.size() && same_length; ++i) {
        same_length = pool.at(i).size() == first.size();
    }
    if (!same_length) {
        while (prefix > 0 && is_digit(first[prefix - 1])) {
            --prefix;
        }
    }
    Numbers numbers{
        .prefix = prefix, .digits = same_length ? first.size() - prefix : 0, .values = {}};
    if (same_length && (numbers.digits == 0 || numbers.digits > kDigitsMax)) {
        return std::nullopt;
    }
    numbers.values.reserve(pool.size());
    for (std::uint32_t i = 0; i < pool.size(); ++i) {
        const std::string_view text = pool.at(i).substr(prefix);
        const bool leading_zero = text.size() > 1 && text[0] == '0';
        if (text.empty() || text.size() > kDigitsMax || (!same_length && leading_zero)) {
            return std::nullopt;
        }
        std::int64_t value = 0;
        for (const char c : text) {
            if (!is_digit(c)) {
                return std::nullopt;
            }
            value = value * 10 + (c - '0');
        }
        numbers.values.push_back(value);
    }
    return numbers;
}

constexpr std::string_view kUuidForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

// Packs the hexadecimal digits of `text`, skipping '-' where `form` has one. False when it does not
// fit the form.
bool pack_hex(std::string_view text, std::string_view form, bool upper, std::string& out) {
    const auto& values = upper ? kValuesUpper : kValuesLower;
    unsigned high = 16;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!form.empty() && form[i] == '-') {
            if (text[i] != '-') {
                return false;
            }
            continue;
        }
        const unsigned value = values[static_cast<std::uint8_t>(text[i])];
        if (value == 16) {
            return false;
        }
        if (high == 16) {
            high = value;
        } else {
            out.push_back(static_cast<char>(high << 4 | value));
            high = 16;
        }
    }
    return high == 16;
}

struct HexForm {
    std::size_t prefix = 0;
    std::size_t digits = 0;  // 0: UUIDs.
    bool upper = false;
    std::string packed;
};

// All strings of the form prefix + UUID, or prefix + the same even number of hexadecimal digits.
std::optional<HexForm> as_hex(const StringPool& pool, std::size_t prefix) {
    const std::string_view first = pool.at(0);
    for (std::uint32_t i = 1; i < pool.size(); ++i) {
        if (pool.at(i).size() != first.size()) {
            return std::nullopt;
        }
    }
    // Digits that all strings share by chance belong to the packed part when that makes a UUID or
    // an even length.
    HexForm form;
    const auto try_form = [&](std::size_t begin, std::string_view mask) {
        for (const bool upper : {false, true}) {
            form.packed.clear();
            bool fits = true;
            for (std::uint32_t i = 0; i < pool.size() && fits; ++i) {
                fits = pack_hex(pool.at(i).substr(begin), mask, upper, form.packed);
            }
            if (fits) {
                form.prefix = begin;
                form.digits = mask.empty() ? first.size() - begin : 0;
                form.upper = upper;
                return true;
            }
        }
        return false;
    };
    if (first.size() >= kUuidForm.size()) {
        const std::size_t begin = first.size() - kUuidForm.size();
        if (begin <= prefix && try_form(begin, kUuidForm) && !form.upper) {
            return form;
        }
    }
    std::size_t begin = prefix;
    if ((first.size() - begin) % 2 != 0) {
        if (begin == 0) {
            return std::nullopt;
        }
        --begin;
    }
    if (first.size() - begin >= 8 && try_form(begin, {})) {
        return form;
    }
    return std::nullopt;
}

void write_lengths(const StringPool& pool, std::string& out) {
    std::vector<std::int64_t> lengths(pool.size());
    for (std::uint32_t i = 0; i < pool.size(); ++i) {
        lengths[i] = static_cast<std::int64_t>(pool.at(i).size());
    }
    encode_integers(lengths, out);
}

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }

    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

void write_bytes(const StringPool& pool, int zstd_level, std::string& out) {
    const std::string_view bytes = pool.bytes();
    std::string packed;
    if (bytes.size() >= kZstdBytesMin) {
        const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
        packed.resize(ZSTD_compressBound(bytes.size()));
        const std::size_t size = ZSTD_compressCCtx(
            context.get(), packed.data(), packed.size(), bytes.data(), bytes.size(), zstd_level);
        packed.resize(ZSTD_isError(size) != 0U ? 0 : size);
    }
    ByteWriter writer(out);
    // Unless it saves an eighth it is not worth its time at every read.
    if (packed.empty() || packed.size() > bytes.size() - bytes.size() / 8) {
        writer.u8(static_cast<std::uint8_t>(PoolMode::kPlain));
        write_lengths(pool, out);
        writer.bytes(bytes);
        return;
    }
    writer.u8(static_cast<std::uint8_t>(PoolMode::kZstd));
    write_lengths(pool, out);
    writer.varint(bytes.size());
    writer.varint(packed.size());
    writer.bytes(packed);
}

void write_pool(const StringPool& pool, int zstd_level, std::string& out) {
    ByteWriter writer(out);
    writer.varint(pool.size());
    if (pool.size() >= kPatternStringsMin) {
        const std::size_t prefix = common_prefix(pool);
        if (const auto numbers = as_numbers(pool, prefix)) {
            writer.u8(static_cast<std::uint8_t>(PoolMode::kNumber));
            writer.string(pool.at(0).substr(0, numbers->prefix));
            writer.u8(static_cast<std::uint8_t>(numbers->digits));
            encode_integers(numbers->values, out);
            return;
        }
        if (const auto hex = as_hex(pool, prefix)) {
            writer.u8(
                static_cast<std::uint8_t>(hex->digits == 0 ? PoolMode::kUuid : PoolMode::kHex));
            writer.string(pool.at(0).substr(0, hex->prefix));
            if (hex->digits != 0) {
                writer.varint(hex->digits);
                writer.u8(hex->upper ? 1 : 0);
            }
            writer.bytes(hex->packed);
            return;
        }
    }
    write_bytes(pool, zstd_level, out);
}

bool read_plain(ByteReader& in, std::uint64_t count, bool compressed, StringPool& pool) {
    std::vector<std::int64_t> lengths(count);
    if (!decode_integers(in, lengths)) {
        return false;
    }
    std::uint64_t total = 0;
    for (const std::int64_t length : lengths) {
        if (length < 0 || static_cast<std::uint64_t>(length) > limits::kColumnBytesMax) {
            return false;
        }
        total += static_cast<std::uint64_t>(length);
    }
    std::string unpacked;
    ByteView bytes;
    if (compressed) {
        const std::uint64_t size = in.varint();
        const ByteView packed = in.bytes(in.varint());
        if (!in.ok() || size != total || size > limits::kColumnBytesMax ||
            ZSTD_getFrameContentSize(packed.data(), packed.size()) != size) {
            return false;
        }
        unpacked.resize(size);
        const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
        if (ZSTD_decompressDCtx(
                context.get(), unpacked.data(), size, packed.data(), packed.size()) != size) {
            return false;
        }
        bytes = unpacked;
    } else {
        bytes = in.bytes(total);
        if (!in.ok()) {
            return false;
        }
    }
    pool.reserve(count, total);
    std::size_t at = 0;
    for (const std::int64_t length : lengths) {
        pool.add(bytes.substr(at, static_cast<std::size_t>(length)));
        at += static_cast<std::size_t>(length);
    }
    return true;
}

bool read_numbers(ByteReader& in, std::uint64_t count, StringPool& pool) {
    std::string text(in.string());
    const std::size_t prefix = text.size();
    const std::size_t digits = in.u8();
    if (!in.ok() || digits > kDigitsMax || prefix > limits::kTextBytesMax ||
        (prefix + kDigitsMax) * count > limits::kColumnBytesMax) {
        return false;
    }
    pool.reserve(count, (prefix + (digits == 0 ? 8 : digits)) * count);
    text.resize(prefix + kDigitsMax + 2);
    IntegerReader reader(in, count);
    for (std::uint64_t at = 0; at < count;) {
        const auto part = reader.next();
        if (part.empty()) {
            return false;
        }
        for (const std::int64_t value : part) {
            if (value < 0) {
                return false;
            }
            char* begin = text.data() + prefix;
            if (digits == 0) {
                const auto end = std::to_chars(begin, text.data() + text.size(), value);
                pool.add(
                    std::string_view(text.data(), static_cast<std::size_t>(end.ptr - text.data())));
                continue;
            }
            auto rest = static_cast<std::uint64_t>(value);
            for (std::size_t i = digits; i > 0; --i, rest /= 10) {
                begin[i - 1] = static_cast<char>('0' + rest % 10);
            }
            pool.add(std::string_view(text.data(), prefix + digits));
        }
        at += part.size();
    }
    return in.ok();
}

// Two characters per byte value.
constexpr std::array<char, 512> make_hex_table(char ten) {
    std::array<char, 512> table{};
    for (unsigned v = 0; v < 256; ++v) {
        const unsigned high = v >> 4;
        const unsigned low = v & 15U;
        table[2 * v] =
            static_cast<char>(high < 10 ? '0' + high : static_cast<unsigned>(ten) + high - 10);
        table[2 * v + 1] =
            static_cast<char>(low < 10 ? '0' + low : static_cast<unsigned>(ten) + low - 10);
    }
    return table;
}

constexpr auto kHexLower = make_hex_table('a');
constexpr auto kHexUpper = make_hex_table('A');

bool read_hex(ByteReader& in, std::uint64_t count, bool uuid, StringPool& pool) {
    std::string text(in.string());
    const std::size_t prefix = text.size();
    const std::uint64_t digits = uuid ? 32 : in.varint();
    const auto& table = !uuid && in.u8() != 0 ? kHexUpper : kHexLower;
    const std::size_t each = uuid ? kUuidForm.size() : digits;
    if (!in.ok() || digits % 2 != 0 || digits > limits::kTextBytesMax ||
        prefix > limits::kTextBytesMax || (prefix + each) * count > limits::kColumnBytesMax) {
        return false;
    }
    const ByteView packed = in.bytes(count * digits / 2);
    if (!in.ok()) {
        return false;
    }
    if (uuid) {
        text.append(kUuidForm);
    } else {
        text.append(digits, 'x');
    }
    pool.reserve(count, text.size() * count);
    const char* from = packed.data();
    for (std::uint64_t i = 0; i < count; ++i) {
        for (std::size_t at = prefix; at < text.size(); at += 2) {
            at += uuid && text[at] == '-' ? 1U : 0U;
            std::memcpy(text.data() + at, table.data() + 2 * static_cast<std::uint8_t>(*from++), 2);
        }
        pool.add(text);
    }
    return true;
}

bool read_pool(ByteReader& in, std::uint64_t count, StringPool& pool) {
    if (count > 0 && in.remaining() == 0) {
        return false;
    }
    switch (static_cast<PoolMode>(in.u8())) {
        case PoolMode::kPlain:
            return read_plain(in, count, false, pool);
        case PoolMode::kZstd:
            return read_plain(in, count, true, pool);
        case PoolMode::kNumber:
            return read_numbers(in, count, pool);
        case PoolMode::kUuid:
            return read_hex(in, count, true, pool);
        case PoolMode::kHex:
            return read_hex(in, count, false, pool);
    }
    return false;
}

}  // namespace

void encode_strings(const model::ColumnVector& column, int zstd_level, std::string& out) {
    ByteWriter writer(out);
    const auto& codes = column.codes;
    bool identity = codes.size() == column.strings.size();
    for (std::size_t i = 0; i < codes.size() && identity; ++i) {
        identity = codes[i] == i;
    }
    writer.u8(identity ? 0 : 1);
    if (!identity) {
        std::vector<std::int64_t> rows(codes.size());
        for (std::size_t i = 0; i < codes.size(); ++i) {
            rows[i] = codes[i] == model::kNullCode ? -1 : static_cast<std::int64_t>(codes[i]);
        }
        encode_integers(rows, out);
    }
    write_pool(column.strings, zstd_level, out);
}

bool decode_strings(ByteReader& in, std::size_t rows, model::ColumnVector& column) {
    const std::uint8_t mode = in.u8();
    if (!in.ok() || mode > 1) {
        return false;
    }
    column.codes.resize(rows);
    std::uint32_t code_max = 0;  // One more than the largest.
    if (mode == 0) {
        std::iota(column.codes.begin(), column.codes.end(), 0U);
        code_max = static_cast<std::uint32_t>(rows);
    } else {
        IntegerReader reader(in, rows);
        for (std::size_t at = 0; at < rows;) {
            const auto part = reader.next();
            if (part.empty()) {
                return false;
            }
            std::uint64_t high = 0;
            for (std::size_t i = 0; i < part.size(); ++i) {
                high = std::max(high, static_cast<std::uint64_t>(part[i]) + 1);
                column.codes[at + i] = static_cast<std::uint32_t>(part[i]);
            }
            if (high > limits::kColumnRowsMax) {
                return false;
            }
            code_max = std::max(code_max, static_cast<std::uint32_t>(high));
            at += part.size();
        }
    }
    const std::uint64_t count = in.varint();
    if (!in.ok() || count > limits::kColumnRowsMax || code_max > count) {
        return false;
    }
    return read_pool(in, count, column.strings) && in.ok();
}

}  // namespace aiml042::store
