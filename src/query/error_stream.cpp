#include "query/error_stream.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "query/block_view.h"
#include "query/inputs.h"

namespace aiml042::query {

namespace {

constexpr std::size_t kPendingMax = 8'388'608;  // 320 MB.

/// Empty where the event has no label or no prediction.
double error_of(const metrics::Rows& rows, bool of_values, std::uint32_t row) {
    if (of_values) {
        return std::fabs(rows.predicted_value[row] - rows.label_value[row]);
    }
    const std::uint32_t label = rows.label_class[row];
    const std::uint32_t predicted = rows.predicted_class[row];
    if (label == metrics::kNoClass || predicted == metrics::kNoClass) {
        return std::nan("");
    }
    return label != predicted ? 1.0 : 0.0;
}

/// Adds the errors of a block's events in the plan's window.
Status read_block(const Plan& plan, std::uint32_t index, std::vector<ErrorOfEvent>& out) {
    BlockView view(plan.blocks[index], plan.scan.as_of);
    std::vector<std::uint32_t> selection;
    AIML_TRY(plan.scan.filter->select(view, selection));
    AIML_ASSIGN(const std::span<const Timestamp> times, view.timestamps());
    std::erase_if(selection,
                  [&](std::uint32_t row) { return !plan.buckets.range.contains(times[row]); });
    if (selection.empty()) {
        return Status::ok();
    }
    using metrics::Input;
    const bool of_values =
        metrics::reads(plan.families.front().family->inputs, Input::kPredictedValue);
    const metrics::Inputs wanted =
        of_values ? metrics::inputs_of({Input::kLabelValue, Input::kPredictedValue})
                  : metrics::inputs_of({Input::kLabelClass, Input::kPredictedClass});
    AIML_ASSIGN(
        const MetricInputs inputs,
        MetricInputs::make(view, plan.scan.understanding, *plan.scan.classes, wanted, selection));
    AIML_ASSIGN(const model::ColumnVector* sequences, view.column(model::builtin::kSequence));
    for (const std::uint32_t row : selection) {
        const double error = error_of(inputs.rows(), of_values, row);
        if (std::isfinite(error)) {
            const auto sequence = static_cast<Lsn>(sequences->integers[row]);
            out.push_back({times[row], sequence, error, index, row});
        }
    }
    return Status::ok();
}

bool earlier(const ErrorOfEvent& a, const ErrorOfEvent& b) {
    return std::tie(a.ts, a.sequence) < std::tie(b.ts, b.sequence);
}

}  // namespace

Status for_each_error(const Core& core,
                      const Plan& plan,
                      const std::function<Status(const ErrorOfEvent&)>& visit) {
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < plan.blocks.size(); ++i) {
        if (plan.scan.filter->may_match(*plan.blocks[i])) {
            order.push_back(i);
        }
    }
    std::ranges::sort(order, {}, [&](std::uint32_t i) { return plan.blocks[i]->min_timestamp(); });
    const Timestamp deadline = core.deadline();
    std::vector<ErrorOfEvent> pending;
    for (std::size_t i = 0; i < order.size(); ++i) {
        AIML_TRY(core.check_deadline(deadline));
        AIML_TRY(read_block(plan, order[i], pending));
        if (pending.size() > kPendingMax) {
            return {ErrorCode::kQueryTooLarge,
                    fmt::format("more than {} labelled events lie in blocks that overlap in time: "
                                "take a shorter window",
                                kPendingMax),
                    "/from"};
        }
        const bool last = i + 1 == order.size();
        const Timestamp safe = last ? kTimestampMax : plan.blocks[order[i + 1]]->min_timestamp();
        const auto end =
            std::partition(pending.begin(), pending.end(), [&](const ErrorOfEvent& event) {
                return last || event.ts < safe;
            });
        std::sort(pending.begin(), end, earlier);
        for (auto at = pending.begin(); at != end; ++at) {
            AIML_TRY(visit(*at));
        }
        pending.erase(pending.begin(), end);
    }
    return Status::ok();
}

Result<std::string> request_id_of(const Plan& plan, const ErrorOfEvent& event) {
    BlockView view(plan.blocks[event.block], plan.scan.as_of);
    AIML_ASSIGN(const model::ColumnVector* ids, view.column(model::builtin::kRequestId));
    if (ids == nullptr || ids->codes[event.row] == model::kNullCode) {
        return std::string();
    }
    return std::string(ids->strings.at(ids->codes[event.row]));
}

}  // namespace aiml042::query
