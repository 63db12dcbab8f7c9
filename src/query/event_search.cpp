#include "query/event_search.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/hash.h"
#include "base/limits.h"
#include "query/plan.h"

namespace aiml042::query {

namespace {

/// Cursors: 16 hex digits each of time, sequence and a hash over both, the list and a secret.
class CursorCode {
  public:
    CursorCode(const Core& core, const EventQuery& query, std::string_view filter)
        : list_(fmt::format("{}\n{}\n{}\n{}\n{}", raw(query.project), query.deployment.value_or(""),
                            query.model_version, query.descending, filter)),
          seed_(core.options.cursor_seed) {}

    [[nodiscard]] std::string write(const EventPosition& position) const {
        const auto time = static_cast<std::uint64_t>(position.timestamp);
        return fmt::format("{:016x}{:016x}{:016x}", time, position.sequence, seal(time, position.sequence));
    }

    [[nodiscard]] Result<EventPosition> read(std::string_view text) const {
        std::uint64_t parts[3] = {};
        bool good = text.size() == 48;
        for (std::size_t i = 0; good && i < 3; ++i) {
            const char* const begin = text.data() + i * 16;
            const auto [end, error] = std::from_chars(begin, begin + 16, parts[i], 16);
            good = error == std::errc{} && end == begin + 16;
        }
        if (!good || parts[2] != seal(parts[0], parts[1])) {
            return Status(ErrorCode::kInvalidArgument,
                          "this cursor does not belong to this list; begin again without one", "/cursor");
        }
        return EventPosition{static_cast<Timestamp>(parts[0]), parts[1]};
    }

  private:
    [[nodiscard]] std::uint64_t seal(std::uint64_t time, std::uint64_t sequence) const {
        return hash64(fmt::format("{}\n{}\n{}", time, sequence, list_), seed_);
    }

    std::string list_;
    std::uint64_t seed_;
};

class Search {
  public:
    Search(const Core& core, const EventQuery& query) : core_(core), query_(query), deadline_(core.deadline()) {}

    Result<EventPage> run() {
        if (query_.limit == 0 || query_.limit > limits::kEventsPerPageMax) {
            return Status(ErrorCode::kInvalidArgument,
                          fmt::format("limit must be 1 to {}", limits::kEventsPerPageMax), "/limit");
        }
        AIML_ASSIGN(const Expression filter, parse_filter(query_.filter));
        const CursorCode cursor(core_, query_, canonical_text(filter));
        if (!query_.cursor.empty()) {
            AIML_ASSIGN(after_, cursor.read(query_.cursor));
        }
        AIML_TRY(collect_blocks(both_of(population(query_.model_version, true), filter)));
        AIML_TRY(scan());
        std::ranges::sort(page_.hits, [this](const EventHit& a, const EventHit& b) { return before(a, b); });
        if (page_.hits.size() > query_.limit) {
            page_.hits.resize(query_.limit);
            page_.next_cursor = cursor.write(page_.hits.back().position);
        }
        return std::move(page_);
    }

  private:
    [[nodiscard]] bool before(const EventHit& a, const EventHit& b) const {
        return query_.descending ? a.position > b.position : a.position < b.position;
    }

    /// The blocks of all deployments asked for, those first that the list begins with. A deployment that does not know a
    /// name of the filter has no events to show; when none knows it, that is the answer.
    Status collect_blocks(const Expression& filter) {
        std::vector<store::DeploymentInfo> deployments;
        if (query_.deployment.has_value()) {
            AIML_ASSIGN(store::DeploymentInfo one, core_.deployment(query_.project, *query_.deployment));
            deployments.push_back(std::move(one));
        } else {
            deployments = core_.store.deployments(query_.project);
        }
        Status unknown;
        for (store::DeploymentInfo& deployment : deployments) {
            auto bound = BoundFilter::bind(filter, *deployment.schema);
            if (!bound) {
                unknown = bound.status();
                continue;
            }
            const std::size_t index = page_.deployments.size();
            for (auto& block : overlapping(core_.store.blocks(query_.project, deployment.id, query_.range), query_.range)) {
                page_.blocks.push_back({std::move(block), index});
            }
            page_.deployments.push_back(std::move(deployment));
            filters_.push_back(*std::move(bound));
        }
        if (filters_.empty() && !unknown.is_ok()) {
            return unknown;
        }
        std::ranges::sort(page_.blocks, [this](const EventPage::Source& a, const EventPage::Source& b) {
            return query_.descending ? a.block->max_timestamp() > b.block->max_timestamp()
                                     : a.block->min_timestamp() < b.block->min_timestamp();
        });
        return Status::ok();
    }

    Status scan() {
        std::uint64_t rows = 0;
        for (std::size_t i = 0; i < page_.blocks.size(); ++i) {
            const store::Block& block = *page_.blocks[i].block;
            if (complete(block)) {
                break;
            }
            AIML_TRY(core_.check_deadline(deadline_));
            rows += block.rows();
            if (rows > core_.options.rows_max) {
                return {ErrorCode::kQueryTooLarge,
                        fmt::format("more than {} events would be read; ask for a shorter window",
                                    core_.options.rows_max),
                        "/from"};
            }
            AIML_TRY(scan_block(i));
        }
        return Status::ok();
    }

    /// Enough was found, and nothing in this or a later block comes before the last of it.
    [[nodiscard]] bool complete(const store::Block& block) const {
        if (page_.hits.size() <= query_.limit) {
            return false;
        }
        const Timestamp last = std::ranges::max_element(page_.hits, [this](const EventHit& a, const EventHit& b) {
                                   return before(a, b);
                               })->position.timestamp;
        return query_.descending ? block.max_timestamp() < last : block.min_timestamp() > last;
    }

    [[nodiscard]] bool passed(const EventPosition& position) const {
        return after_.has_value() && (query_.descending ? position >= *after_ : position <= *after_);
    }

    Status scan_block(std::size_t index) {
        const EventPage::Source& source = page_.blocks[index];
        const bool all_passed = after_.has_value() &&
                                (query_.descending ? source.block->min_timestamp() > after_->timestamp
                                                   : source.block->max_timestamp() < after_->timestamp);
        const BoundFilter& filter = filters_[source.deployment];
        if (all_passed || !filter.may_match(*source.block)) {
            return Status::ok();
        }
        BlockView view(source.block, kTimestampMax);
        std::vector<std::uint32_t> selection;
        AIML_TRY(filter.select(view, selection));
        AIML_ASSIGN(const std::span<const Timestamp> times, view.timestamps());
        AIML_ASSIGN(const model::ColumnVector* sequences, view.column(model::builtin::kSequence));
        if (query_.descending) {
            std::ranges::reverse(selection);
        }
        std::size_t taken = 0;
        for (const std::uint32_t row : selection) {
            const EventPosition position{times[row], static_cast<Lsn>(sequences->integers[row])};
            if (!query_.range.contains(position.timestamp) || passed(position)) {
                continue;
            }
            page_.hits.push_back({position, index, row});
            if (++taken > query_.limit && source.block->sealed()) {
                break;  // The rest of a sorted block comes later in the list.
            }
        }
        keep_best();
        return Status::ok();
    }

    void keep_best() {
        const std::size_t wanted = std::size_t{query_.limit} + 1;
        if (page_.hits.size() > wanted) {
            std::ranges::nth_element(page_.hits, page_.hits.begin() + static_cast<std::ptrdiff_t>(wanted),
                                     [this](const EventHit& a, const EventHit& b) { return before(a, b); });
            page_.hits.resize(wanted);
        }
    }

    const Core& core_;
    const EventQuery& query_;
    Timestamp deadline_;
    std::optional<EventPosition> after_;
    std::vector<BoundFilter> filters_;  // By deployment.
    EventPage page_;
};

}  // namespace

Result<EventPage> search_events(const Core& core, const EventQuery& query) {
    return Search(core, query).run();
}

}  // namespace aiml042::query
