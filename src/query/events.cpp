#include "query/events.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "query/answer.h"
#include "query/core.h"
#include "query/event_search.h"
#include "query/event_writer.h"

namespace aiml042::query {

namespace {

/// Views of the blocks of a page, made once each.
class PageViews {
  public:
    explicit PageViews(const EventPage& page) : page_(page) {}

    BlockView& of(const EventHit& hit) {
        auto& view = views_[hit.block];
        if (view == nullptr) {
            view = std::make_unique<BlockView>(page_.blocks[hit.block].block, kTimestampMax);
        }
        return *view;
    }

    [[nodiscard]] const store::DeploymentInfo& deployment(const EventHit& hit) const {
        return page_.deployments[page_.blocks[hit.block].deployment];
    }

  private:
    const EventPage& page_;
    std::map<std::size_t, std::unique_ptr<BlockView>> views_;
};

Status append_text_cell(std::string& out, BlockView& view, ColumnId id, std::uint32_t row) {
    AIML_ASSIGN(const model::ColumnVector* column, view.column(id));
    out += ',';
    if (column != nullptr && column->codes[row] != model::kNullCode) {
        append_csv_text(out, column->strings.at(column->codes[row]));
    }
    return Status::ok();
}

Status append_number_cell(std::string& out, BlockView& view, ColumnId id, std::uint32_t row) {
    AIML_ASSIGN(const model::ColumnVector* column, view.column(id));
    out += ',';
    if (column != nullptr && column->numbers[row] == column->numbers[row]) {
        fmt::format_to(std::back_inserter(out), "{}", column->numbers[row]);
    }
    return Status::ok();
}

Status append_label_cells(std::string& out, BlockView& view, std::uint32_t row) {
    AIML_ASSIGN(const model::LabelColumns* labels, view.labels());
    out += ',';
    if (labels->class_codes[row] != model::kNullCode) {
        append_csv_text(out, labels->classes.at(labels->class_codes[row]));
    } else if (labels->values[row] == labels->values[row]) {
        fmt::format_to(std::back_inserter(out), "{}", labels->values[row]);
    }
    out += ',';
    if (labels->labelled[row] != 0) {
        append_rfc3339(out, labels->label_ts[row]);
    }
    return Status::ok();
}

Status append_event_line(std::string& out, BlockView& view, std::uint32_t row, const store::DeploymentInfo& deployment) {
    namespace builtin = model::builtin;
    AIML_ASSIGN(const std::span<const Timestamp> times, view.timestamps());
    append_rfc3339(out, times[row]);
    out += ',';
    append_csv_text(out, deployment.name);
    AIML_TRY(append_text_cell(out, view, builtin::kModelVersion, row));
    AIML_TRY(append_text_cell(out, view, builtin::kRequestId, row));
    AIML_TRY(append_text_cell(out, view, builtin::kPredictedClass, row));
    AIML_TRY(append_number_cell(out, view, builtin::kScore, row));
    AIML_TRY(append_number_cell(out, view, builtin::kPredictedValue, row));
    AIML_TRY(append_label_cells(out, view, row));
    AIML_TRY(append_number_cell(out, view, builtin::kLatencyMs, row));
    AIML_TRY(append_text_cell(out, view, builtin::kErrorCode, row));
    out += "\r\n";
    return Status::ok();
}

/// Row of the newest event with that id in the block.
Result<std::optional<std::uint32_t>> find_row(BlockView& view, std::string_view request_id) {
    AIML_ASSIGN(const model::ColumnVector* column, view.column(model::builtin::kRequestId));
    std::optional<std::uint32_t> found;
    if (column == nullptr) {
        return found;
    }
    for (std::uint32_t code = 0; code < column->strings.size(); ++code) {
        if (column->strings.at(code) != request_id) {
            continue;
        }
        for (std::uint32_t row = 0; row < view.rows(); ++row) {
            found = column->codes[row] == code ? row : found;
        }
    }
    return found;
}

/// The blocks to look into, newest first.
Blocks blocks_of(const Core& core, const store::DeploymentInfo& deployment, std::string_view request_id, const Locator& locate) {
    Blocks out;
    if (!locate) {
        out = core.store.blocks(deployment.project, deployment.id, TimeRange{});
        std::ranges::reverse(out);
        return out;
    }
    for (const std::int32_t day : locate(deployment.project, deployment.name, request_id)) {
        const Timestamp begin = Timestamp{day} * kDay;
        std::ranges::move(core.store.blocks(deployment.project, deployment.id, {begin, begin + kDay}),
                          std::back_inserter(out));
    }
    return out;
}

Result<std::optional<std::string>> find_in(const Core& core,
                                           const store::DeploymentInfo& deployment,
                                           std::string_view request_id,
                                           const Locator& locate) {
    const Timestamp deadline = core.deadline();
    for (const auto& block : blocks_of(core, deployment, request_id, locate)) {
        AIML_TRY(core.check_deadline(deadline));
        BlockView view(block, kTimestampMax);
        AIML_ASSIGN(const std::optional<std::uint32_t> row, find_row(view, request_id));
        if (row.has_value()) {
            codec::JsonWriter json;
            AIML_TRY(write_event(json, view, *row, deployment, true));
            return std::optional(json.take());
        }
    }
    return std::optional<std::string>();
}

}  // namespace

Result<std::string> events_json(const Engine& engine, const EventQuery& query) {
    AIML_ASSIGN(const EventPage page, search_events(engine.core(), query));
    PageViews views(page);
    codec::JsonWriter json;
    json.begin_object().key("events").begin_array();
    for (const EventHit& hit : page.hits) {
        AIML_TRY(write_event(json, views.of(hit), hit.row, views.deployment(hit), false));
    }
    json.end_array().key("next_cursor");
    if (page.next_cursor.empty()) {
        json.null();
    } else {
        json.string(page.next_cursor);
    }
    json.end_object();
    return json.take();
}

Result<std::string> events_csv(const Engine& engine, const EventQuery& query) {
    AIML_ASSIGN(const EventPage page, search_events(engine.core(), query));
    PageViews views(page);
    std::string out =
        "timestamp,deployment_id,model_version,request_id,predicted_class,score,predicted_value,label,label_ts,"
        "latency_ms,error_code\r\n";
    for (const EventHit& hit : page.hits) {
        AIML_TRY(append_event_line(out, views.of(hit), hit.row, views.deployment(hit)));
    }
    return out;
}

Result<std::string> event_json(const Engine& engine,
                               ProjectId project,
                               const std::optional<std::string>& deployment,
                               std::string_view request_id,
                               const Locator& locate) {
    const Core& core = engine.core();
    std::vector<store::DeploymentInfo> deployments;
    if (deployment.has_value()) {
        AIML_ASSIGN(store::DeploymentInfo one, core.deployment(project, *deployment));
        deployments.push_back(std::move(one));
    } else {
        deployments = core.store.deployments(project);
    }
    for (const store::DeploymentInfo& one : deployments) {
        AIML_ASSIGN(std::optional<std::string> found, find_in(core, one, request_id, locate));
        if (found.has_value()) {
            return *std::move(found);
        }
    }
    return Status(ErrorCode::kNotFound, "there is no event with this request_id", "/request_id");
}

}  // namespace aiml042::query
