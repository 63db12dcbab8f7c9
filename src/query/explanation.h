// An explanation before it is written; see query/explain.h.

#pragma once

#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "query/explain.h"
#include "query/explain_rows.h"
#include "query/plan.h"
#include "query/reference.h"
#include "stats/cohort_search.h"

namespace aiml042::query {

/// The question with all that it is answered from.
struct Explanation {
    std::vector<Plan> before;
    std::vector<Plan> after;
    std::optional<ResolvedReference> reference;
    ExplainRows rows;
    stats::CohortReport report;
    Lsn as_of_sequence{};

    [[nodiscard]] const Plan& plan() const { return after.front(); }

    [[nodiscard]] bool has_change() const {
        return report.all.before.whole > 0.0 && report.all.after.whole > 0.0;
    }

    [[nodiscard]] std::optional<double> change() const {
        return has_change() ? std::optional(report.all.after.part / report.all.after.whole -
                                            report.all.before.part / report.all.before.whole)
                            : std::nullopt;
    }
};

/// Errors: as explain_json().
[[nodiscard]] Result<Explanation> make_explanation(const Core& core, const ExplainRequest& request);

}  // namespace aiml042::query
