#include "metrics/confusion_state.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace aiml042::metrics {

Confusion::Confusion(const FamilyOptions& options)
    : threshold_(options.threshold), positive_class_(options.positive_class) {}

void Confusion::update(const Rows& rows, std::span<const std::uint32_t> selection) {
    for (const std::uint32_t i : selection) {
        labelled_ += rows.labelled[i];
    }
    if (threshold_) {
        update_threshold(rows, selection);
    } else {
        update_classes(rows, selection);
    }
}

void Confusion::update_classes(const Rows& rows, std::span<const std::uint32_t> selection) {
    // Few classes and many rows: neighbouring rows count in different tables, so that none waits for the one before.
    constexpr std::uint32_t kFew = 8;
    std::array<std::array<std::uint32_t, kFew * kFew>, 4> counts{};
    std::size_t row = 0;
    for (const std::uint32_t i : selection) {
        const std::uint32_t label = rows.label_class[i];
        const std::uint32_t predicted = rows.predicted_class[i];
        if ((label | predicted) < kFew) [[likely]] {
            ++counts[row++ & 3][label * kFew + predicted];
        } else if (label != kNoClass && predicted != kNoClass) {
            add(label, predicted, 1);
        }
    }
    for (std::uint32_t label = 0; label < kFew; ++label) {
        for (std::uint32_t predicted = 0; predicted < kFew; ++predicted) {
            std::uint64_t count = 0;
            for (const auto& table : counts) {
                count += table[label * kFew + predicted];
            }
            if (count != 0) {
                add(label, predicted, count);
            }
        }
    }
}

void Confusion::update_threshold(const Rows& rows, std::span<const std::uint32_t> selection) {
    if (positive_class_ == kNoClass) {
        return;
    }
    std::uint64_t counts[2][2] = {};
    for (const std::uint32_t i : selection) {
        const std::uint32_t label = rows.label_class[i];
        const double score = rows.score[i];
        if (label != kNoClass && !std::isnan(score)) {
            ++counts[label == positive_class_ ? 1 : 0][score >= *threshold_ ? 1 : 0];
        }
    }
    for (const std::uint32_t label : {0U, 1U}) {
        for (const std::uint32_t predicted : {0U, 1U}) {
            if (counts[label][predicted] != 0) {
                add(label != 0 ? positive_class_ : kOther,
                    predicted != 0 ? positive_class_ : kOther,
                    counts[label][predicted]);
            }
        }
    }
}

void Confusion::add(std::uint32_t label, std::uint32_t predicted, std::uint64_t count) {
    const std::uint32_t most = std::max(label, predicted);
    if (most < kDenseMax) {
        if (most >= side_) {
            grow(std::max(4U, std::bit_ceil(most + 1)));
        }
        table_[label * side_ + predicted] += count;
    } else {
        others_[(static_cast<std::uint64_t>(label) << 32) | predicted] += count;
    }
}

void Confusion::grow(std::uint32_t side) {
    std::vector<std::uint64_t> table(static_cast<std::size_t>(side) * side);
    for (std::uint32_t label = 0; label < side_; ++label) {
        std::copy_n(table_.begin() + label * side_, side_, table.begin() + label * side);
    }
    table_ = std::move(table);
    side_ = side;
}

void Confusion::merge_from(const Confusion& other) {
    labelled_ += other.labelled_;
    for (std::uint32_t label = 0; label < other.side_; ++label) {
        for (std::uint32_t predicted = 0; predicted < other.side_; ++predicted) {
            if (const std::uint64_t count = other.table_[label * other.side_ + predicted]; count != 0) {
                add(label, predicted, count);
            }
        }
    }
    for (const auto& [key, count] : other.others_) {
        others_[key] += count;
    }
}

std::size_t Confusion::memory_bytes() const {
    constexpr std::size_t kNodeBytes = 48;  // Of the hash map: key, count, hash, links.
    return sizeof(*this) + table_.capacity() * sizeof(std::uint64_t) + others_.size() * kNodeBytes;
}

std::vector<ConfusionCell> Confusion::cells() const {
    std::vector<ConfusionCell> out;
    for (std::uint32_t label = 0; label < side_; ++label) {
        for (std::uint32_t predicted = 0; predicted < side_; ++predicted) {
            if (const std::uint64_t count = table_[label * side_ + predicted]; count != 0) {
                out.push_back({label, predicted, count});
            }
        }
    }
    for (const auto& [key, count] : others_) {
        out.push_back({static_cast<std::uint32_t>(key >> 32), static_cast<std::uint32_t>(key), count});
    }
    std::sort(out.begin(), out.end(), [](const ConfusionCell& a, const ConfusionCell& b) {
        return std::pair(a.label, a.predicted) < std::pair(b.label, b.predicted);
    });
    return out;
}

std::vector<std::uint32_t> Confusion::classes() const {
    std::vector<std::uint32_t> out;
    for (const ConfusionCell& cell : cells()) {
        out.push_back(cell.label);
        out.push_back(cell.predicted);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

constexpr Family kConfusionFamily{
    .name = "confusion",
    .inputs = inputs_of({Input::kLabelled, Input::kLabelClass, Input::kPredictedClass}),
    .make = [](const FamilyOptions& options) -> std::unique_ptr<State> {
        FamilyOptions as_sent = options;
        as_sent.threshold.reset();
        return std::make_unique<Confusion>(as_sent);
    }};

constexpr Family kThresholdFamily{.name = "confusion_at_threshold",
                                  .inputs = inputs_of({Input::kLabelled, Input::kLabelClass, Input::kScore}),
                                  .make = [](const FamilyOptions& options) -> std::unique_ptr<State> {
                                      AIML_CHECK(options.threshold.has_value());
                                      return std::make_unique<Confusion>(options);
                                  }};

}  // namespace aiml042::metrics
