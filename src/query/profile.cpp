#include "query/profile.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/percent.h"

namespace aiml042::query {

namespace {

using model::TaskType;

constexpr std::size_t kBlocksLookedAtMin = 64;
constexpr std::size_t kSliceKeysMax = 8;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

struct BooleanPair {
    std::string_view no;
    std::string_view yes;
};

constexpr std::array<BooleanPair, 3> kBooleanPairs = {
    {{"0", "1"}, {"false", "true"}, {"no", "yes"}}};

/// "True" beside "False": the positive word in the case of the negative one.
std::string in_case_of(std::string_view word, std::string_view like) {
    std::string out(word);
    const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    for (std::size_t i = 0; i < out.size(); ++i) {
        const bool up = i == 0 ? is_upper(like.front()) : is_upper(like.back());
        out[i] = up && out[i] >= 'a' ? static_cast<char>(out[i] - 'a' + 'A') : out[i];
    }
    return out;
}

std::size_t score_columns(const store::Schema& schema) {
    return static_cast<std::size_t>(
        std::ranges::count_if(schema.columns, [](const store::ColumnInfo& info) {
            return info.key.kind == model::ColumnKind::kClassScore;
        }));
}

std::vector<std::string> all_classes(const BlockSummary& seen) {
    SmallSet classes = seen.label_classes;
    classes.add(seen.predicted_classes);
    return classes.values();
}

void add_quantile(Understanding& how, const store::ColumnInfo& info) {
    const std::string& name = info.key.name;
    double quantile = 0.0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), quantile);
    if (error == std::errc() && end == name.data() + name.size()) {
        how.quantiles.push_back({info.id, quantile});
    }
    if (name == "0.5") {
        how.median_column = info.id;
    }
}

/// scores[class] columns by class text, and those of the positive class and the median.
Status add_columns(Understanding& how,
                   const store::Schema& schema,
                   ClassRegistry& classes,
                   const std::optional<std::string>& positive) {
    std::vector<const store::ColumnInfo*> scores;
    for (const store::ColumnInfo& info : schema.columns) {
        if (info.key.kind == model::ColumnKind::kClassScore) {
            scores.push_back(&info);
        } else if (info.key.kind == model::ColumnKind::kQuantile) {
            add_quantile(how, info);
        }
    }
    std::ranges::sort(how.quantiles, {}, &Understanding::QuantileColumn::quantile);
    std::ranges::sort(scores, {}, [](const store::ColumnInfo* info) { return info->key.name; });
    for (const store::ColumnInfo* info : scores) {
        AIML_ASSIGN(const std::uint32_t code, classes.code(info->key.name));
        how.class_scores.push_back({info->id, code});
        if (positive.has_value() && info->key.name == *positive) {
            how.positive_score_column = info->id;
        }
    }
    return Status::ok();
}

}  // namespace

TaskType infer_task(const BlockSummary& seen, const store::Schema& schema) {
    const bool quantiles = std::ranges::any_of(schema.columns, [](const store::ColumnInfo& info) {
        return info.key.kind == model::ColumnKind::kQuantile;
    });
    const bool classifies =
        seen.has_score || !seen.predicted_classes.values().empty() || score_columns(schema) > 0;
    if (classifies) {
        const bool many = score_columns(schema) > 2 || all_classes(seen).size() > 2;
        return many ? TaskType::kMulticlass : TaskType::kBinary;
    }
    if (quantiles) {
        return TaskType::kQuantile;
    }
    if (seen.has_predicted_value) {
        return TaskType::kRegression;
    }
    if (seen.has_ranking) {
        return TaskType::kRanking;
    }
    if (seen.has_action) {
        return seen.has_experiment ? TaskType::kExperiment : TaskType::kOffPolicy;
    }
    return seen.has_llm ? TaskType::kLlm : TaskType::kUnknown;
}

std::optional<std::string> infer_positive_class(const std::vector<std::string>& classes) {
    if (classes.empty() || classes.size() > 2) {
        return std::nullopt;
    }
    for (const BooleanPair& pair : kBooleanPairs) {
        std::optional<std::string> yes;
        std::optional<std::string> no;
        for (const std::string& name : classes) {
            if (lower(name) == pair.yes) {
                yes = name;
            } else if (lower(name) == pair.no) {
                no = name;
            }
        }
        const std::size_t found = (yes.has_value() ? 1U : 0U) + (no.has_value() ? 1U : 0U);
        if (found == classes.size()) {
            return yes.has_value() ? yes : in_case_of(pair.yes, *no);
        }
    }
    return std::nullopt;
}

Result<Profile> make_profile(const std::vector<std::shared_ptr<const store::Block>>& blocks,
                             const store::Schema& schema,
                             model::DeploymentSettings settings,
                             Summaries& summaries,
                             LeftOut* left_out) {
    Profile profile;
    profile.settings = std::move(settings);
    std::size_t looked_at = 0;
    for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
        if (looked_at++ >= kBlocksLookedAtMin && profile.seen.labelled > 0) {
            break;
        }
        const auto summary = summaries.of(*block, schema);
        if (summary.is_ok()) {
            profile.seen.add(**summary);
        } else if (left_out != nullptr && is_damage(summary.status())) {
            left_out->add_unseen(summary.status());
        } else {
            return summary.status();
        }
    }
    profile.has_labels = profile.seen.labelled > 0;
    profile.classes = all_classes(profile.seen);
    profile.task_declared = profile.settings.task_type.has_value();
    profile.task =
        profile.task_declared ? *profile.settings.task_type : infer_task(profile.seen, schema);
    profile.positive_declared = profile.settings.positive_class.has_value();
    if (profile.positive_declared) {
        profile.positive_class = profile.settings.positive_class;
    } else if (profile.task != TaskType::kMulticlass) {
        const auto& labels = profile.seen.label_classes.values();
        profile.positive_class =
            infer_positive_class(labels.empty() ? profile.seen.predicted_classes.values() : labels);
    }
    return profile;
}

Result<Understanding> understand(const Profile& profile,
                                 const store::Schema& schema,
                                 ClassRegistry& classes,
                                 bool multiclass_positive) {
    Understanding how;
    how.task = profile.task;
    how.score_is = profile.settings.score_is;
    how.threshold = profile.settings.threshold.value_or(0.5);
    const bool two_classes = profile.task != TaskType::kMulticlass || multiclass_positive;
    if (profile.positive_class.has_value() && two_classes) {
        AIML_ASSIGN(how.positive_class, classes.code(*profile.positive_class));
        std::string negative = "not " + *profile.positive_class;
        if (const auto& seen = profile.classes; seen.size() == 2) {
            negative = seen[0] == *profile.positive_class ? seen[1] : seen[0];
        } else if (seen.size() == 1 && seen[0] != *profile.positive_class) {
            negative = seen[0];
        }
        AIML_ASSIGN(how.negative_class, classes.code(negative));
    }
    AIML_TRY(
        add_columns(how, schema, classes, two_classes ? profile.positive_class : std::nullopt));
    return how;
}

Status positive_class_unknown(const Profile& profile,
                              std::string_view metric,
                              std::string_view deployment) {
    std::string seen;
    for (std::size_t i = 0; i < std::min<std::size_t>(profile.classes.size(), 5); ++i) {
        seen += (i == 0 ? "\"" : ", \"") + profile.classes[i].substr(0, 64) + "\"";
    }
    return {ErrorCode::kPositiveClassUnknown,
            fmt::format("{} needs to know which class is the positive one; seen so far: {}. "
                        "Declare it with PUT "
                        "/v1/deployments/{} and {{\"positive_class\": …}}",
                        metric,
                        seen.empty() ? "none" : seen,
                        percent_encode(deployment)),
            "/metric"};
}

std::vector<std::pair<std::string, std::vector<std::string>>> slices_of(const Profile& profile) {
    std::vector<std::pair<std::string, std::vector<std::string>>> out;
    const auto take = [&](const std::string& key, const SmallSet& values) {
        std::vector<std::string> listed = values.values();
        listed.resize(std::min(listed.size(), limits::kSliceValuesMax));
        out.emplace_back(key, std::move(listed));
    };
    for (const std::string& key : profile.settings.cohort_keys) {
        const auto found = profile.seen.metadata.find(key);
        take(key, found == profile.seen.metadata.end() ? SmallSet() : found->second);
    }
    if (!profile.settings.cohort_keys.empty()) {
        return out;
    }
    for (const auto& [key, values] : profile.seen.metadata) {
        if (out.size() < kSliceKeysMax && !values.full()) {
            take(key, values);
        }
    }
    return out;
}

}  // namespace aiml042::query
