#include "stats/cohort_search.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include "base/scratch.h"
#include "stats/interval.h"
#include "stats/multiplicity.h"

namespace aiml042::stats {

namespace {

constexpr double kPricePerCondition = 0.05;  // Of the score: shorter cohorts are easier to act on.
// Part of the largest noise that a choice is marked down by. The test keeps the level; this is how
// far it is worth looking (simulated: best power between 0.5 and 0.8).
constexpr double kNoiseHeldAgainst = 0.7;
constexpr std::size_t kPairsExtended = 12;  // Pairs that a third condition is looked for.

/// The rows that meet all conditions, without those whose `taken` is 1, ascending.
std::vector<std::uint32_t> rows_of(const CohortConditions& where,
                                   const CohortRows& rows,
                                   std::span<const std::uint8_t> taken) {
    constexpr std::size_t kTile = 4'096;
    Scratch<std::uint8_t, kTile> fits;
    std::vector<std::uint32_t> out;
    for (std::size_t begin = 0; begin < taken.size(); begin += kTile) {
        const std::size_t n = std::min(kTile, taken.size() - begin);
        for (std::size_t i = 0; i < n; ++i) {
            fits[i] = taken[begin + i] ^ 1U;
        }
        for (const CohortCondition& one : where) {
            const std::uint8_t* codes = rows.codes[one.dimension].data() + begin;
            const auto width = static_cast<std::uint8_t>(one.range.last - one.range.first);
            for (std::size_t i = 0; i < n; ++i) {
                fits[i] &= static_cast<std::uint8_t>(codes[i] - one.range.first) <= width ? 1U : 0U;
            }
        }
        for (std::size_t i = 0; i < n; ++i) {
            if (fits[i] != 0) {
                out.push_back(static_cast<std::uint32_t>(begin + i));
            }
        }
    }
    return out;
}

/// Sums of some rows.
RatioSums sums_of(const CohortRows& rows, std::span<const std::uint32_t> selection) {
    RatioSums out;
    for (const std::uint32_t i : selection) {
        out.add(rows.part[i], rows.whole[i]);
    }
    return out;
}

RatioSums sums_of(const CohortRows& rows) {
    RatioSums out;
    for (std::size_t i = 0; i < rows.part.size(); ++i) {
        out.add(rows.part[i], rows.whole[i]);
    }
    return out;
}

struct Candidate {
    CohortConditions where;
    RatioPair sums;
    double score = 0.0;
};

/// Sums of every pair of codes of two dimensions; one code of the second where there is one
/// dimension only.
class CodeTable {
  public:
    CodeTable(std::size_t rows, std::size_t columns)
        : rows_(rows), columns_(columns), cells_(rows * columns) {}

    [[nodiscard]] RatioPair& at(std::size_t row, std::size_t column) {
        return cells_[row * columns_ + column];
    }

    /// Turns cells into the sums of all cells above and left of them, with a border of zeros.
    [[nodiscard]] CodeTable prefix_sums() const {
        CodeTable out(rows_ + 1, columns_ + 1);
        for (std::size_t i = 0; i < rows_; ++i) {
            RatioPair line;
            for (std::size_t j = 0; j < columns_; ++j) {
                line += cells_[i * columns_ + j];
                RatioPair& to = out.at(i + 1, j + 1);
                to = out.at(i, j + 1);
                to += line;
            }
        }
        return out;
    }

    /// Of prefix sums: the cells of both ranges.
    [[nodiscard]] RatioPair between(const CodeRange& row, const CodeRange& column) const {
        const auto cell = [&](std::size_t i, std::size_t j) -> const RatioPair& {
            return cells_[i * columns_ + j];
        };
        RatioPair out = cell(row.last + 1U, column.last + 1U);
        out -= cell(row.first, column.last + 1U);
        out -= cell(row.last + 1U, column.first);
        out += cell(row.first, column.first);
        return out;
    }

  private:
    std::size_t rows_;
    std::size_t columns_;
    std::vector<RatioPair> cells_;
};

/// Marks candidates: what they account for beyond their size.
class Judge {
  public:
    /// A score is marked down by `errors_off` standard errors.
    Judge(const RatioPair& all, const RatioPair& candidates, double rows_min, double errors_off)
        : all_(all), candidates_(candidates), rows_min_(rows_min), errors_off_(errors_off) {}

    /// The score of a candidate that beats `least`; else nothing. A cohort that lessened the
    /// difference by being small is not told of.
    [[nodiscard]] std::optional<double> score(const RatioPair& sums,
                                              std::size_t conditions,
                                              double least) const {
        if (sums.rows() < rows_min_ || sums.rows() > candidates_.rows() - 1.0) {
            return std::nullopt;
        }
        const Excess excess = excess_of(sums, candidates_, all_);
        const double price = 1.0 - kPricePerCondition * (static_cast<double>(conditions) - 1.0);
        const double size = std::fabs(excess.beyond);
        if (excess.change * excess.beyond <= 0.0 || size * price <= least) {
            return std::nullopt;
        }
        const double sure = size - errors_off_ * excess_error(sums, candidates_, all_);
        return sure * price > least ? std::optional(sure * price) : std::nullopt;
    }

  private:
    const RatioPair& all_;
    const RatioPair& candidates_;
    double rows_min_;
    double errors_off_;
};

/// Standard errors that a choice is marked down by, of as many candidates as there are.
double errors_of_noise(const CohortData& data, std::size_t conditions_max) {
    double one = 0.0;
    double squares = 0.0;
    for (const CohortDimension& dimension : data.dimensions) {
        const auto ranges = static_cast<double>(dimension.ranges.size());
        one += ranges;
        squares += ranges * ranges;
    }
    const double pairs = conditions_max > 1 ? (one * one - squares) / 2.0 : 0.0;
    return kNoiseHeldAgainst * std::sqrt(2.0 * std::log(std::max(2.0, one + pairs)));
}

/// A cohort to be tested, and whether what lies in it was above its size (1) or below (-1).
struct Choice {
    CohortConditions where;
    double direction = 1.0;
};

/// Chooses cohorts from one half of the rows.
class Chooser {
  public:
    Chooser(const CohortData& data, const CohortOptions& options, const ForEach& for_each)
        : data_(data), options_(options), for_each_(for_each) {
        all_.before = sums_of(data.before[0]);
        all_.after = sums_of(data.after[0]);
        left_ = all_;
        taken_before_.resize(data.before[0].part.size());
        taken_after_.resize(data.after[0].part.size());
        errors_off_ = errors_of_noise(data, options.conditions_max);
    }

    std::vector<Choice> run() {
        std::vector<Choice> out;
        if (!(all_.before.whole > 0.0 && all_.after.whole > 0.0)) {
            return out;
        }
        count_single_codes();
        if (options_.conditions_max > 1) {
            choose_pair_dimensions();
            count_pairs();
        }
        while (out.size() < options_.cohorts_max) {
            const std::optional<Candidate> best = best_candidate();
            if (!best) {
                break;
            }
            out.push_back(
                {best->where, std::copysign(1.0, excess_of(best->sums, left_, all_).beyond)});
            take_out(best->where);
        }
        return out;
    }

  private:
    struct Pair {
        std::size_t first = 0;
        std::size_t second = 0;
        CodeTable sums;
    };

    [[nodiscard]] Judge judge() const {
        return {all_, left_, options_.rows_min / 2.0, errors_off_};
    }

    /// Calls visit(rows, side) for the two sets; side picks that set's sums.
    template <typename Visitor>
    void for_each_set(Visitor&& visit) const {
        visit(data_.before[0], &RatioPair::before);
        visit(data_.after[0], &RatioPair::after);
    }

    void count_single_codes() {
        for (const CohortDimension& dimension : data_.dimensions) {
            single_.emplace_back(dimension.codes, 1);
        }
        for_each_(single_.size(), [&](std::size_t d) {
            for_each_set([&](const CohortRows& rows, RatioSums RatioPair::*side) {
                for (std::size_t i = 0; i < rows.part.size(); ++i) {
                    (single_[d].at(rows.codes[d][i], 0).*side).add(rows.part[i], rows.whole[i]);
                }
            });
        });
    }

    /// The dimensions with the best cohorts of their own.
    void choose_pair_dimensions() {
        std::vector<double> best(single_.size());
        for_each_(single_.size(), [&](std::size_t d) { best[d] = best_single(d).score; });
        paired_.resize(single_.size());
        std::iota(paired_.begin(), paired_.end(), std::size_t{0});
        std::ranges::stable_sort(paired_,
                                 [&](std::size_t a, std::size_t b) { return best[a] > best[b]; });
        paired_.resize(std::min(paired_.size(), options_.pair_dimensions_max));
        std::ranges::sort(paired_);
    }

    void count_pairs() {
        for (std::size_t i = 0; i < paired_.size(); ++i) {
            for (std::size_t j = i + 1; j < paired_.size(); ++j) {
                const auto codes = [&](std::size_t d) { return data_.dimensions[d].codes; };
                pairs_.push_back(
                    {paired_[i], paired_[j], CodeTable(codes(paired_[i]), codes(paired_[j]))});
            }
        }
        for_each_(pairs_.size(), [&](std::size_t p) {
            Pair& pair = pairs_[p];
            for_each_set([&](const CohortRows& rows, RatioSums RatioPair::*side) {
                const std::uint8_t* first = rows.codes[pair.first].data();
                const std::uint8_t* second = rows.codes[pair.second].data();
                for (std::size_t i = 0; i < rows.part.size(); ++i) {
                    (pair.sums.at(first[i], second[i]).*side).add(rows.part[i], rows.whole[i]);
                }
            });
        });
    }

    [[nodiscard]] Candidate best_single(std::size_t d) const {
        return best_of_codes(single_[d], d, {});
    }

    /// The best range of one dimension beside the conditions `others`.
    [[nodiscard]] Candidate best_of_codes(const CodeTable& table,
                                          std::size_t d,
                                          const CohortConditions& others) const {
        const CodeTable prefix = table.prefix_sums();
        const Judge marks = judge();
        Candidate best;
        for (const CodeRange& range : data_.dimensions[d].ranges) {
            const RatioPair sums = prefix.between(range, {0, 0});
            if (const auto score = marks.score(sums, others.size() + 1, best.score)) {
                best = {others, sums, *score};
                best.where.push_back({d, range});
            }
        }
        return best;
    }

    [[nodiscard]] Candidate best_of_pair(const Pair& pair) const {
        const CodeTable prefix = pair.sums.prefix_sums();
        const Judge marks = judge();
        Candidate best;
        for (const CodeRange& first : data_.dimensions[pair.first].ranges) {
            for (const CodeRange& second : data_.dimensions[pair.second].ranges) {
                const RatioPair sums = prefix.between(first, second);
                if (const auto score = marks.score(sums, 2, best.score)) {
                    best = {{{pair.first, first}, {pair.second, second}}, sums, *score};
                }
            }
        }
        return best;
    }

    /// The best third condition for the rows of a pair.
    [[nodiscard]] Candidate best_extension(const Candidate& pair) const {
        std::vector<CodeTable> tables;
        for (const std::size_t d : paired_) {
            tables.emplace_back(data_.dimensions[d].codes, 1);
        }
        for_each_set([&](const CohortRows& rows, RatioSums RatioPair::*side) {
            const auto selection = rows_of(pair.where, rows, taken(side));
            for (std::size_t k = 0; k < paired_.size(); ++k) {
                const std::uint8_t* codes = rows.codes[paired_[k]].data();
                for (const std::uint32_t i : selection) {
                    (tables[k].at(codes[i], 0).*side).add(rows.part[i], rows.whole[i]);
                }
            }
        });
        Candidate best;
        for (std::size_t k = 0; k < paired_.size(); ++k) {
            const bool used = std::ranges::any_of(pair.where, [&](const CohortCondition& one) {
                return one.dimension == paired_[k];
            });
            if (!used) {
                keep_better(best, best_of_codes(tables[k], paired_[k], pair.where));
            }
        }
        return best;
    }

    static void keep_better(Candidate& best, Candidate other) {
        if (other.score > best.score) {
            best = std::move(other);
        }
    }

    [[nodiscard]] std::optional<Candidate> best_candidate() const {
        std::vector<Candidate> found(single_.size() + pairs_.size());
        for_each_(found.size(), [&](std::size_t i) {
            found[i] =
                i < single_.size() ? best_single(i) : best_of_pair(pairs_[i - single_.size()]);
        });
        std::vector<Candidate> pairs(found.begin() + static_cast<std::ptrdiff_t>(single_.size()),
                                     found.end());
        std::erase_if(pairs, [](const Candidate& one) { return one.score <= 0.0; });
        if (options_.conditions_max > 2) {
            std::ranges::stable_sort(pairs, std::ranges::greater(), &Candidate::score);
            pairs.resize(std::min(pairs.size(), kPairsExtended));
            std::vector<Candidate> longer(pairs.size());
            for_each_(longer.size(), [&](std::size_t i) { longer[i] = best_extension(pairs[i]); });
            std::ranges::move(longer, std::back_inserter(found));
        }
        Candidate best;
        for (Candidate& one : found) {
            keep_better(best, std::move(one));
        }
        std::ranges::sort(best.where, {}, &CohortCondition::dimension);
        return best.score > 0.0 ? std::optional(best) : std::nullopt;
    }

    [[nodiscard]] const std::vector<std::uint8_t>& taken(RatioSums RatioPair::*side) const {
        return side == &RatioPair::before ? taken_before_ : taken_after_;
    }

    /// Leaves the rows of a cohort out of all that follows.
    void take_out(const CohortConditions& where) {
        for_each_set([&](const CohortRows& rows, RatioSums RatioPair::*side) {
            const auto selection = rows_of(where, rows, taken(side));
            left_.*side -= sums_of(rows, selection);
            for (std::size_t d = 0; d < single_.size(); ++d) {
                for (const std::uint32_t i : selection) {
                    (single_[d].at(rows.codes[d][i], 0).*side).remove(rows.part[i], rows.whole[i]);
                }
            }
            for_each_(pairs_.size(), [&](std::size_t p) {
                Pair& pair = pairs_[p];
                for (const std::uint32_t i : selection) {
                    (pair.sums.at(rows.codes[pair.first][i], rows.codes[pair.second][i]).*side)
                        .remove(rows.part[i], rows.whole[i]);
                }
            });
            auto& marks = side == &RatioPair::before ? taken_before_ : taken_after_;
            for (const std::uint32_t i : selection) {
                marks[i] = 1;
            }
        });
    }

    const CohortData& data_;
    const CohortOptions& options_;
    const ForEach& for_each_;
    RatioPair all_;
    RatioPair left_;  // Without the rows of cohorts that were chosen.
    std::vector<CodeTable> single_;
    std::vector<std::size_t> paired_;
    std::vector<Pair> pairs_;
    std::vector<std::uint8_t> taken_before_;  // 1: of a cohort that was chosen.
    std::vector<std::uint8_t> taken_after_;
    double errors_off_ = 0.0;
};

/// Adds the sums of each cohort over rows that none before it holds; at the end those of the rest.
void add_parts(const CohortRows& rows,
               std::span<const CohortConditions> cohorts,
               RatioSums RatioPair::*side,
               std::vector<RatioPair>& parts) {
    std::vector<std::uint8_t> taken(rows.part.size());
    RatioSums left = sums_of(rows);
    for (std::size_t c = 0; c < cohorts.size(); ++c) {
        const auto selection = rows_of(cohorts[c], rows, taken);
        const RatioSums sums = sums_of(rows, selection);
        parts[c].*side += sums;
        left -= sums;
        for (const std::uint32_t i : selection) {
            taken[i] = 1;
        }
    }
    parts.back().*side += left;
}

RatioPair total_of(std::span<const RatioPair> parts) {
    RatioPair out;
    for (const RatioPair& part : parts) {
        out += part;
    }
    return out;
}

/// The p-value of each cohort, one-sided, from the rows that did not choose it.
std::vector<double> test(const CohortData& data, std::span<const Choice> choices) {
    std::vector<CohortConditions> cohorts;
    std::ranges::transform(choices, std::back_inserter(cohorts), &Choice::where);
    std::vector<RatioPair> parts(cohorts.size() + 1);
    add_parts(data.before[1], cohorts, &RatioPair::before, parts);
    add_parts(data.after[1], cohorts, &RatioPair::after, parts);
    const RatioPair all = total_of(parts);
    std::vector<double> out(cohorts.size(), 1.0);
    if (!(all.before.whole > 0.0 && all.after.whole > 0.0)) {
        return out;
    }
    RatioPair left = all;
    for (std::size_t i = 0; i < cohorts.size(); ++i) {
        const double error = excess_error(parts[i], left, all);
        if (error > 0.0) {
            const double z = excess_of(parts[i], left, all).beyond / error;
            out[i] = std::erfc(choices[i].direction * z / std::sqrt(2.0)) / 2.0;
        }
        left -= parts[i];
    }
    return out;
}

std::vector<std::vector<RatioPair>> count_codes(const CohortData& data, const ForEach& for_each) {
    std::vector<std::vector<RatioPair>> out;
    for (const CohortDimension& dimension : data.dimensions) {
        out.emplace_back(dimension.codes);
    }
    for_each(out.size(), [&](std::size_t d) {
        const auto add = [&](const CohortRows& rows, RatioSums RatioPair::*side) {
            for (std::size_t i = 0; i < rows.part.size(); ++i) {
                (out[d][rows.codes[d][i]].*side).add(rows.part[i], rows.whole[i]);
            }
        };
        for (const std::size_t half : {std::size_t{0}, std::size_t{1}}) {
            add(data.before[half], &RatioPair::before);
            add(data.after[half], &RatioPair::after);
        }
    });
    return out;
}

}  // namespace

CohortReport find_cohorts(const CohortData& data,
                          const CohortOptions& options,
                          const ForEach& for_each) {
    CohortReport out;
    std::vector<Choice> chosen = Chooser(data, options, for_each).run();
    out.tested = chosen.size();
    const std::vector<double> p_values = test(data, chosen);
    const std::vector<double> q_values = benjamini_hochberg(p_values);
    std::vector<CohortConditions> kept;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        if (q_values[i] <= options.alpha) {
            Cohort cohort;
            cohort.where = chosen[i].where;
            cohort.p_value = p_values[i];
            cohort.q_value = q_values[i];
            out.cohorts.push_back(std::move(cohort));
            kept.push_back(std::move(chosen[i].where));
        }
    }
    std::vector<RatioPair> parts(kept.size() + 1);
    for (const std::size_t half : {std::size_t{0}, std::size_t{1}}) {
        add_parts(data.before[half], kept, &RatioPair::before, parts);
        add_parts(data.after[half], kept, &RatioPair::after, parts);
    }
    out.all = total_of(parts);
    for (std::size_t i = 0; i < kept.size(); ++i) {
        out.cohorts[i].sums = parts[i];
        out.cohorts[i].error = excess_error(parts[i], out.all, out.all, true);
    }
    out.rest = parts.back();
    out.by_code = count_codes(data, for_each);
    return out;
}

}  // namespace aiml042::stats
