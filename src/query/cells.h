// From the rows of a block to family states per time slot and group.
//
// Cost: the filter, the inputs and the grouping once per block; then about 1 to 5 ns per row and
// family.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "base/time.h"
#include "metrics/family.h"
#include "query/block_view.h"
#include "query/class_registry.h"
#include "query/column_choice.h"
#include "query/field.h"
#include "query/filter_eval.h"
#include "query/grouping.h"
#include "query/inputs.h"

namespace aiml042::query {

/// A family with its options, as one query wants it.
struct FamilyUse {
    const metrics::Family* family = nullptr;
    metrics::FamilyOptions options;

    /// Whether a label can change the family's states.
    [[nodiscard]] bool uses_labels() const;
    /// Whether what is positive, predicted or scored can.
    [[nodiscard]] bool uses_understanding() const;
};

/// Which rows a query takes, how it groups and reads them. Shared by all blocks; immutable while
/// the query runs.
struct ScanSpec {
    std::shared_ptr<const BoundFilter> filter;  // Not null.
    std::vector<Field> group_by;
    Understanding understanding;
    std::shared_ptr<ClassRegistry> classes;
    std::optional<ColumnChoice> column;  // For families that read Input::kColumn.
    Timestamp as_of = kTimestampMax;
    std::size_t groups_max = 0;

    [[nodiscard]] bool uses_labels() const;
    /// Names the states of `use` at slots of `width` (0: one slot): equal names mean equal states
    /// for equal rows.
    [[nodiscard]] Hash128 name(const FamilyUse& use, Timestamp width) const;
};

/// Time slots of `width` from `phase`; without a width one slot that starts at 0.
struct Slots {
    std::optional<Timestamp> width;
    Timestamp phase = 0;

    [[nodiscard]] Timestamp slot_of(Timestamp t) const {
        return width.has_value() ? floor_to(t - phase, *width) + phase : 0;
    }
};

/// Which cells a block has: only those with rows.
struct CellLayout {
    struct Cell {
        Timestamp slot = 0;
        std::uint32_t group = 0;
        std::uint32_t rows = 0;
    };

    std::vector<GroupKey> groups;
    std::vector<std::string> group_names;
    std::vector<Cell> cells;  // By slot, then by group.

    [[nodiscard]] std::size_t memory_bytes() const;
};

/// The states of one family, one per cell of the layout. Immutable.
struct FamilyCells {
    std::shared_ptr<const CellLayout> layout;
    std::vector<std::unique_ptr<metrics::State>> states;

    [[nodiscard]] std::size_t memory_bytes() const;
};

/// The rows of the block that the spec's filter selects and that lie in `range`, ascending.
[[nodiscard]] Result<std::vector<std::uint32_t>> select_rows(BlockView& view,
                                                             const ScanSpec& spec,
                                                             const TimeRange& range);

/// Computes the states of `families` over the rows of the block that the spec selects and that lie
/// in `range`.
Result<std::vector<std::shared_ptr<const FamilyCells>>> scan_block(
    BlockView& view,
    const ScanSpec& spec,
    std::span<const FamilyUse> families,
    TimeRange range,
    const Slots& slots);

}  // namespace aiml042::query
