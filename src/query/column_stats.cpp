#include "query/column_stats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/hash.h"
#include "model/column.h"

namespace aiml042::query {

namespace {

constexpr std::uint64_t kValuesMax = 20'000'000;  // Rows × columns that are read.
constexpr std::size_t kExamplesMax = 5;

constexpr std::array<ColumnId, 13> kOwnColumns = {
    model::builtin::kModelVersion, model::builtin::kScore,         model::builtin::kPredictedClass,
    model::builtin::kPredictedValue, model::builtin::kLatencyMs,   model::builtin::kErrorCode,
    model::builtin::kPromptVersion, model::builtin::kExperiment,   model::builtin::kVariant,
    model::builtin::kShadow,        model::builtin::kInputTokens,  model::builtin::kOutputTokens,
    model::builtin::kCostUsd};

struct Wanted {
    ColumnId id = 0;
    ColumnStats stats;
};

std::string_view role_of(model::ColumnKind kind) {
    switch (kind) {
        case model::ColumnKind::kMetadata:
            return "metadata";
        case model::ColumnKind::kFeature:
            return "feature";
        case model::ColumnKind::kClassScore:
            return "score";
        case model::ColumnKind::kQuantile:
            return "quantile";
        case model::ColumnKind::kAttribution:
            return "attribution";
        case model::ColumnKind::kBuiltin:
            return "system";
    }
    return "system";
}

std::string_view scope_of(model::ColumnKind kind) {
    switch (kind) {
        case model::ColumnKind::kClassScore:
            return "scores";
        case model::ColumnKind::kQuantile:
            return "quantiles";
        case model::ColumnKind::kAttribution:
            return "attributions";
        case model::ColumnKind::kMetadata:
            return "metadata";
        default:
            return "feature";
    }
}

/// The shortest name that means this column: bare where nothing else has the right to it.
std::string name_of(const store::ColumnInfo& info, const store::Schema& schema) {
    const auto field = resolve_field(FieldName{{}, info.key.name, 0}, schema, "");
    const bool first = field.is_ok() && std::ranges::any_of(field->parts, [&](const Field::Part& part) {
        return part.source == Field::Source::kColumn && part.id == info.id;
    });
    const bool hidden = info.key.kind == model::ColumnKind::kFeature &&
                        !schema.find(model::ColumnKind::kMetadata, info.key.name).empty();
    return first && !hidden ? info.key.name : std::string(scope_of(info.key.kind)) + "." + info.key.name;
}

std::vector<Wanted> wanted_columns(const store::Schema& schema) {
    std::vector<Wanted> out;
    using model::ColumnKind;
    for (const ColumnKind kind : {ColumnKind::kMetadata, ColumnKind::kFeature, ColumnKind::kClassScore, ColumnKind::kQuantile}) {
        for (const store::ColumnInfo& info : schema.columns) {
            if (info.key.kind == kind) {
                Wanted wanted;
                wanted.id = info.id;
                wanted.stats.name = name_of(info, schema);
                wanted.stats.role = role_of(kind);
                wanted.stats.type = info.key.type;
                out.push_back(std::move(wanted));
            }
        }
    }
    for (const ColumnId id : kOwnColumns) {
        Wanted wanted;
        wanted.id = id;
        wanted.stats.name = model::builtin_column(id).name;
        wanted.stats.role = "system";
        wanted.stats.type = model::builtin_column(id).type;
        out.push_back(std::move(wanted));
    }
    return out;
}

void add_example(ColumnStats& stats, std::string text) {
    if (stats.examples.size() >= kExamplesMax) {
        return;
    }
    GroupValue value{false, stats.type, std::move(text)};
    if (std::ranges::find(stats.examples, value) == stats.examples.end()) {
        stats.examples.push_back(std::move(value));
    }
}

void add_strings(ColumnStats& stats, const model::ColumnVector& column, std::size_t rows) {
    std::vector<std::uint8_t> seen(column.strings.size(), 0);
    for (std::size_t i = 0; i < rows; ++i) {
        const std::uint32_t code = column.codes[i];
        if (code >= seen.size()) {
            continue;
        }
        ++stats.present;
        if (seen[code] == 0) {
            seen[code] = 1;
            stats.distinct.add(hash64(column.strings.at(code)));
            add_example(stats, std::string(column.strings.at(code)));
        }
    }
}

void add_numbers(ColumnStats& stats, const model::ColumnVector& column, std::size_t rows) {
    for (std::size_t i = 0; i < rows; ++i) {
        const double v = column.numbers[i];
        if (v != v) {
            continue;
        }
        stats.min = stats.present == 0 ? v : std::min(stats.min, v);
        stats.max = stats.present == 0 ? v : std::max(stats.max, v);
        ++stats.present;
        stats.distinct.add(hash64({reinterpret_cast<const char*>(&v), sizeof(v)}));
        if (stats.examples.size() < kExamplesMax) {
            const bool boolean = stats.type == model::ValueType::kBool;
            add_example(stats, boolean ? (v != 0.0 ? "true" : "false") : fmt::format("{}", v));
        }
    }
}

}  // namespace

void DistinctCount::insert(std::uint64_t hash) {
    smallest_.insert(hash);
    if (smallest_.size() > kKept) {
        smallest_.erase(std::prev(smallest_.end()));
    }
}

double DistinctCount::estimate() const {
    if (smallest_.size() < kKept) {
        return static_cast<double>(smallest_.size());
    }
    const double largest = std::ldexp(static_cast<double>(*smallest_.rbegin()), -64);
    return std::round(static_cast<double>(kKept - 1) / largest);
}

Result<std::vector<ColumnStats>> column_stats(const Core& core, const store::DeploymentInfo& deployment) {
    std::vector<Wanted> wanted = wanted_columns(*deployment.schema);
    const Blocks blocks = core.store.blocks(deployment.project, deployment.id, TimeRange{});
    const Timestamp deadline = core.deadline();
    std::uint64_t values = 0;
    for (auto block = blocks.rbegin(); block != blocks.rend() && values < kValuesMax; ++block) {
        AIML_TRY(core.check_deadline(deadline));
        BlockView view(*block, kTimestampMax);
        values += std::uint64_t{view.rows()} * wanted.size();
        for (Wanted& column : wanted) {
            column.stats.rows += view.rows();
            AIML_ASSIGN(const model::ColumnVector* data, view.column(column.id));
            if (data == nullptr) {
                continue;
            }
            if (data->type == model::ValueType::kString) {
                add_strings(column.stats, *data, view.rows());
            } else {
                add_numbers(column.stats, *data, view.rows());
            }
        }
    }
    std::vector<ColumnStats> out;
    for (Wanted& column : wanted) {
        if (column.stats.present > 0) {
            out.push_back(std::move(column.stats));
        }
    }
    return out;
}

}  // namespace aiml042::query
