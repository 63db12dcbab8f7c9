// What holds for every metric of the catalogue, whatever its state: cuts, order, emptiness, ties,
// extremes, one class.

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <set>

#include <catch2/catch.hpp>

#include "metrics/family.h"
#include "metrics/reference_column.h"
#include "metrics/row_ratio.h"
#include "row_table.h"

using namespace aiml042;                    // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics::testing;  // NOLINT(google-build-using-namespace)

namespace {

using Average = FinishOptions::Average;
using Binning = FamilyOptions::Binning;

double uniform(std::mt19937_64& random) {
    return static_cast<double>(random() >> 11) * 0x1p-53;
}

struct TableOptions {
    std::size_t rows = 500;
    std::uint32_t classes = 2;
    bool rounded = false;  // Scores of two decimals: many ties.
    bool missing = true;   // Some values of every column.
};

RowTable random_table(std::mt19937_64& random, const TableOptions& options) {
    RowTable t;
    for (std::size_t i = 0; i < options.rows; ++i) {
        const std::size_t row = t.add_row();
        const auto present = [&] { return !options.missing || random() % 8 != 0; };
        t.failed[row] = random() % 10 == 0 ? 1 : 0;
        t.latency_ms[row] = present() ? std::exp(8.0 * uniform(random) - 2.0) : kMissing;
        t.labelled[row] = present() ? 1 : 0;
        const auto label = static_cast<std::uint32_t>(random() % options.classes);
        double score = std::clamp(0.3 * label + 0.7 * uniform(random), 0.0, 1.0);
        score = options.rounded ? std::round(100.0 * score) / 100.0 : score;
        t.score[row] = present() ? score : kMissing;
        t.predicted_class[row] =
            present() ? static_cast<std::uint32_t>(random() % options.classes) : kNoClass;
        t.predicted_value[row] = present() ? 100.0 * uniform(random) - 50.0 : kMissing;
        if (const std::uint64_t kind = random() % 8; kind < 5) {
            t.column_number[row] = std::round(50.0 * uniform(random)) / 10.0;
        } else if (kind < 7) {
            t.column_class[row] = static_cast<std::uint32_t>(random() % 5);
        }
        for (std::uint32_t code = 0; code < options.classes; ++code) {
            t.set_class_score(row, code, present() ? uniform(random) : kMissing);
        }
        for (const double quantile : {0.05, 0.5, 0.9}) {
            t.set_quantile(row, quantile, present() ? 100.0 * uniform(random) - 50.0 : kMissing);
        }
        if (t.labelled[row] != 0 && present()) {
            auto& ranking = t.rankings[row];
            ranking.length = 1 + static_cast<std::uint32_t>(random() % 20);
            ranking.counts = true;
            for (std::uint32_t rank = 0; rank < ranking.length; ++rank) {
                ranking.ranked.push_back(static_cast<double>(random() % 8) / 2.0);
                ranking.judged.push_back(ranking.ranked.back());
            }
            ranking.judged.push_back(2.0);  // Never found.
            std::ranges::sort(ranking.judged, std::ranges::greater());
            std::erase(ranking.judged, 0.0);
        }
        if (t.labelled[row] != 0) {
            t.label_delay_s[row] = 1e5 * uniform(random) - 10.0;
            t.label_class[row] = label;
            t.label_value[row] = random() % 20 == 0 ? 0.0 : 100.0 * uniform(random) - 50.0;
        }
    }
    t.derive_class_columns();
    return t;
}

/// Numbers from 0 to 4.9, or the texts 0 to 3: what drift is measured from.
std::shared_ptr<const ReferenceColumn> reference(bool numeric) {
    ReferenceColumn::Parts parts;
    for (std::uint32_t i = 0; i < 50; ++i) {
        if (numeric) {
            parts.values.push_back(i / 10.0);
        } else {
            parts.texts.add(i % 4);
        }
    }
    parts.numbers = parts.values.size();
    parts.missing = 10;
    return std::make_shared<const ReferenceColumn>(parts);
}

/// All the ways a metric may be asked.
std::vector<std::pair<TaskBit, FinishOptions>> ways() {
    std::vector<std::pair<TaskBit, FinishOptions>> out;
    for (const TaskBit task :
         {TaskBit::kBinary, TaskBit::kMulticlass, TaskBit::kRegression, TaskBit::kRanking}) {
        for (const bool exact : {true, false}) {
            for (const Average average :
                 {Average::kBinary, Average::kMacro, Average::kMicro, Average::kWeighted}) {
                FinishOptions options;
                options.family.positive_class = 1;
                options.family.exact = exact;
                options.confidence = 0.9;
                options.average = average;
                options.beta = 2.0;
                options.window_seconds = 60.0;
                options.top = average == Average::kMicro ? TopK{.count = 3} : TopK{.percent = 10.0};
                if (average == Average::kMacro) {
                    options.quantile = 0.5;
                }
                options.family.k = average == Average::kMicro ? 3 : 0;
                if (average != Average::kWeighted) {
                    options.family.reference = reference(average != Average::kMacro);
                }
                out.emplace_back(task, options);
            }
            out.emplace_back(task, out.back().second);
            out.back().second.family.threshold = 0.4;
            out.back().second.average = Average::kBinary;
            for (const Binning binning : {Binning::kMass, Binning::kDebiased}) {
                out.emplace_back(task, out.back().second);
                out.back().second.family.threshold.reset();
                out.back().second.family.binning = binning;
                out.back().second.family.bins = 7;
            }
        }
    }
    return out;
}

bool same_bits(const std::optional<double>& a, const std::optional<double>& b) {
    return a.has_value() == b.has_value() &&
           (!a || std::bit_cast<std::uint64_t>(*a) == std::bit_cast<std::uint64_t>(*b));
}

void check_same(const Estimate& a, const Estimate& b) {
    CHECK(same_bits(a.value, b.value));
    CHECK(same_bits(a.error_bound, b.error_bound));
    CHECK(a.n == b.n);
    CHECK(same_bits(a.p_value, b.p_value));
    CHECK(a.reason == b.reason);
    CHECK(a.groups == b.groups);
    CHECK(a.groups_counted == b.groups_counted);
    REQUIRE(a.interval.has_value() == b.interval.has_value());
    if (a.interval) {
        CHECK(same_bits(a.interval->first, b.interval->first));
        CHECK(same_bits(a.interval->second, b.interval->second));
    }
}

/// What every estimate promises.
void check_sane(const MetricSpec& spec, const Estimate& got) {
    CHECK(got.value.has_value() == got.reason.empty());
    if (!got.value) {
        CHECK_FALSE(got.interval.has_value());
        CHECK_FALSE(got.error_bound.has_value());
        return;
    }
    CHECK(std::isfinite(*got.value));
    if (spec.min) {
        CHECK(*got.value >= *spec.min);
    }
    if (spec.max) {
        CHECK(*got.value <= *spec.max);
    }
    if (got.interval && got.error_bound.value_or(0.0) == 0.0) {
        const double room = 1e-12 * std::max(1.0, std::fabs(*got.value));
        CHECK(got.interval->first <= *got.value + room);
        CHECK(*got.value <= got.interval->second + room);
    }
    if (got.interval) {
        CHECK(got.interval->first >= spec.min.value_or(got.interval->first));
        CHECK(got.interval->second <= spec.max.value_or(got.interval->second));
    }
}

/// Cuts the rows at random, updates a state per piece, merges them in a random tree.
std::unique_ptr<State> in_pieces(std::mt19937_64& random,
                                 const Family& family,
                                 const FamilyOptions& options,
                                 const RowTable& table) {
    const RowsOf rows(table);
    std::vector<std::vector<std::uint32_t>> selections(1 + random() % 9);
    for (const std::uint32_t i : all_rows(table)) {
        selections[random() % selections.size()].push_back(i);
    }
    std::vector<std::unique_ptr<State>> states;
    for (const auto& selection : selections) {
        states.push_back(family.make(options));
        const std::size_t half = random() % (selection.size() + 1);
        states.back()->update(rows.rows, std::span(selection).first(half));
        states.back()->update(rows.rows, std::span(selection).subspan(half));
    }
    while (states.size() > 1) {
        const std::size_t at = random() % (states.size() - 1);
        states[at]->merge(*states.back());
        states.pop_back();
    }
    return states[0]->clone();
}

void shuffle_rows(std::mt19937_64& random, RowTable& t) {
    for (std::size_t i = t.size(); i > 1; --i) {
        const std::size_t k = random() % i;
        std::swap(t.failed[i - 1], t.failed[k]);
        std::swap(t.labelled[i - 1], t.labelled[k]);
        std::swap(t.rankings[i - 1], t.rankings[k]);
        for (auto* column : {&t.latency_ms,
                             &t.label_delay_s,
                             &t.score,
                             &t.predicted_value,
                             &t.label_value,
                             &t.label_class_score,
                             &t.top_score,
                             &t.class_square_error,
                             &t.column_number}) {
            std::swap((*column)[i - 1], (*column)[k]);
        }
        for (auto* column : {&t.label_class, &t.predicted_class, &t.top_class, &t.column_class}) {
            std::swap((*column)[i - 1], (*column)[k]);
        }
        for (auto& [code, column] : t.class_scores) {
            std::swap(column[i - 1], column[k]);
        }
        for (auto& [quantile, column] : t.quantiles) {
            std::swap(column[i - 1], column[k]);
        }
    }
}

template <typename Check>
void for_each_question(Check&& check) {
    for (const auto& [task, options] : ways()) {
        for (const MetricSpec& spec : catalog()) {
            if ((spec.tasks & static_cast<std::uint32_t>(task)) == 0) {
                continue;
            }
            const MetricForm form = form_of(spec, task, options.family);
            CAPTURE(spec.name,
                    form.family->name,
                    options.family.exact,
                    static_cast<int>(options.average),
                    static_cast<int>(options.family.binning),
                    options.family.threshold.value_or(-1.0));
            check(spec, task, options, form);
        }
    }
}

}  // namespace

TEST_CASE("states: any cut and merge tree gives the bits of the whole") {
    std::mt19937_64 random(101);
    for (const TableOptions& shape : {TableOptions{},
                                      TableOptions{.classes = 5},
                                      TableOptions{.rounded = true},
                                      TableOptions{.rows = 3'000, .missing = false}}) {
        const RowTable table = random_table(random, shape);
        for_each_question([&](const MetricSpec& spec,
                              TaskBit task,
                              const FinishOptions& options,
                              const MetricForm& form) {
            const Estimate whole = measure(spec.name, task, options, table);
            check_sane(spec, whole);
            check_same(finish(spec,
                              form.finish,
                              *in_pieces(random, *form.family, options.family, table),
                              options),
                       whole);
        });
    }
}

TEST_CASE("states: the order of rows does not matter") {
    std::mt19937_64 random(102);
    const RowTable table = random_table(random, {.classes = 3, .rounded = true});
    RowTable shuffled = table;
    shuffle_rows(random, shuffled);
    for_each_question(
        [&](const MetricSpec& spec, TaskBit task, const FinishOptions& options, const MetricForm&) {
            check_same(measure(spec.name, task, options, shuffled),
                       measure(spec.name, task, options, table));
        });
}

TEST_CASE(
    "states: no rows, rows without labels, and rows without predictions have a reason instead of a "
    "value") {
    RowTable unlabelled;
    for (int i = 0; i < 3; ++i) {
        unlabelled.add_row();
    }
    RowTable unpredicted = unlabelled;
    for (std::size_t i = 0; i < 3; ++i) {
        unpredicted.labelled[i] = 1;
        unpredicted.label_class[i] = 1;
        unpredicted.label_value[i] = 1.0;
    }
    const RowTable empty;
    for_each_question([&](const MetricSpec& spec,
                          TaskBit task,
                          const FinishOptions& options,
                          const MetricForm& form) {
        const Estimate nothing = measure(spec.name, task, options, empty);
        check_sane(spec, nothing);
        CHECK(nothing.n == 0);
        CHECK(nothing.value.has_value() == (spec.name == "count" || spec.name == "throughput"));
        check_sane(spec, measure(spec.name, task, options, unlabelled));
        const Estimate missing = measure(spec.name, task, options, unpredicted);
        check_sane(spec, missing);
        if (spec.group == "classification" || spec.group == "calibration" ||
            spec.group == "regression" || spec.group == "ranking") {
            CHECK(measure(spec.name, task, options, unlabelled).reason == "no labels");
            CHECK(missing.reason.starts_with("no "));
            CHECK(missing.reason != "no labels");
        }
        CHECK(form.family->make(options.family)->memory_bytes() > 0);
    });
}

TEST_CASE("states: one row, equal rows and one class are answered or refused, never NaN") {
    std::mt19937_64 random(103);
    for (const std::size_t rows : {1UL, 2UL, 40UL}) {
        for (const bool equal : {true, false}) {
            RowTable table = random_table(random, {.rows = rows, .classes = 1, .missing = false});
            if (equal) {
                std::fill(table.score.begin(), table.score.end(), 0.5);
                std::fill(table.label_value.begin(), table.label_value.end(), 3.0);
                std::fill(table.predicted_value.begin(), table.predicted_value.end(), 3.0);
                std::fill(table.latency_ms.begin(), table.latency_ms.end(), 10.0);
            }
            for_each_question([&](const MetricSpec& spec,
                                  TaskBit task,
                                  const FinishOptions& options,
                                  const MetricForm&) {
                check_sane(spec, measure(spec.name, task, options, table));
            });
            FinishOptions options;
            options.family.positive_class = 0;
            CHECK(measure("roc_auc", TaskBit::kBinary, options, table).reason == "one class only");
            CHECK(measure("pr_auc", TaskBit::kBinary, options, table).value == 1.0);
            CHECK(measure("brier_skill", TaskBit::kBinary, options, table).reason ==
                  "one class only");
            CHECK(measure("mcc", TaskBit::kBinary, options, table).reason == "zero variance");
            CHECK(measure("specificity", TaskBit::kBinary, options, table).reason ==
                  "empty denominator");
            CHECK(measure("balanced_accuracy", TaskBit::kBinary, options, table).reason ==
                  "one class only");
            if (equal) {
                CHECK(measure("r2", TaskBit::kRegression, options, table).reason ==
                      "zero variance");
                CHECK(measure("latency_p95", TaskBit::kBinary, options, table).value == 10.0);
            }
        }
    }
}

TEST_CASE("states: extreme values give values or reasons, never NaN or infinity") {
    RowTable table;
    const double extremes[] = {0.0,
                               1.0,
                               5e-324,
                               1e-300,
                               1.0 - 0x1p-53,
                               1e300,
                               -1e300,
                               1.7e308,
                               -1.7e308,
                               0x1p-1022,
                               -2.5,
                               1e17};
    for (const double x : extremes) {
        for (const double y : extremes) {
            const std::size_t row = table.add_row();
            table.labelled[row] = 1;
            table.latency_ms[row] = std::fabs(x);
            table.label_delay_s[row] = y;
            table.score[row] = x;
            table.label_class[row] = y > 0.5 ? 1 : 0;
            table.predicted_class[row] = x > 0.5 ? 1 : 0;
            table.label_value[row] = y;
            table.predicted_value[row] = x;
            table.set_class_score(row, 0, x);
            table.set_class_score(row, 1, y);
            table.set_quantile(row, 0.1, x);
            table.set_quantile(row, 0.9, -x);
            table.rankings[row] = {.ranked = {std::max(0.0, y)},
                                   .judged = {std::max(x, y), std::min(x, y)},
                                   .length = 1,
                                   .counts = true};
            std::erase_if(table.rankings[row].judged, [](double grade) { return grade <= 0.0; });
        }
    }
    table.derive_class_columns();
    for_each_question(
        [&](const MetricSpec& spec, TaskBit task, const FinishOptions& options, const MetricForm&) {
            check_sane(spec, measure(spec.name, task, options, table));
        });
    FinishOptions options;
    options.family.positive_class = 1;
    CHECK(measure("mse", TaskBit::kRegression, options, table).reason == "not finite");
    // Scores outside [0, 1] are no probabilities; their order still counts.
    CHECK(measure("brier", TaskBit::kBinary, options, table).n < table.size());
    CHECK(measure("roc_auc", TaskBit::kBinary, options, table).n == table.size());
}

TEST_CASE("states: sketches answer within their bound and are marked") {
    std::mt19937_64 random(104);
    for (const TableOptions& shape :
         {TableOptions{.rows = 5'000}, TableOptions{.rows = 5'000, .rounded = true}}) {
        const RowTable table = random_table(random, shape);
        int bounded = 0;
        for_each_question([&](const MetricSpec& spec,
                              TaskBit task,
                              const FinishOptions& options,
                              const MetricForm& form) {
            if (options.family.exact) {
                CHECK_FALSE(measure(spec.name, task, options, table).error_bound.has_value());
                return;
            }
            FinishOptions exact_options = options;
            exact_options.family.exact = true;
            const Estimate sketch = measure(spec.name, task, options, table);
            const Estimate exact = measure(spec.name, task, exact_options, table);
            CHECK(sketch.n == exact.n);
            REQUIRE(sketch.value.has_value() == exact.value.has_value());
            if (exact.value) {
                CAPTURE(*exact.value, *sketch.value, sketch.error_bound.value_or(0.0));
                CHECK(std::fabs(*exact.value - *sketch.value) <=
                      sketch.error_bound.value_or(0.0) + 1e-12);
                bounded += sketch.error_bound ? 1 : 0;
                CHECK((form.family->sketches || !sketch.error_bound));
            }
        });
        CHECK(bounded > 10);
    }
}

TEST_CASE("states: a class code of any size is counted") {
    RowTable table;
    for (const std::uint32_t code : {0U, 3U, 63U, 64U, 1'000'000U}) {
        for (int i = 0; i < 3; ++i) {
            const std::size_t row = table.add_row();
            table.labelled[row] = 1;
            table.label_class[row] = code;
            table.predicted_class[row] = i == 0 ? 0 : code;
        }
    }
    FinishOptions options;
    options.average = Average::kMacro;
    CHECK(*measure("accuracy", TaskBit::kMulticlass, options, table).value == Approx(11.0 / 15.0));
    const MetricForm form = form_of(*find_metric("accuracy"), TaskBit::kMulticlass, options.family);
    CHECK(state_of(*form.family, options.family, table)->classes() ==
          std::vector<std::uint32_t>{0, 3, 63, 64, 1'000'000});
}

TEST_CASE("states: a threshold replaces the class that was sent") {
    RowTable table;
    for (int i = 0; i < 10; ++i) {
        const std::size_t row = table.add_row();
        table.labelled[row] = 1;
        table.label_class[row] = i >= 5 ? 1 : 0;
        table.score[row] = 0.1 * i;
        table.predicted_class[row] = 0;
    }
    FinishOptions options;
    options.family.positive_class = 1;
    CHECK(measure("recall", TaskBit::kBinary, options, table).value == 0.0);
    options.family.threshold = 0.3;  // Scores 0.30000000000000004 and up: seven of them.
    CHECK(measure("recall", TaskBit::kBinary, options, table).value == 1.0);
    CHECK(*measure("precision", TaskBit::kBinary, options, table).value == Approx(5.0 / 7.0));
    CHECK(*measure("accuracy", TaskBit::kBinary, options, table).value == Approx(0.8));
    options.family.positive_class = kNoClass;
    CHECK(measure("accuracy", TaskBit::kBinary, options, table).reason == "positive class unknown");
}

TEST_CASE("states: equal scores across a mass bin's edge are shared out") {
    RowTable table;
    for (int i = 0; i < 20;
         ++i) {  // Ten rows at 0.2 (3 positive), ten at 0.8 (8 positive); 4 bins of 5.
        const std::size_t row = table.add_row();
        table.labelled[row] = 1;
        table.score[row] = i < 10 ? 0.2 : 0.8;
        table.label_class[row] = i < 3 || i >= 12 ? 1 : 0;
    }
    FinishOptions options;
    options.family.positive_class = 1;
    options.family.bins = 4;
    // Gaps |0.3 - 0.2|, twice, and |0.8 - 0.8|, twice.
    CHECK(*measure("ace", TaskBit::kBinary, options, table).value == Approx(0.05).epsilon(1e-12));
    options.family.binning = Binning::kMass;
    CHECK(*measure("ece", TaskBit::kBinary, options, table).value == Approx(0.05).epsilon(1e-12));
    CHECK(*measure("mce", TaskBit::kBinary, options, table).value == Approx(0.1).epsilon(1e-12));
}

TEST_CASE("states: a metric that is a ratio over rows is the ratio of what its rows add") {
    std::mt19937_64 random(107);
    std::set<std::string_view> seen;
    for (const TableOptions& shape : {TableOptions{}, TableOptions{.classes = 4}}) {
        const RowTable table = random_table(random, shape);
        const RowsOf rows(table);
        const std::vector<std::uint32_t> all = all_rows(table);
        for_each_question([&](const MetricSpec& spec,
                              TaskBit task,
                              const FinishOptions& options,
                              const MetricForm& form) {
            const bool averages =
                form.reads(Option::kAverage) && options.average != Average::kBinary;
            if (form.rows == nullptr || averages ||
                (task == TaskBit::kBinary) != (shape.classes == 2)) {
                return;
            }
            CHECK((form.rows->inputs & ~(form.family->inputs |
                                         inputs_of({Input::kScore, Input::kPredictedClass}))) == 0);
            std::vector<double> part(all.size());
            std::vector<double> whole(all.size());
            form.rows->read(rows.rows, all, options, part, whole);
            const double below = std::accumulate(whole.begin(), whole.end(), 0.0);
            const double above = std::accumulate(part.begin(), part.end(), 0.0);
            const auto state = form.family->create(options.family);
            state->update(rows.rows, all);
            const Estimate got = finish(spec, form.finish, *state, options);
            REQUIRE(got.value.has_value());
            CHECK(above / below == Approx(*got.value).epsilon(1e-12));
            seen.insert(spec.name);
        });
    }
    for (const MetricSpec& spec : catalog()) {
        CAPTURE(spec.name);
        CHECK((spec.rows == nullptr || seen.contains(spec.name)));
    }
}
