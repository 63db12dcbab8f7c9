#include "codec/item_parser.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/limits.h"
#include "codec/batch_format.h"
#include "codec/event_parser.h"
#include "codec/json_walker.h"
#include "codec/label_parser.h"
#include "codec/name_table.h"
#include "codec/row_writer.h"
#include "codec/split.h"
#include "codec/structural_index.h"

namespace aiml042::codec {

static_assert(ItemParser::kPadding >= JsonWalker::kReadBehind);

namespace {

/// Part of an array that is indexed at once: text and index stay in the second-level cache.
constexpr std::size_t kWindowBytes = 128 * 1024;

/// Elements that are cut out one by one after a window was cut at the wrong place; doubles up to
/// the second number.
constexpr std::size_t kSingleElementsMin = 4;
constexpr std::size_t kSingleElementsMax = 4'096;

enum class Taken : std::uint8_t { kTaken, kRejected, kBroken };

Status malformed(std::size_t offset, std::string_view what) {
    return {ErrorCode::kMalformedJson,
            "at byte " + std::to_string(offset) + ": " + std::string(what)};
}

Status too_many_items() {
    return {ErrorCode::kTooLarge,
            "more than " + std::to_string(limits::kItemsPerRequestMax) + " items in one request"};
}

/// The first token behind the object or array that is closed before the tokens end; their end when
/// none is. `depth`: open brackets in front of the first token.
const std::uint32_t* behind_closed(std::string_view text,
                                   const StructuralIndex& index,
                                   std::size_t depth) {
    for (const std::uint32_t* token = index.begin(); token != index.end(); ++token) {
        const char c = text[*token];
        if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return token + 1;
        }
    }
    return index.end();
}

std::string item_too_large() {
    return "an item is longer than " + std::to_string(limits::kItemBytesMax) + " bytes";
}

}  // namespace

struct ItemParser::State {
    StructuralIndex index;
    JsonWalker walker;
    NameTable names;
    RowWriter row;
    EventParser events{walker, names, row};
    LabelParser labels{walker, names, row};
    std::string padded;  // Copy of an item that is no object.

    // Of the request.
    const ParseContext* context = nullptr;
    ParsedBatch* out = nullptr;
    std::string_view body;
    std::size_t json_begin = 0;  // In the body, behind a byte order mark.

    Status parse(std::string_view text,
                 BodyForm form,
                 const ParseContext& request,
                 BatchKind kind,
                 ParsedBatch& batch);
    Status parse_lines();
    Status parse_json();
    Status parse_single(std::size_t start);
    Status parse_array(std::size_t start);

    Taken take_text(std::string_view text);
    Taken take_object(std::size_t json_bytes, bool is_whole);
    Taken take_other(std::string_view text);
    void reject(std::string_view text, Status status);
    [[nodiscard]] Status broken() const;

    Status window(
        std::size_t& start, std::size_t size, bool is_tail, bool& closed, bool& cut_badly);
    Taken refuse_element();
    Status elements(bool is_tail, std::size_t& start, bool& closed);
    Status single_element(std::size_t& start, bool& closed);
    Status behind_array(std::size_t start) const;
};

void ItemParser::State::reject(std::string_view text, Status status) {
    out->rejected.push_back({out->items, std::move(status), kept_text(text)});
    ++out->items;
}

/// The walker's fault as a status for the whole body.
Status ItemParser::State::broken() const {
    const auto& fault = walker.fault();
    return malformed(static_cast<std::size_t>(fault.at - body.data()), fault.detail);
}

/// Takes the object that the walker stands at. Where `is_whole`, nothing may follow it. Broken: the
/// walker has the fault.
Taken ItemParser::State::take_object(std::size_t json_bytes, bool is_whole) {
    const std::uint32_t* const first = walker.token();
    const char* const begin = walker.position();
    walker.begin_item();
    names.begin_item();
    row.begin(json_bytes);
    RowExtent extent;
    bool good = out->kind == BatchKind::kEvents ? events.parse(*context, extent)
                                                : labels.parse(*context, extent);
    if (good && is_whole && !walker.done()) {
        good = walker.fail_syntax("something follows the object");
    }
    if (good) [[likely]] {
        const std::string_view bytes = row.finish(extent.identity, extent.timestamp);
        extent.offset = static_cast<std::uint32_t>(out->rows.size());
        extent.length = static_cast<std::uint32_t>(bytes.size());
        extent.index = out->items++;
        extent.text_offset = static_cast<std::uint32_t>(begin - body.data());
        const char* const end = walker.done() ? walker.limit() : walker.position();
        extent.text_length = static_cast<std::uint32_t>(end - begin);
        out->rows.append(bytes);
        out->extents.push_back(extent);
        return Taken::kTaken;
    }
    names.drop_item();
    if (walker.fault().is_syntax) {
        return Taken::kBroken;
    }
    // The item is at fault; whether it is JSON at all must still be seen to its end.
    Status status(walker.fault().code, walker.fault().detail, walker.fault().pointer);
    walker.rewind(first);
    walker.begin_item();
    if (!walker.visit_syntax(0) ||
        (is_whole && !walker.done() && !walker.fail_syntax("something follows the object"))) {
        return Taken::kBroken;
    }
    const char* end = walker.done() ? walker.limit() : walker.position();
    reject(trim_right({begin, static_cast<std::size_t>(end - begin)}), std::move(status));
    return Taken::kRejected;
}

/// Takes an item that does not begin with a brace: it is refused, as an item when it is JSON.
Taken ItemParser::State::take_other(std::string_view text) {
    padded.assign(text);
    padded.append(JsonWalker::kReadBehind, ' ');
    const std::string_view copy = std::string_view(padded).substr(0, text.size());
    if (index.build(copy) != StructuralIndex::Fault::kNone) {
        walker.open(text, index.begin(), index.begin());
        walker.fail_syntax("there is no JSON value");
        return Taken::kBroken;
    }
    walker.open(copy, index.begin(), index.end());
    const std::string_view found = kind_of_value(walker.peek());
    if (!walker.visit_syntax(0) ||
        (!walker.done() && !walker.fail_syntax("something follows the value"))) {
        const auto offset = walker.fault().at - copy.data();
        const std::string detail = walker.fault().detail;
        walker.open(text.substr(0, static_cast<std::size_t>(offset)), index.begin(), index.begin());
        walker.fail_syntax(detail);
        return Taken::kBroken;
    }
    reject(text, {ErrorCode::kInvalidField, "expected an object, found " + std::string(found)});
    return Taken::kRejected;
}

/// Takes an item that is `text` from end to end.
Taken ItemParser::State::take_text(std::string_view text) {
    if (text.front() != '{') [[unlikely]] {
        return take_other(text);
    }
    if (const auto fault = index.build(text); fault != StructuralIndex::Fault::kNone) [[unlikely]] {
        walker.open(text.substr(0, locate(fault, text)), index.begin(), index.begin());
        walker.fail_syntax(describe(fault));
        return Taken::kBroken;
    }
    walker.open(text, index.begin(), index.end());
    if (text[*(index.end() - 1)] != '}') [[unlikely]] {
        const std::uint32_t* const behind = behind_closed(text, index, 0);
        walker.rewind(behind);
        walker.fail_syntax(behind == index.end() ? "the object is not closed"
                                                 : "something follows the object");
        return Taken::kBroken;
    }
    return take_object(text.size(), true);
}

Status ItemParser::State::parse_lines() {
    std::string_view rest = body.substr(json_begin);
    while (!rest.empty()) {
        const void* const found = std::memchr(rest.data(), '\n', rest.size());
        const std::size_t size =
            found == nullptr
                ? rest.size()
                : static_cast<std::size_t>(static_cast<const char*>(found) - rest.data());
        const std::string_view line = trim(rest.substr(0, size));
        rest.remove_prefix(std::min(size + 1, rest.size()));
        if (line.empty()) {
            continue;
        }
        if (out->items >= limits::kItemsPerRequestMax) {
            return too_many_items();
        }
        if (line.size() > limits::kItemBytesMax) {
            reject(line, {ErrorCode::kTooLarge, item_too_large()});
        } else if (take_text(line) == Taken::kBroken) {
            const auto& fault = walker.fault();
            reject(line, malformed(static_cast<std::size_t>(fault.at - line.data()), fault.detail));
        }
    }
    return {};
}

Status ItemParser::State::parse_json() {
    const std::size_t start = skip_blanks(body, json_begin);
    if (start == body.size()) {
        return malformed(start, "there is no JSON value");
    }
    return body[start] == '[' ? parse_array(start + 1) : parse_single(start);
}

Status ItemParser::State::parse_single(std::size_t start) {
    const std::string_view text = trim_right(body.substr(start));
    if (text.size() > limits::kItemBytesMax) {
        return {ErrorCode::kTooLarge, item_too_large()};
    }
    if (take_text(text) == Taken::kBroken) {
        return broken();
    }
    return {};
}

Status ItemParser::State::behind_array(std::size_t start) const {
    const std::size_t rest = skip_blanks(body, start);
    return rest == body.size() ? Status() : malformed(rest, "something follows the array");
}

Status ItemParser::State::parse_array(std::size_t start) {
    std::size_t singles_left = 0;
    std::size_t singles_next = kSingleElementsMin;
    start = skip_blanks(body, start);
    if (start < body.size() && body[start] == ']') {
        return behind_array(start + 1);
    }
    bool closed = false;
    while (!closed) {
        start = skip_blanks(body, start);
        const std::size_t rest = body.size() - start;
        const bool is_tail = rest <= kWindowBytes;
        const std::size_t size = is_tail ? rest : find_cut(body.substr(start, kWindowBytes));
        if (singles_left > 0 || size == 0) {
            AIML_TRY(single_element(start, closed));
            singles_left -= singles_left > 0 ? 1 : 0;
            continue;
        }
        bool cut_badly = false;
        AIML_TRY(window(start, size, is_tail, closed, cut_badly));
        if (cut_badly) {
            singles_left = singles_next;
            singles_next = std::min(singles_next * 2, kSingleElementsMax);
        } else {
            singles_next = kSingleElementsMin;
        }
    }
    return behind_array(start);
}

/// Takes the elements of `size` bytes of the array from `start`, which moves behind those taken and
/// their comma (or the closing bracket). `cut_badly`: few of them were whole, the cut was not
/// between two elements.
Status ItemParser::State::window(
    std::size_t& start, std::size_t size, bool is_tail, bool& closed, bool& cut_badly) {
    const std::string_view text = trim_right(body.substr(start, size));
    const std::size_t begin = start;
    const auto fault = index.build(text);
    if (fault == StructuralIndex::Fault::kUnclosedString && !is_tail) {
        cut_badly = true;
        return {};
    }
    if (fault != StructuralIndex::Fault::kNone) {
        return malformed(start + locate(fault, text), describe(fault));
    }
    walker.open(text, index.begin(), index.end());
    const char last = text[*(index.end() - 1)];
    if (is_tail && last != ']') {
        // Whatever else is wrong, the walk must not run over the end: the bracket that is missing
        // is the fault.
        const std::uint32_t* const behind = behind_closed(text, index, 1);
        return behind == index.end()
                   ? malformed(start + *(index.end() - 1), "the array is not closed")
                   : malformed(start + *behind, "something follows the array");
    }
    AIML_TRY(elements(is_tail, start, closed));
    cut_badly = !is_tail && start - begin < size / 2;
    return {};
}

/// Walks over an element that is no object, and rejects it.
Taken ItemParser::State::refuse_element() {
    const char* const begin = walker.position();
    const std::string_view found = kind_of_value(walker.peek());
    walker.begin_item();
    if (!walker.visit_syntax(1)) {
        return Taken::kBroken;
    }
    const char* const end = walker.done() ? walker.limit() : walker.position();
    reject(trim_right({begin, static_cast<std::size_t>(end - begin)}),
           {ErrorCode::kInvalidField, "expected an object, found " + std::string(found)});
    return Taken::kRejected;
}

/// Walks over elements until the window ends or the array does.
Status ItemParser::State::elements(bool is_tail, std::size_t& start, bool& closed) {
    for (;;) {
        if (out->items >= limits::kItemsPerRequestMax) {
            return too_many_items();
        }
        const char* const begin = walker.position();
        const Taken taken =
            walker.peek() == '{'
                ? take_object(static_cast<std::size_t>(walker.limit() - begin), false)
                : refuse_element();
        if (taken == Taken::kBroken) {
            if (!is_tail && walker.fault().at == walker.limit()) {
                return {};  // Only the window ended; `start` is at this element.
            }
            return broken();
        }
        if (walker.done()) {  // At the cut: the comma is behind it.
            if (is_tail) {
                return malformed(body.size(), "the array is not closed");
            }
            start = skip_blanks(body, static_cast<std::size_t>(walker.limit() - body.data())) + 1;
            return {};
        }
        const char* const at = walker.position();
        start = static_cast<std::size_t>(at - body.data()) + 1;
        switch (walker.next(']')) {
            case JsonWalker::Next::kClosed:
                closed = true;
                return {};
            case JsonWalker::Next::kMore:
                break;
            case JsonWalker::Next::kFault:
                return broken();
        }
    }
}

/// Takes one element, however long, by looking for its end byte by byte.
Status ItemParser::State::single_element(std::size_t& start, bool& closed) {
    if (out->items >= limits::kItemsPerRequestMax) {
        return too_many_items();
    }
    const std::size_t size = find_element_end(body.substr(start), limits::kItemBytesMax + 1);
    if (size > limits::kItemBytesMax) {
        return {ErrorCode::kTooLarge, "at byte " + std::to_string(start) + ": " + item_too_large()};
    }
    const std::string_view text = trim_right(body.substr(start, size));
    if (text.empty()) {
        return malformed(start, "a value is missing");
    }
    if (take_text(text) == Taken::kBroken) {
        return broken();
    }
    start = skip_blanks(body, start + size);
    if (start == body.size()) {
        return malformed(start, "the array is not closed");
    }
    closed = body[start] == ']';
    if (!closed && body[start] != ',') {
        return malformed(start, "expected a comma or ] in an array");
    }
    ++start;
    return {};
}

Status ItemParser::State::parse(std::string_view text,
                                BodyForm form,
                                const ParseContext& request,
                                BatchKind kind,
                                ParsedBatch& batch) {
    batch.clear();
    batch.kind = kind;
    context = &request;
    out = &batch;
    body = text;
    json_begin = byte_order_mark_size(body);
    names.begin_batch(request.identity_seed);
    Status status = form == BodyForm::kNdjson ? parse_lines() : parse_json();
    if (!status.is_ok()) {
        batch.clear();
        return status;
    }
    ByteWriter head(batch.head);
    head.u8(static_cast<std::uint8_t>(kind));
    head.u8(kBatchFormat);
    head.fixed(raw(request.project));
    head.fixed(request.arrival);
    names.append_tables(batch.head);
    return {};
}

ItemParser::ItemParser() : state_(std::make_unique<State>()) {}

ItemParser::~ItemParser() = default;

Status ItemParser::parse_events(std::string_view body,
                                BodyForm form,
                                const ParseContext& context,
                                ParsedBatch& out) {
    return state_->parse(body, form, context, BatchKind::kEvents, out);
}

Status ItemParser::parse_labels(std::string_view body,
                                BodyForm form,
                                const ParseContext& context,
                                ParsedBatch& out) {
    return state_->parse(body, form, context, BatchKind::kLabels, out);
}

}  // namespace aiml042::codec
