// The event parser under hostile bytes. The first byte picks the form; the rest is the body, in
// memory of its exact size plus the padding that was promised. Whatever was taken must be readable
// from the batch, as often as extents say, with the same identity; what was not taken must be a
// refusal; and an array and lines of one object must agree.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "codec/batch.h"
#include "codec/item_parser.h"
#include "codec/json_value.h"

namespace {

using namespace aiml042;         // NOLINT(google-build-using-namespace)
using namespace aiml042::codec;  // NOLINT(google-build-using-namespace)

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

template <typename Row>
void read_back(const ParsedBatch& batch) {
    const std::string payload = batch.head + batch.rows;
    auto reader = BatchReader::open(payload);
    require(reader.is_ok());
    Row row;
    for (const auto& extent : batch.extents) {
        require(reader->next(row));
        require(row.identity == extent.identity);
        require(!row.request_id.empty());
    }
    require(!reader->next(row));
    require(reader->ok());
}

Status parse(BatchKind kind, BodyForm form, std::string_view text, ParsedBatch& batch) {
    static auto* const parser = new ItemParser();  // Kept, so that one input may disturb the next.
    const ParseContext context{
        .project = ProjectId{1}, .identity_seed = 7, .arrival = 1'764'064'951LL * kSecond};
    const auto body = std::make_unique<char[]>(text.size() + ItemParser::kPadding);
    std::memcpy(body.get(), text.data(), text.size());
    std::memset(body.get() + text.size(), '}', ItemParser::kPadding);
    const std::string_view view(body.get(), text.size());
    const Status status = kind == BatchKind::kEvents
                              ? parser->parse_events(view, form, context, batch)
                              : parser->parse_labels(view, form, context, batch);
    require(batch.items == batch.extents.size() + batch.rejected.size());
    if (kind == BatchKind::kEvents) {
        status.is_ok() ? read_back<model::EventRow>(batch) : require(batch.items == 0);
    } else {
        status.is_ok() ? read_back<model::LabelRow>(batch) : require(batch.items == 0);
    }
    return status;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const BatchKind kind = (data[0] & 1) != 0 ? BatchKind::kEvents : BatchKind::kLabels;
    const BodyForm form = (data[0] & 2) != 0 ? BodyForm::kJson : BodyForm::kNdjson;
    ParsedBatch batch;
    const Status status = parse(kind, form, text, batch);
    if (form == BodyForm::kJson && status.is_ok()) {
        // JSON by our parser is JSON by the document reader, but for what only the latter refuses:
        // keys given twice and numbers beyond the doubles.
        const auto value = JsonValue::parse(text);
        require(value.is_ok() || value.status().detail().find("twice") != std::string::npos ||
                value.status().detail().find("double") != std::string::npos ||
                value.status().detail().find("deeper") != std::string::npos);
        if (batch.items == 1 && batch.extents.size() == 1 &&
            text.find('\n') == std::string_view::npos && text.find('[') != 0) {
            ParsedBatch lines;
            require(parse(kind, BodyForm::kNdjson, text, lines).is_ok());
            if (lines.extents.size() == 1) {
                require(lines.extents[0].identity == batch.extents[0].identity);
            }
        }
    }
    return 0;
}
