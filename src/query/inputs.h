// What metric families read, made once per block from its columns: labels and predictions as class
// codes, the score of the positive class, what a multi-class row says of its label. Columns that
// can be used as they are, are.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "metrics/family.h"
#include "model/deployment.h"
#include "query/block_view.h"
#include "query/class_registry.h"
#include "query/embedding_reader.h"
#include "store/directory.h"

namespace aiml042::query {

struct ColumnChoice;

/// How a deployment's columns are to be understood in one query. Immutable.
struct Understanding {
    model::TaskType task = model::TaskType::kUnknown;
    std::uint32_t positive_class = metrics::kNoClass;
    std::uint32_t negative_class =
        metrics::kNoClass;  // Predicted below the threshold where no class was sent.
    model::ScoreIs score_is = model::ScoreIs::kPositiveClass;
    double threshold = 0.5;

    /// Class score columns with their class codes, in the order of the class texts.
    struct ScoreColumn {
        ColumnId id = 0;
        std::uint32_t class_code = 0;
    };

    std::vector<ScoreColumn> class_scores;
    std::optional<ColumnId> positive_score_column;  // scores[positive class].
    std::optional<ColumnId> median_column;          // quantiles["0.5"].

    /// Columns of quantile forecasts, ascending.
    struct QuantileColumn {
        ColumnId id = 0;
        double quantile = 0.0;
    };

    std::vector<QuantileColumn> quantiles;

    [[nodiscard]] bool classifies() const {
        return task == model::TaskType::kBinary || task == model::TaskType::kMulticlass ||
               task == model::TaskType::kLlm || task == model::TaskType::kUnknown;
    }

    /// Everything that changes the inputs, as text for cache keys.
    [[nodiscard]] std::string name() const;
};

/// The inputs of one block. Spans live as long as this and the view.
class MetricInputs {
  public:
    /// Makes the inputs named by the bits of `wanted`. What is dear (rankings) only for the rows of
    /// `selection`. `column` is what Input::kColumn, kEmbedding and kAttributions read; null:
    /// nothing.
    static Result<MetricInputs> make(BlockView& view,
                                     const Understanding& understanding,
                                     ClassRegistry& classes,
                                     metrics::Inputs wanted,
                                     std::span<const std::uint32_t> selection,
                                     const ColumnChoice* column = nullptr);

    [[nodiscard]] const metrics::Rows& rows() const { return rows_; }

  private:
    struct Builder;

    metrics::Rows rows_;
    // Owners of what is not a column as it is.
    std::vector<double> missing_;
    std::vector<std::uint8_t> failed_;
    std::vector<double> delay_;
    std::vector<double> score_;
    std::vector<double> predicted_value_;
    std::vector<std::uint32_t> label_class_;
    std::vector<std::uint32_t> predicted_class_;
    std::vector<double> label_class_score_;
    std::vector<double> top_score_;
    std::vector<std::uint32_t> top_class_;
    std::vector<double> square_error_;
    std::vector<metrics::Rows::ClassScores> class_columns_;
    std::vector<metrics::Rows::QuantileForecasts> quantiles_;
    std::vector<metrics::Rows::Ranking> rankings_;
    std::vector<double> grades_;
    std::vector<double> column_numbers_;
    std::vector<std::uint32_t> column_codes_;
    std::unique_ptr<EmbeddingReader> embeddings_;
    std::vector<metrics::Rows::Attributions> attributions_;
};

}  // namespace aiml042::query
