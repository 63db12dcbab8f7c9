// Walks the JSON that the codec stored: minified and well-formed, so nothing is checked.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace aiml042::query {

/// The byte behind the string whose opening quote is at `at`.
[[nodiscard]] std::size_t stored_string_end(std::string_view text, std::size_t at);

/// The byte behind the value that begins at `at`.
[[nodiscard]] std::size_t stored_value_end(std::string_view text, std::size_t at);

/// Calls visit(name, value) for the members of a stored object; names as they stand between their
/// quotes, values as JSON.
template <typename Visit>
void for_each_stored_member(std::string_view object, Visit&& visit) {
    std::size_t at = 1;
    while (at + 1 < object.size()) {
        const std::size_t name_end = stored_string_end(object, at);
        const std::size_t end = stored_value_end(object, name_end + 1);
        visit(object.substr(at + 1, name_end - at - 2),
              object.substr(name_end + 1, end - name_end - 1));
        at = end + 1;
    }
}

/// Calls visit(value) for the items of a stored array.
template <typename Visit>
void for_each_stored_item(std::string_view array, Visit&& visit) {
    std::size_t at = 1;
    while (at + 1 < array.size()) {
        const std::size_t end = stored_value_end(array, at);
        visit(array.substr(at, end - at));
        at = end + 1;
    }
}

/// The value of a member of a stored object; empty when it has none.
[[nodiscard]] std::string_view stored_member(std::string_view object, std::string_view name);

/// What stands between quotes with its escapes resolved, in `owner` where there are any.
[[nodiscard]] std::string_view stored_text(std::string_view between_quotes, std::string& owner);

}  // namespace aiml042::query
