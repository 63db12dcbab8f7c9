#include "stats/boosted_trees.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace aiml042::stats {

namespace {

/// Sums of first and second derivatives over rows.
struct Slopes {
    double first = 0.0;
    double second = 0.0;
    double rows = 0.0;

    void add(const Slopes& other) {
        first += other.first;
        second += other.second;
        rows += other.rows;
    }

    [[nodiscard]] Slopes less(const Slopes& other) const {
        return {first - other.first, second - other.second, rows - other.rows};
    }

    /// What the best value for these rows takes off the loss, twice.
    [[nodiscard]] double gain(double penalty) const { return first * first / (second + penalty); }
};

using Histogram = std::array<Slopes, kTreeCodes>;

struct Candidate {
    double gain = 0.0;
    std::uint64_t left = 0;
};

double logistic(double x) {
    return 1.0 / (1.0 + std::exp(-x));
}

/// Codes that occur, in the order in which prefixes of them are tried.
std::vector<std::uint8_t> order_of(const Histogram& codes, bool ordered, double penalty) {
    std::vector<std::uint8_t> out;
    for (std::size_t code = 0; code < codes.size(); ++code) {
        if (codes[code].rows > 0.0) {
            out.push_back(static_cast<std::uint8_t>(code));
        }
    }
    if (!ordered) {
        std::ranges::stable_sort(out, {}, [&](std::uint8_t code) {
            return codes[code].first / (codes[code].second + penalty);
        });
    }
    return out;
}

/// The best split of a node by one column. Codes that do not occur go where their neighbours below
/// go; those of an unordered column to the right.
std::optional<Candidate> best_split(const Histogram& codes,
                                    bool ordered,
                                    const BoostOptions& options) {
    Slopes all;
    for (const Slopes& one : codes) {
        all.add(one);
    }
    const std::vector<std::uint8_t> order = order_of(codes, ordered, options.penalty);
    const auto rows_min = static_cast<double>(options.rows_min);
    std::optional<Candidate> best;
    Slopes left;
    std::uint64_t mask = 0;
    for (std::size_t i = 0; i + 1 < order.size(); ++i) {
        left.add(codes[order[i]]);
        mask |= std::uint64_t{1} << order[i];
        const Slopes right = all.less(left);
        if (left.rows < rows_min || right.rows < rows_min) {
            continue;
        }
        const double gain =
            left.gain(options.penalty) + right.gain(options.penalty) - all.gain(options.penalty);
        if (gain > (best ? best->gain : 1e-9)) {
            const bool prefix = ordered && order[i] + 1U < kTreeCodes;
            best = {gain, prefix ? (std::uint64_t{2} << order[i]) - 1 : mask};
        }
    }
    return best;
}

}  // namespace

class BoostedTrees::Fitter {
  public:
    Fitter(const CodeTable& table,
           std::span<const double> targets,
           std::span<const std::uint32_t> rows,
           std::span<const std::uint32_t> columns,
           std::span<const std::uint8_t> ordered,
           const BoostOptions& options)
        : table_(table),
          targets_(targets),
          rows_(rows),
          columns_(columns),
          ordered_(ordered),
          options_(options),
          slopes_(rows.size()),
          node_(rows.size()) {}

    BoostedTrees run() {
        BoostedTrees out;
        if (rows_.empty()) {
            return out;
        }
        out.base_ = base();
        scores_.assign(rows_.size(), out.base_);
        while (out.trees_.size() < options_.trees) {
            set_slopes();
            const std::optional<Tree> tree = grow();
            if (!tree) {
                break;
            }
            for (std::size_t i = 0; i < rows_.size(); ++i) {
                scores_[i] += tree->values[node_[i] - kNodes];
            }
            out.trees_.push_back(*tree);
        }
        return out;
    }

  private:
    /// The best constant: the mean, or its log odds kept off the ends.
    [[nodiscard]] double base() const {
        double sum = 0.0;
        for (const std::uint32_t row : rows_) {
            sum += targets_[row];
        }
        const auto n = static_cast<double>(rows_.size());
        return options_.loss == BoostOptions::Loss::kSquared
                   ? sum / n
                   : std::log((sum + 0.5) / (n - sum + 0.5));
    }

    void set_slopes() {
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            const double target = targets_[rows_[i]];
            if (options_.loss == BoostOptions::Loss::kSquared) {
                slopes_[i] = {scores_[i] - target, 1.0, 1.0};
            } else {
                const double p = logistic(scores_[i]);
                slopes_[i] = {p - target, p * (1.0 - p), 1.0};
            }
        }
    }

    /// One tree; nothing where no split helps. Leaves node_ at the leaves.
    std::optional<Tree> grow() {
        Tree tree;
        std::ranges::fill(node_, 0);
        bool any = false;
        for (std::size_t level = 0; level < kLevels; ++level) {
            any = split_level(level, tree) || any;
        }
        if (!any) {
            return std::nullopt;
        }
        std::array<Slopes, kLeaves> leaves{};
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            leaves[node_[i] - kNodes].add(slopes_[i]);
        }
        for (std::size_t i = 0; i < kLeaves; ++i) {
            tree.values[i] =
                -options_.rate * leaves[i].first / (leaves[i].second + options_.penalty);
        }
        return tree;
    }

    /// Splits the nodes of a level and moves their rows down.
    bool split_level(std::size_t level, Tree& tree) {
        const std::size_t first = (std::size_t{1} << level) - 1;
        const std::size_t nodes = std::size_t{1} << level;
        std::array<double, kLeaves> gains{};
        std::vector<Histogram> histograms(nodes);
        for (const std::uint32_t column : columns_) {
            std::ranges::fill(histograms, Histogram{});
            for (std::size_t i = 0; i < rows_.size(); ++i) {
                histograms[node_[i] - first][table_.row(rows_[i])[column]].add(slopes_[i]);
            }
            for (std::size_t n = 0; n < nodes; ++n) {
                const auto found = best_split(histograms[n], ordered_[column] != 0, options_);
                if (found && found->gain > gains[n]) {
                    gains[n] = found->gain;
                    tree.splits[first + n] = {found->left, column};
                }
            }
        }
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            const Split& split = tree.splits[node_[i]];
            const std::uint8_t code = table_.row(rows_[i])[split.column];
            node_[i] = 2 * node_[i] + 2 - static_cast<std::uint32_t>(split.left >> code & 1U);
        }
        return std::ranges::any_of(gains, [](double gain) { return gain > 0.0; });
    }

    const CodeTable& table_;
    std::span<const double> targets_;
    std::span<const std::uint32_t> rows_;
    std::span<const std::uint32_t> columns_;
    std::span<const std::uint8_t> ordered_;
    const BoostOptions& options_;
    std::vector<Slopes> slopes_;
    std::vector<double> scores_;
    std::vector<std::uint32_t> node_;  // Of each row, in the tree that grows.
};

double BoostedTrees::Tree::value(const std::uint8_t* codes) const {
    std::size_t node = 0;
    for (std::size_t level = 0; level < kLevels; ++level) {
        const Split& split = splits[node];
        node = 2 * node + 2 - (split.left >> codes[split.column] & 1U);
    }
    return values[node - kNodes];
}

BoostedTrees BoostedTrees::fit(const CodeTable& table,
                               std::span<const double> targets,
                               std::span<const std::uint32_t> rows,
                               std::span<const std::uint32_t> columns,
                               std::span<const std::uint8_t> ordered,
                               const BoostOptions& options) {
    return Fitter(table, targets, rows, columns, ordered, options).run();
}

double BoostedTrees::step(std::size_t i, const std::uint8_t* codes) const {
    return trees_[i].value(codes);
}

double BoostedTrees::predict(const std::uint8_t* codes, std::size_t count) const {
    double out = base_;
    for (std::size_t i = 0; i < std::min(count, trees_.size()); ++i) {
        out += trees_[i].value(codes);
    }
    return out;
}

}  // namespace aiml042::stats
