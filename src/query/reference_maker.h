// Makes references: freezes every column of a window of events, or of rows that were uploaded.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "codec/json_value.h"
#include "metrics/column_state.h"
#include "metrics/embedding_state.h"
#include "query/class_registry.h"
#include "query/core.h"
#include "query/engine.h"

namespace aiml042::query {

struct MadeReference {
    std::vector<std::pair<std::string, std::string>> columns;  // Name and bytes.
    std::uint64_t rows = 0;
};

/// All columns of drift_columns() over the rows of a question: its deployment, window, version,
/// filter. Errors: as a metric query's; kInvalidArgument when there are no rows.
[[nodiscard]] Result<MadeReference> make_reference(const Core& core, const MetricQuery& rows);

/// Rows as events have them: {"features":{…},"embeddings":{…},"score","prediction","label"}, each
/// field optional.
class UploadedRows {
  public:
    /// A failed row may have left values behind: kInvalidField or kUnknownField with its pointer,
    /// kCardinalityLimit for more columns or texts than a deployment may have.
    Status add(const codec::JsonValue& row);

    [[nodiscard]] MadeReference finish() const;

  private:
    struct Column {
        metrics::ColumnValues values;
        std::shared_ptr<ClassRegistry> texts;
        std::uint64_t rows = 0;  // With or without a value.
    };

    Result<Column*> column(const std::string& name);
    Status add_value(const std::string& name,
                     const codec::JsonValue& value,
                     const std::string& pointer);

    Status add_vectors(const codec::JsonValue& value);

    std::map<std::string, Column> columns_;
    std::map<std::string, metrics::EmbeddingSample, std::less<>> embeddings_;
    std::uint64_t rows_ = 0;
};

}  // namespace aiml042::query
