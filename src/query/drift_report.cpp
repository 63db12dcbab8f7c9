#include "query/drift_report.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "query/column_choice.h"
#include "query/execute.h"
#include "query/parallel.h"
#include "query/plan.h"

namespace aiml042::query {

namespace {

using metrics::ColumnDrift;
using metrics::Judgement;

Result<std::shared_ptr<const metrics::ColumnValues>> read_current(const Core& core,
                                                                  const Plan& plan) {
    AIML_ASSIGN(Execution execution, execute(core, plan));
    auto values = std::make_shared<metrics::ColumnValues>();
    auto& states = execution.groups.front().states;
    if (!states.empty() && states.front() != nullptr) {
        values->merge(*states.front());
    }
    return std::shared_ptr<const metrics::ColumnValues>(std::move(values));
}

Status compare_vectors(const Core& core,
                       const DriftRequest& request,
                       const ResolvedReference& reference,
                       DriftColumn& out) {
    MetricQuery query = request.rows;
    query.feature = out.name;
    AIML_ASSIGN(const Plan plan, make_embedding_plan(core, query));
    EmbeddingReading& reading = out.embedding.emplace();
    AIML_ASSIGN(reading.reference, measure_embedding(core, plan, reference));
    AIML_ASSIGN(const Execution execution, execute(core, plan));
    const auto& states = execution.groups.front().states;
    const metrics::EmbeddingSample none;
    const auto& now = states.empty() || states.front() == nullptr
                          ? none
                          : metrics::as<metrics::EmbeddingSample>(*states.front());
    const std::size_t length = reading.reference->length;
    reading.current =
        metrics::EmbeddingColumn::of(now, length > 0 ? std::optional(length) : std::nullopt);
    reading.drift = metrics::compare_embeddings(
        *reading.reference, reading.current, request.options.confidence);
    return Status::ok();
}

Status compare(const Core& core,
               const DriftRequest& request,
               const ResolvedReference& reference,
               DriftColumn& out) {
    if (names_embedding(out.name)) {
        return compare_vectors(core, request, reference, out);
    }
    MetricQuery query = request.rows;
    query.feature = out.name;
    AIML_ASSIGN(const Plan plan, make_column_plan(core, query));
    out.texts = plan.scan.column->texts;
    AIML_ASSIGN(out.reference, measure_reference(core, plan, reference));
    AIML_ASSIGN(const auto current, read_current(core, plan));
    out.drift = metrics::compare_column(*out.reference, *current, request.options);
    for (const metrics::Peer peer : request.compat) {
        out.peers.push_back(metrics::peer_drift(peer, *out.reference, *current));
    }
    return Status::ok();
}

/// Whether a column's failure is its own: the report goes on without it.
bool is_own_failure(const Status& status) {
    return status.code() == ErrorCode::kQueryTooLarge && status.pointer() == "/metric";
}

int rank_of(const DriftColumn& column) {
    if (!column.failure.empty()) {
        return 3;
    }
    switch (column.judgement.verdict) {
        case metrics::Verdict::kDrifted:
            return 0;
        case metrics::Verdict::kCannotTell:
            return 1;
        case metrics::Verdict::kUnchanged:
            break;
    }
    return 2;
}

/// The shift, weighed by what the feature weighs in predictions where that is known.
double cost_of(const DriftColumn& column, double usual_importance) {
    const double effect = column.embedding     ? column.embedding->drift.effect()
                          : column.drift.shift ? column.drift.shift->effect
                                               : 0.0;
    return effect * column.importance.value_or(usual_importance);
}

/// Importances from attributions; returns that of a column which has none: the mean.
double weigh(std::vector<DriftColumn>& columns, const Attributions& attributions) {
    for (const Attribution& one : attributions.features) {
        for (DriftColumn& column : columns) {
            if (column.name == one.feature || column.name == "feature." + one.feature) {
                column.importance = attributions.share(one, true);
            }
        }
    }
    return attributions.features.empty() ? 1.0
                                         : 1.0 / static_cast<double>(attributions.features.size());
}

Result<std::vector<std::string>> columns_of(const Core& core, const DriftRequest& request) {
    std::vector<std::string> names = request.columns;
    if (names.empty()) {
        AIML_ASSIGN(const auto deployment,
                    core.deployment(request.rows.project, request.rows.deployment));
        const Blocks all = core.store.blocks(request.rows.project, deployment.id, TimeRange{});
        AIML_ASSIGN(const Profile profile, core.profile(deployment, all));
        names = drift_columns(deployment, profile);
        std::ranges::copy(embedding_columns(profile), std::back_inserter(names));
    }
    if (names.size() > limits::kDriftColumnsMax) {
        return Status(ErrorCode::kQueryTooLarge,
                      fmt::format("{} columns; a report covers at most {}: name them with column",
                                  names.size(),
                                  limits::kDriftColumnsMax),
                      "/column");
    }
    return names;
}

/// All columns together, whatever they hold.
void judge_all(std::vector<DriftColumn>& columns, const metrics::DriftOptions& options) {
    std::vector<ColumnDrift> drifts;
    std::vector<metrics::EmbeddingDrift> embeddings;
    for (const DriftColumn& column : columns) {
        if (column.embedding) {
            embeddings.push_back(column.embedding->drift);
        } else {
            drifts.push_back(column.drift);
        }
    }
    const std::vector<Judgement> judgements = metrics::judge(drifts, embeddings, options);
    std::size_t next = 0;
    std::size_t next_embedding = drifts.size();
    for (DriftColumn& column : columns) {
        column.judgement = judgements[column.embedding ? next_embedding++ : next++];
    }
}

/// Window and reference, the same for all columns.
Result<DriftReport> make_frame(const Core& core, DriftRequest& request) {
    DriftReport report;
    report.as_of_sequence = core.store.visible();
    report.compat = request.compat;
    MetricQuery rows = request.rows;
    rows.metrics = {"count"};
    rows.reference.reset();
    AIML_ASSIGN(const Plan plan, make_plan(core, rows));
    report.range = plan.buckets.range;
    request.rows.range = report.range;
    AIML_ASSIGN(report.reference, resolve_reference(core, request.rows, report.range));
    return report;
}

}  // namespace

Result<DriftReport> make_drift_report(const Core& core, DriftRequest request) {
    AIML_ASSIGN(DriftReport report, make_frame(core, request));
    AIML_ASSIGN(const std::vector<std::string> names, columns_of(core, request));
    report.columns.resize(names.size());
    const Timestamp deadline = core.deadline();
    const auto read = [&](std::size_t i, unsigned /*worker*/) {
        AIML_TRY(core.check_deadline(deadline));
        DriftColumn& column = report.columns[i];
        column.name = names[i];
        Status status = compare(core, request, report.reference, column);
        if (!status.is_ok() && is_own_failure(status)) {
            column.failure = status.detail();
            return Status::ok();
        }
        return status;
    };
    AIML_TRY(parallel_for(core.pool, core.options.threads, names.size(), read));
    judge_all(report.columns, request.options);
    AIML_ASSIGN(report.attributions, read_attributions(core, request.rows, report.reference));
    const double usual = weigh(report.columns, report.attributions);
    std::ranges::stable_sort(report.columns, [usual](const DriftColumn& a, const DriftColumn& b) {
        return rank_of(a) != rank_of(b) ? rank_of(a) < rank_of(b)
                                        : cost_of(a, usual) > cost_of(b, usual);
    });
    return report;
}

}  // namespace aiml042::query
