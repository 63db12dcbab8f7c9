#include "query/summary.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "model/column.h"
#include "query/stored_json.h"

namespace aiml042::query {

namespace {

/// Which strings of a pool occur in `codes`.
std::vector<std::uint32_t> counts_of(std::span<const std::uint32_t> codes, std::uint32_t distinct) {
    std::vector<std::uint32_t> counts(distinct, 0);
    for (const std::uint32_t code : codes) {
        if (code < distinct) {
            ++counts[code];
        }
    }
    return counts;
}

void add_strings(SmallSet& set,
                 std::span<const std::uint32_t> codes,
                 const model::StringPool& pool) {
    const std::vector<std::uint32_t> counts = counts_of(codes, pool.size());
    for (std::uint32_t i = 0; i < counts.size() && !set.full(); ++i) {
        if (counts[i] > 0) {
            set.add(pool.at(i));
        }
    }
}

Status add_labels(BlockSummary& out, BlockView& view) {
    AIML_ASSIGN(const model::LabelColumns* labels, view.labels());
    out.labelled = labels->labelled_count;
    if (out.labelled == 0) {
        return Status::ok();
    }
    add_strings(
        out.label_classes, std::span(labels->class_codes).first(view.rows()), labels->classes);
    double last = 0.0;
    bool has_last = false;
    for (std::size_t i = 0; i < view.rows() && !out.label_classes.full(); ++i) {
        const double v = labels->values[i];
        if (labels->class_codes[i] == model::kNullCode && v == v && !(has_last && v == last)) {
            out.label_classes.add(fmt::format("{}", v));
            last = v;
            has_last = true;
        }
    }
    return Status::ok();
}

Status add_versions(BlockSummary& out, BlockView& view) {
    AIML_ASSIGN(const model::ColumnVector* column, view.column(model::builtin::kModelVersion));
    AIML_ASSIGN(const std::span<const Timestamp> times, view.timestamps());
    if (column == nullptr) {
        return Status::ok();
    }
    std::vector<VersionCount> counts(column->strings.size());
    for (std::size_t i = 0; i < times.size(); ++i) {
        out.first = std::min(out.first, times[i]);
        out.last = std::max(out.last, times[i]);
        if (column->codes[i] < counts.size()) {
            counts[column->codes[i]].add({1, times[i], times[i]});
        }
    }
    for (std::uint32_t i = 0; i < counts.size(); ++i) {
        if (counts[i].events > 0) {
            out.versions[std::string(column->strings.at(i))].add(counts[i]);
        }
    }
    return Status::ok();
}

Status add_metadata(BlockSummary& out, BlockView& view, const store::Schema& schema) {
    std::size_t looked_at = 0;
    for (const store::ColumnInfo& info : schema.columns) {
        const bool listed = info.key.kind == model::ColumnKind::kMetadata &&
                            info.key.type != model::ValueType::kNumber;
        if (!listed || looked_at++ >= kSummaryKeysMax) {
            continue;
        }
        AIML_ASSIGN(const model::ColumnVector* column, view.column(info.id));
        if (column == nullptr) {
            continue;
        }
        SmallSet& values = out.metadata[info.key.name];
        if (info.key.type == model::ValueType::kString) {
            add_strings(values, std::span(column->codes).first(view.rows()), column->strings);
            continue;
        }
        for (const double v : column->numbers) {
            if (v == v) {
                values.add(v != 0.0 ? "true" : "false");
            }
        }
    }
    return Status::ok();
}

/// What the remainder of events speaks of, from a few of them.
Status add_remainder(BlockSummary& out, BlockView& view) {
    AIML_ASSIGN(const model::ColumnVector* column, view.column(model::builtin::kRemainder));
    for (std::uint32_t i = 0; column != nullptr && i < std::min(column->strings.size(), 16U); ++i) {
        const std::string_view text = column->strings.at(i);
        out.has_ranking = out.has_ranking || text.find("\"ranking\":") != std::string_view::npos;
        out.has_llm = out.has_llm || text.find("\"llm\":") != std::string_view::npos;
        if (text.find("\"embeddings\":") != std::string_view::npos) {
            std::string owner;
            for_each_stored_member(stored_member(text, "embeddings"),
                                   [&](std::string_view name, std::string_view /*vector*/) {
                                       out.embeddings.add(stored_text(name, owner));
                                   });
        }
    }
    return Status::ok();
}

Result<bool> has_column(BlockView& view, ColumnId id) {
    AIML_ASSIGN(const model::ColumnVector* column, view.column(id));
    return column != nullptr;
}

}  // namespace

void SmallSet::add(std::string_view text) {
    const auto at = std::ranges::lower_bound(
        values_, text, {}, [](const std::string& s) { return std::string_view(s); });
    if (values_.size() < kMax && (at == values_.end() || *at != text)) {
        values_.emplace(at, text);
    }
}

void SmallSet::add(const SmallSet& other) {
    for (const std::string& value : other.values_) {
        add(value);
    }
}

void VersionCount::add(const VersionCount& other) {
    events += other.events;
    first = std::min(first, other.first);
    last = std::max(last, other.last);
}

void BlockSummary::add(const BlockSummary& other) {
    rows += other.rows;
    labelled += other.labelled;
    errors += other.errors;
    first = std::min(first, other.first);
    last = std::max(last, other.last);
    label_classes.add(other.label_classes);
    predicted_classes.add(other.predicted_classes);
    has_score = has_score || other.has_score;
    has_predicted_value = has_predicted_value || other.has_predicted_value;
    has_action = has_action || other.has_action;
    has_experiment = has_experiment || other.has_experiment;
    has_ranking = has_ranking || other.has_ranking;
    has_llm = has_llm || other.has_llm;
    embeddings.add(other.embeddings);
    for (const auto& [version, count] : other.versions) {
        versions[version].add(count);
    }
    for (const auto& [key, values] : other.metadata) {
        metadata[key].add(values);
    }
}

std::size_t BlockSummary::memory_bytes() const {
    constexpr std::size_t kStringBytes = 64;
    std::size_t strings = label_classes.values().size() + predicted_classes.values().size() +
                          2 * versions.size() + embeddings.values().size();
    for (const auto& [key, values] : metadata) {
        strings += 2 + values.values().size();
    }
    return sizeof(*this) + strings * kStringBytes;
}

Result<BlockSummary> summarize(BlockView& view, const store::Schema& schema) {
    BlockSummary out;
    out.rows = view.rows();
    AIML_TRY(add_labels(out, view));
    AIML_TRY(add_versions(out, view));
    AIML_TRY(add_metadata(out, view, schema));
    AIML_TRY(add_remainder(out, view));
    AIML_ASSIGN(const model::ColumnVector* predicted, view.column(model::builtin::kPredictedClass));
    if (predicted != nullptr) {
        add_strings(out.predicted_classes,
                    std::span(predicted->codes).first(view.rows()),
                    predicted->strings);
    }
    AIML_ASSIGN(const model::ColumnVector* errors, view.column(model::builtin::kErrorCode));
    if (errors != nullptr) {
        out.errors =
            view.rows() - static_cast<std::uint64_t>(std::ranges::count(
                              std::span(errors->codes).first(view.rows()), model::kNullCode));
    }
    AIML_ASSIGN(out.has_score, has_column(view, model::builtin::kScore));
    AIML_ASSIGN(out.has_predicted_value, has_column(view, model::builtin::kPredictedValue));
    AIML_ASSIGN(out.has_action, has_column(view, model::builtin::kAction));
    AIML_ASSIGN(out.has_experiment, has_column(view, model::builtin::kExperiment));
    return out;
}

Result<std::shared_ptr<const BlockSummary>> Summaries::of(
    const std::shared_ptr<const store::Block>& block, const store::Schema& schema) {
    const CacheKey key{block->id(), {}};
    const std::uint64_t version = block->version();
    if (auto known = cache_.find(key, version)) {
        return known;
    }
    BlockView view(block, kTimestampMax);
    AIML_ASSIGN(BlockSummary summary, summarize(view, schema));
    auto made = std::make_shared<const BlockSummary>(std::move(summary));
    cache_.put(key, version, made, made->memory_bytes());
    return made;
}

}  // namespace aiml042::query
