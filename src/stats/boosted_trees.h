// Gradient-boosted regression trees over columns of small codes.
//
// A column has at most 64 codes per row. Trees have three levels; a split sends a set of codes to
// the left: a prefix of the codes of an ordered column, any set of the others (their codes are
// ordered by mean gradient, which holds the best set: W. D. Fisher 1958). Newton's steps, shrunk.
//
// State: 120 bytes per tree. Cost: fitting takes rows x columns x 3 additions per tree (about 1 ns
// each), predicting 3 reads per tree. Sums run in the order of the rows: equal rows in equal order
// give equal bits. Pure. Sources: J. H. Friedman (2001); T. Chen, C. Guestrin (2016).

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace aiml042::stats {

inline constexpr std::size_t kTreeCodes = 64;

/// Codes of rows, row after row.
struct CodeTable {
    std::span<const std::uint8_t> codes;  // Each below kTreeCodes.
    std::size_t stride = 1;               // Codes per row.

    [[nodiscard]] std::size_t rows() const { return codes.size() / stride; }

    [[nodiscard]] const std::uint8_t* row(std::size_t i) const { return codes.data() + i * stride; }
};

struct BoostOptions {
    enum class Loss : std::uint8_t {
        kSquared,   // Predictions are means.
        kLogistic,  // Targets are 0 or 1, predictions log odds.
    } loss = Loss::kSquared;
    std::size_t trees = 60;
    double rate = 0.1;
    double penalty = 1.0;       // Added to the second derivatives of a leaf.
    std::size_t rows_min = 20;  // Of a leaf.
};

class BoostedTrees {
  public:
    /// Fits to `targets` of the rows listed in `rows`. `ordered` says so of each column, `columns`
    /// are those that may be split. No rows: predicts 0.
    static BoostedTrees fit(const CodeTable& table,
                            std::span<const double> targets,
                            std::span<const std::uint32_t> rows,
                            std::span<const std::uint32_t> columns,
                            std::span<const std::uint8_t> ordered,
                            const BoostOptions& options);

    [[nodiscard]] std::size_t trees() const { return trees_.size(); }

    /// What all rows have before the first tree.
    [[nodiscard]] double base() const { return base_; }

    /// What tree `i` adds for a row's codes.
    [[nodiscard]] double step(std::size_t i, const std::uint8_t* codes) const;

    /// By the first `count` trees.
    [[nodiscard]] double predict(const std::uint8_t* codes, std::size_t count) const;

    [[nodiscard]] std::size_t memory_bytes() const {
        return sizeof(*this) + trees_.capacity() * sizeof(Tree);
    }

  private:
    static constexpr std::size_t kLevels = 3;
    static constexpr std::size_t kNodes = (1U << kLevels) - 1;
    static constexpr std::size_t kLeaves = 1U << kLevels;

    struct Split {
        std::uint64_t left = ~std::uint64_t{0};  // Codes that go left.
        std::uint32_t column = 0;
    };

    struct Tree {
        std::array<Split, kNodes> splits;
        std::array<double, kLeaves> values{};

        [[nodiscard]] double value(const std::uint8_t* codes) const;
    };

    class Fitter;

    double base_ = 0.0;
    std::vector<Tree> trees_;
};

}  // namespace aiml042::stats
