#include "codec/known_keys.h"

#include <algorithm>

#include <emmintrin.h>

#include "base/check.h"
#include "base/nearest.h"

namespace aiml042::codec {

KnownKeys::KnownKeys(std::span<const std::string_view> names, std::span<const Misnomer> misnomers)
    : names_(names), misnomers_(misnomers) {
    AIML_CHECK(names.size() <= kKeysMax);
    for (std::size_t i = 0; i < names.size(); ++i) {
        AIML_CHECK(names[i].size() < sizeof(heads_[i]));
        std::ranges::copy(names[i], heads_[i].begin());
        heads_[i][names[i].size()] = '"';
    }
    for (std::size_t i = 0; i < next_.size(); ++i) {
        next_[i] = static_cast<std::uint8_t>(i + 1 < names.size() ? i + 1 : 0);
    }
    next_[kKeysMax] = 0;
}

bool KnownKeys::read(JsonWalker& walker, Visit& visit, std::size_t& index) {
    index = next_[visit.previous];
    const char* const quote = walker.position();
    const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(quote + 1));
    const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(heads_[index].data()));
    const auto equal = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)));
    const unsigned mask = (2U << names_[index].size()) - 1;
    if (*quote == '"' && (equal & mask) == mask) [[likely]] {
        walker.advance();
        if (!walker.colon()) {
            return false;
        }
    } else if (!read_slowly(walker, index)) {
        return false;
    }
    next_[visit.previous] = static_cast<std::uint8_t>(index);
    visit.previous = static_cast<std::uint8_t>(index);
    const std::uint32_t bit = 1U << index;
    if ((visit.seen & bit) != 0) [[unlikely]] {
        walker.fail(ErrorCode::kDuplicateField, "the field is given twice");
        return walker.under(names_[index]);
    }
    visit.seen |= bit;
    return true;
}

std::string KnownKeys::suggestion(std::string_view key) const {
    const auto misnomer = std::ranges::find(misnomers_, key, &Misnomer::key);
    if (misnomer != misnomers_.end()) {
        return ": " + std::string(misnomer->advice);
    }
    std::string suggested = did_you_mean(key, names_);
    if (!suggested.empty() || key.size() < 3) {
        return suggested;
    }
    // "latency" is far from "latency_ms" by edits, yet meant.
    const auto meant = std::ranges::find_if(names_, [key](std::string_view name) {
        return name.starts_with(key) || key.starts_with(name);
    });
    return meant == names_.end() ? suggested : " (did you mean " + std::string(*meant) + "?)";
}

bool KnownKeys::read_slowly(JsonWalker& walker, std::size_t& index) {
    std::string_view key;
    if (!walker.read_key(key)) {
        return false;
    }
    const auto found = std::ranges::find(names_, key);
    if (found == names_.end()) {
        walker.fail(ErrorCode::kUnknownField, "there is no field of this name" + suggestion(key));
        return walker.under(key);
    }
    index = static_cast<std::size_t>(found - names_.begin());
    return true;
}

}  // namespace aiml042::codec
