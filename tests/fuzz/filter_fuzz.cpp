// Any bytes as a filter: never a crash, and what is read can be written and read again as the same filter.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/limits.h"
#include "query/filter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using aiml042::query::canonical_text;
    using aiml042::query::parse_filter;
    const auto parsed = parse_filter({reinterpret_cast<const char*>(data), size});
    if (!parsed) {
        return 0;
    }
    const std::string once = canonical_text(*parsed);
    if (once.size() > aiml042::limits::kFilterBytesMax) {
        return 0;  // Escapes may lengthen a text.
    }
    const auto again = parse_filter(once);
    AIML_CHECK(again.is_ok());
    AIML_CHECK(canonical_text(*again) == once);
    return 0;
}
