#include "api/cursor.h"

#include <array>
#include <charconv>

#include "base/bytes.h"
#include "base/hash.h"

namespace aiml042::api {

namespace {

constexpr std::size_t kHexDigits = 16;
constexpr std::uint64_t kLimitMax = 1'000;

std::string hex(std::uint64_t number) {
    std::array<char, kHexDigits> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number, 16).ptr;
    const auto length = static_cast<std::size_t>(end - text.data());
    return std::string(kHexDigits - length, '0') + std::string(text.data(), length);
}

std::uint64_t seal(const CursorScope& scope, std::uint64_t position) {
    std::string bytes;
    ByteWriter writer(bytes);
    writer.fixed(raw(scope.project));
    writer.fixed(position);
    writer.string(scope.list);
    return hash64(bytes, scope.secret);
}

}  // namespace

std::string make_cursor(const CursorScope& scope, std::int64_t position) {
    const auto bits = static_cast<std::uint64_t>(position);
    return hex(bits) + hex(seal(scope, bits));
}

Result<std::int64_t> read_cursor(const CursorScope& scope, std::string_view cursor) {
    std::uint64_t position = 0;
    std::uint64_t sealed = 0;
    const bool whole = cursor.size() == 2 * kHexDigits;
    const char* middle = cursor.data() + (whole ? kHexDigits : 0);
    const char* end = cursor.data() + cursor.size();
    if (!whole || std::from_chars(cursor.data(), middle, position, 16).ptr != middle ||
        std::from_chars(middle, end, sealed, 16).ptr != end || sealed != seal(scope, position)) {
        return Status(
            ErrorCode::kInvalidArgument, "This cursor is not one of this list.", "/cursor");
    }
    return static_cast<std::int64_t>(position);
}

Result<Page> read_page(const QueryParameters& parameters, const CursorScope& scope) {
    Page page;
    AIML_ASSIGN(const auto limit, parameters.integer("limit", 1, kLimitMax));
    page.limit = limit.value_or(page.limit);
    if (const auto cursor = parameters.text("cursor"); cursor && !cursor->empty()) {
        AIML_ASSIGN(page.after, read_cursor(scope, *cursor));
    }
    return page;
}

void write_next_cursor(codec::JsonWriter& json,
                       const CursorScope& scope,
                       std::optional<std::int64_t> last) {
    json.key("next_cursor");
    if (last) {
        json.string(make_cursor(scope, *last));
    } else {
        json.null();
    }
}

std::vector<ParameterDoc> page_docs() {
    return {{"cursor", "query", R"({"type":"string"})", "next_cursor of the page before.", false},
            {"limit",
             "query",
             R"({"type":"integer","minimum":1,"maximum":1000,"default":100})",
             "Items per page.",
             false}};
}

}  // namespace aiml042::api
