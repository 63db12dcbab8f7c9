#include "query/reference.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/hash.h"
#include "metrics/column_state.h"
#include "metrics/embedding_state.h"
#include "query/core.h"
#include "query/execute.h"
#include "query/plan.h"
#include "query/reference_codec.h"

namespace aiml042::query {

namespace {

constexpr std::uint64_t kReferenceRowsMax = 50'000'000;
constexpr Timestamp kWeek = 7 * kDay;

std::string_view kind_name(ReferenceQuery::Kind kind) {
    switch (kind) {
        case ReferenceQuery::Kind::kWindow:
            return "window";
        case ReferenceQuery::Kind::kPrevious:
            return "previous";
        case ReferenceQuery::Kind::kStored:
            return "stored";
        case ReferenceQuery::Kind::kWeeks:
            break;
    }
    return "weeks";
}

Result<std::vector<TimeRange>> windows_of(const ReferenceQuery& reference, const TimeRange& range) {
    using Kind = ReferenceQuery::Kind;
    switch (reference.kind) {
        case Kind::kStored:
            return std::vector<TimeRange>{};
        case Kind::kWindow:
            return std::vector{reference.window};
        case Kind::kPrevious: {
            const Timestamp length = reference.length.value_or(range.to - range.from);
            return std::vector{TimeRange{range.from - length, range.from}};
        }
        case Kind::kWeeks:
            break;
    }
    if (range.to - range.from > kWeek) {
        return Status(ErrorCode::kInvalidArgument,
                      "the same hours of past weeks are for windows of a week at most",
                      "/reference");
    }
    std::vector<TimeRange> windows;
    for (std::uint32_t i = reference.weeks; i > 0; --i) {
        windows.push_back({range.from - i * kWeek, range.to - i * kWeek});
    }
    return windows;
}

/// The plan's question about its column alone, in one window.
Plan plan_of_window(const Core& core,
                    const Plan& question,
                    const metrics::Family& family,
                    const TimeRange& window) {
    Plan plan = question;
    plan.metrics.clear();
    plan.families = {{&family, {}}};
    plan.scan.group_by.clear();
    plan.scan.groups_max = 1;
    const Blocks all = core.store.blocks(plan.deployment.project, plan.deployment.id, window);
    plan.buckets = {clip_to_blocks(window, all), std::nullopt, 0};
    plan.blocks = overlapping(all, plan.buckets.range);
    plan.rows = 0;
    for (const auto& block : plan.blocks) {
        plan.rows += block->rows();
    }
    return plan;
}

/// Everything that the frozen column depends on.
CacheKey key_of(std::span<const Plan> plans) {
    std::string text;
    for (const Plan& plan : plans) {
        const Hash128 rows = plan.scan.name(plan.families.front(), 0);
        fmt::format_to(std::back_inserter(text),
                       "{:x}{:x} {} {}\n",
                       rows.high,
                       rows.low,
                       plan.buckets.range.from,
                       plan.buckets.range.to);
        for (const auto& block : plan.blocks) {
            fmt::format_to(std::back_inserter(text), "{} {}\n", block->id(), block->version());
        }
    }
    return {static_cast<std::uint64_t>(plans.front().deployment.id), hash128(text, 0)};
}

/// One plan per window. Errors: kQueryTooLarge.
Result<std::vector<Plan>> plans_of(const Core& core,
                                   const Plan& question,
                                   const metrics::Family& family,
                                   std::span<const TimeRange> windows) {
    std::vector<Plan> plans;
    std::uint64_t rows = 0;
    for (const TimeRange& window : windows) {
        plans.push_back(plan_of_window(core, question, family, window));
        rows += plans.back().rows;
    }
    if (rows > kReferenceRowsMax) {
        return Status(
            ErrorCode::kQueryTooLarge,
            fmt::format(
                "the reference holds {} events; at most {} are read", rows, kReferenceRowsMax),
            "/reference");
    }
    return plans;
}

/// What `freeze` makes of the rows of all plans.
template <typename State, typename Freeze>
auto read_all(const Core& core, std::span<const Plan> plans, const Freeze& freeze)
    -> Result<decltype(freeze(std::declval<const State&>()))> {
    State all;
    for (const Plan& one : plans) {
        AIML_ASSIGN(const Execution execution, execute(core, one));
        const auto& states = execution.groups.front().states;
        if (!states.empty() && states.front() != nullptr) {
            all.merge(*states.front());
        }
    }
    return freeze(all);
}

/// From the cache, or made and put there.
template <typename Value, typename Make>
Result<std::shared_ptr<const Value>> remembered(ByteCache<Value>& cache,
                                                const CacheKey& key,
                                                const Make& make) {
    if (auto known = cache.find(key, 0)) {
        return known;
    }
    AIML_ASSIGN(auto value, make());
    cache.put(key, 0, value, value->memory_bytes());
    return std::shared_ptr<const Value>(std::move(value));
}

}  // namespace

Result<ResolvedReference> resolve_reference(const Core& core,
                                            const MetricQuery& query,
                                            const TimeRange& range) {
    ResolvedReference out;
    out.query = *query.reference;
    AIML_ASSIGN(out.windows, windows_of(out.query, range));
    if (out.query.kind == ReferenceQuery::Kind::kStored) {
        AIML_ASSIGN(
            out.stored,
            core.stored.find(query.project, query.deployment, out.query.name, out.query.version));
    }
    return out;
}

Result<std::shared_ptr<const metrics::ReferenceColumn>> measure_windows(
    const Core& core, const Plan& plan, std::span<const TimeRange> windows) {
    AIML_ASSIGN(const std::vector<Plan> plans,
                plans_of(core, plan, metrics::kColumnValuesFamily, windows));
    return remembered(core.references, key_of(plans), [&] {
        return read_all<metrics::ColumnValues>(
            core, plans, [](const auto& values) { return metrics::ReferenceColumn::of(values); });
    });
}

Result<std::shared_ptr<const metrics::EmbeddingColumn>> measure_embedding_windows(
    const Core& core, const Plan& plan, std::span<const TimeRange> windows) {
    AIML_ASSIGN(const std::vector<Plan> plans,
                plans_of(core, plan, metrics::kEmbeddingFamily, windows));
    return remembered(core.embeddings, key_of(plans), [&] {
        return read_all<metrics::EmbeddingSample>(core, plans, [](const auto& sample) {
            return std::make_shared<const metrics::EmbeddingColumn>(
                metrics::EmbeddingColumn::of(sample));
        });
    });
}

Result<std::shared_ptr<const metrics::ReferenceColumn>> measure_reference(
    const Core& core, const Plan& plan, const ResolvedReference& reference) {
    if (!reference.stored) {
        return measure_windows(core, plan, reference.windows);
    }
    const ColumnChoice& choice = *plan.scan.column;
    const CacheKey key{static_cast<std::uint64_t>(reference.stored->id),
                       hash128(fmt::format("made {} {}", choice.texts->serial(), choice.name), 0)};
    return remembered(
        core.references, key, [&]() -> Result<std::shared_ptr<const metrics::ReferenceColumn>> {
            AIML_ASSIGN(const auto bytes, core.stored.column(reference.stored->id, choice.name));
            metrics::ReferenceColumn::Parts parts;
            if (bytes) {
                AIML_ASSIGN(parts, decode_reference_column(*bytes, *choice.texts));
            }
            return std::make_shared<const metrics::ReferenceColumn>(std::move(parts));
        });
}

Result<std::shared_ptr<const metrics::EmbeddingColumn>> measure_embedding(
    const Core& core, const Plan& plan, const ResolvedReference& reference) {
    if (!reference.stored) {
        return measure_embedding_windows(core, plan, reference.windows);
    }
    const std::string& name = plan.scan.column->name;
    const CacheKey key{static_cast<std::uint64_t>(reference.stored->id),
                       hash128(fmt::format("made {}", name), 0)};
    return remembered(
        core.embeddings, key, [&]() -> Result<std::shared_ptr<const metrics::EmbeddingColumn>> {
            AIML_ASSIGN(const auto bytes, core.stored.column(reference.stored->id, name));
            metrics::EmbeddingColumn column;
            if (bytes) {
                AIML_ASSIGN(column, decode_reference_embedding(*bytes));
            }
            return std::make_shared<const metrics::EmbeddingColumn>(std::move(column));
        });
}

namespace {

/// Up to and without the closing brace.
void begin_reference(codec::JsonWriter& writer, const ResolvedReference& reference) {
    writer.begin_object().field("kind", kind_name(reference.query.kind));
    if (reference.stored) {
        writer.field("name", reference.query.name)
            .field("version", reference.stored->version)
            .field("created_at", format_rfc3339(reference.stored->created_at))
            .key("source")
            .raw(reference.stored->source);
    } else {
        writer.key("windows").begin_array();
        for (const TimeRange& window : reference.windows) {
            writer.begin_object()
                .field("from", format_rfc3339(window.from))
                .field("to", format_rfc3339(window.to))
                .end_object();
        }
        writer.end_array();
    }
}

}  // namespace

void write_reference(codec::JsonWriter& writer,
                     const ResolvedReference& reference,
                     const metrics::ReferenceColumn* column) {
    begin_reference(writer, reference);
    if (column != nullptr) {
        writer.field("n", column->n()).field("missing", column->missing());
        if (!column->edges().empty()) {
            writer.key("edges").begin_array();
            for (const double edge : column->edges()) {
                writer.number(edge);
            }
            writer.end_array();
        }
    }
    writer.end_object();
}

void write_reference(codec::JsonWriter& writer,
                     const ResolvedReference& reference,
                     const metrics::EmbeddingColumn& embedding) {
    begin_reference(writer, reference);
    writer.field("n", embedding.n)
        .field("missing", embedding.missing)
        .field("length", embedding.length)
        .end_object();
}

}  // namespace aiml042::query
