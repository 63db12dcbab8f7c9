#include "metrics/embedding_state.h"

#include <algorithm>
#include <cmath>

namespace aiml042::metrics {

namespace {

constexpr double kUnits = 0x1p60;

}  // namespace

EmbeddingPart::EmbeddingPart(std::size_t length)
    : length_(length),
      rows_max_(std::clamp<std::size_t>(kSampleFloats / length, 1, kSampleRows)),
      sums_(length, 0) {}

std::span<const float> EmbeddingPart::vector(std::uint32_t row) const {
    return std::span(vectors_).subspan(row * length_, length_);
}

bool EmbeddingPart::comes_before(std::uint64_t hash,
                                 std::span<const float> vector,
                                 const Slot& slot) const {
    return hash != slot.hash ? hash < slot.hash
                             : std::ranges::lexicographical_compare(vector, this->vector(slot.row));
}

void EmbeddingPart::add(std::span<const float> vector, std::uint64_t hash) {
    ++n_;
    for (std::size_t i = 0; i < length_; ++i) {
        // Exact: a float of at most 2^20 has no digit below 2^-60 unless it is below 2^-36.
        const double scaled = static_cast<double>(vector[i]) * 0x1p40;
        const double high = std::nearbyint(scaled);
        const double low = std::nearbyint((scaled - high) * 0x1p20);
        sums_[i] += static_cast<stats::Int128>(static_cast<std::int64_t>(high)) * (1 << 20) +
                    static_cast<std::int64_t>(low);
    }
    keep(vector, hash);
}

void EmbeddingPart::keep(std::span<const float> vector, std::uint64_t hash) {
    const auto before = [this](const Slot& a, const Slot& b) {
        return comes_before(a.hash, this->vector(a.row), b);
    };
    if (slots_.size() < rows_max_) {
        slots_.push_back({hash, static_cast<std::uint32_t>(slots_.size())});
        vectors_.insert(vectors_.end(), vector.begin(), vector.end());
    } else if (comes_before(hash, vector, slots_.front())) {
        std::ranges::pop_heap(slots_, before);
        slots_.back().hash = hash;
        std::ranges::copy(
            vector, vectors_.begin() + static_cast<std::ptrdiff_t>(slots_.back().row * length_));
    } else {
        return;
    }
    std::ranges::push_heap(slots_, before);
}

void EmbeddingPart::merge(const EmbeddingPart& other) {
    n_ += other.n_;
    for (std::size_t i = 0; i < length_; ++i) {
        sums_[i] += other.sums_[i];
    }
    for (const Slot& slot : other.slots_) {
        keep(other.vector(slot.row), slot.hash);
    }
}

std::vector<double> EmbeddingPart::mean() const {
    std::vector<double> out;
    for (const stats::Int128 sum : sums_) {
        out.push_back(static_cast<double>(sum) / kUnits / static_cast<double>(n_));
    }
    return out;
}

std::vector<float> EmbeddingPart::sample() const {
    std::vector<Slot> order = slots_;
    std::ranges::sort(order, [this](const Slot& a, const Slot& b) {
        return comes_before(a.hash, vector(a.row), b);
    });
    std::vector<float> out;
    out.reserve(vectors_.size());
    for (const Slot& slot : order) {
        const std::span<const float> row = vector(slot.row);
        out.insert(out.end(), row.begin(), row.end());
    }
    return out;
}

std::size_t EmbeddingPart::memory_bytes() const {
    return sizeof(*this) + sums_.capacity() * sizeof(sums_[0]) +
           slots_.capacity() * sizeof(slots_[0]) + vectors_.capacity() * sizeof(float);
}

void EmbeddingSample::update(const Rows& rows, std::span<const std::uint32_t> selection) {
    std::vector<float> vector;
    for (const std::uint32_t row : selection) {
        if (rows.embeddings == nullptr || !rows.embeddings->read(row, vector)) {
            vector.clear();
        }
        add(vector, vector.empty() ? 0 : rows.embeddings->hash(row));
    }
}

void EmbeddingSample::add(std::span<const float> vector, std::uint64_t hash) {
    ++rows_;
    if (vector.empty()) {
        ++missing_;
        return;
    }
    if (!std::ranges::all_of(vector, [](float x) { return std::fabs(x) <= kComponentMax; })) {
        return;  // NaN and infinities too.
    }
    const auto at = parts_.try_emplace(vector.size(), vector.size()).first;
    at->second.add(vector, hash);
    drop_short_ones();
}

void EmbeddingSample::merge_from(const EmbeddingSample& other) {
    rows_ += other.rows_;
    missing_ += other.missing_;
    for (const auto& [length, part] : other.parts_) {
        parts_.try_emplace(length, length).first->second.merge(part);
    }
    drop_short_ones();
}

void EmbeddingSample::drop_short_ones() {
    while (parts_.size() > kLengthsMax) {
        parts_.erase(parts_.begin());
    }
}

std::size_t EmbeddingSample::memory_bytes() const {
    std::size_t bytes = sizeof(*this);
    for (const auto& [length, part] : parts_) {
        bytes += part.memory_bytes();
    }
    return bytes;
}

std::size_t EmbeddingSample::usual_length() const {
    std::size_t usual = 0;
    std::uint64_t most = 0;
    for (const auto& [length, part] : parts_) {
        if (part.n() >= most) {
            usual = length;
            most = part.n();
        }
    }
    return usual;
}

const EmbeddingPart* EmbeddingSample::of_length(std::size_t length) const {
    const auto at = parts_.find(length);
    return at != parts_.end() ? &at->second : nullptr;
}

constexpr Family kEmbeddingFamily{.name = "embedding",
                                  .inputs = inputs_of({Input::kEmbedding}),
                                  .label_free = true,
                                  .make = [](const FamilyOptions&) -> std::unique_ptr<State> {
                                      return std::make_unique<EmbeddingSample>();
                                  }};

}  // namespace aiml042::metrics
