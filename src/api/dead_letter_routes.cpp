// Items that were refused: look at them, send them again (corrected or not), drop them.

#include <charconv>
#include <future>

#include "api/admin_routes.h"
#include "api/answer.h"
#include "api/cursor.h"
#include "api/ingest_routes.h"
#include "base/log.h"
#include "codec/item_parser.h"
#include "codec/json_writer.h"

namespace aiml042::api {

namespace {

constexpr std::string_view kLettersSchema =
    R"({"type":"object","required":["dead_letters","next_cursor"],"properties":{
"dead_letters":{"type":"array","items":{"$ref":"#/components/schemas/DeadLetter"}},"next_cursor":{"type":["string","null"]}}})";

constexpr std::string_view kAnyObject = R"({"type":"object"})";

CursorScope cursor_scope(const Parts& parts, const Call& call) {
    return {.secret = parts.catalog.identity_seed(),
            .project = call.principal.project,
            .list = "dead_letters"};
}

void write_letter(codec::JsonWriter& json, const catalog::DeadLetter& letter) {
    json.begin_object()
        .field("id", std::to_string(letter.id))
        .field("received_at", format_rfc3339(letter.received_at))
        .field("kind", letter.kind)
        .field("code", letter.code)
        .field("detail", letter.detail)
        .field("pointer", letter.pointer)
        .field("item", letter.item)
        .field("replayed", letter.replayed)
        .end_object();
}

template <typename Integer>
std::optional<Integer> read_number(std::string_view text) {
    Integer number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional<Integer>(number)
                                                                    : std::nullopt;
}

Result<net::Response> list_letters(const Parts& parts, const Call& call) {
    AIML_ASSIGN(const QueryParameters parameters,
                QueryParameters::read(*call.request, {"cursor", "limit"}));
    AIML_ASSIGN(const Page page, read_page(parameters, cursor_scope(parts, call)));
    const auto wanted = static_cast<std::uint32_t>(page.limit + 1);
    AIML_ASSIGN(std::vector<catalog::DeadLetter> letters,
                parts.catalog.dead_letters(call.principal.project, page.after.value_or(0), wanted));
    std::optional<std::int64_t> last;
    if (letters.size() == wanted) {
        letters.pop_back();
        last = letters.back().id;
    }
    codec::JsonWriter json;
    json.begin_object().key("dead_letters").begin_array();
    for (const catalog::DeadLetter& letter : letters) {
        write_letter(json, letter);
    }
    json.end_array();
    write_next_cursor(json, cursor_scope(parts, call), last);
    json.end_object();
    return json_response(json.take());
}

/// The letter in the path, of the own project.
Result<catalog::DeadLetter> find_letter(const Parts& parts, const Call& call) {
    const auto id = read_number<std::int64_t>(call.path_parameter("id"));
    std::optional<catalog::DeadLetter> letter;
    if (id) {
        AIML_ASSIGN(letter, parts.catalog.dead_letter(call.principal.project, *id));
    }
    if (!letter) {
        return Status(ErrorCode::kNotFound, "There is no such dead letter.");
    }
    return std::move(*letter);
}

Result<net::Response> get_letter(const Parts& parts, const Call& call) {
    AIML_ASSIGN(const catalog::DeadLetter letter, find_letter(parts, call));
    codec::JsonWriter json;
    write_letter(json, letter);
    return json_response(json.take());
}

Result<net::Response> delete_letter(const Parts& parts, const Call& call) {
    AIML_ASSIGN(const catalog::DeadLetter letter, find_letter(parts, call));
    AIML_TRY(parts.catalog.delete_dead_letter(call.principal.project, letter.id));
    return no_content();
}

/// Waits on the worker until the item is durable: the commit is a matter of milliseconds and always
/// comes.
Result<net::Response> replay_letter(const Parts& parts, const Call& call) {
    AIML_ASSIGN(const catalog::DeadLetter letter, find_letter(parts, call));
    AIML_TRY(parts.ports.admission());
    const bool corrected = !call.request->body.empty();
    if (!corrected && letter.item.size() >= limits::kDeadLetterItemBytesMax) {
        return Status(ErrorCode::kConflict,
                      "This item was kept in part only: send the whole of it as body.");
    }
    std::string padded(corrected ? call.request->body : std::string_view(letter.item));
    const std::size_t size = padded.size();
    padded.resize(size + codec::ItemParser::kPadding);
    std::promise<Result<ingest::Outcome>> promise;
    std::future<Result<ingest::Outcome>> outcome = promise.get_future();
    parts.ports.submit(
        {.project = call.principal.project,
         .kind = letter.kind == "event" ? codec::BatchKind::kEvents : codec::BatchKind::kLabels,
         .form = codec::BodyForm::kJson,
         .encoding = codec::Encoding::kIdentity,
         .body = std::string_view(padded).substr(0, size),
         .arrival = parts.clock.now(),
         .keep_rejected = false},
        [&promise](Result<ingest::Outcome> result) { promise.set_value(std::move(result)); });
    Result<ingest::Outcome> result = outcome.get();
    AIML_TRY(result.status());
    if (result->ingested + result->duplicates > 0) {
        AIML_TRY(parts.catalog.mark_replayed(call.principal.project, letter.id));
        log_info("dead_letter_replayed", {{"id", letter.id}, {"by", call.principal.key_id}});
    }
    return ingest_answer(*result, call.request->request_id);
}

Route letter_route(net::Method method,
                   std::string_view pattern,
                   Body body,
                   std::string_view summary) {
    return {.method = method,
            .pattern = pattern,
            .scope = access::Scope::kAdmin,
            .body = body,
            .place = Place::kWorker,
            .summary = summary,
            .parameters = {},
            .request_schema = "",
            .response_schema = "",
            .handle = nullptr};
}

}  // namespace

std::vector<Route> dead_letter_routes(const Parts& parts) {
    using enum net::Method;
    static constexpr std::string_view kOne = "/v1/dead-letters/{id}";
    std::vector<Route> routes;
    Route& list = routes.emplace_back(letter_route(
        kGet, "/v1/dead-letters", Body::kNone, "Items that were refused, newest first."));
    list.parameters = page_docs();
    list.response_schema = kLettersSchema;
    list.handle = answering([&parts](const Call& call) { return list_letters(parts, call); });

    Route& one = routes.emplace_back(letter_route(kGet, kOne, Body::kNone, "One refused item."));
    one.response_schema = R"({"$ref":"#/components/schemas/DeadLetter"})";
    one.handle = answering([&parts](const Call& call) { return get_letter(parts, call); });

    Route& remove =
        routes.emplace_back(letter_route(kDelete, kOne, Body::kNone, "Drops a refused item."));
    remove.handle = answering([&parts](const Call& call) { return delete_letter(parts, call); });

    Route& replay = routes.emplace_back(
        letter_route(kPost,
                     "/v1/dead-letters/{id}/replay",
                     Body::kSmall,
                     "Takes a refused item again, as it was or as in the body."));
    replay.request_schema = kAnyObject;
    replay.response_schema = kTakenSchema;
    replay.other_answer = kNothingTakenDoc;
    replay.handle = answering([&parts](const Call& call) { return replay_letter(parts, call); });
    return routes;
}

}  // namespace aiml042::api
