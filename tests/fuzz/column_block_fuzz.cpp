// Bytes of a column from a disk that cannot be trusted: whatever they are, decoding ends, in
// bounds, with a value or an error; and what was decoded can be encoded and read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "store/column_codec.h"
#include "store/labels.h"
#include "store/sealed_block.h"

using namespace aiml042;
using namespace aiml042::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    // A constant column of the most rows is a few bytes: valid, but it would only make the fuzzer
    // slow.
    constexpr std::size_t kRowsMax = 65'536;
    if (const auto decoded = decode_unchecked(bytes);
        decoded.is_ok() && decoded->head.rows <= kRowsMax) {
        const model::ColumnVector& column = decoded->column;
        if (row_count(column) != decoded->head.rows) {
            std::abort();
        }
        for (const std::uint32_t code : column.codes) {
            if (code != model::kNullCode && code >= column.strings.size()) {
                std::abort();
            }
        }
        const auto again = decode_column(encode_column(column, 1));
        if (!again.is_ok() || again->column.codes != column.codes ||
            again->column.integers != column.integers) {
            std::abort();
        }
    }
    static_cast<void>(decode_column(bytes).is_ok());
    static_cast<void>(decode_labels(bytes).is_ok());
    static_cast<void>(decode_block_record({}, 1, bytes).is_ok());
    static_cast<void>(PackedColumns::find(bytes, 3).is_ok());
    return 0;
}
