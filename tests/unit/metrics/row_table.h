// Rows built by tests: columns that own their values, and states made of them in pieces.

#pragma once

#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "metrics/metric.h"

namespace aiml042::metrics::testing {

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// All columns of Rows; add_row() appends one row of missing values.
struct RowTable {
    std::vector<Timestamp> timestamp;
    std::vector<double> latency_ms;
    std::vector<std::uint8_t> failed;
    std::vector<std::uint8_t> labelled;
    std::vector<double> label_delay_s;
    std::vector<double> score;
    std::vector<std::uint32_t> label_class;
    std::vector<std::uint32_t> predicted_class;
    std::vector<double> predicted_value;
    std::vector<double> label_value;
    std::vector<double> label_class_score;
    std::vector<double> top_score;
    std::vector<std::uint32_t> top_class;
    std::vector<double> class_square_error;
    std::map<std::uint32_t, std::vector<double>> class_scores;
    std::map<double, std::vector<double>> quantiles;
    std::vector<double> column_number;
    std::vector<std::uint32_t> column_class;
    std::map<std::string, std::uint32_t> codes;

    struct Ranking {
        std::vector<double> ranked = {};
        std::vector<double> judged = {};  // Descending.
        std::uint32_t length = 0;
        bool counts = false;
    };

    std::vector<Ranking> rankings;

    std::size_t add_row() {
        timestamp.push_back(0);
        failed.push_back(0);
        labelled.push_back(0);
        rankings.emplace_back();
        for (auto* column : {&latency_ms,
                             &label_delay_s,
                             &score,
                             &predicted_value,
                             &label_value,
                             &label_class_score,
                             &top_score,
                             &class_square_error,
                             &column_number}) {
            column->push_back(kMissing);
        }
        for (auto* column : {&label_class, &predicted_class, &top_class, &column_class}) {
            column->push_back(kNoClass);
        }
        for (auto& [code, column] : class_scores) {
            column.push_back(kMissing);
        }
        for (auto& [quantile, column] : quantiles) {
            column.push_back(kMissing);
        }
        return timestamp.size() - 1;
    }

    [[nodiscard]] std::uint32_t code(const std::string& name) {
        return codes.try_emplace(name, static_cast<std::uint32_t>(codes.size())).first->second;
    }

    void set_class_score(std::size_t row, std::uint32_t code, double value) {
        auto& column = class_scores.try_emplace(code, timestamp.size(), kMissing).first->second;
        column[row] = value;
    }

    void set_quantile(std::size_t row, double quantile, double value) {
        auto& column = quantiles.try_emplace(quantile, timestamp.size(), kMissing).first->second;
        column[row] = value;
    }

    /// Fills label_class_score, top_score, top_class, class_square_error from class_scores and
    /// label_class.
    void derive_class_columns() {
        for (std::size_t i = 0; i < timestamp.size(); ++i) {
            double squares = 0.0;
            bool complete = !class_scores.empty();
            for (const auto& [code, column] : class_scores) {
                const double score_here = column[i];
                complete = complete && score_here == score_here;
                if (!(score_here <= top_score[i])) {
                    top_score[i] = score_here;
                    top_class[i] = code;
                }
                const double error = score_here - (code == label_class[i] ? 1.0 : 0.0);
                squares += error * error;
                if (code == label_class[i]) {
                    label_class_score[i] = score_here;
                }
            }
            class_square_error[i] = complete ? squares : kMissing;
        }
    }

    [[nodiscard]] std::size_t size() const { return timestamp.size(); }
};

/// The spans of a table. The table must outlive it.
struct RowsOf {
    std::vector<Rows::ClassScores> columns;
    std::vector<Rows::QuantileForecasts> quantiles;
    std::vector<Rows::Ranking> rankings;
    Rows rows;

    explicit RowsOf(const RowTable& t) {
        for (const auto& [code, column] : t.class_scores) {
            columns.push_back({code, column});
        }
        for (const auto& [quantile, column] : t.quantiles) {
            quantiles.push_back({quantile, column});
        }
        for (const RowTable::Ranking& ranking : t.rankings) {
            rankings.push_back({ranking.ranked, ranking.judged, ranking.length, ranking.counts});
        }
        rows = {.timestamp = t.timestamp,
                .latency_ms = t.latency_ms,
                .failed = t.failed,
                .labelled = t.labelled,
                .label_delay_s = t.label_delay_s,
                .score = t.score,
                .label_class = t.label_class,
                .predicted_class = t.predicted_class,
                .predicted_value = t.predicted_value,
                .label_value = t.label_value,
                .label_class_score = t.label_class_score,
                .top_score = t.top_score,
                .top_class = t.top_class,
                .class_square_error = t.class_square_error,
                .class_scores = columns,
                .quantiles = quantiles,
                .rankings = rankings,
                .column_number = t.column_number,
                .column_class = t.column_class};
    }

    RowsOf(const RowsOf&) = delete;
    RowsOf& operator=(const RowsOf&) = delete;
};

inline std::vector<std::uint32_t> all_rows(const RowTable& table) {
    std::vector<std::uint32_t> out(table.size());
    std::iota(out.begin(), out.end(), 0U);
    return out;
}

/// The state of all rows.
inline std::unique_ptr<State> state_of(const Family& family,
                                       const FamilyOptions& options,
                                       const RowTable& table) {
    const RowsOf rows(table);
    auto state = family.make(options);
    state->update(rows.rows, all_rows(table));
    return state;
}

/// A metric over all rows.
inline Estimate measure(std::string_view name,
                        TaskBit task,
                        const FinishOptions& options,
                        const RowTable& table) {
    const MetricSpec* spec = find_metric(name);
    if (spec == nullptr) {
        return {.reason = "unknown metric"};
    }
    const MetricForm form = form_of(*spec, task, options.family);
    return finish(*spec, form.finish, *state_of(*form.family, options.family, table), options);
}

}  // namespace aiml042::metrics::testing
