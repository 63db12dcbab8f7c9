// Calls recorded from scikit-learn 1.2.1's own tests (shared data, oracles/sklearn_metrics),
// replayed on our formulas. Left out: sample weights, several outputs, multi-label, chosen label
// subsets, and calls that must raise.

#include <cmath>
#include <set>

#include <catch2/catch.hpp>

#include "json_lines.h"
#include "metrics/confusion_state.h"
#include "row_table.h"

using namespace aiml042;                    // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics::testing;  // NOLINT(google-build-using-namespace)

namespace {

namespace dom = simdjson::dom;
using Average = FinishOptions::Average;

/// Numbers, booleans and strings as class names: true is 1, as in numpy.
std::optional<std::string> class_name(dom::element element) {
    std::string_view text;
    if (element.get(text) == simdjson::SUCCESS) {
        return std::string(text);
    }
    bool flag = false;
    if (element.get(flag) == simdjson::SUCCESS) {
        return flag ? "1" : "0";
    }
    const auto value = number(element);
    if (!value) {
        return std::nullopt;
    }
    return *value == std::floor(*value) ? std::to_string(static_cast<long long>(*value))
                                        : std::to_string(*value);
}

template <typename T, typename Read>
std::optional<std::vector<T>> list(dom::element args, std::string_view key, Read&& read) {
    dom::array array;
    if (args[key].get(array) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    std::vector<T> out;
    for (const dom::element element : array) {
        const std::optional<T> value = read(element);
        if (!value) {
            return std::nullopt;
        }
        out.push_back(*value);
    }
    return out;
}

auto classes_in(dom::element args, std::string_view key) {
    return list<std::string>(args, key, class_name);
}

auto numbers_in(dom::element args, std::string_view key) {
    return list<double>(args, key, [](dom::element e) { return number(e); });
}

bool given(dom::element args, std::string_view key) {
    dom::element element;
    return args[key].get(element) == simdjson::SUCCESS && !element.is_null();
}

std::string string_in(dom::element args, std::string_view key, std::string otherwise) {
    std::string_view text;
    return args[key].get(text) == simdjson::SUCCESS ? std::string(text) : otherwise;
}

/// scikit-learn orders numbers as numbers.
bool class_less(const std::string& a, const std::string& b) {
    char* a_end = nullptr;
    char* b_end = nullptr;
    const double x = std::strtod(a.c_str(), &a_end);
    const double y = std::strtod(b.c_str(), &b_end);
    return *a_end == 0 && *b_end == 0 ? x < y : a < b;
}

/// Codes in the order of the class names, so that positive class = greatest is easy to find.
void number_classes(RowTable& table,
                    std::initializer_list<const std::vector<std::string>*> columns) {
    std::vector<std::string> names;
    for (const auto* column : columns) {
        names.insert(names.end(), column->begin(), column->end());
    }
    std::sort(names.begin(), names.end(), class_less);
    for (const std::string& name : names) {
        static_cast<void>(table.code(name));
    }
}

bool agrees(const Estimate& got, double expected, double when_none) {
    const double value = got.value.value_or(when_none);
    INFO("got " << value << " (" << got.reason << "), expected " << expected);
    const bool same = std::fabs(value - expected) <= 1e-9 * std::max(1.0, std::fabs(expected));
    CHECK(same);
    return same;
}

/// One recorded call; false when it is not one of ours.
bool replay_classes(const std::string& function, dom::element args, dom::element expected) {
    const bool is_kappa = function == "cohen_kappa_score";
    const auto labels = classes_in(args, is_kappa ? "y1" : "y_true");
    const auto predictions = classes_in(args, is_kappa ? "y2" : "y_pred");
    if (!labels || !predictions || given(args, "labels") || given(args, "weights") ||
        given(args, "adjusted")) {
        return false;
    }
    RowTable table;
    number_classes(table, {&*labels, &*predictions});
    for (std::size_t i = 0; i < labels->size(); ++i) {
        const std::size_t row = table.add_row();
        table.labelled[row] = 1;
        table.label_class[row] = table.code((*labels)[i]);
        table.predicted_class[row] = table.code((*predictions)[i]);
    }
    if (function == "confusion_matrix") {
        if (given(args, "normalize")) {
            return false;
        }
        const auto state = state_of(kConfusionFamily, {}, table);
        std::map<std::pair<std::uint32_t, std::uint32_t>, double> cells;
        for (const ConfusionCell& cell : dynamic_cast<const Confusion&>(*state).cells()) {
            cells[{cell.label, cell.predicted}] = static_cast<double>(cell.count);
        }
        std::uint32_t label = 0;
        for (const dom::element line : dom::array(expected)) {
            std::uint32_t predicted = 0;
            for (const dom::element count : dom::array(line)) {
                CHECK(number(count) == cells[std::pair(label, predicted++)]);
            }
            ++label;
        }
        return true;
    }
    FinishOptions options;
    double none = 0.0;  // zero_division = "warn" means 0; MCC is 0 there where ours does not exist.
    std::string metric;
    if (function == "accuracy_score") {
        metric = "accuracy";
        if (given(args, "normalize")) {
            return false;
        }
    } else if (function == "balanced_accuracy_score") {
        metric = "balanced_accuracy";
        options.average = Average::kMacro;
    } else if (function == "matthews_corrcoef") {
        metric = "mcc";
    } else if (is_kappa) {
        metric = "kappa";
    } else {
        metric = function == "f1_score"       ? "f1"
                 : function == "fbeta_score"  ? "fbeta"
                 : function == "recall_score" ? "recall"
                                              : "precision";
        options.beta = number(args["beta"]).value_or(1.0);
        const std::string average =
            given(args, "average") ? string_in(args, "average", "") : "binary";
        if (average == "binary") {
            dom::element positive;
            const std::string name = args["pos_label"].get(positive) == simdjson::SUCCESS
                                         ? class_name(positive).value_or("1")
                                         : "1";
            options.family.positive_class = table.code(name);
        } else if (average == "macro" || average == "weighted" || average == "micro") {
            options.average = average == "macro"      ? Average::kMacro
                              : average == "weighted" ? Average::kWeighted
                                                      : Average::kMicro;
        } else {
            return false;
        }
        if (number(args["zero_division"]).value_or(0.0) != 0.0 &&
            options.average != Average::kBinary) {
            return false;  // Averages count a class without a value as 0.
        }
        none = number(args["zero_division"]).value_or(0.0);
    }
    agrees(measure(metric, TaskBit::kBinary, options, table), number(expected).value(), none);
    return true;
}

/// Precision, recall and F together: averaged, or one list per number over the classes.
bool replay_three(dom::element args, dom::element expected) {
    const auto labels = classes_in(args, "y_true");
    const auto predictions = classes_in(args, "y_pred");
    const std::string average = string_in(args, "average", "none");
    if (!labels || !predictions || given(args, "labels") ||
        number(args["zero_division"]).value_or(0.0) != 0.0 || average == "samples" ||
        average == "binary") {
        return false;
    }
    RowTable table;
    number_classes(table, {&*labels, &*predictions});
    for (std::size_t i = 0; i < labels->size(); ++i) {
        const std::size_t row = table.add_row();
        table.labelled[row] = 1;
        table.label_class[row] = table.code((*labels)[i]);
        table.predicted_class[row] = table.code((*predictions)[i]);
    }
    FinishOptions options;
    options.beta = number(args["beta"]).value_or(1.0);
    options.average = average == "macro"      ? Average::kMacro
                      : average == "weighted" ? Average::kWeighted
                      : average == "micro"    ? Average::kMicro
                                              : Average::kBinary;
    std::size_t which = 0;
    for (const char* metric : {"precision", "recall", "fbeta"}) {
        const dom::element answer = dom::array(expected).at(which++);
        if (average != "none") {
            agrees(
                measure(metric, TaskBit::kMulticlass, options, table), number(answer).value(), 0.0);
            continue;
        }
        std::uint32_t code = 0;
        for (const dom::element value : dom::array(answer)) {
            options.family.positive_class = code++;
            agrees(
                measure(metric, TaskBit::kMulticlass, options, table), number(value).value(), 0.0);
        }
    }
    return true;
}

bool replay_scores(const std::string& function, dom::element args, dom::element expected) {
    const auto labels = classes_in(args, "y_true");
    const bool log_loss = function == "log_loss";
    const auto scores = numbers_in(args,
                                   log_loss                         ? "y_pred"
                                   : function == "brier_score_loss" ? "y_prob"
                                                                    : "y_score");
    if (!labels || !scores || given(args, "max_fpr") || given(args, "eps") ||
        given(args, "normalize") || given(args, "labels")) {
        return false;
    }
    RowTable table;
    number_classes(table, {&*labels});
    // Positive is 1 among {0, 1} and {-1, 1}, else the greatest.
    const bool signs = std::all_of(labels->begin(), labels->end(), [](const std::string& name) {
        return name == "0" || name == "1" || name == "-1";
    });
    std::string positive =
        signs ? "1" : *std::max_element(labels->begin(), labels->end(), class_less);
    dom::element given_positive;
    if (args["pos_label"].get(given_positive) == simdjson::SUCCESS && !given_positive.is_null()) {
        positive = class_name(given_positive).value_or(positive);
    }
    FinishOptions options;
    options.family.positive_class = table.code(positive);
    for (std::size_t i = 0; i < labels->size(); ++i) {
        if (log_loss && ((*scores)[i] < 1e-15 || (*scores)[i] > 1.0 - 1e-15)) {
            return false;  // Clips at another place.
        }
        const std::size_t row = table.add_row();
        table.labelled[row] = 1;
        table.label_class[row] = table.code((*labels)[i]);
        table.score[row] = (*scores)[i];
    }
    const std::string_view metric = log_loss                         ? "log_loss"
                                    : function == "brier_score_loss" ? "brier"
                                    : function == "roc_auc_score"    ? "roc_auc"
                                                                     : "pr_auc";
    agrees(measure(metric, TaskBit::kBinary, options, table), number(expected).value(), 0.0);
    return true;
}

/// Rows of class scores: one-vs-rest AUC and multi-class log-loss.
bool replay_class_scores(const std::string& function, dom::element args, dom::element expected) {
    const bool log_loss = function == "log_loss";
    const auto labels = classes_in(args, "y_true");
    dom::array score_rows;
    if (!labels || args[log_loss ? "y_pred" : "y_score"].get(score_rows) != simdjson::SUCCESS ||
        given(args, "eps") || given(args, "normalize") ||
        (!log_loss && string_in(args, "multi_class", "") != "ovr")) {
        return false;
    }
    RowTable table;
    if (given(args, "labels")) {
        const auto all = classes_in(args, "labels");
        number_classes(table, {&*all});
    } else {
        number_classes(table, {&*labels});
    }
    std::size_t i = 0;
    for (const dom::element line : score_rows) {
        dom::array values;
        if (line.get(values) != simdjson::SUCCESS || values.size() != table.codes.size()) {
            return false;
        }
        const std::size_t row = table.add_row();
        table.labelled[row] = 1;
        table.label_class[row] = table.code((*labels)[i++]);
        double total = 0.0;
        std::uint32_t code = 0;
        for (const dom::element value : values) {
            total += number(value).value();
            table.set_class_score(row, code++, number(value).value());
        }
        if (log_loss && std::fabs(total - 1.0) > 1e-12) {
            return false;  // Renormalises; ours takes scores as sent.
        }
    }
    table.derive_class_columns();
    FinishOptions options;
    dom::array per_class;
    if (expected.get(per_class) == simdjson::SUCCESS) {  // average = None
        std::uint32_t code = 0;
        for (const dom::element value : per_class) {
            options.family.positive_class = code++;
            agrees(measure("roc_auc", TaskBit::kMulticlass, options, table),
                   number(value).value(),
                   0.0);
        }
        return true;
    }
    const std::string average = string_in(args, "average", "macro");
    if (average != "macro" && average != "weighted") {
        return false;
    }
    options.average = average == "macro" ? Average::kMacro : Average::kWeighted;
    agrees(measure(log_loss ? "log_loss" : "roc_auc", TaskBit::kMulticlass, options, table),
           number(expected).value(),
           0.0);
    return true;
}

bool replay_regression(const std::string& function, dom::element args, dom::element expected) {
    const auto labels = numbers_in(args, "y_true");
    const auto predictions = numbers_in(args, "y_pred");
    if (!labels || !predictions || given(args, "force_finite") || labels->size() < 2) {
        return false;
    }
    RowTable table;
    bool given_squared = true;
    const bool squared = args["squared"].get(given_squared) != simdjson::SUCCESS || given_squared;
    for (std::size_t i = 0; i < labels->size(); ++i) {
        if (function == "mean_absolute_percentage_error" && (*labels)[i] == 0.0) {
            return false;  // Divides by the machine epsilon; ours leaves the row out.
        }
        const std::size_t row = table.add_row();
        table.labelled[row] = 1;
        table.label_value[row] = (*labels)[i];
        table.predicted_value[row] = (*predictions)[i];
    }
    const std::string_view metric = function == "mean_squared_error"    ? (squared ? "mse" : "rmse")
                                    : function == "mean_absolute_error" ? "mae"
                                    : function == "r2_score"            ? "r2"
                                    : function == "median_absolute_error" ? "medae"
                                                                          : "mape";
    const Estimate got = measure(metric, TaskBit::kRegression, {}, table);
    if (metric == "r2" && !got.value) {
        CHECK(got.reason == "zero variance");  // There 1 or 0 by decree.
        return true;
    }
    agrees(got, number(expected).value(), kMissing);
    return true;
}

}  // namespace

TEST_CASE("sklearn: recorded calls of its own tests have the same answers") {
    const auto data = shared_data();
    if (!data) {
        WARN("skipped: no shared data beside the repository (set AIML042_SHARED_DATA)");
        return;
    }
    const std::set<std::string> by_class = {"accuracy_score",
                                            "balanced_accuracy_score",
                                            "matthews_corrcoef",
                                            "cohen_kappa_score",
                                            "f1_score",
                                            "fbeta_score",
                                            "precision_score",
                                            "recall_score",
                                            "confusion_matrix"};
    const std::set<std::string> by_score = {
        "roc_auc_score", "average_precision_score", "brier_score_loss", "log_loss"};
    const std::set<std::string> by_value = {"mean_squared_error",
                                            "mean_absolute_error",
                                            "median_absolute_error",
                                            "mean_absolute_percentage_error",
                                            "r2_score"};
    std::map<std::string, int> used;
    for_each_line(*data / "oracles" / "sklearn_metrics.ndjson.gz", [&](dom::element call) {
        dom::element expected;
        const std::string function = string_in(call, "function", "");
        const dom::element args = call["args"];
        if (call["expected"].get(expected) != simdjson::SUCCESS || given(args, "sample_weight") ||
            given(args, "multioutput") || expected.is_object()) {
            return;
        }
        INFO(function << " " << string_in(call, "case", "") << " " << string_in(call, "test", ""));
        bool ours = false;
        if (by_class.contains(function)) {
            ours = replay_classes(function, args, expected);
        } else if (function == "precision_recall_fscore_support") {
            ours = replay_three(args, expected);
        } else if (by_score.contains(function)) {
            ours = replay_scores(function, args, expected) ||
                   replay_class_scores(function, args, expected);
        } else if (by_value.contains(function)) {
            ours = replay_regression(function, args, expected);
        }
        used[function] += ours ? 1 : 0;
    });
    int total = 0;
    for (const auto& [function, count] : used) {
        CAPTURE(function, count);
        total += count;
        if (by_class.contains(function) || by_score.contains(function) ||
            by_value.contains(function)) {
            CHECK(count > 0);
        }
    }
    CAPTURE(total);
    CHECK(total >= 137);
}
