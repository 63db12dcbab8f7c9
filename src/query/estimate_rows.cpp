#include "query/estimate_rows.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "model/row.h"
#include "query/parallel.h"
#include "query/reference.h"

namespace aiml042::query {

namespace {

using Source = ColumnChoice::Source;

/// Whether a column's failure is its own: estimates go on without it.
bool is_own_failure(const Status& status) {
    return status.code() == ErrorCode::kQueryTooLarge && status.pointer() == "/metric";
}

Result<EstimateColumn> read_column(const Core& core,
                                   const MetricQuery& rows,
                                   const ResolvedReference& reference,
                                   const std::string& name) {
    MetricQuery query = rows;
    query.feature = name;
    AIML_ASSIGN(const Plan plan, make_column_plan(core, query));
    AIML_ASSIGN(auto column, measure_reference(core, plan, reference));
    const ColumnChoice& choice = *plan.scan.column;
    metrics::ColumnCodes codes(*column,
                               [&](std::uint32_t code) { return choice.texts->text(code); });
    return EstimateColumn{choice, std::move(column), std::move(codes)};
}

/// The column's values in a block, as codes of the selected rows.
Result<std::vector<std::uint8_t>> codes_of(const EstimateColumn& column,
                                           BlockView& view,
                                           const metrics::Rows& rows,
                                           std::span<const std::uint32_t> selection) {
    ColumnValuesOfBlock read;
    std::span<const double> numbers;
    std::span<const std::uint32_t> texts;
    switch (column.choice.source) {
        case Source::kScore:
            numbers = rows.score;
            break;
        case Source::kPredictedClass:
            texts = rows.predicted_class;
            break;
        case Source::kPredictedValue:
            numbers = rows.predicted_value;
            break;
        default: {
            AIML_ASSIGN(read, read_field(column.choice.field, view, *column.choice.texts));
            numbers = read.numbers;
            texts = read.codes;
        }
    }
    std::vector<std::uint8_t> out(selection.size());
    for (std::size_t i = 0; i < selection.size(); ++i) {
        const std::uint32_t row = selection[i];
        out[i] = column.codes.code(numbers.empty() ? model::kMissing : numbers[row],
                                   texts.empty() ? metrics::kNoClass : texts[row]);
    }
    return out;
}

Status visit_block(const std::shared_ptr<const store::Block>& block,
                   const Plan& plan,
                   const EstimateColumns& columns,
                   const TimeRange& window,
                   metrics::Inputs wanted,
                   const std::function<void(const EstimateBatch&)>& visit) {
    BlockView view(block, plan.scan.as_of);
    std::vector<std::uint32_t> selection;
    if (plan.scan.filter->may_match(*block)) {
        AIML_TRY(plan.scan.filter->select(view, selection));
    }
    AIML_ASSIGN(const std::span<const Timestamp> times, view.timestamps());
    std::erase_if(selection, [&](std::uint32_t row) { return !window.contains(times[row]); });
    if (selection.empty()) {
        return Status::ok();
    }
    AIML_ASSIGN(const MetricInputs inputs,
                MetricInputs::make(
                    view, plan.scan.understanding, *plan.scan.classes, wanted, selection, nullptr));
    std::vector<std::vector<std::uint8_t>> codes;
    for (const EstimateColumn& column : columns.all) {
        AIML_ASSIGN(codes.emplace_back(), codes_of(column, view, inputs.rows(), selection));
    }
    visit({inputs.rows(), selection, codes});
    return Status::ok();
}

}  // namespace

Result<EstimateColumns> read_estimate_columns(const Core& core,
                                              const MetricQuery& rows,
                                              const ResolvedReference& reference) {
    AIML_ASSIGN(const auto deployment, core.deployment(rows.project, rows.deployment));
    const Blocks blocks = core.store.blocks(rows.project, deployment.id, TimeRange{});
    AIML_ASSIGN(const Profile profile, core.profile(deployment, blocks));
    // The first column is what the task's estimates are about, whatever it is called.
    std::vector<std::string> names{profile.task == model::TaskType::kBinary ||
                                           profile.task == model::TaskType::kUnknown
                                       ? "score"
                                       : "prediction"};
    EstimateColumns out;
    for (const std::string& name : drift_columns(deployment, profile)) {
        if (name.starts_with("feature.")) {
            auto& into = names.size() < limits::kEstimateColumnsMax ? names : out.left_out;
            into.push_back(name);
        }
    }
    for (const std::string& name : names) {
        Result<EstimateColumn> column = read_column(core, rows, reference, name);
        if (column.is_ok()) {
            out.ordered.push_back(column->codes.ordered() ? 1 : 0);
            out.all.push_back(*std::move(column));
        } else if (!out.all.empty() && is_own_failure(column.status())) {
            out.left_out.push_back(name);
        } else {
            return column.status();
        }
    }
    return out;
}

Status visit_estimate_rows(const Core& core,
                           const Plan& plan,
                           const EstimateColumns& columns,
                           const TimeRange& window,
                           metrics::Inputs wanted,
                           const EstimateVisitor& visit) {
    const Blocks blocks =
        overlapping(core.store.blocks(plan.deployment.project, plan.deployment.id, window), window);
    const Timestamp deadline = core.deadline();
    return parallel_for(
        core.pool, core.options.threads, blocks.size(), [&](std::size_t i, unsigned worker) {
            AIML_TRY(core.check_deadline(deadline));
            return visit_block(
                blocks[i], plan, columns, window, wanted, [&](const EstimateBatch& batch) {
                    visit(batch, worker);
                });
        });
}

}  // namespace aiml042::query
