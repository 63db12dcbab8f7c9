// Numbers of numpy, scipy and scikit-learn (tests/golden/metrics.golden) on rows that both sides
// make alike.

#include <cmath>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "row_table.h"

using namespace aiml042;                    // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics::testing;  // NOLINT(google-build-using-namespace)

namespace {

/// splitmix64, the upper 53 bits as a number in [0, 1); as in metrics_golden.py.
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

void add_binary(RowTable& t, Uniforms& source, const std::string& shape) {
    const double a = source.next();
    const double b = source.next();
    const double c = source.next();
    double score = shape == "rare" ? a * a * a : a;
    if (shape == "rounded") {
        score = std::floor(score * 20.0) / 20.0;
    }
    const std::uint32_t label = b < score * 0.8 + 0.05 ? 1 : 0;
    const std::size_t row = t.add_row();
    t.labelled[row] = 1;
    t.score[row] = score;
    t.label_class[row] = label;
    t.predicted_class[row] = c < 0.7 ? label : 1 - label;
}

void add_multiclass(RowTable& t, Uniforms& source) {
    const auto label = static_cast<std::uint32_t>(source.next() * 4.0);
    double weights[4];
    for (std::uint32_t k = 0; k < 4; ++k) {
        weights[k] = source.next() + (k == label ? 0.7 : 0.0);
    }
    const double total = weights[0] + weights[1] + weights[2] + weights[3];
    const std::size_t row = t.add_row();
    t.labelled[row] = 1;
    t.label_class[row] = label;
    std::uint32_t best = 0;
    for (std::uint32_t k = 0; k < 4; ++k) {
        t.set_class_score(row, k, weights[k] / total);
        best = weights[k] / total > weights[best] / total ? k : best;
    }
    t.predicted_class[row] = best;
}

void add_regression(RowTable& t, Uniforms& source, const std::string& shape) {
    const double a = source.next();
    const double b = source.next();
    const std::size_t row = t.add_row();
    t.labelled[row] = 1;
    t.label_value[row] = a * 100.0 + (shape == "offset" ? 1e6 : 0.0);
    t.predicted_value[row] = t.label_value[row] + (b - 0.4) * 20.0;
    t.latency_ms[row] = t.label_value[row];
}

struct Case {
    RowTable table;
    TaskBit task = TaskBit::kBinary;
    FinishOptions options;
};

/// "task:seed:rows:shape"
Case make_case(const std::string& name) {
    std::istringstream parts(name);
    std::string task;
    std::string seed;
    std::string rows;
    std::string shape;
    std::getline(parts, task, ':');
    std::getline(parts, seed, ':');
    std::getline(parts, rows, ':');
    std::getline(parts, shape, ':');
    Case out;
    Uniforms source(std::stoull(seed));
    out.options.family.positive_class = 1;
    for (int i = 0; i < std::stoi(rows); ++i) {
        if (task == "binary") {
            add_binary(out.table, source, shape);
        } else if (task == "multiclass") {
            out.task = TaskBit::kMulticlass;
            add_multiclass(out.table, source);
        } else {
            out.task = TaskBit::kRegression;
            add_regression(out.table, source, shape);
        }
    }
    out.table.derive_class_columns();
    return out;
}

/// One option "key=value"; the end of the interval that is asked for, if one is.
std::string apply_option(FinishOptions& options, const std::string& option) {
    const std::size_t at = option.find('=');
    const std::string key = option.substr(0, at);
    const std::string value = at == std::string::npos ? "" : option.substr(at + 1);
    using Average = FinishOptions::Average;
    if (key == "beta") {
        options.beta = std::stod(value);
    } else if (key == "bins") {
        options.family.bins = static_cast<std::uint32_t>(std::stoul(value));
    } else if (key == "threshold") {
        options.family.threshold = std::stod(value);
    } else if (key == "binning") {
        options.family.binning = FamilyOptions::Binning::kMass;
    } else if (key == "average") {
        options.average = value == "macro"   ? Average::kMacro
                          : value == "micro" ? Average::kMicro
                                             : Average::kWeighted;
    } else if (key == "interval") {
        options.confidence = 0.95;
        return value;
    } else {
        CHECK(key == "-");
    }
    return {};
}

}  // namespace

TEST_CASE("golden: metrics and intervals equal numpy, scipy and scikit-learn") {
    std::ifstream file(AIML_REPO_ROOT "/tests/golden/metrics.golden");
    REQUIRE(file.good());
    std::string line;
    std::string made;
    Case current;
    int compared = 0;
    while (std::getline(file, line)) {
        if (line.starts_with('#')) {
            continue;
        }
        std::istringstream words(line);
        std::string name;
        std::string metric;
        std::string option;
        std::string number;
        words >> name >> metric >> option >> number;
        if (name != made) {
            current = make_case(name);
            made = name;
        }
        FinishOptions options = current.options;
        const std::string end = apply_option(options, option);
        const Estimate got = measure(metric, current.task, options, current.table);
        const double expected = std::stod(number);
        INFO(line << ": " << got.reason);
        REQUIRE(got.value.has_value());
        double value = *got.value;
        if (!end.empty()) {
            REQUIRE(got.interval.has_value());
            value = end == "low" ? got.interval->first : got.interval->second;
        }
        CAPTURE(value, expected);
        CHECK(std::fabs(value - expected) <= 1e-9 * std::max(1.0, std::fabs(expected)));
        ++compared;
    }
    CHECK(compared == 183);
}
