// What other monitors say, against a second statement of their rules with numpy and scipy
// (tests/golden/peers.golden), and against values of their own tests.

#include "metrics/peer_drift.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "metrics/reasons.h"

using namespace aiml042;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;  // NOLINT(google-build-using-namespace)

namespace {

constexpr double kTolerance = 1e-9;
constexpr double kLooser = 1e-7;  // Of one-sample Kolmogorov tails beyond 100,000 values.

/// splitmix64, the upper 53 bits as a number in [0, 1); as in peers_golden.py.
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
    return out;
}

/// The values as numbers, or each step as a text.
ColumnValues column(const std::vector<double>& values, bool numeric, double steps) {
    std::vector<std::uint32_t> all(values.size());
    std::iota(all.begin(), all.end(), 0U);
    std::vector<std::uint32_t> codes;
    Rows rows;
    if (numeric) {
        rows.column_number = values;
    } else {
        for (const double value : values) {
            codes.push_back(static_cast<std::uint32_t>(std::lround(value * steps)));
        }
        rows.column_class = codes;
    }
    ColumnValues out;
    out.update(rows, all);
    return out;
}

bool near(double got, double want, double tolerance = kTolerance) {
    return std::fabs(got - want) <= tolerance * std::max(1.0, std::fabs(want));
}

void check_line(std::istringstream& line, const std::string& name) {
    std::string kind;
    std::uint64_t seed = 0;
    std::size_t n = 0;
    std::size_t m = 0;
    double shift = 0.0;
    double steps = 0.0;
    std::string method;
    double value = 0.0;
    std::string verdict;
    line >> kind >> seed >> n >> m >> shift >> steps >> method >> value >> verdict;
    CAPTURE(name, kind, seed, n, m, method);
    const bool numeric = kind == "number";
    Uniforms source(seed);
    const ColumnValues before = column(sample(source, n, 0.0, steps), numeric, steps);
    const ColumnValues now = column(sample(source, m, shift, steps), numeric, steps);
    const PeerDrift got = peer_drift(*peer_of(name), *ReferenceColumn::of(before), now);
    CHECK(got.method == method);
    REQUIRE(got.value);
    CAPTURE(*got.value, value);
    CHECK(near(*got.value, value, n > 100'000 ? kLooser : kTolerance));
    CHECK(name_of(got.verdict) == verdict);
    CHECK(!got.why.empty());
    std::map<std::string, double, std::less<>> others(got.others.begin(), got.others.end());
    std::size_t read = 0;
    for (std::string other; line >> other >> value; ++read) {
        CAPTURE(other, value);
        REQUIRE(others.contains(other));
        CAPTURE(others[other]);
        CHECK(near(others[other], value));
    }
    CHECK(read == others.size());
}

PeerDrift of_numbers(Peer peer, const std::vector<double>& before, const std::vector<double>& now) {
    return peer_drift(
        peer, *ReferenceColumn::of(column(before, true, 1.0)), column(now, true, 1.0));
}

}  // namespace

// Every monitor, number, verdict: stated twice.
TEST_CASE("peers: a second statement of their rules agrees") {
    std::ifstream file(AIML_REPO_ROOT "/tests/golden/peers.golden");
    REQUIRE(file.good());
    std::size_t lines = 0;
    for (std::string text; std::getline(file, text);) {
        if (text.starts_with('#')) {
            continue;
        }
        std::istringstream line(text);
        std::string name;
        line >> name;
        check_line(line, name);
        ++lines;
    }
    CHECK(lines == 110);
}

// A literal that Evidently's own tests expect: one-sample, so the reference's size plays no part.
TEST_CASE("peers: evidently's chi-square of its own test") {
    const std::vector<std::size_t> before = {16, 18, 16, 14, 12, 12};
    const std::vector<std::size_t> now = {16, 16, 16, 16, 16, 8};
    const auto repeated = [](const std::vector<std::size_t>& counts, std::size_t times) {
        std::vector<double> out;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            out.insert(out.end(), counts[i] * times, static_cast<double>(i));
        }
        return column(out, false, 1.0);
    };
    for (const std::size_t times : {1U, 2U, 11U}) {
        const PeerDrift got = peer_drift(
            Peer::kEvidently, *ReferenceColumn::of(repeated(before, times)), repeated(now, 1));
        CHECK(got.method == "chisquare");
        CHECK(*got.value == Approx(0.67309).margin(5e-6));
    }
}

// A side without values has no number; nothing else is said of it.
TEST_CASE("peers: a column without values says so") {
    for (std::size_t i = 0; i < kPeerNames.size(); ++i) {
        const Peer peer = *peer_of(kPeerNames[i]);
        const PeerDrift none = of_numbers(peer, {1.0, 2.0}, {});
        CHECK(none.reason == reasons::kNoValues);
        CHECK_FALSE(none.value);
        CHECK(of_numbers(peer, {}, {1.0}).reason == reasons::kNoReferenceValues);
    }
    CHECK_FALSE(peer_of("deepchecks"));
}

// All values alike on both sides, and one row a side: no division by nothing.
TEST_CASE("peers: constant columns and single rows have numbers") {
    for (std::size_t i = 0; i < kPeerNames.size(); ++i) {
        const Peer peer = *peer_of(kPeerNames[i]);
        for (const std::size_t n : {1U, 2U, 40U, 1'200U}) {
            for (const double value : {-3.0, 0.0, 7.5}) {
                CAPTURE(kPeerNames[i], n, value);
                const std::vector<double> same(n, value);
                const PeerDrift got = of_numbers(peer, same, same);
                REQUIRE(got.value);
                CHECK(std::isfinite(*got.value));
                CHECK(got.verdict == PeerDrift::Verdict::kNoDrift);
                for (const auto& [name, other] : got.others) {
                    CAPTURE(name);
                    CHECK(std::isfinite(other));
                }
            }
        }
    }
}

// More values than are kept: the summary's share is off by no more than it says.
TEST_CASE("peers: a summarised reference says how far it may be off") {
    Uniforms source(5);
    const std::vector<double> before =
        sample(source, ReferenceColumn::kValuesMax + 1'000, 0.0, 0.0);
    const std::vector<double> now = sample(source, 3'000, 0.02, 0.0);
    const PeerDrift got = of_numbers(Peer::kSagemaker, before, now);
    REQUIRE(got.rank_error > 0.0);
    std::vector<double> sorted = before;
    std::ranges::sort(sorted);
    double exact = 0.0;
    for (const double x : now) {
        const auto share = [x](const std::vector<double>& values) {
            return static_cast<double>(
                       std::ranges::count_if(values, [x](double v) { return v <= x; })) /
                   static_cast<double>(values.size());
        };
        const double of_before =
            static_cast<double>(std::ranges::upper_bound(sorted, x) - sorted.begin()) /
            static_cast<double>(sorted.size());
        exact = std::max(exact, std::fabs(of_before - share(now)));
    }
    const auto n = static_cast<double>(before.size());
    const auto m = static_cast<double>(now.size());
    const double robust = exact - 1.8 * std::sqrt((n + m) / (n * m));
    CHECK(std::fabs(*got.value - robust) <= got.rank_error + 1.0 / m);
}
