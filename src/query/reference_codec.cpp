#include "query/reference_codec.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "base/limits.h"

namespace aiml042::query {

namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

std::string encode_reference_column(const metrics::ReferenceColumn& column,
                                    const ClassRegistry& texts,
                                    std::size_t values_max) {
    std::string out;
    ByteWriter writer(out);
    writer.u8(kVersion);
    writer.varint(column.numbers());
    writer.varint(column.missing());
    const std::vector<double> kept = metrics::summary_of(column.values(), values_max);
    writer.varint(kept.size());
    for (const double value : kept) {
        writer.fixed(std::bit_cast<std::uint64_t>(value));
    }
    const auto counts = column.texts().all();
    writer.varint(static_cast<std::uint64_t>(
        std::ranges::count_if(counts, [](std::uint64_t rows) { return rows > 0; })));
    for (std::uint32_t code = 0; code < counts.size(); ++code) {
        if (counts[code] > 0) {
            writer.string(texts.text(code));
            writer.varint(counts[code]);
        }
    }
    return out;
}

Result<metrics::ReferenceColumn::Parts> decode_reference_column(ByteView bytes,
                                                                ClassRegistry& texts) {
    const Status damaged(ErrorCode::kCorruptBlock, "a column of a reference cannot be read");
    ByteReader reader(bytes);
    metrics::ReferenceColumn::Parts out;
    if (reader.u8() != kVersion) {
        return damaged;
    }
    out.numbers = reader.varint();
    out.missing = reader.varint();
    const std::uint64_t kept = reader.varint();
    if (kept > reader.remaining() / sizeof(double) || kept > out.numbers) {
        return damaged;
    }
    out.values.reserve(kept);
    for (std::uint64_t i = 0; i < kept; ++i) {
        out.values.push_back(std::bit_cast<double>(reader.fixed<std::uint64_t>()));
    }
    const std::uint64_t categories = reader.varint();
    for (std::uint64_t i = 0; i < categories && reader.ok(); ++i) {
        const std::string_view text = reader.string();
        const std::uint64_t rows = reader.varint();
        AIML_ASSIGN(const std::uint32_t code, texts.code(text));
        out.texts.add(code, rows);
    }
    if (!reader.ok() || !reader.done() || !std::ranges::is_sorted(out.values)) {
        return damaged;
    }
    return out;
}

std::string encode_reference_embedding(const metrics::EmbeddingColumn& column) {
    std::string out;
    ByteWriter writer(out);
    writer.u8(kVersion);
    writer.varint(column.length);
    writer.varint(column.n);
    writer.varint(column.missing);
    writer.varint(column.other);
    writer.varint(column.sampled());
    for (const double component : column.mean) {
        writer.fixed(std::bit_cast<std::uint64_t>(component));
    }
    for (const float component : column.sample) {
        writer.fixed(std::bit_cast<std::uint32_t>(component));
    }
    return out;
}

Result<metrics::EmbeddingColumn> decode_reference_embedding(ByteView bytes) {
    const Status damaged(ErrorCode::kCorruptBlock, "an embedding of a reference cannot be read");
    ByteReader reader(bytes);
    metrics::EmbeddingColumn out;
    if (reader.u8() != kVersion) {
        return damaged;
    }
    out.length = reader.varint();
    out.n = reader.varint();
    out.missing = reader.varint();
    out.other = reader.varint();
    const std::uint64_t sampled = reader.varint();
    const std::size_t left = reader.remaining();
    const bool fits = out.length <= limits::kEmbeddingLengthMax &&
                      sampled <= metrics::EmbeddingPart::kSampleRows && sampled <= out.n;
    const std::size_t components = fits && out.n > 0 ? out.length : 0;
    if (!fits || left != components * sizeof(double) + sampled * components * sizeof(float)) {
        return damaged;
    }
    for (std::size_t i = 0; i < components; ++i) {
        out.mean.push_back(std::bit_cast<double>(reader.fixed<std::uint64_t>()));
    }
    for (std::size_t i = 0; i < sampled * components; ++i) {
        out.sample.push_back(std::bit_cast<float>(reader.fixed<std::uint32_t>()));
    }
    if (!reader.ok() || !reader.done()) {
        return damaged;
    }
    return out;
}

}  // namespace aiml042::query
