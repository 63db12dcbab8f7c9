#include "codec/label_parser.h"

#include <array>

#include "base/limits.h"
#include "model/row.h"

namespace aiml042::codec {

namespace {

enum Field : std::size_t { kRequestId, kDeploymentId, kLabel, kLabelTs, kSource };

constexpr std::array<std::string_view, 5> kFields = {
    "request_id", "deployment_id", "label", "label_ts", "source"};

// An event with both ids is known by its request_id alone, so a label that names only the trace
// would never find it.
constexpr std::array<KnownKeys::Misnomer, 1> kMisnomers = {
    {{"trace_id",
      "a label names its event by request_id, which is the trace id of an event that was sent "
      "without a request_id"}}};

enum LabelField : std::size_t { kClass, kValue, kRelevance, kReward };

constexpr std::array<std::string_view, 4> kLabelFields = {"class", "value", "relevance", "reward"};

}  // namespace

LabelParser::LabelParser(JsonWalker& walker, NameTable& names, RowWriter& row)
    : walker_(walker),
      names_(names),
      row_(row),
      keys_(kFields, kMisnomers),
      label_keys_(kLabelFields) {}

bool LabelParser::parse(const ParseContext& context, RowExtent& extent) {
    deployment_ = NameTable::kNone;
    request_id_ = {};
    time_ = context.arrival;
    has_label_ = false;
    remainder_.clear();
    KnownKeys::Visit visit;
    return read_object(
               walker_, keys_, visit, [&](std::size_t field) { return member(field, context); }) &&
           finish(context, extent);
}

bool LabelParser::member(std::size_t field, const ParseContext& context) {
    std::string_view text;
    switch (field) {
        case kRequestId:
            return walker_.read_id(request_id_, limits::kRequestIdBytesMax);
        case kDeploymentId:
            return deployment();
        case kLabel:
            has_label_ = true;
            return label();
        case kLabelTs:
            return times_.read(walker_, context.arrival, time_);
        default:
            if (!walker_.read_name(text, limits::kNameBytesMax)) {
                return false;
            }
            row_.text(LabelTag::kSource, text);
            return true;
    }
}

bool LabelParser::deployment() {
    deployment_ = names_.guess(NameKind::kDeployment, NameTable::kNone);
    if (walker_.peek() == '"' &&
        names_.matches(deployment_, NameKind::kDeployment, walker_.position(), walker_.limit())) {
        walker_.advance();
        return true;
    }
    std::string_view text;
    if (!walker_.read_id(text, limits::kNameBytesMax)) {
        return false;
    }
    deployment_ = names_.find(NameKind::kDeployment, text);
    if (deployment_ == NameTable::kNone) {
        return walker_.fail(ErrorCode::kCardinalityLimit, "too many distinct names in one request");
    }
    names_.use(NameKind::kDeployment, NameTable::kNone, deployment_);
    return true;
}

bool LabelParser::label() {
    switch (walker_.peek()) {
        case '{':
            return label_object();
        case '[':
            return walker_.fail_type("an object, string, number or boolean");
        default:
            return label_scalar();
    }
}

bool LabelParser::label_scalar() {
    const char first = walker_.peek();
    const std::uint32_t* const token = walker_.token();
    std::string_view text;
    if (!walker_.read_scalar_text(text, limits::kNameBytesMax)) {
        return false;
    }
    row_.text(LabelTag::kClass, text);
    if (first == '"') {
        return true;
    }
    JsonNumber number{.is_decimal = true};
    if (first == 't' || first == 'f') {
        number.digits = first == 't' ? 1 : 0;
    } else {
        walker_.rewind(token);
        if (!walker_.read_number(number)) {
            return false;
        }
    }
    row_.number(LabelTag::kValue, number);
    return true;
}

bool LabelParser::label_object() {
    KnownKeys::Visit visit;
    std::uint32_t given = 0;
    const auto on_member = [&](std::size_t field) {
        given |= 1U << field;
        return label_member(field);
    };
    if (!read_object(walker_, label_keys_, visit, on_member)) {
        return false;
    }
    if (given == 0) {
        return walker_.fail(ErrorCode::kMissingField,
                            "the label has none of class, value, relevance, reward");
    }
    constexpr std::uint32_t kBoth = 1U << kValue | 1U << kReward;
    if ((given & kBoth) == kBoth) {
        return walker_.fail(ErrorCode::kInvalidField, "a label has a value or a reward, not both");
    }
    return true;
}

bool LabelParser::label_member(std::size_t field) {
    std::string_view text;
    JsonNumber number;
    switch (field) {
        case kClass:
            if (!walker_.read_scalar_text(text, limits::kNameBytesMax)) {
                return false;
            }
            row_.text(LabelTag::kClass, text);
            return true;
        case kRelevance:
            return relevance();
        default:
            if (!walker_.read_number(number)) {
                return false;
            }
            row_.number(LabelTag::kValue, number);
            return true;
    }
}

bool LabelParser::relevance() {
    remainder_ += "{\"relevance\":";
    return walker_.visit_object(&remainder_, [&](std::string_view document) {
        if (document.empty() || document.size() > limits::kNameBytesMax) {
            return walker_.fail(ErrorCode::kOutOfRange,
                                "the id of a document must have 1 to 256 bytes");
        }
        return walker_.visit_number(&remainder_);
    });
}

bool LabelParser::finish(const ParseContext& context, RowExtent& extent) {
    if (request_id_.data() == nullptr) {
        walker_.fail(ErrorCode::kMissingField, "a request_id is required");
        return walker_.under("request_id");
    }
    if (!has_label_) {
        walker_.fail(ErrorCode::kMissingField, "a label is required");
        return walker_.under("label");
    }
    std::string_view deployment;
    if (deployment_ != NameTable::kNone) {
        deployment = names_.text(deployment_);
        row_.index(LabelTag::kDeployment, names_.index(deployment_));
    }
    row_.text(LabelTag::kRequestId, request_id_);
    if (!remainder_.empty()) {
        remainder_ += '}';
        row_.text(LabelTag::kRemainder, remainder_);
    }
    extent.timestamp = time_;
    extent.identity =
        model::identity_of(context.project, deployment, request_id_, context.identity_seed);
    return true;
}

}  // namespace aiml042::codec
