#include "base/nearest.h"

#include <algorithm>
#include <array>
#include <utility>

namespace aiml042 {

namespace {

constexpr std::size_t kLengthMax = 64;

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::array<std::size_t, kLengthMax + 1> row{};
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row[b.size()];
}

}  // namespace

std::vector<std::string_view> nearest(std::string_view wrong,
                                      std::span<const std::string_view> names,
                                      std::size_t count) {
    if (wrong.size() > kLengthMax) {
        return {};
    }
    const std::size_t far = std::max<std::size_t>(2, wrong.size() / 3);
    std::vector<std::pair<std::size_t, std::string_view>> close;
    for (const std::string_view name : names) {
        if (name.size() <= kLengthMax) {
            if (const std::size_t distance = edit_distance(wrong, name); distance <= far) {
                close.emplace_back(distance, name);
            }
        }
    }
    std::ranges::sort(close);
    std::vector<std::string_view> result;
    for (std::size_t i = 0; i < close.size() && i < count; ++i) {
        result.push_back(close[i].second);
    }
    return result;
}

std::string did_you_mean(std::string_view wrong, std::span<const std::string_view> names) {
    const auto close = nearest(wrong, names);
    std::string text;
    for (std::size_t i = 0; i < close.size(); ++i) {
        text += i == 0 ? " (did you mean " : i + 1 == close.size() ? " or " : ", ";
        text += close[i];
    }
    return text.empty() ? text : text + "?)";
}

}  // namespace aiml042
