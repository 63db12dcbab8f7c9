#include "query/embedding_reader.h"

#include <charconv>

#include "base/hash.h"
#include "query/stored_json.h"

namespace aiml042::query {

namespace {

std::string_view text_at(const model::ColumnVector* column, std::uint32_t row) {
    if (column == nullptr || row >= column->codes.size() ||
        column->codes[row] == model::kNullCode) {
        return {};
    }
    return column->strings.at(column->codes[row]);
}

}  // namespace

void read_vector(std::string_view array, std::vector<float>& out) {
    out.clear();
    for_each_stored_item(array, [&out](std::string_view item) {
        double value = 0.0;  // What is beyond the doubles does not get past the codec.
        std::from_chars(item.data(), item.data() + item.size(), value);
        out.push_back(static_cast<float>(value));
    });
}

std::uint64_t sample_hash(std::string_view request_id) {
    constexpr std::uint64_t kSeed = 0x656D'6265'6464'6564;
    return hash64(request_id, kSeed);
}

bool EmbeddingReader::read(std::uint32_t row, std::vector<float>& out) const {
    const std::string_view remainder = text_at(remainders_, row);
    if (remainder.empty()) {
        return false;
    }
    out.clear();
    std::string owner;
    for_each_stored_member(stored_member(remainder, "embeddings"),
                           [&](std::string_view key, std::string_view array) {
                               if (stored_text(key, owner) == name_) {
                                   read_vector(array, out);
                               }
                           });
    return !out.empty();
}

std::uint64_t EmbeddingReader::hash(std::uint32_t row) const {
    return sample_hash(text_at(request_ids_, row));
}

}  // namespace aiml042::query
