// Two-sample statistics against scipy (tests/golden/two_sample.golden), and by hand where they are
// small.

#include "stats/two_sample.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <vector>

#include <catch2/catch.hpp>

#include "stats/kolmogorov.h"
#include "stats/multiplicity.h"
#include "stats/share_distance.h"
#include "stats/shift_test.h"

using namespace aiml042::stats;  // NOLINT(google-build-using-namespace)

namespace {

/// splitmix64, the upper 53 bits as a number in [0, 1); as in two_sample_golden.py.
class Uniforms {
  public:
    explicit Uniforms(std::uint64_t seed) : state_(seed) {}

    double next() {
        state_ += 0x9E37'79B9'7F4A'7C15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EBULL;
        z ^= z >> 31;
        return static_cast<double>(z >> 11) * 0x1p-53;
    }

  private:
    std::uint64_t state_;
};

std::vector<double> sample(Uniforms& source, std::size_t size, double shift, double steps) {
    std::vector<double> out(size);
    for (double& value : out) {
        const double first = source.next();
        value = first * source.next() + shift;
        value = steps > 0.0 ? std::floor(value * steps) / steps : value;
    }
    std::ranges::sort(out);
    return out;
}

bool near(double got, double want, double tolerance) {
    return std::fabs(got - want) <= tolerance * std::max(1.0, std::fabs(want));
}

void check_kolmogorov(std::istringstream& line) {
    std::uint64_t n = 0;
    double d = 0.0;
    double want = 0.0;
    line >> n >> d >> want;
    CAPTURE(n, d, want);
    CHECK(near(kolmogorov_survival(d, n), want, n <= 100'000 ? 1e-9 : 1e-7));
}

void check_two(std::istringstream& line) {
    std::uint64_t seed = 0;
    std::size_t n = 0;
    std::size_t m = 0;
    double shift = 0.0;
    double steps = 0.0;
    std::vector<double> want;
    line >> seed >> n >> m >> shift >> steps;
    for (std::string word; line >> word;) {
        want.push_back(std::stod(word));
    }
    Uniforms source(seed);
    const std::vector<double> a = sample(source, n, 0.0, steps);
    const std::vector<double> b = sample(source, m, shift, steps);
    const TwoSample two = compare_sorted(a, b);
    CAPTURE(seed, n, m);
    REQUIRE(want.size() == 7);
    CHECK(near(two.ks, want[0], 1e-14));
    const auto effective = static_cast<double>(n * m) / static_cast<double>(n + m);
    if (effective >= 1.0) {
        CHECK(
            near(kolmogorov_survival(two.ks, static_cast<std::uint64_t>(std::nearbyint(effective))),
                 want[1],
                 1e-9));
    }
    if (!std::isnan(want[2])) {
        CHECK(near(ks_p_value(two.ks, a, b), want[2], 1e-9));
    }
    CHECK(near(two.wasserstein, want[3], 1e-12));
    CHECK(near(two.energy, want[4], 1e-9));
    CHECK(near(two.share_above, want[5], 1e-14));
    CHECK(near(mann_whitney_p_value(two, n, m), want[6], 1e-9));
}

void check_fisher(std::istringstream& line) {
    std::uint64_t table[4] = {};
    double want = 0.0;
    line >> table[0] >> table[1] >> table[2] >> table[3] >> want;
    CAPTURE(table[0], table[1], table[2], table[3]);
    CHECK(near(fisher_exact(table[0], table[1], table[2], table[3]), want, 1e-9));
}

}  // namespace

TEST_CASE("two samples: scipy's numbers") {
    std::ifstream file(AIML_REPO_ROOT "/tests/golden/two_sample.golden");
    std::size_t lines = 0;
    for (std::string text; std::getline(file, text);) {
        std::istringstream line(text);
        std::string kind;
        line >> kind;
        if (kind == "kolmogorov") {
            check_kolmogorov(line);
        } else if (kind == "two") {
            check_two(line);
        } else if (kind == "fisher") {
            check_fisher(line);
        }
        ++lines;
    }
    CHECK(lines > 100);
}

TEST_CASE("two samples: ties count in the exact distribution") {
    // All 6 ways to share {1, 1, 2, 2} out: the distance is 1 in two of them, else 0.
    const std::uint64_t ends[] = {2, 4};
    CHECK(smirnov_exact_survival(1.0, 2, 2, ends) == Approx(2.0 / 6.0));
    CHECK(smirnov_exact_survival(0.5, 2, 2, ends) == Approx(2.0 / 6.0));
    const std::uint64_t one_value[] = {5};
    CHECK(smirnov_exact_survival(0.1, 2, 3, one_value) == 0.0);
    CHECK(smirnov_exact_survival(0.0, 2, 3, one_value) == Approx(1.0));
}

TEST_CASE("two samples: shares") {
    const std::uint64_t reference[] = {50, 50, 0};
    const std::uint64_t current[] = {25, 65, 10};
    const ShareDistance distance = distance_of_counts(reference, current);
    CHECK_FALSE(distance.psi_raw.has_value());
    CHECK(distance.psi ==
          Approx(-0.25 * std::log(0.5) + 0.15 * std::log(1.3) + (0.1 - 1e-4) * std::log(1000.0)));
    CHECK(distance.tvd == Approx(0.25));
    CHECK(distance.degrees == 2);
    CHECK(distance.chi2 == Approx(25.0 / 3.0 + 15.0 * 15.0 / 115.0 + 10.0));
    const ShareDistance same = distance_of_counts(reference, reference);
    CHECK((same.psi == 0.0 && same.kl == 0.0 && same.js == 0.0 && same.chi2 == 0.0));
    const std::uint64_t far[] = {0, 0, 7};
    CHECK(distance_of_counts(reference, far).js_distance() == Approx(1.0));
    CHECK(distance_of_counts(reference, far).hellinger == Approx(1.0));
}

TEST_CASE("multiplicity: Benjamini and Hochberg's own example") {
    const double p[] = {0.0459,
                        0.0001,
                        0.0004,
                        0.0019,
                        0.0095,
                        0.0201,
                        0.0278,
                        0.0298,
                        0.0344,
                        0.3240,
                        0.4262,
                        0.5719,
                        0.6528,
                        0.7590,
                        1.0000};
    const std::vector<double> adjusted = benjamini_hochberg(p);
    CHECK(std::ranges::count_if(adjusted, [](double x) { return x <= 0.05; }) == 4);
    CHECK(adjusted[1] == Approx(0.0015));
    CHECK(adjusted.back() == 1.0);
    CHECK(benjamini_hochberg({}).empty());
}
