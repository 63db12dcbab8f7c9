#include "store/number_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/scratch.h"
#include "model/row.h"
#include "store/integer_codec.h"

namespace aiml042::store {

namespace {

enum class Kind : std::uint8_t {
    kConstant = 0,
    kDecimal = 1,
    kDictionary = 2,
    kSingle = 3,
    kRaw = 4
};

constexpr std::size_t kSample = 512;
constexpr unsigned kExponentMax = 15;
constexpr std::size_t kDictionaryMax = 4'096;
constexpr double kIntegerLimit = 2'251'799'813'685'248.0;  // 2^51, see to_double().

constexpr std::array<double, kExponentMax + 1> kPowers = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

std::uint64_t bits_of(double v) {
    return std::bit_cast<std::uint64_t>(std::isnan(v) ? model::kMissing : v);
}

// The integer i with i / power == v bit for bit.
bool to_decimal(double v, double power, std::int64_t& i) {
    const double scaled = v * power;
    if (!(std::fabs(scaled) < kIntegerLimit)) {
        return false;
    }
    i = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
    return std::bit_cast<std::uint64_t>(static_cast<double>(i) / power) ==
           std::bit_cast<std::uint64_t>(v);
}

std::vector<double> take_sample(std::span<const double> values) {
    std::vector<double> sample;
    const std::size_t step = std::max<std::size_t>(1, values.size() / kSample);
    for (std::size_t i = 0; i < values.size(); i += step) {
        if (!std::isnan(values[i])) {
            sample.push_back(values[i]);
        }
    }
    return sample;
}

// Smallest exponent that makes integers of at least nine tenths of the sample.
std::optional<unsigned> best_exponent(std::span<const double> sample) {
    for (unsigned e = 0; e <= kExponentMax; ++e) {
        std::size_t misses = 0;
        const std::size_t misses_max = sample.size() / 10;
        for (const double v : sample) {
            std::int64_t i = 0;
            misses += to_decimal(v, kPowers[e], i) ? 0U : 1U;
            if (misses > misses_max) {
                break;
            }
        }
        if (misses <= misses_max) {
            return e;
        }
    }
    return std::nullopt;
}

void encode_decimal(std::span<const double> values, unsigned exponent, std::string& out) {
    std::vector<std::int64_t> integers(values.size());
    std::vector<std::uint32_t> exceptions;
    std::vector<std::uint32_t> missing;
    std::int64_t last = 0;
    std::int64_t low = 0;
    bool first = true;
    for (std::size_t row = 0; row < values.size(); ++row) {
        std::int64_t i = 0;
        if (std::isnan(values[row])) {
            missing.push_back(static_cast<std::uint32_t>(row));
        } else if (to_decimal(values[row], kPowers[exponent], i)) {
            last = i;
            low = first ? i : std::min(low, i);
            first = false;
        } else {
            exceptions.push_back(static_cast<std::uint32_t>(row));
        }
        integers[row] = last;
    }
    for (const std::uint32_t row : missing) {
        integers[row] = low - 1;
    }
    ByteWriter writer(out);
    writer.u8(static_cast<std::uint8_t>(Kind::kDecimal));
    writer.u8(static_cast<std::uint8_t>(exponent));
    writer.u8(missing.empty() ? 0 : 1);
    writer.zigzag(low - 1);
    writer.varint(exceptions.size());
    std::uint32_t before = 0;
    for (const std::uint32_t row : exceptions) {
        writer.varint(row - before);
        writer.fixed(bits_of(values[row]));
        before = row;
    }
    encode_integers(integers, out);
}

// Exact below 2^51 in magnitude: added to the bits of 1.5 * 2^52, an integer lands in the low bits
// of the mantissa. Unlike the instruction that converts, this is done for several values at once on
// any x86-64.
double to_double(std::int64_t v) {
    constexpr double kMagic = 6'755'399'441'055'744.0;
    return std::bit_cast<double>(static_cast<std::uint64_t>(v) +
                                 std::bit_cast<std::uint64_t>(kMagic)) -
           kMagic;
}

void to_doubles(std::span<const std::int64_t> from, double power, double* to) {
    for (std::size_t i = 0; i < from.size(); ++i) {
        to[i] = to_double(from[i]) / power;
    }
}

void mark_missing(std::span<double> values, double missing) {
    for (double& v : values) {
        v = v == missing ? model::kMissing : v;
    }
}

bool decode_decimal(ByteReader& in, std::span<double> out) {
    const unsigned exponent = in.u8();
    const bool has_missing = in.u8() != 0;
    const std::int64_t mark = in.zigzag();
    const std::uint64_t exceptions = in.varint();
    if (!in.ok() || exponent > kExponentMax || exceptions > out.size()) {
        return false;
    }
    ByteReader patches = in;  // Applied at the end.
    for (std::uint64_t i = 0; i < exceptions; ++i) {
        in.varint();
        in.fixed<std::uint64_t>();
    }
    const double power = kPowers[exponent];
    const double missing = static_cast<double>(mark) / power;
    IntegerReader reader(in, out.size());
    for (std::size_t at = 0; at < out.size();) {
        const auto part = reader.next();
        if (part.empty()) {
            return false;
        }
        to_doubles(part, power, out.data() + at);
        if (has_missing) {
            mark_missing(out.subspan(at, part.size()), missing);
        }
        at += part.size();
    }
    std::uint64_t row = 0;
    for (std::uint64_t i = 0; i < exceptions; ++i) {
        row += patches.varint();
        const auto bits = patches.fixed<std::uint64_t>();
        if (row >= out.size()) {
            return false;
        }
        out[row] = std::bit_cast<double>(bits);
    }
    return in.ok();
}

// False, and nothing is written, when there are too many distinct values.
bool encode_dictionary(std::span<const double> values, std::string& out) {
    std::unordered_map<std::uint64_t, std::int64_t> codes;
    std::vector<std::uint64_t> distinct;
    std::vector<std::int64_t> rows(values.size());
    for (std::size_t row = 0; row < values.size(); ++row) {
        const auto [at, added] =
            codes.try_emplace(bits_of(values[row]), static_cast<std::int64_t>(distinct.size()));
        if (added) {
            if (distinct.size() == kDictionaryMax) {
                return false;
            }
            distinct.push_back(at->first);
        }
        rows[row] = at->second;
    }
    ByteWriter writer(out);
    writer.u8(static_cast<std::uint8_t>(Kind::kDictionary));
    writer.varint(distinct.size());
    for (const std::uint64_t bits : distinct) {
        writer.fixed(bits);
    }
    encode_integers(rows, out);
    return true;
}

bool decode_dictionary(ByteReader& in, std::span<double> out) {
    const std::uint64_t count = in.varint();
    if (!in.ok() || count == 0 || count > kDictionaryMax) {
        return false;
    }
    Scratch<double, kDictionaryMax> distinct;
    for (std::uint64_t i = 0; i < count; ++i) {
        distinct[i] = std::bit_cast<double>(in.fixed<std::uint64_t>());
    }
    IntegerReader reader(in, out.size());
    for (std::size_t at = 0; at < out.size();) {
        const auto part = reader.next();
        if (part.empty()) {
            return false;
        }
        for (std::size_t i = 0; i < part.size(); ++i) {
            const auto code = static_cast<std::uint64_t>(part[i]);
            if (code >= count) {
                return false;
            }
            out[at + i] = distinct[code];
        }
        at += part.size();
    }
    return in.ok();
}

bool all_single(std::span<const double> values) {
    return std::all_of(values.begin(), values.end(), [](double v) {
        return std::isnan(v) ||
               (std::fabs(v) <= 3e38 && static_cast<double>(static_cast<float>(v)) == v);
    });
}

void encode_plain(std::span<const double> values, std::string& out) {
    ByteWriter writer(out);
    if (all_single(values)) {
        writer.u8(static_cast<std::uint8_t>(Kind::kSingle));
        for (const double v : values) {
            writer.fixed(static_cast<float>(std::isnan(v) ? model::kMissing : v));
        }
        return;
    }
    writer.u8(static_cast<std::uint8_t>(Kind::kRaw));
    for (const double v : values) {
        writer.fixed(bits_of(v));
    }
}

// Whether a dictionary may be smaller than what the sample's numbers would take otherwise.
bool few_distinct(std::vector<double> sample) {
    std::sort(sample.begin(), sample.end());
    const auto distinct = std::unique(sample.begin(), sample.end()) - sample.begin();
    return static_cast<std::size_t>(distinct) * 2 <= sample.size();
}

}  // namespace

void encode_numbers(std::span<const double> values, std::string& out) {
    const bool constant = std::all_of(
        values.begin(), values.end(), [&](double v) { return bits_of(v) == bits_of(values[0]); });
    if (constant) {
        ByteWriter writer(out);
        writer.u8(static_cast<std::uint8_t>(Kind::kConstant));
        writer.fixed(values.empty() ? bits_of(model::kMissing) : bits_of(values[0]));
        return;
    }
    const std::vector<double> sample = take_sample(values);
    std::string best;
    const auto offer = [&](std::string candidate) {
        if (!candidate.empty() && (best.empty() || candidate.size() < best.size())) {
            best = std::move(candidate);
        }
    };
    if (const auto exponent = best_exponent(sample)) {
        std::string candidate;
        encode_decimal(values, *exponent, candidate);
        offer(std::move(candidate));
    }
    // A dictionary of a few values takes a byte or less per row.
    if ((best.empty() || best.size() > values.size()) && few_distinct(sample)) {
        std::string candidate;
        static_cast<void>(encode_dictionary(values, candidate));
        offer(std::move(candidate));
    }
    if (best.empty() || best.size() > values.size() * 4) {
        std::string candidate;
        encode_plain(values, candidate);
        offer(std::move(candidate));
    }
    out.append(best);
}

bool decode_numbers(ByteReader& in, std::span<double> out) {
    const std::uint8_t kind = in.u8();
    switch (static_cast<Kind>(kind)) {
        case Kind::kConstant:
            std::fill(out.begin(), out.end(), std::bit_cast<double>(in.fixed<std::uint64_t>()));
            return in.ok();
        case Kind::kDecimal:
            return decode_decimal(in, out);
        case Kind::kDictionary:
            return decode_dictionary(in, out);
        case Kind::kSingle: {
            const ByteView raw = in.bytes(out.size() * sizeof(float));
            if (!in.ok()) {
                return false;
            }
            for (std::size_t i = 0; i < out.size(); ++i) {
                float v = 0;
                std::memcpy(&v, raw.data() + i * sizeof(float), sizeof(float));
                out[i] = static_cast<double>(v);
            }
            return true;
        }
        case Kind::kRaw: {
            const ByteView raw = in.bytes(out.size() * sizeof(double));
            if (in.ok() && !raw.empty()) {
                std::memcpy(out.data(), raw.data(), raw.size());
            }
            return in.ok();
        }
    }
    return false;
}

}  // namespace aiml042::store
