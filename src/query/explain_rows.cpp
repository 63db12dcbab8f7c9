#include "query/explain_rows.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include "metrics/row_ratio.h"
#include "query/cells.h"
#include "query/parallel.h"
#include "stats/random_stream.h"

namespace aiml042::query {

namespace {

constexpr double kRowsMax = 4e6;              // Read of both sets together.
constexpr std::size_t kSampledBlocks = 64;    // Blocks that dimensions are cut from …
constexpr std::size_t kSampledRows = 16'384;  // … and rows of them together.
constexpr double kCoverageMin = 0.1;

/// A block with the plan that asks for it.
struct Piece {
    const Plan* plan = nullptr;
    std::shared_ptr<const store::Block> block;
    bool after = false;
};

/// What one block brought.
struct Chunk {
    std::array<stats::CohortRows, 2> halves;
    std::vector<NumberRanges> met;
};

std::vector<Piece> pieces_of(const std::vector<Plan>& before, const std::vector<Plan>& after) {
    std::vector<Piece> out;
    for (const auto* plans : {&before, &after}) {
        for (const Plan& plan : *plans) {
            for (const auto& block : plan.blocks) {
                out.push_back({&plan, block, plans == &after});
            }
        }
    }
    return out;
}

void append(stats::CohortRows& to, const stats::CohortRows& from) {
    to.codes.resize(from.codes.size());
    for (std::size_t d = 0; d < from.codes.size(); ++d) {
        to.codes[d].insert(to.codes[d].end(), from.codes[d].begin(), from.codes[d].end());
    }
    to.part.insert(to.part.end(), from.part.begin(), from.part.end());
    to.whole.insert(to.whole.end(), from.whole.begin(), from.whole.end());
}

class Reader {
  public:
    Reader(const Core& core, std::vector<Piece> pieces)
        : core_(core), pieces_(std::move(pieces)), deadline_(core.deadline()) {}

    Status learn(ExplainRows& out, const std::vector<Field>& fields, bool given) {
        AIML_ASSIGN(std::vector<DimensionSample> samples, sample(fields));
        for (std::size_t d = 0; d < fields.size(); ++d) {
            Dimension dimension(fields[d], samples[d]);
            if (dimension.coverage() < kCoverageMin && !given) {
                out.skipped.emplace_back(fields[d].name, "too many values");
                continue;
            }
            out.data.dimensions.push_back(dimension.codes());
            out.met.push_back(dimension.nothing_met());
            out.dimensions.push_back(std::move(dimension));
        }
        return Status::ok();
    }

    Status read(ExplainRows& out) {
        double rows = 0.0;
        for (const Piece& piece : pieces_) {
            rows += static_cast<double>(piece.block->rows());
        }
        out.share_read = std::min(1.0, kRowsMax / std::max(1.0, rows));
        std::vector<Chunk> chunks(pieces_.size());
        AIML_TRY(parallel_for(core_.pool,
                              core_.options.threads,
                              pieces_.size(),
                              [&](std::size_t i, unsigned /*worker*/) {
                                  return read_block(pieces_[i], out, chunks[i]);
                              }));
        for (auto* side : {&out.data.before, &out.data.after}) {
            for (stats::CohortRows& half : *side) {
                half.codes.resize(out.dimensions.size());
            }
        }
        for (std::size_t i = 0; i < chunks.size(); ++i) {
            auto& side = pieces_[i].after ? out.data.after : out.data.before;
            const Chunk chunk = std::move(chunks[i]);
            if (chunk.met.empty()) {
                continue;
            }
            append(side[0], chunk.halves[0]);
            append(side[1], chunk.halves[1]);
            for (std::size_t d = 0; d < chunk.met.size(); ++d) {
                for (std::size_t code = 0; code < chunk.met[d].size(); ++code) {
                    auto& [least, greatest] = out.met[d][code];
                    least = std::min(least, chunk.met[d][code].first);
                    greatest = std::max(greatest, chunk.met[d][code].second);
                }
            }
        }
        return Status::ok();
    }

  private:
    /// Values of some rows of blocks all over both sets.
    [[nodiscard]] Result<std::vector<DimensionSample>> sample(
        const std::vector<Field>& fields) const {
        std::vector<std::size_t> chosen;
        const std::size_t step = std::max<std::size_t>(1, pieces_.size() / kSampledBlocks);
        for (std::size_t i = 0; i < pieces_.size(); i += step) {
            chosen.push_back(i);
        }
        std::vector<std::vector<DimensionSample>> samples(chosen.size());
        AIML_TRY(parallel_for(
            core_.pool,
            core_.options.threads,
            chosen.size(),
            [&](std::size_t i, unsigned /*worker*/) {
                return sample_block(
                    pieces_[chosen[i]], kSampledRows / chosen.size(), fields, samples[i]);
            }));
        std::vector<DimensionSample> out(fields.size());
        for (auto& of_block : samples) {
            for (std::size_t d = 0; d < of_block.size(); ++d) {
                out[d].add(std::move(of_block[d]));
            }
        }
        return out;
    }

    Status sample_block(const Piece& piece,
                        std::size_t rows_max,
                        const std::vector<Field>& fields,
                        std::vector<DimensionSample>& out) const {
        AIML_TRY(core_.check_deadline(deadline_));
        BlockView view(piece.block, piece.plan->scan.as_of);
        AIML_ASSIGN(const std::vector<std::uint32_t> rows,
                    select_rows(view, piece.plan->scan, piece.plan->buckets.range));
        const std::size_t every = rows.size() / rows_max + 1;
        std::vector<std::uint32_t> few;
        for (std::size_t i = 0; i < rows.size(); i += every) {
            few.push_back(rows[i]);
        }
        out.resize(fields.size());
        for (std::size_t d = 0; d < fields.size(); ++d) {
            AIML_TRY(out[d].add(fields[d], view, few));
        }
        return Status::ok();
    }

    Status read_block(const Piece& piece, const ExplainRows& how, Chunk& out) const {
        AIML_TRY(core_.check_deadline(deadline_));
        const ScanSpec& scan = piece.plan->scan;
        BlockView view(piece.block, scan.as_of);
        AIML_ASSIGN(std::vector<std::uint32_t> rows,
                    select_rows(view, scan, piece.plan->buckets.range));
        AIML_ASSIGN(const model::ColumnVector* sequence, view.column(model::builtin::kSequence));
        if (rows.empty() || sequence == nullptr) {
            return Status::ok();
        }
        const auto bits = [&](std::uint32_t row) {
            return stats::RandomStream(static_cast<std::uint64_t>(sequence->integers[row])).next();
        };
        if (how.share_read < 1.0) {
            const auto limit = static_cast<std::uint64_t>(
                how.share_read * static_cast<double>(std::numeric_limits<std::uint32_t>::max()));
            std::erase_if(rows, [&](std::uint32_t row) { return bits(row) >> 32 > limit; });
        }
        AIML_ASSIGN(const Counted counted, count(piece, view, rows));
        for (std::size_t half = 0; half < 2; ++half) {
            std::vector<std::uint32_t> mine;
            stats::CohortRows& to = out.halves[half];
            for (std::size_t i = 0; i < rows.size(); ++i) {
                const bool counts = counted.whole[i] != 0.0 || counted.part[i] != 0.0;
                if (counts && (bits(rows[i]) & 1U) == half) {
                    mine.push_back(rows[i]);
                    to.part.push_back(counted.part[i]);
                    to.whole.push_back(counted.whole[i]);
                }
            }
            to.codes.resize(how.dimensions.size());
            for (std::size_t d = 0; d < how.dimensions.size(); ++d) {
                if (half == 0) {
                    out.met.push_back(how.dimensions[d].nothing_met());
                }
                AIML_TRY(how.dimensions[d].encode(view, mine, to.codes[d], out.met[d]));
            }
        }
        return Status::ok();
    }

    struct Counted {
        std::vector<double> part;
        std::vector<double> whole;
    };

    /// What each row adds to the metric.
    [[nodiscard]] Result<Counted> count(const Piece& piece,
                                        BlockView& view,
                                        std::span<const std::uint32_t> rows) const {
        const Plan& plan = *piece.plan;
        const MetricUse& use = plan.metrics.front();
        const metrics::RowRatio& ratio = *use.form.rows;
        AIML_ASSIGN(const MetricInputs inputs,
                    MetricInputs::make(
                        view, plan.scan.understanding, *plan.scan.classes, ratio.inputs, rows));
        Counted out;
        out.part.resize(rows.size());
        out.whole.resize(rows.size());
        ratio.read(inputs.rows(), rows, finish_options(plan, use), out.part, out.whole);
        return out;
    }

    const Core& core_;
    std::vector<Piece> pieces_;
    Timestamp deadline_;
};

}  // namespace

Result<ExplainRows> read_rows(const Core& core,
                              const std::vector<Plan>& before,
                              const std::vector<Plan>& after,
                              const std::vector<Field>& fields,
                              bool given) {
    Reader reader(core, pieces_of(before, after));
    ExplainRows out;
    AIML_TRY(reader.learn(out, fields, given));
    AIML_TRY(reader.read(out));
    return out;
}

}  // namespace aiml042::query
