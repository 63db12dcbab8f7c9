#include "query/cells.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "metrics/reference_column.h"

namespace aiml042::query {

namespace {

using metrics::Input;

constexpr metrics::Inputs kLabelInputs = metrics::inputs_of({Input::kLabelled,
                                                             Input::kLabelDelay,
                                                             Input::kLabelClass,
                                                             Input::kLabelValue,
                                                             Input::kRankings,
                                                             Input::kClassScores});
constexpr metrics::Inputs kUnderstoodInputs = metrics::inputs_of({Input::kScore,
                                                                  Input::kLabelClass,
                                                                  Input::kPredictedClass,
                                                                  Input::kPredictedValue,
                                                                  Input::kClassScores,
                                                                  Input::kClassColumns});

/// Slots of one block that counting can sort; more are sorted by comparing.
constexpr std::size_t kCountedSlotsMax = 65'536;

/// The rows of one slot: selection[begin, end).
struct SlotRows {
    Timestamp slot = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Keeps of an ascending selection the rows with times in `range`.
void clip(std::vector<std::uint32_t>& selection,
          std::span<const Timestamp> times,
          const TimeRange& range,
          bool sorted) {
    if (!sorted) {
        std::erase_if(selection, [&](std::uint32_t row) { return !range.contains(times[row]); });
        return;
    }
    const auto before = [&](std::uint32_t row, Timestamp t) { return times[row] < t; };
    const auto end = std::lower_bound(selection.begin(), selection.end(), range.to, before);
    selection.erase(end, selection.end());
    const auto begin = std::lower_bound(selection.begin(), selection.end(), range.from, before);
    selection.erase(selection.begin(), begin);
}

/// Slots of a selection whose rows are in time order.
std::vector<SlotRows> sorted_slots(const std::vector<std::uint32_t>& selection,
                                   std::span<const Timestamp> times,
                                   const Slots& slots) {
    std::vector<SlotRows> out;
    std::size_t begin = 0;
    while (begin < selection.size()) {
        const Timestamp slot = slots.slot_of(times[selection[begin]]);
        std::size_t end = selection.size();
        if (slots.width.has_value()) {
            const auto from = selection.begin() + static_cast<std::ptrdiff_t>(begin);
            const auto at = std::lower_bound(
                from, selection.end(), slot + *slots.width, [&](std::uint32_t row, Timestamp t) {
                    return times[row] < t;
                });
            end = static_cast<std::size_t>(at - selection.begin());
        }
        out.push_back({slot, begin, end});
        begin = end;
    }
    return out;
}

/// Reorders a selection by slot, rows of a slot ascending, and returns the slots.
std::vector<SlotRows> unsorted_slots(std::vector<std::uint32_t>& selection,
                                     std::span<const Timestamp> times,
                                     const Slots& slots) {
    if (selection.empty() || !slots.width.has_value()) {
        return sorted_slots(selection, times, slots);
    }
    std::vector<Timestamp> slot(selection.size());
    for (std::size_t i = 0; i < selection.size(); ++i) {
        slot[i] = slots.slot_of(times[selection[i]]);
    }
    const auto range = std::ranges::minmax(slot);
    const auto count = static_cast<std::size_t>((range.max - range.min) / *slots.width) + 1;
    std::vector<std::uint32_t> order(selection.size());
    if (count <= kCountedSlotsMax) {
        std::vector<std::uint32_t> at(count + 1, 0);
        const auto index = [&](std::size_t i) {
            return static_cast<std::size_t>((slot[i] - range.min) / *slots.width);
        };
        for (std::size_t i = 0; i < slot.size(); ++i) {
            ++at[index(i) + 1];
        }
        std::partial_sum(at.begin(), at.end(), at.begin());
        for (std::size_t i = 0; i < slot.size(); ++i) {
            order[at[index(i)]++] = static_cast<std::uint32_t>(i);
        }
    } else {
        std::iota(order.begin(), order.end(), 0U);
        std::ranges::stable_sort(order, {}, [&](std::uint32_t i) { return slot[i]; });
    }
    std::vector<std::uint32_t> reordered(selection.size());
    std::vector<SlotRows> out;
    for (std::size_t i = 0; i < order.size(); ++i) {
        reordered[i] = selection[order[i]];
        if (out.empty() || out.back().slot != slot[order[i]]) {
            out.push_back({slot[order[i]], i, i});
        }
        out.back().end = i + 1;
    }
    selection = std::move(reordered);
    return out;
}

/// Cells with the rows of each: `rows` in order of the layout's cells.
struct CellRows {
    CellLayout layout;
    std::vector<std::uint32_t> rows;
};

/// Splits slots into groups; rows of a cell stay ascending.
CellRows split(std::vector<std::uint32_t> selection,
               const std::vector<SlotRows>& slots,
               BlockGroups groups) {
    CellRows out;
    out.layout.groups = std::move(groups.keys);
    for (const GroupKey& key : out.layout.groups) {
        out.layout.group_names.push_back(group_name(key));
    }
    if (groups.of_row.empty()) {
        for (const SlotRows& slot : slots) {
            out.layout.cells.push_back(
                {slot.slot, 0, static_cast<std::uint32_t>(slot.end - slot.begin)});
        }
        out.rows = std::move(selection);
        return out;
    }
    out.rows.resize(selection.size());
    std::vector<std::uint32_t> count(out.layout.groups.size(), 0);
    std::vector<std::uint32_t> at(out.layout.groups.size(), 0);
    std::vector<std::uint32_t> seen;
    for (const SlotRows& slot : slots) {
        seen.clear();
        for (std::size_t i = slot.begin; i < slot.end; ++i) {
            const std::uint32_t group = groups.of_row[selection[i]];
            if (count[group]++ == 0) {
                seen.push_back(group);
            }
        }
        std::ranges::sort(seen);
        auto next = static_cast<std::uint32_t>(slot.begin);
        for (const std::uint32_t group : seen) {
            out.layout.cells.push_back({slot.slot, group, count[group]});
            at[group] = next;
            next += count[group];
            count[group] = 0;
        }
        for (std::size_t i = slot.begin; i < slot.end; ++i) {
            out.rows[at[groups.of_row[selection[i]]]++] = selection[i];
        }
    }
    return out;
}

}  // namespace

bool FamilyUse::uses_labels() const {
    return (family->inputs & kLabelInputs) != 0;
}

bool FamilyUse::uses_understanding() const {
    return (family->inputs & kUnderstoodInputs) != 0;
}

bool ScanSpec::uses_labels() const {
    return filter->uses_labels() || std::ranges::any_of(group_by, &Field::uses_labels) ||
           (column && column->uses_labels());
}

Hash128 ScanSpec::name(const FamilyUse& use, Timestamp width) const {
    std::string text = fmt::format("{}\n{}\n{}\n", use.family->name, width, use.options.exact);
    if (use.uses_understanding()) {
        text += fmt::format("{}\n{}\n{}\n{}\n{}\n",
                            use.options.threshold.value_or(-1.0),
                            use.options.positive_class,
                            use.options.bins,
                            static_cast<int>(use.options.binning),
                            understanding.name());
    }
    if (use.family->by_k) {
        text += fmt::format("k {}\n", use.options.k);
    }
    if (metrics::reads(use.family->inputs, Input::kColumn) && column) {
        text += fmt::format(
            "column {} {} {}\n", column->texts->serial(), column->name.size(), column->name);
        if (column->uses_understanding()) {
            text += understanding.name() + "\n";
        }
    }
    if (metrics::reads(use.family->inputs, Input::kEmbedding) && column) {
        text += fmt::format("embedding {} {}\n", column->name.size(), column->name);
    }
    if (metrics::reads(use.family->inputs, Input::kAttributions) && column) {
        text += fmt::format("attributions {}", column->texts->serial());
        for (const ColumnChoice::AttributionColumn& one : column->attributions) {
            text += fmt::format(" {}", one.id);
        }
        text += '\n';
    }
    if (use.family->by_reference && use.options.reference != nullptr) {
        const Hash128 bins = use.options.reference->bins_name();
        text += fmt::format("bins {:x} {:x}\n", bins.high, bins.low);
    }
    if (use.uses_labels() || uses_labels()) {
        text += fmt::format("as of {}\n", as_of);
    }
    for (const Field& field : group_by) {
        text += fmt::format("{}:{}\n", field.name.size(), field.name);
    }
    text += filter->text();
    return hash128(text, 0);
}

std::size_t CellLayout::memory_bytes() const {
    std::size_t bytes = cells.capacity() * sizeof(Cell);
    for (std::size_t i = 0; i < groups.size(); ++i) {
        bytes += 2 * group_names[i].size() + 64 + groups[i].size() * sizeof(GroupValue);
    }
    return bytes;
}

std::size_t FamilyCells::memory_bytes() const {
    // The layout is shared by the families of a query; each counts it whole, which errs on the safe
    // side.
    std::size_t bytes = layout->memory_bytes() + states.capacity() * sizeof(states[0]);
    for (const auto& state : states) {
        bytes += state->memory_bytes();
    }
    return bytes;
}

Result<std::vector<std::uint32_t>> select_rows(BlockView& view,
                                               const ScanSpec& spec,
                                               const TimeRange& range) {
    std::vector<std::uint32_t> selection;
    if (spec.filter->may_match(view.block())) {
        AIML_TRY(spec.filter->select(view, selection));
    }
    AIML_ASSIGN(const std::span<const Timestamp> times, view.timestamps());
    clip(selection, times, range, view.block().sealed());
    return selection;
}

Result<std::vector<std::shared_ptr<const FamilyCells>>> scan_block(
    BlockView& view,
    const ScanSpec& spec,
    std::span<const FamilyUse> families,
    TimeRange range,
    const Slots& slots) {
    metrics::Inputs wanted = 0;
    for (const FamilyUse& use : families) {
        wanted |= use.family->inputs;
    }
    AIML_ASSIGN(std::vector<std::uint32_t> selection, select_rows(view, spec, range));
    AIML_ASSIGN(const std::span<const Timestamp> times, view.timestamps());
    const bool sorted = view.block().sealed();
    BlockGroups groups;
    MetricInputs inputs;
    std::vector<SlotRows> slot_rows;
    if (!selection.empty()) {
        AIML_ASSIGN(groups, group_rows(view, spec.group_by, selection, spec.groups_max));
        AIML_ASSIGN(inputs,
                    MetricInputs::make(view,
                                       spec.understanding,
                                       *spec.classes,
                                       wanted,
                                       selection,
                                       spec.column ? &*spec.column : nullptr));
        slot_rows = sorted ? sorted_slots(selection, times, slots)
                           : unsorted_slots(selection, times, slots);
    }
    CellRows cells = split(std::move(selection), slot_rows, std::move(groups));
    const auto layout = std::make_shared<const CellLayout>(std::move(cells.layout));
    std::vector<std::shared_ptr<const FamilyCells>> out;
    for (const FamilyUse& use : families) {
        auto result = std::make_shared<FamilyCells>();
        result->layout = layout;
        result->states.reserve(layout->cells.size());
        std::size_t begin = 0;
        for (const CellLayout::Cell& cell : layout->cells) {
            auto state = use.family->create(use.options);
            state->update(inputs.rows(), std::span(cells.rows).subspan(begin, cell.rows));
            result->states.push_back(std::move(state));
            begin += cell.rows;
        }
        out.push_back(std::move(result));
    }
    return out;
}

}  // namespace aiml042::query
