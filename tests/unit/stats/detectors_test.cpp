// Where change detectors fire, against a second statement of their rules and river's docstrings
// (tests/golden/detectors.golden).

#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "stats/adwin.h"
#include "stats/ddm.h"
#include "stats/kswin.h"
#include "stats/page_hinkley.h"
#include "stats/random_stream.h"

using namespace aiml042::stats;  // NOLINT(google-build-using-namespace)

namespace {

using Values = std::vector<double>;

/// As in detectors_golden.py.
Values stream(
    const std::string& kind, std::uint64_t seed, std::size_t n, double before, double after) {
    RandomStream source(seed);
    Values out;
    for (std::size_t i = 0; i < 2 * n; ++i) {
        const double level = i < n ? before : after;
        const double u = static_cast<double>(source.next() >> 11) * 0x1p-53;
        out.push_back(kind == "error" ? (u < level ? 1.0 : 0.0) : u + level);
    }
    return out;
}

std::function<std::optional<Change>(double)> detector_of(const std::string& name) {
    if (name == "adwin") {
        return [detector = Adwin()](double x) mutable { return detector.update(x); };
    }
    if (name == "page_hinkley") {
        return [detector = PageHinkley()](double x) mutable { return detector.update(x); };
    }
    if (name == "kswin") {
        return [detector = Kswin()](double x) mutable { return detector.update(x); };
    }
    return [detector = Ddm()](double x) mutable { return detector.update(x > 0.5); };
}

/// The stream that a line names.
Values read_stream(std::istringstream& line, const std::map<std::string, Values>& known) {
    std::string name;
    line >> name;
    if (const auto found = known.find(name); found != known.end()) {
        return found->second;
    }
    std::uint64_t seed = 0;
    std::size_t n = 0;
    double before = 0.0;
    double after = 0.0;
    line >> seed >> n >> before >> after;
    CAPTURE(name, seed);
    return stream(name, seed, n, before, after);
}

void check_changes(const std::string& name, const Values& values, std::istringstream& line) {
    std::size_t count = 0;
    line >> count;
    const auto update = detector_of(name);
    std::size_t seen = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::optional<Change> change = update(values[i]);
        if (!change) {
            continue;
        }
        std::size_t index = 0;
        double before = 0.0;
        double after = 0.0;
        line >> index >> before >> after;
        CAPTURE(i, index);
        REQUIRE(++seen <= count);
        CHECK(i == index);
        CHECK(change->before == Approx(before).margin(1e-9));
        CHECK(change->after == Approx(after).margin(1e-9));
    }
    CHECK(seen == count);
}

void check_warnings(const Values& values, std::istringstream& line) {
    std::size_t count = 0;
    line >> count;
    Ddm detector;
    std::vector<std::size_t> entered;
    bool inside = false;
    for (std::size_t i = 0; i < values.size(); ++i) {
        detector.update(values[i] > 0.5);
        if (detector.warning() && !inside) {
            entered.push_back(i);
        }
        inside = detector.warning();
    }
    std::vector<std::size_t> want(count);
    for (std::size_t& index : want) {
        line >> index;
    }
    CHECK(entered == want);
}

}  // namespace

// Every stream, detector, index and level; river's docstring stream at 1023 among them.
TEST_CASE("detectors: fire where a second statement of their rules does") {
    std::ifstream file(AIML_REPO_ROOT "/tests/golden/detectors.golden");
    REQUIRE(file.good());
    std::map<std::string, Values> known;
    std::size_t lines = 0;
    for (std::string text; std::getline(file, text); ++lines) {
        std::istringstream line(text);
        std::string what;
        line >> what;
        CAPTURE(lines, what);
        if (what == "stream") {
            std::string name;
            std::size_t count = 0;
            line >> name >> count;
            Values& values = known[name];
            values.resize(count);
            for (double& value : values) {
                line >> value;
            }
            continue;
        }
        const Values values = read_stream(line, known);
        if (what == "warnings") {
            check_warnings(values, line);
        } else {
            check_changes(what, values, line);
        }
    }
    CHECK(lines == 41);
}

// Nothing changes: how often each fires by chance, per 100,000 values.
TEST_CASE("detectors: false alarms over still errors are few") {
    RandomStream source(3);
    std::map<std::string, int> fired;
    for (const std::string name : {"adwin", "page_hinkley", "kswin"}) {
        const auto update = detector_of(name);
        for (int i = 0; i < 100'000; ++i) {
            const double u = static_cast<double>(source.next() >> 11) * 0x1p-53;
            fired[name] += update(u < 0.2 ? 1.0 : 0.0) ? 1 : 0;
        }
    }
    CAPTURE(fired["adwin"], fired["page_hinkley"], fired["kswin"]);
    CHECK(fired["adwin"] <= 2);
    CHECK(fired["page_hinkley"] <= 2);
    CHECK(fired["kswin"] <= 2);
}

// A long still stream, then one value for ever: sums stay sums.
TEST_CASE("detectors: adwin's window holds what it says") {
    Adwin detector;
    double sum = 0.0;
    RandomStream source(9);
    for (int i = 0; i < 200'000; ++i) {
        const double x = static_cast<double>(source.next() >> 11) * 0x1p-53;
        REQUIRE_FALSE(detector.update(x));
        sum += x;
    }
    CHECK(detector.width() == 200'000.0);
    CHECK(detector.mean() == Approx(sum / 200'000.0).epsilon(1e-12));
    Adwin still;
    for (int i = 0; i < 100'000; ++i) {
        REQUIRE_FALSE(still.update(7.25));
    }
    CHECK(still.mean() == 7.25);
    static_assert(sizeof(Adwin) < 5'120);
}

// Of 70 and 30 values that all differ: the exact p-value first falls to 1e-4 there.
TEST_CASE("detectors: kswin's critical distance") {
    const Kswin detector;
    CHECK(detector.critical() == Approx(981.0 / 2'100.0).epsilon(1e-12));
    Kswin constant;
    for (int i = 0; i < 1'000; ++i) {
        REQUIRE_FALSE(constant.update(1.0));
    }
}
