#include "stats/chi_squared.h"

#include <boost/math/distributions/chi_squared.hpp>

#include "base/check.h"

namespace aiml042::stats {

double chi_squared_survival(double x, double degrees) {
    namespace bm = boost::math;
    using Policy = bm::policies::policy<bm::policies::promote_double<false>>;
    AIML_CHECK(degrees > 0.0);
    return x > 0.0
               ? bm::cdf(bm::complement(bm::chi_squared_distribution<double, Policy>(degrees), x))
               : 1.0;
}

}  // namespace aiml042::stats
