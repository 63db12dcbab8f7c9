// Nanoseconds of CPU per row of every metric state, of merges and finishes, and of the arithmetic
// below them.
//
//   metrics_bench [rows]       (default: 1000000; fixed seed; best of five)

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "metrics/embedding_drift.h"
#include "metrics/metric.h"
#include "metrics/peer_drift.h"
#include "stats/adwin.h"
#include "stats/binary_ranking.h"
#include "stats/ddm.h"
#include "stats/exact_sum.h"
#include "stats/fixed_sum.h"
#include "stats/kswin.h"
#include "stats/log_linear_histogram.h"
#include "stats/page_hinkley.h"
#include "stats/quantile.h"
#include "stats/radix_sort.h"
#include "stats/score_histogram.h"
#include "stats/vector_log.h"

using namespace aiml042;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;  // NOLINT(google-build-using-namespace)

namespace {

double g_sink = 0.0;  // Results go here so that the work is not optimised away.

/// Of this thread, so that a busy machine disturbs less.
double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Best of five runs, in seconds of CPU.
template <typename Work>
double best(Work&& work) {
    double least = 1e300;
    for (int i = 0; i < 5; ++i) {
        const double start = cpu_seconds();
        work();
        least = std::min(least, cpu_seconds() - start);
    }
    return least;
}

void report(const std::string& name, double seconds, std::size_t items, const char* unit) {
    std::printf(
        "%-58s %10.2f ns/%s\n", name.c_str(), seconds * 1e9 / static_cast<double>(items), unit);
}

struct Table {
    std::vector<double> latency, delay, score, predicted, label, class_score, square;
    std::vector<std::uint8_t> failed, labelled;
    std::vector<std::uint32_t> label_class, predicted_class, selection;
    std::vector<std::vector<double>> columns;
    std::vector<Rows::ClassScores> class_scores;

    explicit Table(std::size_t n) : columns(4) {
        std::mt19937_64 random(42);
        const auto uniform = [&random] { return static_cast<double>(random() >> 11) * 0x1p-53; };
        for (std::size_t i = 0; i < n; ++i) {
            const double p = uniform();
            const std::uint32_t y = uniform() < p ? 1 : 0;
            latency.push_back(std::exp(4.0 + uniform() + uniform()));
            failed.push_back(random() % 100 == 0 ? 1 : 0);
            labelled.push_back(1);
            delay.push_back(86'400.0 * uniform());
            score.push_back(p);
            label_class.push_back(y);
            predicted_class.push_back(p >= 0.5 ? 1 : 0);
            label.push_back(100.0 * uniform());
            predicted.push_back(label.back() + 10.0 * (uniform() - 0.5));
            class_score.push_back(std::max(p, 1.0 - p));
            square.push_back(2.0 * p * p);
            for (auto& column : columns) {
                column.push_back(uniform());
            }
        }
        for (std::uint32_t code = 0; code < columns.size(); ++code) {
            class_scores.push_back({code, columns[code]});
        }
        selection.resize(n);
        std::iota(selection.begin(), selection.end(), 0U);
    }

    [[nodiscard]] Rows rows() const {
        Rows out;
        out.latency_ms = latency;
        out.failed = failed;
        out.labelled = labelled;
        out.label_delay_s = delay;
        out.score = score;
        out.label_class = label_class;
        out.predicted_class = predicted_class;
        out.predicted_value = predicted;
        out.label_value = label;
        out.label_class_score = class_score;
        out.top_score = class_score;
        out.top_class = predicted_class;
        out.class_square_error = square;
        out.class_scores = class_scores;
        return out;
    }
};

/// What the table has no columns for.
constexpr Inputs kNotInTable = inputs_of(
    {Input::kQuantiles, Input::kRankings, Input::kColumn, Input::kEmbedding, Input::kAttributions});

void bench_states(const Table& table, bool exact) {
    const std::size_t n = table.selection.size();
    FamilyOptions options;
    options.positive_class = 1;
    options.exact = exact;
    std::vector<const Family*> done;
    for (const MetricSpec& spec : catalog()) {
        for (const Family* family : {spec.family, spec.multiclass.family, spec.threshold.family}) {
            if (family == nullptr || std::find(done.begin(), done.end(), family) != done.end() ||
                (!exact && !family->sketches) || (family->inputs & kNotInTable) != 0) {
                continue;
            }
            done.push_back(family);
            options.threshold = 0.5;
            const std::string name = std::string(family->name) +
                                     (family->sketches ? (exact ? " (exact)" : " (sketch)") : "");
            report(
                name + ": update",
                best([&] {
                    const auto state = family->make(options);
                    constexpr std::size_t kBlock = 65'536;
                    for (std::size_t begin = 0; begin < n; begin += kBlock) {
                        state->update(
                            table.rows(),
                            std::span(table.selection).subspan(begin, std::min(kBlock, n - begin)));
                    }
                    g_sink += static_cast<double>(state->memory_bytes());
                }),
                n,
                "row");
            // A day of minutes, 100 rows each.
            std::vector<std::unique_ptr<State>> minutes;
            for (std::size_t i = 0; i < 1'440; ++i) {
                minutes.push_back(family->make(options));
                minutes.back()->update(
                    table.rows(), std::span(table.selection).subspan((i * 100) % (n - 100), 100));
            }
            const double merging = best([&] {
                const auto state = family->make(options);
                for (const auto& minute : minutes) {
                    state->merge(*minute);
                }
                g_sink += static_cast<double>(state->memory_bytes());
            });
            report(name + ": merge 1440 cells, " + std::to_string(minutes[0]->memory_bytes()) +
                       " B each",
                   merging,
                   1'440,
                   "cell");
        }
    }
}

void bench_finishes(const Table& table) {
    FinishOptions options;
    options.family.positive_class = 1;
    options.confidence = 0.95;
    options.window_seconds = 60.0;
    for (const bool exact : {true, false}) {
        options.family.exact = exact;
        for (const char* name : {"latency_p95",
                                 "accuracy",
                                 "f1",
                                 "mcc",
                                 "roc_auc",
                                 "pr_auc",
                                 "ece",
                                 "log_loss",
                                 "rmse",
                                 "r2",
                                 "medae"}) {
            const MetricSpec* spec = find_metric(name);
            if (!exact && !spec->family->sketches) {
                continue;
            }
            const auto state = spec->family->make(options.family);
            state->update(table.rows(), table.selection);
            const double first =
                best([&] { g_sink += spec->finish(*state->clone(), options).value.value_or(0.0); });
            std::printf(
                "%-58s %10.3f ms (clone and sort included)\n",
                (std::string(name) + (exact ? ": finish, exact" : ": finish, sketch")).c_str(),
                first * 1e3);
        }
    }
}

void bench_arithmetic(const Table& table) {
    const std::size_t n = table.score.size();
    report("ExactSum::add, one by one",
           best([&] {
               stats::ExactSum sum;
               for (const double x : table.latency) {
                   sum.add(x);
               }
               g_sink += sum.value();
           }),
           n,
           "value");
    report("ExactSum::add, batch",
           best([&] {
               stats::ExactSum sum;
               sum.add(table.latency);
               g_sink += sum.value();
           }),
           n,
           "value");
    report("FixedSum::add, batch",
           best([&] {
               stats::FixedSum sum;
               sum.add(table.score);
               g_sink += sum.value();
           }),
           n,
           "value");
    std::vector<double> scratch;
    report("copy and log_in_place",
           best([&] {
               scratch = table.latency;
               stats::log_in_place(scratch);
               g_sink += scratch[n / 2];
           }),
           n,
           "value");
    report("copy and sort_ascending",
           best([&] {
               scratch = table.score;
               stats::sort_ascending(scratch);
               g_sink += scratch[n / 2];
           }),
           n,
           "value");
    report("copy and std::sort",
           best([&] {
               scratch = table.score;
               std::sort(scratch.begin(), scratch.end());
               g_sink += scratch[n / 2];
           }),
           n,
           "value");
    report("LogLinearHistogram::add",
           best([&] {
               stats::LogLinearHistogram histogram;
               histogram.add(table.latency);
               g_sink += histogram.quantile(0.95)->value;
           }),
           n,
           "value");
    report("ScoreHistogram::add and rank_bins",
           best([&] {
               stats::ScoreHistogram histogram;
               histogram.add(std::span(table.score).first(n / 2), true);
               histogram.add(std::span(table.score).subspan(n / 2), false);
               g_sink += stats::rank_bins(histogram.occupied()).roc_auc;
           }),
           n,
           "value");
    std::vector<double> positives(table.score.begin(),
                                  table.score.begin() + static_cast<std::ptrdiff_t>(n / 2));
    std::vector<double> negatives(table.score.begin() + static_cast<std::ptrdiff_t>(n / 2),
                                  table.score.end());
    stats::sort_ascending(positives);
    stats::sort_ascending(negatives);
    report("rank_sorted (AUC, DeLong, AP, KS)",
           best([&] { g_sink += stats::rank_sorted(positives, negatives).roc_auc; }),
           n,
           "value");
}

template <typename Detector>
void bench_detector(const char* name, const std::vector<double>& values) {
    report(name,
           best([&] {
               Detector detector;
               for (const double value : values) {
                   g_sink += detector.update(value) ? 1.0 : 0.0;
               }
           }),
           values.size(),
           "value");
}

/// Change detectors over errors of 0 and 1 and over values; nothing changes.
void bench_detectors(const Table& table) {
    std::vector<double> errors;
    for (const double u : table.score) {
        errors.push_back(u < 0.2 ? 1.0 : 0.0);
    }
    bench_detector<stats::Adwin>("adwin, errors of 0 and 1", errors);
    bench_detector<stats::Adwin>("adwin, values", table.score);
    bench_detector<stats::PageHinkley>("page_hinkley", table.score);
    bench_detector<stats::Kswin>("kswin, errors of 0 and 1", errors);
    bench_detector<stats::Kswin>("kswin, values", table.score);
    report("ddm",
           best([&] {
               stats::Ddm detector;
               for (const double error : errors) {
                   g_sink += detector.update(error > 0.5) ? 1.0 : 0.0;
               }
           }),
           errors.size(),
           "value");
}

/// Two full samples of vectors of 64 components, and taking them in.
void bench_embeddings() {
    constexpr std::size_t kRows = 2'000;
    constexpr std::size_t kLength = 64;
    std::mt19937_64 random(7);
    std::normal_distribution<float> normal;
    std::vector<std::vector<float>> rows(2 * kRows, std::vector<float>(kLength));
    for (std::vector<float>& row : rows) {
        std::ranges::generate(row, [&] { return normal(random); });
    }
    EmbeddingSample sides[2];
    report("embedding: update",
           best([&] {
               sides[0] = {};
               sides[1] = {};
               for (std::size_t i = 0; i < rows.size(); ++i) {
                   sides[i / kRows].add(rows[i], i * 0x9E37'79B9'7F4A'7C15ULL);
               }
           }),
           rows.size() * kLength,
           "component");
    const EmbeddingColumn before = EmbeddingColumn::of(sides[0]);
    const EmbeddingColumn now = EmbeddingColumn::of(sides[1]);
    report("mmd and its p-value, 1,000 + 1,000 x 64",
           best([&] { g_sink += stats::kernel_two_sample(before.rows(), now.rows()).mmd2; }),
           1,
           "test");
    report("domain classifier and its p-value, 1,000 + 1,000 x 64",
           best([&] { g_sink += stats::domain_classifier(before.rows(), now.rows(), 0.95)->auc; }),
           1,
           "test");
}

/// Another monitor's number of a column, 100,000 values a side.
void bench_peers(const Table& table) {
    const std::size_t n = std::min<std::size_t>(100'000, table.score.size() / 2);
    ColumnValues sides[2];
    for (std::size_t side = 0; side < 2; ++side) {
        Rows rows;
        rows.column_number = std::span(table.score).subspan(side * n, n);
        sides[side].update(rows, std::span(table.selection).first(n));
    }
    const auto reference = ReferenceColumn::of(sides[0]);
    for (std::size_t i = 0; i < kPeerNames.size(); ++i) {
        const Peer peer = *peer_of(kPeerNames[i]);
        report("compat=" + std::string(kPeerNames[i]),
               best([&] { g_sink += *peer_drift(peer, *reference, sides[1]).value; }),
               2 * n,
               "value");
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
    const Table table(std::max<std::size_t>(rows, 1'000));
    bench_arithmetic(table);
    bench_states(table, true);
    bench_states(table, false);
    bench_finishes(table);
    bench_detectors(table);
    bench_peers(table);
    bench_embeddings();
    return g_sink == 42.0 ? 1 : 0;
}
