#include "identity/fuse_filter.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"

namespace aiml042::identity {

namespace {

constexpr unsigned kAttemptsMax = 40;
constexpr std::uint32_t kSegmentMax = 1U << 18;

/// A place during the build: how many keys use it, the xor of them, and the xor of their positions
/// (0, 1, 2) there.
struct Cell {
    std::uint64_t keys = 0;
    std::uint32_t count = 0;
    std::uint32_t positions = 0;
};

struct Peeled {
    std::uint64_t key;
    std::uint32_t position;
};

}  // namespace

void FuseFilter::shape(std::size_t keys) {
    const double n = static_cast<double>(std::max<std::size_t>(keys, 2));
    const double exponent = std::floor(std::log(n) / std::log(3.33) + 2.25);
    segment_ = std::min(kSegmentMax, 1U << static_cast<unsigned>(std::max(2.0, exponent)));
    const double factor = std::max(1.125, 0.875 + 0.25 * std::log(1e6) / std::log(n));
    const auto places_wanted = static_cast<std::uint64_t>(n * factor);
    const std::uint64_t segments =
        std::max<std::uint64_t>(3, (places_wanted + segment_ - 1) / segment_);
    span_ = static_cast<std::uint32_t>((segments - 2) * segment_);
    fingerprints_.assign(span_ + 2 * std::size_t{segment_}, 0);
}

bool FuseFilter::fill(std::span<const std::uint64_t> keys) {
    std::vector<Cell> cells(fingerprints_.size());
    for (const std::uint64_t key : keys) {
        const Places p = places(key);
        for (std::uint32_t k = 0; k < 3; ++k) {
            Cell& cell = cells[p.at[k]];
            cell.keys ^= key;
            cell.positions ^= k;
            ++cell.count;
        }
    }
    std::vector<Peeled> order;
    order.reserve(keys.size());
    std::vector<std::uint32_t> lonely;
    for (std::uint32_t start = 0; start < cells.size(); ++start) {
        lonely.push_back(start);
        while (!lonely.empty()) {
            const Cell cell = cells[lonely.back()];
            lonely.pop_back();
            if (cell.count != 1) {
                continue;
            }
            order.push_back({cell.keys, cell.positions});
            const Places p = places(cell.keys);
            for (std::uint32_t k = 0; k < 3; ++k) {
                Cell& touched = cells[p.at[k]];
                touched.keys ^= cell.keys;
                touched.positions ^= k;
                --touched.count;
                if (touched.count == 1) {
                    lonely.push_back(p.at[k]);
                }
            }
        }
    }
    if (order.size() != keys.size()) {
        return false;
    }
    for (auto it = order.rbegin(); it != order.rend(); ++it) {
        const Places p = places(it->key);
        const std::uint32_t a = p.at[(it->position + 1) % 3];
        const std::uint32_t b = p.at[(it->position + 2) % 3];
        fingerprints_[p.at[it->position]] =
            static_cast<std::uint16_t>(p.fingerprint ^ fingerprints_[a] ^ fingerprints_[b]);
    }
    return true;
}

FuseFilter FuseFilter::build(std::span<const std::uint64_t> keys, unsigned shift) {
    FuseFilter filter;
    if (keys.empty()) {
        return filter;
    }
    filter.shift_ = shift;
    filter.shape(keys.size());
    for (unsigned attempt = 1; attempt <= kAttemptsMax; ++attempt) {
        filter.seed_ = hash64("fuse", attempt);
        if (filter.fill(keys)) {
            return filter;
        }
    }
    filter.fingerprints_.clear();
    filter.everything_ = true;
    return filter;
}

void FuseFilter::write(ByteWriter& out) const {
    out.fixed(seed_);
    out.fixed(segment_);
    out.fixed(span_);
    out.fixed(shift_);
    out.fixed(std::uint32_t{everything_});
    out.fixed(std::uint64_t{fingerprints_.size()});
    out.bytes({reinterpret_cast<const char*>(fingerprints_.data()),
               fingerprints_.size() * sizeof(std::uint16_t)});
}

bool FuseFilter::read(ByteReader& in) {
    seed_ = in.fixed<std::uint64_t>();
    segment_ = in.fixed<std::uint32_t>();
    span_ = in.fixed<std::uint32_t>();
    shift_ = in.fixed<std::uint32_t>();
    everything_ = in.fixed<std::uint32_t>() != 0;
    const auto count = in.fixed<std::uint64_t>();
    if (!in.ok() || count > in.remaining() / sizeof(std::uint16_t) || shift_ > 63) {
        return false;
    }
    const bool power_of_two =
        segment_ != 0 && (segment_ & (segment_ - 1)) == 0 && segment_ <= kSegmentMax;
    if (count != 0 &&
        (!power_of_two || span_ % segment_ != 0 || count != span_ + 2 * std::uint64_t{segment_})) {
        return false;
    }
    const ByteView bytes = in.bytes(count * sizeof(std::uint16_t));
    fingerprints_.resize(count);
    if (count != 0) {
        std::memcpy(fingerprints_.data(), bytes.data(), bytes.size());
    }
    return in.ok();
}

}  // namespace aiml042::identity
