// How much each feature weighs in the predictions (mean absolute attribution, such as SHAP values),
// in a reference and now, and how far the order of features has moved.
//
// Source: definition of the means and shares in the reference answers; order: normalised discounted
// cumulative gain of the reference's weights in the current order (K. Järvelin, J. Kekäläinen
// 2002).

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "codec/json_writer.h"
#include "metrics/attribution_state.h"
#include "query/column_choice.h"
#include "query/core.h"
#include "query/reference.h"

namespace aiml042::query {

struct Attribution {
    std::string feature;
    std::optional<double> reference;  // Mean absolute attribution; empty: none was sent.
    std::optional<double> current;
};

struct Attributions {
    std::vector<Attribution> features;  // In the order of their names.

    /// Part of a feature in the sum over all, of the reference or of now; empty without a sum.
    [[nodiscard]] std::optional<double> share(const Attribution& of, bool reference) const;

    /// 1 - nDCG: 0 where the order by weight is the reference's, up to 1. Empty with fewer than two
    /// features that have both weights.
    [[nodiscard]] std::optional<double> drift() const;

    /// [{"feature","reference","current","reference_share","current_share","reference_rank",
    /// "current_rank"}], by the reference's weight.
    void write(codec::JsonWriter& writer) const;
};

/// Every feature's attributions as one question reads them; of the first limits::kDriftColumnsMax
/// features.
[[nodiscard]] Result<ColumnChoice> choose_attributions(const Core& core,
                                                       const store::DeploymentInfo& deployment);

/// Their weights in a reference, by the features' names. `rows` are those of the question.
[[nodiscard]] Result<std::shared_ptr<const metrics::AttributionWeights>> measure_weights(
    const Core& core,
    const MetricQuery& rows,
    const ColumnChoice& choice,
    const ResolvedReference& reference);

/// All attributions of the deployment; of the first limits::kDriftColumnsMax features.
[[nodiscard]] Result<Attributions> read_attributions(const Core& core,
                                                     const MetricQuery& rows,
                                                     const ResolvedReference& reference);

/// Names of the columns that hold them: "attributions.age".
[[nodiscard]] std::vector<std::string> attribution_columns(const store::DeploymentInfo& deployment);

}  // namespace aiml042::query
