#include "store/label_writer.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/log.h"
#include "store/keys.h"
#include "store/label_join.h"

namespace aiml042::store {

namespace {

constexpr int kZstdLevel = 1;
constexpr std::uint64_t kMergeFactor = 4;

class Writer {
  public:
    Writer(const Disk& disk, const PartitionKey& partition, std::uint64_t& next_id)
        : disk_(disk), partition_(partition), next_id_(next_id) {}

    /// All chunks as they are with `log` written; without `merge` beside the old ones, which are
    /// then not read.
    Result<std::shared_ptr<const LabelChunks>> write(const LabelChunks& chunks,
                                                     const LabelTable& log,
                                                     bool merge);

    [[nodiscard]] const LabelChunks& replaced() const { return replaced_; }

    [[nodiscard]] Batch take_batch() { return std::move(batch_); }

  private:
    Status add_chunk(const std::shared_ptr<const LabelChunk>& chunk, LabelTableBuilder& to);
    void put(const LabelTable& table,
             std::span<const std::uint32_t> order,
             bool base,
             LabelChunks& to);
    Status compact(LabelTableBuilder& overlapping);

    const Disk& disk_;
    const PartitionKey& partition_;
    std::uint64_t& next_id_;
    Batch batch_;
    LabelChunks base_;  // By event.
    LabelChunks fresh_;
    LabelChunks replaced_;
};

// Reads a chunk that is going to be replaced.
Status Writer::add_chunk(const std::shared_ptr<const LabelChunk>& chunk, LabelTableBuilder& to) {
    LabelTable table;
    AIML_ASSIGN(table, read_label_chunk(disk_, partition_, *chunk));
    for (std::size_t i = 0; i < table.size(); ++i) {
        to.add(table, i);
    }
    replaced_.push_back(chunk);
    return Status::ok();
}

void Writer::put(const LabelTable& table,
                 std::span<const std::uint32_t> order,
                 bool base,
                 LabelChunks& to) {
    const std::size_t pieces =
        (order.size() + limits::kLabelChunkRowsMax - 1) / limits::kLabelChunkRowsMax;
    for (std::size_t piece = 0; piece < pieces; ++piece) {
        const std::size_t from = order.size() * piece / pieces;
        const auto part = order.subspan(from, order.size() * (piece + 1) / pieces - from);
        auto chunk = std::make_shared<LabelChunk>();
        chunk->id = next_id_++;
        chunk->base = base;
        chunk->entries = static_cast<std::uint32_t>(part.size());
        chunk->min_event = static_cast<Lsn>(table.events[part.front()]);
        chunk->max_event = static_cast<Lsn>(table.events[part.back()]);
        std::int64_t before = 0;
        for (const std::uint32_t i : part) {
            chunk->events += table.events[i] != before ? 1U : 0U;
            before = table.events[i];
        }
        const std::string bytes = encode_labels(table, part, kZstdLevel);
        chunk->bytes = bytes.size();
        batch_.put(Family::kLabels, label_key(partition_, chunk->id), bytes);
        to.push_back(std::move(chunk));
    }
}

// Puts `overlapping` together with the base chunks it overlaps, one base chunk in memory at a time.
Status Writer::compact(LabelTableBuilder& overlapping) {
    const LabelTable& table = overlapping.table();
    const std::vector<std::uint32_t> order = label_order(table);
    LabelChunks merged;
    std::size_t at = 0;
    for (std::size_t b = 0; b < base_.size(); ++b) {
        const auto& chunk = base_[b];
        // What lies before the next base chunk goes with this one.
        const Lsn end =
            b + 1 < base_.size() ? base_[b + 1]->min_event : std::numeric_limits<Lsn>::max();
        std::size_t stop = at;
        while (stop < order.size() && static_cast<Lsn>(table.events[order[stop]]) < end) {
            ++stop;
        }
        if (stop == at) {
            merged.push_back(chunk);
            continue;
        }
        const bool behind_full = static_cast<Lsn>(table.events[order[at]]) > chunk->max_event &&
                                 chunk->entries >= limits::kLabelChunkRowsMax / 2;
        if (behind_full) {
            merged.push_back(chunk);
            put(table, std::span(order).subspan(at, stop - at), true, merged);
        } else {
            LabelTableBuilder both;
            AIML_TRY(add_chunk(chunk, both));
            for (std::size_t i = at; i < stop; ++i) {
                both.add(table, order[i]);
            }
            put(both.table(), label_order(both.table()), true, merged);
        }
        at = stop;
    }
    if (at < order.size()) {
        put(table, std::span(order).subspan(at), true, merged);
    }
    base_ = std::move(merged);
    fresh_.clear();
    return Status::ok();
}

Result<std::shared_ptr<const LabelChunks>> Writer::write(const LabelChunks& chunks,
                                                         const LabelTable& log,
                                                         bool merge) {
    for (const auto& chunk : chunks) {
        (chunk->base ? base_ : fresh_).push_back(chunk);
    }
    LabelTableBuilder all;
    for (std::size_t i = 0; i < log.size(); ++i) {
        all.add(log, i);
    }
    const std::size_t pieces = all.table().size() / limits::kLabelChunkRowsMax + 1;
    if (merge && fresh_.size() + pieces > limits::kLabelChunksMax) {
        for (const auto& chunk : fresh_) {
            AIML_TRY(add_chunk(chunk, all));
        }
        AIML_TRY(compact(all));
    } else {
        while (merge && !fresh_.empty() &&
               fresh_.back()->entries <= kMergeFactor * all.table().size() &&
               fresh_.back()->entries + all.table().size() <= limits::kLabelChunkRowsMax) {
            AIML_TRY(add_chunk(fresh_.back(), all));
            fresh_.pop_back();
        }
        put(all.table(), label_order(all.table()), false, fresh_);
    }
    auto result = std::make_shared<LabelChunks>(base_);
    result->insert(result->end(), fresh_.begin(), fresh_.end());
    return std::shared_ptr<const LabelChunks>(std::move(result));
}

}  // namespace

Result<std::shared_ptr<const LabelChunks>> write_labels(const Disk& disk,
                                                        const PartitionKey& partition,
                                                        const LabelChunks& chunks,
                                                        const LabelTable& log,
                                                        std::uint64_t& next_id,
                                                        Garbage& garbage,
                                                        Batch& batch) {
    auto writer = std::make_unique<Writer>(disk, partition, next_id);
    auto written = writer->write(chunks, log, true);
    if (!written.is_ok() && written.code() == ErrorCode::kCorruptBlock) {
        // What is damaged stays as it is and is reported to who reads it; new labels must not
        // suffer.
        log_error("label_merge_skipped", {{"error", written.status().to_string()}});
        writer = std::make_unique<Writer>(disk, partition, next_id);
        written = writer->write(chunks, log, false);
    }
    if (written.is_ok()) {
        for (const auto& chunk : writer->replaced()) {
            garbage.add(partition, chunk, batch);
        }
        batch.append(writer->take_batch());
    }
    return written;
}

}  // namespace aiml042::store
