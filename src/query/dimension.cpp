#include "query/dimension.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

namespace aiml042::query {

namespace {

constexpr std::uint8_t kMissing = 0;

Literal text_literal(std::string_view text) {
    return {Literal::Type::kString, 0.0, std::string(text)};
}

Literal flag_literal(bool flag) {
    return {Literal::Type::kBool, flag ? 1.0 : 0.0, {}};
}

Literal number_literal(double number) {
    return {Literal::Type::kNumber, number, {}};
}

Expression compare(const FieldName& field, CompareOp op, Literal value) {
    Expression test;
    test.kind = Expression::Kind::kCompare;
    test.op = op;
    test.field = field;
    test.values.push_back(std::move(value));
    return test;
}

}  // namespace

Status DimensionSample::add(const Field& field,
                            BlockView& view,
                            std::span<const std::uint32_t> selection) {
    for (const Field::Part& part : field.parts) {
        AIML_ASSIGN(const PartValues values, part_values(part, view));
        for (const std::uint32_t row : selection) {
            if (!values.codes.empty() && values.codes[row] != model::kNullCode) {
                const std::string_view text = values.strings->at(values.codes[row]);
                const auto known = texts.find(text);
                ++(known != texts.end() ? known->second : texts[std::string(text)]);
            } else if (!values.numbers.empty() && !std::isnan(values.numbers[row])) {
                if (part.type == model::ValueType::kBool) {
                    ++flags[values.numbers[row] != 0.0 ? 1 : 0];
                } else {
                    numbers.push_back(values.numbers[row]);
                }
            }
        }
    }
    return Status::ok();
}

void DimensionSample::add(DimensionSample&& other) {
    numbers.insert(numbers.end(), other.numbers.begin(), other.numbers.end());
    for (const auto& [text, count] : other.texts) {
        texts[text] += count;
    }
    flags[0] += other.flags[0];
    flags[1] += other.flags[1];
}

Dimension::Dimension(Field field, const DimensionSample& sample) : field_(std::move(field)) {
    std::uint64_t categories = sample.flags[0] + sample.flags[1];
    for (const auto& [text, count] : sample.texts) {
        categories += count;
    }
    numeric_ = sample.numbers.size() > categories;
    if (numeric_) {
        learn_numbers(sample);
    } else if (categories > 0) {
        learn_categories(sample);
    }
    const auto all = static_cast<double>(categories + sample.numbers.size());
    coverage_ = all > 0.0 ? coverage_ / all : 1.0;
}

void Dimension::learn_numbers(const DimensionSample& sample) {
    std::vector<double> sorted = sample.numbers;
    std::ranges::sort(sorted);
    std::vector<double> distinct;
    for (const double number : sorted) {
        if (distinct.empty() || number != distinct.back()) {
            distinct.push_back(number);
        }
    }
    if (distinct.size() <= kRangesMax) {
        edges_.assign(distinct.begin() + 1, distinct.end());
    } else {
        for (std::size_t i = 1; i < kRangesMax; ++i) {
            const double edge = sorted[sorted.size() * i / kRangesMax];
            if (edge > (edges_.empty() ? sorted.front() : edges_.back())) {
                edges_.push_back(edge);
            }
        }
    }
    coverage_ = static_cast<double>(sorted.size());
}

void Dimension::learn_categories(const DimensionSample& sample) {
    std::vector<std::pair<std::uint64_t, Literal>> counted;
    for (const bool flag : {false, true}) {
        if (sample.flags[flag ? 1 : 0] > 0) {
            counted.emplace_back(sample.flags[flag ? 1 : 0], flag_literal(flag));
        }
    }
    for (const auto& [text, count] : sample.texts) {
        counted.emplace_back(count, text_literal(text));
    }
    std::ranges::stable_sort(
        counted, std::ranges::greater(), &std::pair<std::uint64_t, Literal>::first);
    counted.resize(std::min(counted.size(), kCategoriesMax));
    for (auto& [count, literal] : counted) {
        coverage_ += static_cast<double>(count);
        categories_.push_back(std::move(literal));
    }
}

stats::CohortDimension Dimension::codes() const {
    stats::CohortDimension out;
    const auto last = static_cast<std::uint8_t>(other() - 1U);
    out.codes = other() + 1U;
    out.ranges.push_back({kMissing, kMissing});
    for (std::uint8_t first = 1; first <= last; ++first) {
        const std::uint8_t end = numeric_ ? last : first;
        for (std::uint8_t until = first; until <= end; ++until) {
            if (!(numeric_ && first == 1 && until == last)) {
                out.ranges.push_back({first, until});
            }
        }
    }
    return out;
}

std::uint8_t Dimension::code_of(const Literal& category) const {
    const auto at = std::ranges::find(categories_, category);
    return at == categories_.end() ? other()
                                   : static_cast<std::uint8_t>(1 + (at - categories_.begin()));
}

std::uint8_t Dimension::code_of(double number) const {
    unsigned code = 1;
    for (const double edge : edges_) {
        code += number >= edge ? 1U : 0U;
    }
    return static_cast<std::uint8_t>(code);
}

NumberRanges Dimension::nothing_met() const {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    return NumberRanges(other() + 1U, {kInfinity, -kInfinity});
}

void Dimension::encode_texts(const PartValues& values,
                             std::span<const std::uint32_t> selection,
                             std::span<std::uint8_t> out) const {
    std::vector<std::uint8_t> of_text(values.strings->size());
    for (std::uint32_t i = 0; i < of_text.size(); ++i) {
        of_text[i] = code_of(text_literal(values.strings->at(i)));
    }
    for (std::size_t i = 0; i < selection.size(); ++i) {
        const std::uint32_t code = values.codes[selection[i]];
        if (code != model::kNullCode && out[i] == kMissing) {
            out[i] = of_text[code];
        }
    }
}

void Dimension::encode_numbers(const PartValues& values,
                               std::span<const std::uint32_t> selection,
                               std::span<std::uint8_t> out,
                               NumberRanges& met) const {
    const bool flags = values.type == model::ValueType::kBool;
    const std::array<std::uint8_t, 2> of_flag = {code_of(flag_literal(false)),
                                                 code_of(flag_literal(true))};
    for (std::size_t i = 0; i < selection.size(); ++i) {
        const double number = values.numbers[selection[i]];
        if (std::isnan(number) || out[i] != kMissing) {
            continue;
        }
        if (flags) {
            out[i] = of_flag[number != 0.0 ? 1 : 0];
        } else if (!numeric_) {
            out[i] = other();
        } else {
            out[i] = code_of(number);
            auto& [least, greatest] = met[out[i]];
            least = std::min(least, number);
            greatest = std::max(greatest, number);
        }
    }
}

Status Dimension::encode(BlockView& view,
                         std::span<const std::uint32_t> selection,
                         std::vector<std::uint8_t>& out,
                         NumberRanges& met) const {
    const std::size_t begin = out.size();
    out.resize(begin + selection.size(), kMissing);
    const std::span<std::uint8_t> codes = std::span(out).subspan(begin);
    for (const Field::Part& part : field_.parts) {
        AIML_ASSIGN(const PartValues values, part_values(part, view));
        if (!values.codes.empty()) {
            encode_texts(values, selection, codes);
        } else if (!values.numbers.empty()) {
            encode_numbers(values, selection, codes, met);
        }
    }
    return Status::ok();
}

Dimension::Condition Dimension::condition(const stats::CodeRange& range,
                                          const NumberRanges& met) const {
    Condition out;
    if (range.first == kMissing) {
        out.missing = true;
    } else if (!numeric_) {
        out.equals = categories_[range.first - 1U];
    } else {
        double least = std::numeric_limits<double>::infinity();
        double greatest = -least;
        for (std::size_t code = range.first; code <= range.last; ++code) {
            least = std::min(least, met[code].first);
            greatest = std::max(greatest, met[code].second);
        }
        if (least == greatest) {
            out.equals = number_literal(least);
            return out;
        }
        if (range.first > 1) {
            out.from = edges_[range.first - 2U];
        }
        if (range.last <= edges_.size()) {
            out.below = edges_[range.last - 1U];
        }
    }
    return out;
}

Expression Dimension::expression(const Condition& condition) const {
    const FieldName field = split_field_name(field_.name);
    if (condition.missing) {
        Expression test;
        test.kind = Expression::Kind::kIsNull;
        test.field = field;
        return test;
    }
    if (condition.equals) {
        return compare(field, CompareOp::kEqual, *condition.equals);
    }
    Expression out;
    if (condition.from) {
        out = compare(field, CompareOp::kGreaterEqual, number_literal(*condition.from));
    }
    if (condition.below) {
        out = both_of(std::move(out),
                      compare(field, CompareOp::kLess, number_literal(*condition.below)));
    }
    return out;
}

}  // namespace aiml042::query
