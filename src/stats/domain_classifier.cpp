#include "stats/domain_classifier.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

#include "base/check.h"
#include "stats/area_under_curve.h"
#include "stats/random_stream.h"

namespace aiml042::stats {

namespace {

constexpr std::size_t kRowsMin = 10;
constexpr std::size_t kComponentsMax = 64;
constexpr std::size_t kFolds = 5;
constexpr double kPenalty = 1.0;
constexpr int kStepsMax = 100;
constexpr double kStepMin = 1e-6;
constexpr std::uint32_t kDrawsMax = 99;
constexpr std::uint32_t kReachedMax = 20;
constexpr std::uint64_t kProjectionSeed = 0x7369'676E;
constexpr std::uint64_t kPermutationSeed = 0x6175'63;

/// Rows of standardised components with a 1 in front.
struct Design {
    std::size_t rows = 0;
    std::size_t width = 0;
    std::vector<double> values;

    [[nodiscard]] std::span<const double> row(std::size_t i) const {
        return std::span(values).subspan(i * width, width);
    }
};

/// Component k of the projection: the sum of signs * components.
void project(std::span<const float> row, std::span<double> out) {
    if (row.size() <= kComponentsMax) {
        std::copy(row.begin(), row.end(), out.begin());
        return;
    }
    std::ranges::fill(out, 0.0);
    RandomStream random(kProjectionSeed);
    for (const float x : row) {
        const std::uint64_t signs = random.next();
        const double value = static_cast<double>(x);
        for (std::size_t k = 0; k < kComponentsMax; ++k) {
            out[k] += ((signs >> k) & 1U) != 0 ? value : -value;
        }
    }
}

Design make_design(const VectorRowsView& a, const VectorRowsView& b) {
    Design out{
        .rows = a.size() + b.size(), .width = std::min(a.length, kComponentsMax) + 1, .values = {}};
    out.values.assign(out.rows * out.width, 1.0);
    for (std::size_t i = 0; i < out.rows; ++i) {
        project(i < a.size() ? a.row(i) : b.row(i - a.size()),
                std::span(out.values).subspan(i * out.width + 1, out.width - 1));
    }
    const auto n = static_cast<double>(out.rows);
    for (std::size_t k = 1; k < out.width; ++k) {
        double mean = 0.0;
        double squares = 0.0;
        for (std::size_t i = 0; i < out.rows; ++i) {
            mean += out.values[i * out.width + k] / n;
        }
        for (std::size_t i = 0; i < out.rows; ++i) {
            const double gap = out.values[i * out.width + k] - mean;
            squares += gap * gap / n;
        }
        const double scale = squares > 0.0 ? 1.0 / std::sqrt(squares) : 0.0;
        for (std::size_t i = 0; i < out.rows; ++i) {
            double& value = out.values[i * out.width + k];
            value = (value - mean) * scale;
        }
    }
    return out;
}

/// Cholesky's factor of X'X/4 + penalty over the rows that are not in the fold.
class Curvature {
  public:
    Curvature(const Design& design, std::size_t fold)
        : width_(design.width), factor_(width_ * width_, 0.0) {
        for (std::size_t i = 0; i < design.rows; ++i) {
            if (i % kFolds == fold) {
                continue;
            }
            const std::span<const double> x = design.row(i);
            for (std::size_t r = 0; r < width_; ++r) {
                for (std::size_t c = 0; c <= r; ++c) {
                    factor_[r * width_ + c] += 0.25 * x[r] * x[c];
                }
            }
        }
        for (std::size_t r = 1; r < width_; ++r) {
            factor_[r * width_ + r] += kPenalty;
        }
        for (std::size_t r = 0; r < width_; ++r) {
            for (std::size_t c = 0; c <= r; ++c) {
                double sum = factor_[r * width_ + c];
                for (std::size_t k = 0; k < c; ++k) {
                    sum -= factor_[r * width_ + k] * factor_[c * width_ + k];
                }
                factor_[r * width_ + c] = r == c ? std::sqrt(sum) : sum / factor_[c * width_ + c];
            }
        }
    }

    /// Replaces the right side by the solution.
    void solve(std::vector<double>& x) const {
        for (std::size_t r = 0; r < width_; ++r) {
            for (std::size_t k = 0; k < r; ++k) {
                x[r] -= factor_[r * width_ + k] * x[k];
            }
            x[r] /= factor_[r * width_ + r];
        }
        for (std::size_t r = width_; r-- > 0;) {
            for (std::size_t k = r + 1; k < width_; ++k) {
                x[r] -= factor_[k * width_ + r] * x[k];
            }
            x[r] /= factor_[r * width_ + r];
        }
    }

  private:
    std::size_t width_;
    std::vector<double> factor_;
};

double product(std::span<const double> a, std::span<const double> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// The weights fitted to the rows outside the fold.
std::vector<double> fit(const Design& design,
                        const Curvature& curvature,
                        std::span<const std::uint8_t> second,
                        std::size_t fold) {
    std::vector<double> weights(design.width, 0.0);
    for (int step = 0; step < kStepsMax; ++step) {
        std::vector<double> move(design.width, 0.0);
        for (std::size_t i = 0; i < design.rows; ++i) {
            if (i % kFolds == fold) {
                continue;
            }
            const std::span<const double> x = design.row(i);
            const double miss = second[i] - 1.0 / (1.0 + std::exp(-product(x, weights)));
            for (std::size_t k = 0; k < design.width; ++k) {
                move[k] += miss * x[k];
            }
        }
        for (std::size_t k = 1; k < design.width; ++k) {
            move[k] -= kPenalty * weights[k];
        }
        curvature.solve(move);
        double largest = 0.0;
        for (std::size_t k = 0; k < design.width; ++k) {
            weights[k] += move[k];
            largest = std::max(largest, std::fabs(move[k]));
        }
        if (largest < kStepMin) {
            break;
        }
    }
    return weights;
}

/// The mean over folds of the area among the fold's rows; folds without one side are left out.
AreaUnderCurve cross_validated(const Design& design,
                               std::span<const Curvature> curvatures,
                               std::span<const std::uint8_t> second) {
    AreaUnderCurve out{0.0, 0.0};
    double folds = 0.0;
    for (std::size_t fold = 0; fold < kFolds; ++fold) {
        const std::vector<double> weights = fit(design, curvatures[fold], second, fold);
        std::array<std::vector<double>, 2> scores;
        for (std::size_t i = fold; i < design.rows; i += kFolds) {
            scores[second[i]].push_back(product(design.row(i), weights));
        }
        if (scores[0].empty() || scores[1].empty()) {
            continue;
        }
        std::ranges::sort(scores[0]);
        std::ranges::sort(scores[1]);
        const AreaUnderCurve area = area_under_curve(scores[0], scores[1]);
        out.value += area.value;
        out.variance += area.variance;
        folds += 1.0;
    }
    return {out.value / folds, out.variance / (folds * folds)};
}

}  // namespace

std::optional<DomainTest> domain_classifier(const VectorRowsView& a,
                                            const VectorRowsView& b,
                                            double confidence) {
    AIML_CHECK(a.length == b.length);
    if (std::min(a.size(), b.size()) < kRowsMin) {
        return std::nullopt;
    }
    const Design design = make_design(a, b);
    std::vector<Curvature> curvatures;
    for (std::size_t fold = 0; fold < kFolds; ++fold) {
        curvatures.emplace_back(design, fold);
    }
    std::vector<std::uint8_t> second(design.rows, 0);
    std::fill(second.begin() + static_cast<std::ptrdiff_t>(a.size()), second.end(), 1);
    const AreaUnderCurve area = cross_validated(design, curvatures, second);
    DomainTest out{.auc = area.value};
    out.interval =
        auc_interval(area.value, std::sqrt(area.variance), b.size(), a.size(), confidence);
    RandomStream random(kPermutationSeed);
    std::uint32_t reached = 0;
    while (out.draws < kDrawsMax && reached < kReachedMax) {
        random.choose(std::span(second), second.size());
        ++out.draws;
        reached += cross_validated(design, curvatures, second).value >= area.value ? 1U : 0U;
    }
    out.p_value = reached >= kReachedMax
                      ? static_cast<double>(reached) / static_cast<double>(out.draws)
                      : (1.0 + reached) / (1.0 + out.draws);
    return out;
}

}  // namespace aiml042::stats
