// Embeddings: numbers against numpy, scipy and scikit-learn (tests/golden/embeddings.golden),
// samples that do not depend on the order, false alarms where nothing changed and power where
// something did.

#include "metrics/embedding_drift.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <functional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "metrics/reasons.h"
#include "stats/random_stream.h"

using namespace aiml042;           // NOLINT(google-build-using-namespace)
using namespace aiml042::metrics;  // NOLINT(google-build-using-namespace)

namespace {

using Vector = std::vector<float>;

/// As in embeddings_golden.py.
std::vector<Vector> vectors(
    stats::RandomStream& source, std::size_t rows, std::size_t length, double shift, double scale) {
    const auto uniform = [&source] { return static_cast<double>(source.next() >> 11) * 0x1p-53; };
    std::vector<Vector> out(rows, Vector(length));
    for (Vector& row : out) {
        for (std::size_t k = 0; k < length; ++k) {
            const double first = uniform();
            const double second = uniform();
            const double sum = first + second + uniform();
            row[k] = static_cast<float>(scale * (sum - 1.5) + shift + (k == 0 ? 1.0 : 0.0));
        }
    }
    return out;
}

/// Hashes ascend, so that the sample has the rows' order.
EmbeddingColumn column(const std::vector<Vector>& rows) {
    EmbeddingSample state;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        state.add(rows[i], i);
    }
    return EmbeddingColumn::of(state);
}

/// Rows of normal components that `change` alters.
std::vector<Vector> normals(std::mt19937_64& random,
                            std::size_t rows,
                            std::size_t length,
                            const std::function<void(Vector&)>& change = {}) {
    std::normal_distribution<float> normal;
    std::vector<Vector> out(rows, Vector(length));
    for (Vector& row : out) {
        std::ranges::generate(row, [&] { return normal(random); });
        row[0] += 2.0F;
        if (change) {
            change(row);
        }
    }
    return out;
}

void check_line(std::istringstream& line) {
    std::uint64_t seed = 0;
    std::size_t n = 0;
    std::size_t m = 0;
    std::size_t length = 0;
    double shift = 0.0;
    double scale = 0.0;
    double cosine = 0.0;
    double mmd = 0.0;
    double median = 0.0;
    double p = 0.0;
    double ks = 0.0;
    double wasserstein = 0.0;
    double farther = 0.0;
    double auc = 0.0;
    line >> seed >> n >> m >> length >> shift >> scale >> cosine >> mmd >> median >> p >> ks >>
        wasserstein >> farther >> auc;
    CAPTURE(seed);
    stats::RandomStream source(seed);
    const EmbeddingColumn before = column(vectors(source, n, length, 0.0, 1.0));
    const EmbeddingColumn now = column(vectors(source, m, length, shift, scale));
    const EmbeddingDrift got = compare_embeddings(before, now, 0.95);
    CHECK(*got.cosine_shift == Approx(cosine).margin(1e-12));
    CHECK(got.kernel->mmd2 == Approx(mmd).margin(1e-7));
    CHECK(got.kernel->median == Approx(median).epsilon(1e-6));
    CHECK(got.kernel->p_value == Approx(p).epsilon(0.4).margin(1.0 / 2'000));
    CHECK(got.distances->ks == Approx(ks).margin(1e-12));
    CHECK(got.distances->wasserstein == Approx(wasserstein).margin(1e-9));
    CHECK(got.distances->farther == Approx(farther).margin(1e-12));
    CHECK(got.domain->auc == Approx(auc).margin(2e-4));
    CHECK(got.domain->interval.first < got.domain->auc);
    CHECK(got.domain->auc < got.domain->interval.second);
}

/// Share of `runs` in which `fires` is true.
double rate(int runs, const std::function<bool()>& fires) {
    int fired = 0;
    for (int i = 0; i < runs; ++i) {
        fired += fires() ? 1 : 0;
    }
    return static_cast<double>(fired) / static_cast<double>(runs);
}

/// Drifted among `runs`, alone in its report.
double drifted(int runs, std::size_t rows, const std::function<void(Vector&)>& change) {
    std::mt19937_64 random(17);
    const DriftOptions options;
    return rate(runs, [&] {
        const EmbeddingDrift drift = compare_embeddings(
            column(normals(random, rows, 8)), column(normals(random, rows, 8, change)), 0.95);
        return judge({}, std::span(&drift, 1), options).front().verdict == Verdict::kDrifted;
    });
}

}  // namespace

// Every number by other software.
TEST_CASE("embeddings: numbers agree with numpy, scipy and scikit-learn") {
    std::ifstream file(AIML_REPO_ROOT "/tests/golden/embeddings.golden");
    REQUIRE(file.good());
    std::size_t lines = 0;
    for (std::string text; std::getline(file, text);) {
        if (!text.starts_with('#')) {
            std::istringstream line(text);
            check_line(line);
            ++lines;
        }
    }
    CHECK(lines == 8);
}

// The algebra: any cut, any order, the same bits; bounded whatever comes.
TEST_CASE("embeddings: samples and sums do not depend on order, cut or merge") {
    std::mt19937_64 random(4);
    std::vector<Vector> rows = normals(random, 3'000, 6);
    EmbeddingSample whole;
    for (const Vector& row : rows) {
        whole.add(row, static_cast<std::uint64_t>(row[1] * 1e6F));
    }
    const Hash128 want = EmbeddingColumn::of(whole).name();
    for (const std::size_t parts : {1U, 2U, 7U}) {
        std::ranges::shuffle(rows, random);
        std::vector<EmbeddingSample> cut(parts);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            cut[i % parts].add(rows[i], static_cast<std::uint64_t>(rows[i][1] * 1e6F));
        }
        EmbeddingSample all;
        for (const EmbeddingSample& one : cut) {
            all.merge(one);
        }
        CHECK(EmbeddingColumn::of(all).name() == want);
    }
    CHECK(EmbeddingColumn::of(whole).sampled() == EmbeddingPart::kSampleRows);
    CHECK(whole.memory_bytes() < 200'000);
}

// Long vectors are sampled less, odd ones are counted beside.
TEST_CASE("embeddings: memory is bounded and what cannot be compared is counted") {
    EmbeddingSample state;
    for (std::uint64_t i = 0; i < 600; ++i) {
        state.add(Vector(4'096, 1.0F), i);
    }
    CHECK(EmbeddingColumn::of(state).sampled() == 250);
    CHECK(state.memory_bytes() < 5'000'000);
    for (std::size_t length = 1; length <= 20; ++length) {
        state.add(Vector(length, 1.0F), 1);
    }
    state.add({}, 1);
    state.add(Vector(4'096, 3e6F), 1);
    state.add(Vector(4'096, std::nanf("")), 1);
    const EmbeddingColumn frozen = EmbeddingColumn::of(state);
    CHECK(frozen.length == 4'096);
    CHECK(frozen.n == 600);
    CHECK(frozen.missing == 1);
    CHECK(frozen.other == 22);
    CHECK(frozen.mean[4'095] == 1.0);
    CHECK(state.memory_bytes() < 5'100'000);
}

// Without rows, with one, without a direction: reasons, no numbers.
TEST_CASE("embeddings: what has no number has a reason") {
    const DriftOptions options;
    const auto judged = [&](const EmbeddingColumn& before, const EmbeddingColumn& now) {
        const EmbeddingDrift drift = compare_embeddings(before, now, 0.95);
        return judge({}, std::span(&drift, 1), options).front();
    };
    std::mt19937_64 random(4);
    const EmbeddingColumn some = column(normals(random, 60, 4));
    CHECK(judged({}, some).reason == reasons::kNoReferenceValues);
    CHECK(judged(some, {}).reason == reasons::kNoValues);
    CHECK(judged(some, column(normals(random, 5, 4))).rows_needed == 30);
    CHECK(judged(column(normals(random, 5, 4)), some).reason == reasons::kSmallReference);
    const EmbeddingColumn zeros = column(std::vector<Vector>(60, Vector(4, 0.0F)));
    const EmbeddingDrift none = compare_embeddings(zeros, zeros, 0.95);
    CHECK_FALSE(none.cosine_shift);
    CHECK_FALSE(none.distances);
    CHECK(none.kernel->mmd2 == 0.0);
    CHECK(none.kernel->p_value == 1.0);
    CHECK_FALSE(compare_embeddings(some, column(normals(random, 1, 4)), 0.95).kernel);
}

// The promise of a p-value: as many false alarms as it says, within a point.
TEST_CASE("embeddings: false alarms are as many as promised") {
    constexpr int kRuns = 2'000;
    std::mt19937_64 random(11);
    std::array<int, 5> fired{};
    for (int run = 0; run < kRuns; ++run) {
        const EmbeddingDrift drift = compare_embeddings(
            column(normals(random, 30, 4)), column(normals(random, 30, 4)), 0.95);
        fired[0] += drift.kernel->p_value <= 0.05 ? 1 : 0;
        fired[1] += drift.domain->p_value <= 0.05 ? 1 : 0;
        fired[2] += drift.distances->ks_p_value <= 0.05 ? 1 : 0;
        fired[3] += *drift.p_value() <= 0.05 ? 1 : 0;
        const EmbeddingColumn larger = column(normals(random, 45, 4));
        const EmbeddingColumn smaller = column(normals(random, 20, 4));
        fired[4] += stats::kernel_two_sample(larger.rows(), smaller.rows()).p_value <= 0.05 ? 1 : 0;
    }
    CAPTURE(fired[0], fired[1], fired[2], fired[3], fired[4]);
    for (const std::size_t nominal : {0U, 1U, 4U}) {
        CHECK(std::abs(fired[nominal] - kRuns / 20) <= kRuns / 100);
    }
    for (const std::size_t at_most : {2U, 3U}) {  // Discrete, and Bonferroni's.
        CHECK(fired[at_most] <= kRuns * 6 / 100);
        CHECK(fired[at_most] >= kRuns * 15 / 1'000);
    }
}

// A whole verdict: seldom over still data, nearly always over what moved.
TEST_CASE("embeddings: verdicts name what moved and nothing else") {
    CHECK(drifted(60, 100, {}) <= 0.02);
    CHECK(drifted(8, 200, [](Vector& row) { row[3] += 0.7F; }) >= 0.95);
    CHECK(drifted(8, 250, [](Vector& row) { std::swap(row[0], row[1]); }) >= 0.95);
    CHECK(drifted(8, 250, [](Vector& row) {
              for (float& component : row) {
                  component *= 1.5F;
              }
          }) >= 0.95);
}

// A still embedding with enough rows is said to be still.
TEST_CASE("embeddings: still ones are unchanged") {
    std::mt19937_64 random(8);
    const DriftOptions options;
    CHECK(rate(10, [&] {
              const EmbeddingDrift drift = compare_embeddings(
                  column(normals(random, 2'000, 8)), column(normals(random, 2'000, 8)), 0.95);
              return judge({}, std::span(&drift, 1), options).front().verdict ==
                     Verdict::kUnchanged;
          }) >= 0.8);
}
