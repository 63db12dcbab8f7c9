#include "query/block_view.h"

#include "base/check.h"

namespace aiml042::query {

Result<const model::ColumnVector*> BlockView::column(ColumnId id) {
    for (const auto& [known, column] : columns_) {
        if (known == id) {
            return column.get();
        }
    }
    AIML_ASSIGN(auto column, block_->column(id));
    if (column != nullptr) {
        AIML_CHECK(column->integers.size() + column->numbers.size() + column->codes.size() >=
                   rows_);
    }
    columns_.emplace_back(id, std::move(column));
    return columns_.back().second.get();
}

Result<const model::LabelColumns*> BlockView::labels() {
    if (labels_ == nullptr) {
        AIML_ASSIGN(labels_, block_->labels(as_of_));
        AIML_CHECK(labels_ != nullptr && labels_->labelled.size() >= rows_);
    }
    return labels_.get();
}

Result<const model::ColumnVector*> BlockView::label_remainders() {
    if (label_remainders_ == nullptr) {
        AIML_ASSIGN(label_remainders_, block_->label_remainders(as_of_));
        AIML_CHECK(label_remainders_ != nullptr && label_remainders_->codes.size() >= rows_);
    }
    return label_remainders_.get();
}

Result<std::span<const Timestamp>> BlockView::timestamps() {
    AIML_ASSIGN(const model::ColumnVector* column, column(model::builtin::kTimestamp));
    AIML_CHECK(column != nullptr);
    return std::span<const Timestamp>(column->integers).first(rows_);
}

}  // namespace aiml042::query
