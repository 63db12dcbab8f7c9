#include "query/nearest.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace aiml042::query {

namespace {

constexpr std::size_t kLengthMax = 64;  // Longer names are compared by their beginning.
constexpr std::size_t kNamesMax = 4'096;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Levenshtein distance.
std::size_t distance(std::string_view a, std::string_view b) {
    a = a.substr(0, kLengthMax);
    b = b.substr(0, kLengthMax);
    std::size_t row[kLengthMax + 1];
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

}  // namespace

std::vector<std::string> nearest_names(std::string_view wrong, std::span<const std::string> names) {
    std::vector<std::pair<std::size_t, std::string_view>> found;
    for (const std::string& name : names.first(std::min(names.size(), kNamesMax))) {
        const bool begins = wrong.size() >= 2 && name.starts_with(wrong);
        const std::size_t d = begins ? 1 : distance(wrong, name);
        if (d <= std::max<std::size_t>(1, wrong.size() / 3)) {
            found.emplace_back(d, name);
        }
    }
    std::ranges::sort(found);
    std::vector<std::string> out;
    for (const auto& [d, name] : found) {
        if (out.size() < 3 && std::ranges::find(out, name) == out.end()) {
            out.emplace_back(name);
        }
    }
    return out;
}

std::string did_you_mean(std::string_view wrong, std::span<const std::string> names) {
    std::string out;
    for (const std::string& name : nearest_names(wrong, names)) {
        out += (out.empty() ? "; did you mean `" : ", `") + name + "`";
    }
    return out.empty() ? out : out + "?";
}

}  // namespace aiml042::query
