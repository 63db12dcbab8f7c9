#include "store/integer_codec.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/bit_pack.h"
#include "base/scratch.h"

namespace aiml042::store {

namespace {

constexpr std::uint8_t kConstant = 0;
constexpr std::uint8_t kFrame = 1;
constexpr std::uint8_t kDifference = 2;

std::uint64_t word(std::int64_t v) {
    return static_cast<std::uint64_t>(v);
}

std::int64_t number(std::uint64_t v) {
    return static_cast<std::int64_t>(v);
}

std::uint64_t magnitude(std::int64_t v) {
    return v < 0 ? 0 - word(v) : word(v);
}

// Greatest common divisor of the distances from the first value; 1 when a distance does not fit.
std::uint64_t common_scale(std::span<const std::int64_t> values) {
    std::uint64_t scale = 0;
    for (const std::int64_t v : values) {
        std::int64_t distance = 0;
        if (__builtin_sub_overflow(v, values[0], &distance)) {
            return 1;
        }
        const std::uint64_t d = magnitude(distance);
        if (scale == 0 || d % scale != 0) {
            scale = std::gcd(scale, d);
            if (scale == 1) {
                return 1;
            }
        }
    }
    return std::max<std::uint64_t>(scale, 1);
}

struct Group {
    std::int64_t base = 0;
    unsigned width = 0;
};

Group measure(std::span<const std::int64_t> values) {
    std::int64_t low = values[0];
    std::int64_t high = values[0];
    for (const std::int64_t v : values) {
        low = std::min(low, v);
        high = std::max(high, v);
    }
    return {low, packed_width(word(high) - word(low))};
}

// Bits of a few groups spread over the values, to choose a mode by.
std::size_t sampled_bits(std::span<const std::int64_t> values) {
    constexpr std::size_t kSamples = 4;
    const std::size_t step = std::max(kIntegerGroup, values.size() / kSamples);
    std::size_t bits = 0;
    for (std::size_t at = 0; at < values.size(); at += step) {
        const auto part = values.subspan(at, std::min(kIntegerGroup, values.size() - at));
        bits += part.size() * measure(part).width;
    }
    return bits;
}

void write_groups(std::span<const std::int64_t> values, std::string& out) {
    ByteWriter writer(out);
    Scratch<std::uint64_t, kIntegerGroup> bits;
    for (std::size_t at = 0; at < values.size(); at += kIntegerGroup) {
        const auto part = values.subspan(at, std::min(kIntegerGroup, values.size() - at));
        const Group group = measure(part);
        for (std::size_t i = 0; i < part.size(); ++i) {
            bits[i] = word(part[i]) - word(group.base);
        }
        writer.zigzag(group.base);
        writer.u8(static_cast<std::uint8_t>(group.width));
        pack_bits(std::span(bits).first(part.size()), group.width, out);
    }
}

}  // namespace

void encode_integers(std::span<const std::int64_t> values, std::string& out) {
    ByteWriter writer(out);
    const bool constant =
        std::all_of(values.begin(), values.end(), [&](std::int64_t v) { return v == values[0]; });
    if (constant) {
        writer.u8(kConstant);
        writer.zigzag(values.empty() ? 0 : values[0]);
        return;
    }
    const std::uint64_t scale = common_scale(values);
    const auto divisor = number(scale);
    std::vector<std::int64_t> frame(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        frame[i] = number(word(values[i]) - word(values[0]));
    }
    if (divisor != 1) {
        for (std::int64_t& v : frame) {
            v /= divisor;
        }
    }
    std::vector<std::int64_t> differences(values.size());
    for (std::size_t i = 1; i < values.size(); ++i) {
        differences[i] = number(word(frame[i]) - word(frame[i - 1]));
    }
    // The first difference is free: made equal to the second it does not widen its group.
    differences[0] = differences[1];
    const bool by_difference = sampled_bits(differences) < sampled_bits(frame);
    writer.u8(by_difference ? kDifference : kFrame);
    writer.zigzag(by_difference ? number(word(values[0]) - scale * word(differences[0]))
                                : values[0]);
    writer.varint(scale);
    write_groups(by_difference ? differences : frame, out);
}

IntegerReader::IntegerReader(ByteReader& in, std::size_t count) : in_(&in), left_(count) {
    const std::uint8_t mode = in.u8();
    origin_ = word(in.zigzag());
    if (mode > kDifference) {
        ok_ = false;
        return;
    }
    mode_ = static_cast<Mode>(mode);
    if (mode_ == Mode::kConstant) {
        values_.fill(number(origin_));
    } else {
        scale_ = in.varint();
    }
    ok_ = in.ok();
}

std::span<const std::int64_t> IntegerReader::next() {
    const std::size_t count = std::min(left_, kIntegerGroup);
    if (!ok_ || count == 0) {
        return {};
    }
    if (mode_ != Mode::kConstant) {
        fill(count);
        if (!ok_) {
            return {};
        }
    }
    left_ -= count;
    return std::span(values_).first(count);
}

void IntegerReader::fill(std::size_t count) {
    const std::uint64_t base = word(in_->zigzag());
    const unsigned width = in_->u8();
    if (!is_packed_width(width)) {
        ok_ = false;
        return;
    }
    const ByteView packed = in_->bytes(packed_bytes(count, width));
    if (!in_->ok()) {
        ok_ = false;
        return;
    }
    unpack_bits(packed.data(), width, std::span(bits_).first(count));
    if (mode_ == Mode::kFrame) {
        const std::uint64_t start = origin_ + base * scale_;
        if (scale_ == 1) {
            for (std::size_t i = 0; i < count; ++i) {
                values_[i] = number(start + bits_[i]);
            }
        } else {
            for (std::size_t i = 0; i < count; ++i) {
                values_[i] = number(start + bits_[i] * scale_);
            }
        }
        return;
    }
    std::uint64_t sum = sum_;
    for (std::size_t i = 0; i < count; ++i) {
        sum += base + bits_[i];
        values_[i] = number(origin_ + sum * scale_);
    }
    sum_ = sum;
}

bool decode_integers(ByteReader& in, std::span<std::int64_t> out) {
    IntegerReader reader(in, out.size());
    std::size_t at = 0;
    while (at < out.size()) {
        const auto part = reader.next();
        if (part.empty()) {
            return false;
        }
        std::copy(part.begin(), part.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
        at += part.size();
    }
    return reader.ok();
}

}  // namespace aiml042::store
