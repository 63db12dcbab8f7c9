// Drift of one column, and the verdicts of a report: right on data with a known change, silent on
// data without one, whatever the sizes. Fixed seeds.

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

#include "metrics/drift_verdict.h"
#include "metrics/embedding_drift.h"
#include "row_table.h"

using namespace aiml042;                    // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics::testing;  // NOLINT(google-build-using-namespace)

namespace {

ColumnValues numbers(const std::vector<double>& values) {
    ColumnValues out;
    std::vector<std::uint32_t> all(values.size());
    std::iota(all.begin(), all.end(), 0U);
    Rows rows;
    rows.column_number = values;
    out.update(rows, all);
    return out;
}

/// Texts by code; a code of kNoClass is a missing value.
ColumnValues texts(const std::vector<std::uint32_t>& codes) {
    ColumnValues out;
    std::vector<std::uint32_t> all(codes.size());
    std::iota(all.begin(), all.end(), 0U);
    Rows rows;
    rows.column_class = codes;
    out.update(rows, all);
    return out;
}

std::vector<double> normals(std::mt19937_64& random, std::size_t n, double shift = 0.0) {
    std::normal_distribution<double> normal(shift, 1.0);
    std::vector<double> out(n);
    std::ranges::generate(out, [&] { return normal(random); });
    return out;
}

/// Category i with a share that falls with i; the first has what is left of `rare`.
std::vector<std::uint32_t> categories(std::mt19937_64& random, std::size_t n, double rare) {
    std::vector<std::uint32_t> out(n);
    for (std::uint32_t& code : out) {
        const double u = std::generate_canonical<double, 53>(random);
        code = u < rare ? 9 : static_cast<std::uint32_t>(random() % 3);
    }
    return out;
}

Verdict verdict_of(const ColumnValues& reference, const ColumnValues& current) {
    const DriftOptions options;
    const ColumnDrift drift = compare_column(*ReferenceColumn::of(reference), current, options);
    return judge(std::span(&drift, 1), {}, options).front().verdict;
}

}  // namespace

TEST_CASE("drift: a reference's bins are its deciles, equal ones once") {
    std::vector<double> values;
    for (int i = 0; i <= 100; ++i) {
        values.push_back(i < 50 ? 0.0 : i);
    }
    const auto reference = ReferenceColumn::of(numbers(values));
    CHECK(std::ranges::equal(reference->edges(), std::vector<double>{0, 50, 60, 70, 80, 90}));
    CHECK(std::ranges::equal(reference->bin_counts(),
                             std::vector<std::uint64_t>{50, 1, 10, 10, 10, 10, 10}));
    CHECK(reference->kind() == ReferenceColumn::Kind::kNumeric);
    CHECK(ReferenceColumn::of(texts({1, 2, kNoClass}))->missing() == 1);
}

TEST_CASE("drift: a large reference is summarised within the rank error it tells") {
    std::mt19937_64 random(5);
    const std::vector<double> all = normals(random, ReferenceColumn::kValuesMax + 1);
    const auto reference = ReferenceColumn::of(numbers(all));
    CHECK(reference->values().size() == ReferenceColumn::kSummaryMax);
    CHECK(reference->n() == all.size());
    std::vector<double> sorted = all;
    std::ranges::sort(sorted);
    const double error = stats::compare_sorted(reference->values(), sorted).ks;
    CHECK(error <= reference->rank_error());
    std::uint64_t sum = 0;
    for (const std::uint64_t rows : reference->bin_counts()) {
        sum += rows;
    }
    CHECK(sum == all.size());
}

TEST_CASE("drift: verdicts where the truth is known") {
    std::mt19937_64 random(6);
    const ColumnValues reference = numbers(normals(random, 5'000));
    CHECK(verdict_of(reference, numbers(normals(random, 5'000))) == Verdict::kUnchanged);
    CHECK(verdict_of(reference, numbers(normals(random, 5'000, 0.5))) == Verdict::kDrifted);
    CHECK(verdict_of(reference, numbers(normals(random, 5'000, -0.5))) == Verdict::kDrifted);
    CHECK(verdict_of(reference, numbers(normals(random, 40))) == Verdict::kCannotTell);
    CHECK(verdict_of(reference, numbers(normals(random, 8, 3.0))) == Verdict::kCannotTell);
    CHECK(verdict_of(reference, numbers({})) == Verdict::kCannotTell);
    CHECK(verdict_of(numbers({1, 1, 1}), numbers({1, 1})) == Verdict::kUnchanged);
}

TEST_CASE("drift: what cannot be told yet says how many rows it takes") {
    std::mt19937_64 random(7);
    const DriftOptions options;
    const auto reference = ReferenceColumn::of(numbers(normals(random, 20'000)));
    const ColumnDrift few = compare_column(*reference, numbers(normals(random, 60)), options);
    const Judgement judged = judge(std::span(&few, 1), {}, options).front();
    REQUIRE(judged.verdict == Verdict::kCannotTell);
    REQUIRE(judged.rows_needed.has_value());
    CHECK((*judged.rows_needed > 120 && *judged.rows_needed < 500));
    const ColumnDrift many =
        compare_column(*reference, numbers(normals(random, 4 * *judged.rows_needed)), options);
    CHECK(judge(std::span(&many, 1), {}, options).front().verdict == Verdict::kUnchanged);
    const auto small = ReferenceColumn::of(numbers(normals(random, 40)));
    const ColumnDrift never = compare_column(*small, numbers(normals(random, 9'000)), options);
    CHECK(judge(std::span(&never, 1), {}, options).front().reason ==
          "the reference has too few values");
}

TEST_CASE("drift: one outlier changes no verdict") {
    std::mt19937_64 random(8);
    const ColumnValues reference = numbers(normals(random, 5'000));
    for (const double shift : {0.0, 1.0}) {
        std::vector<double> current = normals(random, 5'000, shift);
        const Verdict without = verdict_of(reference, numbers(current));
        current.back() = 1e6;
        CHECK(verdict_of(reference, numbers(current)) == without);
        CHECK(without == (shift > 0.0 ? Verdict::kDrifted : Verdict::kUnchanged));
        std::vector<double> spoilt = normals(random, 5'000);
        spoilt.front() = 1e6;
        CHECK(verdict_of(numbers(spoilt), numbers(current)) == without);
    }
}

TEST_CASE("drift: a rare category that triples is flagged") {
    std::mt19937_64 random(9);
    int flagged = 0;
    constexpr int kRuns = 300;
    for (int run = 0; run < kRuns; ++run) {
        flagged += verdict_of(texts(categories(random, 10'000, 0.01)),
                              texts(categories(random, 10'000, 0.03))) == Verdict::kDrifted
                       ? 1
                       : 0;
    }
    CAPTURE(flagged);
    CHECK(flagged >= 0.99 * kRuns);
}

TEST_CASE("drift: one unseen category among many rows is not drift, many are") {
    std::mt19937_64 random(10);
    const ColumnValues reference = texts(categories(random, 100'000, 0.05));
    std::vector<std::uint32_t> current = categories(random, 100'000, 0.05);
    current.front() = 77;
    CHECK(verdict_of(reference, texts(current)) == Verdict::kUnchanged);
    std::fill_n(current.begin(), 3'000, 77U);
    CHECK(verdict_of(reference, texts(current)) == Verdict::kDrifted);
}

TEST_CASE("drift: values that go missing are drift") {
    std::mt19937_64 random(11);
    const ColumnValues reference = numbers(normals(random, 3'000));
    std::vector<double> current = normals(random, 3'000);
    for (std::size_t i = 0; i < current.size(); i += 10) {
        current[i] = kMissing;
    }
    CHECK(verdict_of(reference, numbers(current)) == Verdict::kDrifted);
    CHECK(verdict_of(reference, numbers(std::vector<double>(3'000, kMissing))) ==
          Verdict::kDrifted);
    CHECK(verdict_of(reference, texts(std::vector<std::uint32_t>(3'000, 1))) == Verdict::kDrifted);
}

TEST_CASE("drift: reports over unchanged data name a column in at most one of a hundred") {
    std::mt19937_64 random(12);
    const DriftOptions options;
    constexpr int kReports = 300;
    for (const auto& [n, m] : {std::pair{1'000, 1'000}, {1'000, 100}, {100, 1'000}, {50, 50}}) {
        int flagged = 0;
        for (int report = 0; report < kReports; ++report) {
            std::vector<ColumnDrift> columns;
            for (int column = 0; column < 20; ++column) {
                const auto rows = static_cast<std::size_t>(m);
                const auto reference_rows = static_cast<std::size_t>(n);
                const bool numeric = column < 13;
                columns.push_back(compare_column(
                    *ReferenceColumn::of(numeric ? numbers(normals(random, reference_rows))
                                                 : texts(categories(random, reference_rows, 0.1))),
                    numeric ? numbers(normals(random, rows)) : texts(categories(random, rows, 0.1)),
                    options));
            }
            flagged += std::ranges::any_of(
                           judge(columns, {}, options),
                           [](const Judgement& one) { return one.verdict == Verdict::kDrifted; })
                           ? 1
                           : 0;
        }
        UNSCOPED_INFO(n << " rows against " << m << ": " << flagged << " of " << kReports);
        CHECK(flagged <= 8);  // 3 expected at most; 8 with one chance in a hundred.
    }
}

TEST_CASE("drift: categorical levels hold where rows are few") {
    std::mt19937_64 random(14);
    constexpr int kRuns = 1'000;
    for (const auto& [n, m] : {std::pair{50, 50}, {50, 5'000}, {2'000, 60}, {500, 500}}) {
        int alarms = 0;
        for (int run = 0; run < kRuns; ++run) {
            const ColumnDrift drift = compare_column(
                *ReferenceColumn::of(texts(categories(random, static_cast<std::size_t>(n), 0.1))),
                texts(categories(random, static_cast<std::size_t>(m), 0.1)),
                {});
            alarms += drift.shift->p_value < 0.05 ? 1 : 0;
        }
        UNSCOPED_INFO(n << " rows against " << m << ": " << alarms);
        CHECK(alarms <= 0.068 * kRuns);
        CHECK(alarms >= 0.025 * kRuns);
    }
}
