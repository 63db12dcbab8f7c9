// How well a classifier tells two samples of vectors apart: 0.5 when it cannot.
//
// Logistic regression with an L2 penalty of 1 on standardised components, five folds (row i of both
// samples one after another is in fold i mod 5), the mean over folds of the area under the ROC
// curve of the rows left out. More than 64 components are first projected on 64 fixed random signs.
// Fitted by steps with the bound X'X/4 on the curvature, so that one factorisation per fold serves
// every permutation of the labels; p-value from at most 99 of them, fewer once 20 reached the
// area.
//
// Cost for 1,000 + 1,000 vectors of 64: 10 ms, and 5 ms per permutation. Pure. Sources: D.
// Lopez-Paz, M. Oquab (2017), "Revisiting classifier two-sample tests"; D. Böhning, B. G. Lindsay
// (1988); D. Achlioptas (2003), projections; E. R. DeLong et al. (1988), the error.

#pragma once

#include <cstdint>
#include <optional>

#include "stats/interval.h"
#include "stats/vector_rows.h"

namespace aiml042::stats {

struct DomainTest {
    double auc = 0.5;
    Interval interval = {0.0, 1.0};
    double p_value = 1.0;
    std::uint32_t draws = 0;
};

/// Empty below ten rows on a side: folds would lack one.
[[nodiscard]] std::optional<DomainTest> domain_classifier(const VectorRowsView& a,
                                                          const VectorRowsView& b,
                                                          double confidence);

}  // namespace aiml042::stats
