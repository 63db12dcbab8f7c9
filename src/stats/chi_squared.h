// The chi-square distribution.

#pragma once

namespace aiml042::stats {

/// P(X >= x) with `degrees` > 0 degrees of freedom; 1 for x at most 0.
[[nodiscard]] double chi_squared_survival(double x, double degrees);

}  // namespace aiml042::stats
