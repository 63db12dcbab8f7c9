#include "query/events.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/hash.h"
#include "base/limits.h"
#include "codec/json_writer.h"
#include "query/event_writer.h"
#include "query/filter_eval.h"
#include "query/hint.h"
#include "query/plan.h"

namespace aiml042::query {

namespace {

/// Where an event stands in the order of a search: by time, then by sequence.
struct Place {
    Timestamp ts = 0;
    Lsn sequence = 0;

    friend auto operator<=>(const Place&, const Place&) = default;
};

struct Hit {
    Place place;
    std::size_t block = 0;
    std::uint32_t row = 0;
};

struct Candidate {
    store::DeploymentInfo deployment;
    std::shared_ptr<const store::Block> block;
    std::shared_ptr<const BoundFilter> filter;
};

std::uint64_t cursor_check(const Core& core, const EventSearch& search, const Place& place) {
    // Not of the range: that of `window=6h` moves on between two pages.
    const std::string text = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}",
                                         raw(search.project),
                                         search.deployment,
                                         search.filter,
                                         search.model_version,
                                         search.ascending,
                                         place.ts,
                                         place.sequence);
    return hash64(text, core.options.cursor_seed);
}

std::string make_cursor(const Core& core, const EventSearch& search, const Place& place) {
    return fmt::format("{:016x}{:016x}{:016x}",
                       static_cast<std::uint64_t>(place.ts),
                       place.sequence,
                       cursor_check(core, search, place));
}

Result<std::optional<Place>> read_cursor(const Core& core, const EventSearch& search) {
    if (search.cursor.empty()) {
        return std::optional<Place>();
    }
    std::uint64_t parts[3] = {};
    bool good = search.cursor.size() == 48;
    for (std::size_t i = 0; good && i < 3; ++i) {
        const char* begin = search.cursor.data() + 16 * i;
        const auto [end, error] = std::from_chars(begin, begin + 16, parts[i], 16);
        good = error == std::errc() && end == begin + 16;
    }
    const Place place{static_cast<Timestamp>(parts[0]), parts[1]};
    if (!good || cursor_check(core, search, place) != parts[2]) {
        return Status(
            ErrorCode::kInvalidArgument, "the cursor is not one of this search", "/cursor");
    }
    return std::optional<Place>(place);
}

/// The blocks to look at, in the order of the search.
Result<std::vector<Candidate>> candidates(const Core& core, const EventSearch& search) {
    std::vector<store::DeploymentInfo> deployments;
    if (search.deployment.empty()) {
        deployments = core.store.deployments(search.project);
    } else {
        AIML_ASSIGN(auto one, core.deployment(search.project, search.deployment));
        deployments.push_back(std::move(one));
    }
    AIML_ASSIGN(const Expression filter, parse_filter(search.filter));
    std::vector<Candidate> found;
    for (const store::DeploymentInfo& deployment : deployments) {
        auto bound = BoundFilter::bind(both_of(population(search.model_version, true), filter),
                                       *deployment.schema);
        if (!bound.is_ok()) {
            if (search.deployment.empty()) {
                continue;  // A name of another deployment: nothing of this one is meant.
            }
            return bound.status();
        }
        const auto shared = std::make_shared<const BoundFilter>(*std::move(bound));
        for (auto& block : overlapping(
                 core.store.blocks(search.project, deployment.id, search.range), search.range)) {
            if (shared->may_match(*block)) {
                found.push_back({deployment, std::move(block), shared});
            }
        }
    }
    std::ranges::sort(found, [&](const Candidate& a, const Candidate& b) {
        return search.ascending ? a.block->min_timestamp() < b.block->min_timestamp()
                                : a.block->max_timestamp() > b.block->max_timestamp();
    });
    return found;
}

/// Adds the rows of a block that lie behind the cursor, and keeps the best `keep`.
Status add_hits(const EventSearch& search,
                const std::optional<Place>& after,
                const Candidate& candidate,
                std::size_t block_index,
                std::vector<Hit>& hits) {
    BlockView view(candidate.block, kTimestampMax);
    std::vector<std::uint32_t> selection;
    AIML_TRY(candidate.filter->select(view, selection));
    AIML_ASSIGN(const std::span<const Timestamp> times, view.timestamps());
    AIML_ASSIGN(const model::ColumnVector* sequences, view.column(model::builtin::kSequence));
    for (const std::uint32_t row : selection) {
        const Place place{times[row], static_cast<Lsn>(sequences->integers[row])};
        const bool behind = !after || (search.ascending ? place > *after : place < *after);
        if (search.range.contains(place.ts) && behind) {
            hits.push_back({place, block_index, row});
        }
    }
    const auto earlier = [&](const Hit& a, const Hit& b) {
        return search.ascending ? a.place < b.place : a.place > b.place;
    };
    const std::size_t keep = search.limit + std::size_t{1};
    if (hits.size() > keep) {
        std::ranges::nth_element(hits, hits.begin() + static_cast<std::ptrdiff_t>(keep), earlier);
        hits.resize(keep);
    }
    std::ranges::sort(hits, earlier);
    return Status::ok();
}

struct Page {
    std::vector<Candidate> blocks;
    std::vector<Hit> hits;
    std::string next_cursor;
};

Result<Page> find_page(const Core& core, const EventSearch& search) {
    AIML_ASSIGN(const std::optional<Place> after, read_cursor(core, search));
    Page page;
    AIML_ASSIGN(page.blocks, candidates(core, search));
    const Timestamp deadline = core.deadline();
    for (std::size_t i = 0; i < page.blocks.size(); ++i) {
        const store::Block& block = *page.blocks[i].block;
        if (page.hits.size() > search.limit) {
            const Timestamp worst = page.hits.back().place.ts;
            if (search.ascending ? block.min_timestamp() > worst : block.max_timestamp() < worst) {
                break;  // Blocks come in order: none behind this one can hold a better row.
            }
        }
        AIML_TRY(core.check_deadline(deadline));
        AIML_TRY(add_hits(search, after, page.blocks[i], i, page.hits));
    }
    if (page.hits.size() > search.limit) {
        page.hits.resize(search.limit);
        page.next_cursor = make_cursor(core, search, page.hits.back().place);
    }
    return page;
}

/// Why a search found nothing; empty where nothing tells.
Result<std::string> hint_of(const Core& core, const EventSearch& search) {
    AIML_ASSIGN(const store::DeploymentInfo deployment,
                core.deployment(search.project, search.deployment));
    AIML_ASSIGN(
        const Profile profile,
        core.profile(deployment, core.store.blocks(search.project, deployment.id, TimeRange{})));
    AIML_ASSIGN(const Expression filter, parse_filter(search.filter));
    return hint_of_nothing(
        {.model_version = search.model_version, .filter = filter, .range = search.range},
        profile,
        *deployment.schema);
}

/// Calls `each(writer, row)` for every hit in order, with one view per block.
template <typename Each>
Status for_hits(const Page& page, const Each& each) {
    std::vector<std::unique_ptr<BlockView>> views(page.blocks.size());
    for (const Hit& hit : page.hits) {
        if (views[hit.block] == nullptr) {
            views[hit.block] =
                std::make_unique<BlockView>(page.blocks[hit.block].block, kTimestampMax);
        }
        EventWriter writer(page.blocks[hit.block].deployment, *views[hit.block]);
        AIML_TRY(each(writer, hit.row));
    }
    return Status::ok();
}

}  // namespace

Result<std::string> search_events_json(const Core& core, const EventSearch& search) {
    const Lsn sequence = core.store.visible();
    AIML_ASSIGN(const Page page, find_page(core, search));
    codec::JsonWriter json;
    json.begin_object().key("events").begin_array();
    AIML_TRY(for_hits(page, [&](EventWriter& writer, std::uint32_t row) {
        return writer.write(json, row, false);
    }));
    json.end_array().key("next_cursor");
    if (page.next_cursor.empty()) {
        json.null();
    } else {
        json.string(page.next_cursor);
    }
    if (page.hits.empty() && search.cursor.empty() && !search.deployment.empty()) {
        AIML_ASSIGN(const std::string hint, hint_of(core, search));
        if (!hint.empty()) {
            json.field("hint", hint);
        }
    }
    json.field("as_of_seq", sequence).end_object();
    return json.take();
}

Result<EventTable> search_events_csv(const Core& core, const EventSearch& search) {
    AIML_ASSIGN(Page page, find_page(core, search));
    NamedColumns columns;
    AIML_TRY(for_hits(page, [&](EventWriter& writer, std::uint32_t row) {
        return writer.add_columns(columns, row);
    }));
    EventTable table;
    EventWriter::append_csv_head(table.text, columns);
    AIML_TRY(for_hits(page, [&](EventWriter& writer, std::uint32_t row) {
        return writer.write_csv(table.text, columns, row);
    }));
    table.next_cursor = std::move(page.next_cursor);
    return table;
}

Result<std::string> fetch_event_json(const Core& core,
                                     const EventFetch& fetch,
                                     const Locate& locate) {
    std::vector<store::DeploymentInfo> deployments;
    if (fetch.deployment.empty()) {
        deployments = core.store.deployments(fetch.project);
    } else if (auto found = core.store.find_deployment(fetch.project, fetch.deployment)) {
        deployments.push_back(*std::move(found));
    }
    Expression same;
    same.kind = Expression::Kind::kCompare;
    same.field.name = "request_id";
    same.values.push_back({Literal::Type::kString, 0.0, fetch.request_id});
    for (const store::DeploymentInfo& deployment : deployments) {
        AIML_ASSIGN(const BoundFilter filter, BoundFilter::bind(same, *deployment.schema));
        for (const std::int32_t day : locate(fetch.project, deployment.name, fetch.request_id)) {
            const TimeRange range{Timestamp{day} * kDay, (Timestamp{day} + 1) * kDay};
            for (const auto& block : core.store.blocks(fetch.project, deployment.id, range)) {
                BlockView view(block, kTimestampMax);
                std::vector<std::uint32_t> selection;
                AIML_TRY(filter.select(view, selection));
                if (!selection.empty()) {
                    codec::JsonWriter json;
                    AIML_TRY(EventWriter(deployment, view).write(json, selection.back(), true));
                    return json.take();
                }
            }
        }
    }
    return Status(ErrorCode::kNotFound, "there is no event with this request_id");
}

}  // namespace aiml042::query
