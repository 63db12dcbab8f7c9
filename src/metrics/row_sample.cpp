#include "metrics/row_sample.h"

#include <algorithm>
#include <numeric>

namespace aiml042::metrics {

void RowSample::add(std::uint64_t key,
                    std::span<const std::uint8_t> codes,
                    std::span<const double> numbers) {
    ++rows_seen_;
    if (!may_take(key)) {
        return;
    }
    keys_.push_back(key);
    codes_.insert(codes_.end(), codes.begin(), codes.end());
    numbers_.insert(numbers_.end(), numbers.begin(), numbers.end());
    if (keys_.size() >= 2 * rows_max_) {
        finish();
    }
}

void RowSample::append(const RowSample& from, std::size_t row) {
    keys_.push_back(from.keys_[row]);
    const std::uint8_t* codes = from.codes().row(row);
    codes_.insert(codes_.end(), codes, codes + codes_per_row_);
    const std::span<const double> numbers = from.numbers(row);
    numbers_.insert(numbers_.end(), numbers.begin(), numbers.end());
}

void RowSample::merge(const RowSample& other) {
    rows_seen_ += other.rows_seen_;
    for (std::size_t row = 0; row < other.rows(); ++row) {
        if (may_take(other.keys_[row])) {
            append(other, row);
        }
    }
    if (keys_.size() >= 2 * rows_max_) {
        finish();
    }
}

void RowSample::finish() {
    // Rows of equal keys in an order of their own, so that the order of the data plays no part.
    const auto before = [this](std::size_t a, std::size_t b) {
        return keys_[a] != keys_[b] ? keys_[a] < keys_[b]
                                    : std::ranges::lexicographical_compare(numbers(a), numbers(b));
    };
    std::vector<std::size_t> order(keys_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, before);
    order.resize(std::min(order.size(), rows_max_));
    RowSample kept(rows_max_, codes_per_row_, numbers_per_row_);
    for (const std::size_t row : order) {
        kept.append(*this, row);
    }
    if (order.size() == rows_max_) {
        kept.bound_ = kept.keys_.back();
    }
    kept.rows_seen_ = rows_seen_;
    *this = std::move(kept);
}

std::size_t RowSample::memory_bytes() const {
    return sizeof(*this) + keys_.capacity() * sizeof(keys_[0]) + codes_.capacity() +
           numbers_.capacity() * sizeof(double);
}

}  // namespace aiml042::metrics
