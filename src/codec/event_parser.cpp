#include "codec/event_parser.h"

#include <array>

#include "base/limits.h"
#include "model/row.h"

namespace aiml042::codec {

namespace {

enum Field : std::size_t {
    kDeploymentId,
    kModelVersion,
    kRequestId,
    kTraceId,
    kTimestamp,
    kPrediction,
    kScore,
    kFeatures,
    kEmbeddings,
    kAttributions,
    kLatencyMs,
    kErrorCode,
    kMetadata,
    kPromptVersion,
    kLlm,
    kExperiment,
    kShadow,
};

constexpr std::array<std::string_view, 17> kFields = {"deployment_id",
                                                      "model_version",
                                                      "request_id",
                                                      "trace_id",
                                                      "timestamp",
                                                      "prediction",
                                                      "score",
                                                      "features",
                                                      "embeddings",
                                                      "attributions",
                                                      "latency_ms",
                                                      "error_code",
                                                      "metadata",
                                                      "prompt_version",
                                                      "llm",
                                                      "experiment",
                                                      "shadow"};

enum PredictionField : std::size_t {
    kPredictionClass,
    kPredictionScore,
    kPredictionScores,
    kPredictionValue,
    kPredictionQuantiles,
    kPredictionRanking,
    kPredictionAction,
    kPredictionPropensity,
    kPredictionText,
};

constexpr std::array<std::string_view, 9> kPredictionFields = {
    "class", "score", "scores", "value", "quantiles", "ranking", "action", "propensity", "text"};

enum RankingField : std::size_t { kRankingId, kRankingScore };

constexpr std::array<std::string_view, 2> kRankingFields = {"id", "score"};

enum ExperimentField : std::size_t { kExperimentId, kExperimentVariant };

constexpr std::array<std::string_view, 2> kExperimentFields = {"id", "variant"};

constexpr std::size_t kBitsOfAllButPropensity =
    (1U << kPredictionFields.size()) - 1 - (1U << kPredictionPropensity);

}  // namespace

EventParser::EventParser(JsonWalker& walker, NameTable& names, RowWriter& row)
    : walker_(walker),
      names_(names),
      row_(row),
      keys_(kFields),
      prediction_keys_(kPredictionFields),
      ranking_keys_(kRankingFields),
      experiment_keys_(kExperimentFields),
      llm_keys_(llm_fields()) {}

bool EventParser::parse(const ParseContext& context, RowExtent& extent) {
    draft_ = Draft{};
    draft_.time = context.arrival;
    remainder_.clear();
    KnownKeys::Visit visit;
    return read_object(
               walker_, keys_, visit, [&](std::size_t field) { return member(field, context); }) &&
           finish(context, extent);
}

bool EventParser::member(std::size_t field, const ParseContext& context) {
    switch (field) {
        case kDeploymentId:
            return name_member(NameKind::kDeployment, draft_.deployment);
        case kModelVersion:
            return name_member(NameKind::kModelVersion, draft_.version);
        case kRequestId:
            return walker_.read_id(draft_.request_id, limits::kRequestIdBytesMax);
        case kTraceId:
            return walker_.read_id(draft_.trace_id, limits::kRequestIdBytesMax);
        case kTimestamp:
            return times_.read(walker_, context.arrival, draft_.time);
        case kPrediction:
            draft_.has_prediction = true;
            return prediction();
        case kScore:
            draft_.has_score = true;
            return probability(draft_.score);
        case kFeatures:
            return values(NameKind::kFeature);
        case kEmbeddings:
            return embeddings();
        case kAttributions:
            return numbers(NameKind::kAttribution);
        case kLatencyMs:
            return amount_member(EventTag::kLatencyMs);
        case kErrorCode:
            draft_.has_error = true;
            return text_member(EventTag::kErrorCode);
        case kMetadata:
            return values(NameKind::kMetadata);
        case kPromptVersion:
            return text_member(EventTag::kPromptVersion);
        case kLlm:
            return llm();
        case kExperiment:
            return experiment();
        default: {
            bool shadow = false;
            if (!walker_.read_bool(shadow)) {
                return false;
            }
            if (shadow) {
                row_.flag(EventTag::kShadow);
            }
            return true;
        }
    }
}

bool EventParser::name_member(NameKind kind, NameTable::Id& id) {
    id = names_.guess(kind, NameTable::kNone);
    if (walker_.peek() == '"' && names_.matches(id, kind, walker_.position(), walker_.limit())) {
        walker_.advance();
        return true;
    }
    std::string_view text;
    if (!walker_.read_id(text, limits::kNameBytesMax)) {
        return false;
    }
    id = names_.find(kind, text);
    if (id == NameTable::kNone) {
        return walker_.fail(ErrorCode::kCardinalityLimit, "too many distinct names in one request");
    }
    names_.use(kind, NameTable::kNone, id);
    return true;
}

bool EventParser::text_member(EventTag tag) {
    std::string_view text;
    if (!walker_.read_name(text, limits::kNameBytesMax)) {
        return false;
    }
    row_.text(tag, text);
    return true;
}

bool EventParser::amount_member(EventTag tag) {
    const std::uint32_t* const token = walker_.token();
    JsonNumber number;
    if (!walker_.read_number(number)) {
        return false;
    }
    if (number.value < 0.0) {
        walker_.rewind(token);
        return walker_.fail(ErrorCode::kOutOfRange, "expected a number that is not negative");
    }
    row_.number(tag, number);
    return true;
}

bool EventParser::probability(JsonNumber& number) {
    const std::uint32_t* const token = walker_.token();
    if (!walker_.read_number(number)) {
        return false;
    }
    if (!(number.value >= 0.0 && number.value <= 1.0)) {
        walker_.rewind(token);
        return walker_.fail(ErrorCode::kOutOfRange, "expected a number from 0 to 1");
    }
    return true;
}

bool EventParser::prediction() {
    if (walker_.peek() != '{') {
        JsonNumber number;
        if (kind_of_value(walker_.peek()) != "a number") {
            return walker_.fail_type("an object or a number");
        }
        if (!walker_.read_number(number)) {
            return false;
        }
        row_.number(EventTag::kPredictedValue, number);
        return true;
    }
    KnownKeys::Visit visit;
    std::uint32_t given = 0;
    const auto on_member = [&](std::size_t field) {
        given |= 1U << field;
        return prediction_member(field);
    };
    if (!read_object(walker_, prediction_keys_, visit, on_member)) {
        return false;
    }
    if ((given & kBitsOfAllButPropensity) == 0) {
        return walker_.fail(ErrorCode::kMissingField,
                            "the prediction has none of class, score, scores, value, quantiles, "
                            "ranking, action, text");
    }
    if ((given & 1U << kPredictionPropensity) != 0 && (given & 1U << kPredictionAction) == 0) {
        walker_.fail(ErrorCode::kMissingField, "a propensity needs the action it belongs to");
        return walker_.under("action");
    }
    return true;
}

bool EventParser::prediction_member(std::size_t field) {
    std::string_view text;
    JsonNumber number;
    switch (field) {
        case kPredictionClass:
            if (!walker_.read_scalar_text(text, limits::kNameBytesMax)) {
                return false;
            }
            row_.text(EventTag::kPredictedClass, text);
            return true;
        case kPredictionScore:
            draft_.has_prediction_score = true;
            return probability(draft_.prediction_score);
        case kPredictionScores:
            return class_scores();
        case kPredictionValue:
            if (!walker_.read_number(number)) {
                return false;
            }
            row_.number(EventTag::kPredictedValue, number);
            return true;
        case kPredictionQuantiles:
            return numbers(NameKind::kQuantile);
        case kPredictionRanking:
            return ranking();
        case kPredictionAction:
            if (!walker_.read_scalar_text(text, limits::kNameBytesMax)) {
                return false;
            }
            row_.text(EventTag::kAction, text);
            return true;
        case kPredictionPropensity:
            return propensity();
        default:
            begin_part("text");
            return walker_.visit_text(&remainder_, limits::kTextBytesMax);
    }
}

bool EventParser::propensity() {
    const std::uint32_t* const token = walker_.token();
    JsonNumber number;
    if (!walker_.read_number(number)) {
        return false;
    }
    if (!(number.value > 0.0 && number.value <= 1.0)) {
        walker_.rewind(token);
        return walker_.fail(ErrorCode::kOutOfRange, "expected a number above 0, at most 1");
    }
    row_.number(EventTag::kPropensity, number);
    return true;
}

bool EventParser::ranking() {
    begin_part("ranking");
    return walker_.visit_array(&remainder_, [&](std::size_t index) {
        if (index >= limits::kEmbeddingLengthMax) {
            return walker_.fail(ErrorCode::kOutOfRange,
                                "more than " + std::to_string(limits::kEmbeddingLengthMax) +
                                    " documents in one ranking");
        }
        return ranking_item();
    });
}

bool EventParser::ranking_item() {
    KnownKeys::Visit visit;
    std::uint32_t given = 0;
    remainder_ += '{';
    const auto on_member = [&](std::size_t field) {
        remainder_ += given != 0 ? ",\"" : "\"";
        remainder_ += kRankingFields[field];
        remainder_ += "\":";
        given |= 1U << field;
        if (field == kRankingScore) {
            return walker_.visit_number(&remainder_);
        }
        if (walker_.peek() == '"') {
            return walker_.visit_text(&remainder_, limits::kNameBytesMax);
        }
        return kind_of_value(walker_.peek()) == "a number"
                   ? walker_.visit_number(&remainder_)
                   : walker_.fail_type("a string or a number");
    };
    if (!read_object(walker_, ranking_keys_, visit, on_member)) {
        return false;
    }
    remainder_ += '}';
    for (std::size_t field = 0; field < kRankingFields.size(); ++field) {
        if ((given & 1U << field) == 0) {
            walker_.fail(ErrorCode::kMissingField, "a ranked document needs its id and its score");
            return walker_.under(kRankingFields[field]);
        }
    }
    return true;
}

bool EventParser::experiment() {
    KnownKeys::Visit visit;
    std::uint32_t given = 0;
    const auto on_member = [&](std::size_t field) {
        given |= 1U << field;
        return text_member(field == kExperimentId ? EventTag::kExperiment : EventTag::kVariant);
    };
    if (!read_object(walker_, experiment_keys_, visit, on_member)) {
        return false;
    }
    for (std::size_t field = 0; field < kExperimentFields.size(); ++field) {
        if ((given & 1U << field) == 0) {
            walker_.fail(ErrorCode::kMissingField, "an experiment needs its id and the variant");
            return walker_.under(kExperimentFields[field]);
        }
    }
    return true;
}

void EventParser::begin_part(std::string_view name) {
    remainder_ += remainder_.empty() ? "{\"" : ",\"";
    remainder_ += name;
    remainder_ += "\":";
}

bool EventParser::finish(const ParseContext& context, RowExtent& extent) {
    const auto missing = [this](std::string_view field, std::string_view detail) {
        walker_.fail(ErrorCode::kMissingField, std::string(detail));
        return walker_.under(field);
    };
    if (draft_.deployment == NameTable::kNone) {
        return missing("deployment_id", "a deployment_id is required");
    }
    if (draft_.version == NameTable::kNone) {
        return missing("model_version", "a model_version is required");
    }
    std::string_view id = draft_.request_id;
    if (id.data() == nullptr) {
        id = draft_.trace_id;
    }
    if (id.data() == nullptr) {
        return missing("request_id", "a request_id or a trace_id is required");
    }
    if (!draft_.has_prediction && !draft_.has_score && !draft_.has_error) {
        return missing("prediction",
                       "a prediction or a score is required unless there is an error_code");
    }
    if (draft_.has_score && draft_.has_prediction_score &&
        draft_.score.value != draft_.prediction_score.value) {
        walker_.fail(ErrorCode::kInvalidField, "score and prediction.score differ");
        return walker_.under("score");
    }
    row_.index(EventTag::kDeployment, names_.index(draft_.deployment));
    row_.index(EventTag::kModelVersion, names_.index(draft_.version));
    if (draft_.request_id.data() != nullptr) {
        row_.text(EventTag::kRequestId, draft_.request_id);
    }
    if (draft_.trace_id.data() != nullptr) {
        row_.text(EventTag::kTraceId, draft_.trace_id);
    }
    if (draft_.has_score || draft_.has_prediction_score) {
        row_.number(EventTag::kScore, draft_.has_score ? draft_.score : draft_.prediction_score);
    }
    if (!remainder_.empty()) {
        remainder_ += '}';
        row_.text(EventTag::kRemainder, remainder_);
    }
    extent.timestamp = draft_.time;
    extent.identity = model::identity_of(
        context.project, names_.text(draft_.deployment), id, context.identity_seed);
    return true;
}

}  // namespace aiml042::codec
