// One block as one query reads it: columns and labels fetched once and kept while the query works
// on the block.
//
// Threads: one owner at a time.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "base/time.h"
#include "model/column.h"
#include "store/store.h"

namespace aiml042::query {

class BlockView {
  public:
    /// Labels are read as of `as_of`.
    BlockView(std::shared_ptr<const store::Block> block, Timestamp as_of)
        : block_(std::move(block)), as_of_(as_of), rows_(block_->rows()) {}

    [[nodiscard]] const store::Block& block() const { return *block_; }

    [[nodiscard]] std::uint32_t rows() const { return rows_; }

    /// The column, with rows() entries; null when no row of the block has it. Lives as long as the
    /// view.
    Result<const model::ColumnVector*> column(ColumnId id);

    /// Lives as long as the view.
    Result<const model::LabelColumns*> labels();

    /// Remainders of the labels, with rows() entries. Lives as long as the view.
    Result<const model::ColumnVector*> label_remainders();

    /// The events' times; ascending when the block is sealed.
    Result<std::span<const Timestamp>> timestamps();

  private:
    std::shared_ptr<const store::Block> block_;
    Timestamp as_of_;
    std::uint32_t rows_;
    std::vector<std::pair<ColumnId, std::shared_ptr<const model::ColumnVector>>> columns_;
    std::shared_ptr<const model::LabelColumns> labels_;
    std::shared_ptr<const model::ColumnVector> label_remainders_;
};

}  // namespace aiml042::query
