#include "metrics/column_codes.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "stats/boosted_trees.h"

namespace aiml042::metrics {

namespace {

constexpr std::size_t kBins = 60;
static_assert(1 + kBins <= ColumnCodes::kRare);
static_assert(ColumnCodes::kOtherType < stats::kTreeCodes);

std::vector<double> edges_of(std::span<const double> ascending) {
    std::vector<double> out;
    for (std::size_t i = 1; i < kBins && !ascending.empty(); ++i) {
        const double edge = ascending[(ascending.size() - 1) * i / kBins];
        if (edge < ascending.back() && (out.empty() || edge > out.back())) {
            out.push_back(edge);
        }
    }
    return out;
}

std::vector<std::uint8_t> codes_of(const TextCounts& texts, const ColumnCodes::TextOf& text_of) {
    std::vector<std::uint32_t> order;
    for (std::uint32_t code = 0; code < texts.all().size(); ++code) {
        if (texts.of(code) > 0) {
            order.push_back(code);
        }
    }
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
        return texts.of(a) != texts.of(b) ? texts.of(a) > texts.of(b) : text_of(a) < text_of(b);
    });
    std::vector<std::uint8_t> out(texts.all().size(), ColumnCodes::kNew);
    for (std::size_t i = 0; i < order.size(); ++i) {
        out[order[i]] = i < kBins ? static_cast<std::uint8_t>(i + 1) : ColumnCodes::kRare;
    }
    return out;
}

}  // namespace

ColumnCodes::ColumnCodes(const ReferenceColumn& reference, const TextOf& text_of)
    : numeric_(reference.kind() == ReferenceColumn::Kind::kNumeric),
      edges_(edges_of(reference.values())),
      by_text_(codes_of(reference.texts(), text_of)) {}

std::uint8_t ColumnCodes::code(double number, std::uint32_t text) const {
    const bool has_number = number == number;
    const bool has_text = text != kNoClass;
    if (numeric_ && has_number) {
        const auto at = std::ranges::lower_bound(edges_, number);
        return static_cast<std::uint8_t>(1 + (at - edges_.begin()));
    }
    if (!numeric_ && has_text) {
        return text < by_text_.size() ? by_text_[text] : kNew;
    }
    return has_number || has_text ? kOtherType : kMissing;
}

}  // namespace aiml042::metrics
