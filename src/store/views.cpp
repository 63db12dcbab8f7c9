#include "store/views.h"

#include <algorithm>
#include <utility>

namespace aiml042::store {

namespace {

namespace builtin = model::builtin;
using model::ColumnVector;
using model::LabelColumns;

// The current labels of a block as of one version.
struct VersionedLabels {
    std::uint64_t version = 0;
    std::uint32_t rows = 0;
    std::shared_ptr<const LabelColumns> columns;
};

class View : public Block {
  public:
    View(std::shared_ptr<Storage> storage, LabelState labels, std::uint64_t version)
        : storage_(std::move(storage)), label_state_(std::move(labels)), version_(version) {}

    [[nodiscard]] std::uint64_t version() const final { return version_; }

    [[nodiscard]] Result<std::shared_ptr<const LabelColumns>> labels(Timestamp as_of) const final {
        const CacheKey key{.kind = CacheKey::Kind::kLabels, .part = 0, .id = id()};
        const bool current = as_of >= kTimestampMax;
        if (current) {
            // A newer version is as good: it has the same rows and everything this one has.
            const auto found = storage_->cache.find<VersionedLabels>(key);
            if (found != nullptr && found->rows == rows() && found->version >= version_) {
                return found->columns;
            }
        }
        std::shared_ptr<const ColumnVector> sequences;
        AIML_ASSIGN(sequences, column(builtin::kSequence));
        if (sequences == nullptr) {
            return Status(ErrorCode::kCorruptBlock, "a block has no sequences");
        }
        std::shared_ptr<const LabelColumns> columns;
        AIML_ASSIGN(columns,
                    join_labels(*storage_, partition(), label_state_, sequences->integers, as_of));
        if (current) {
            auto entry = std::make_shared<VersionedLabels>();
            *entry = {.version = version_, .rows = rows(), .columns = columns};
            storage_->cache.put(key, entry, columns->memory_bytes() + sizeof(VersionedLabels));
        }
        return columns;
    }

    [[nodiscard]] Result<std::shared_ptr<const ColumnVector>> label_remainders(
        Timestamp as_of) const final {
        std::shared_ptr<const ColumnVector> sequences;
        AIML_ASSIGN(sequences, column(builtin::kSequence));
        if (sequences == nullptr) {
            return Status(ErrorCode::kCorruptBlock, "a block has no sequences");
        }
        return join_remainders(*storage_, partition(), label_state_, sequences->integers, as_of);
    }

    [[nodiscard]] Result<std::vector<LabelEntry>> label_history(Lsn event) const final {
        return read_label_history(*storage_, partition(), label_state_, event);
    }

  protected:
    [[nodiscard]] Storage& storage() const { return *storage_; }

  private:
    std::shared_ptr<Storage> storage_;
    LabelState label_state_;
    std::uint64_t version_;
};

class SealedView final : public View {
  public:
    SealedView(std::shared_ptr<Storage> storage,
               std::shared_ptr<const SealedBlock> block,
               LabelState labels)
        : View(std::move(storage), std::move(labels), block->label_epoch.load()),
          block_(std::move(block)) {}

    [[nodiscard]] PartitionKey partition() const override { return block_->partition; }

    [[nodiscard]] std::uint64_t id() const override { return block_->id; }

    [[nodiscard]] std::uint32_t rows() const override { return block_->rows; }

    [[nodiscard]] Timestamp min_timestamp() const override { return block_->min_timestamp; }

    [[nodiscard]] Timestamp max_timestamp() const override { return block_->max_timestamp; }

    [[nodiscard]] bool sealed() const override { return true; }

    [[nodiscard]] Result<std::shared_ptr<const ColumnVector>> column(ColumnId id) const override {
        return cached_column(storage(), *block_, id);
    }

    [[nodiscard]] std::optional<Zone> zone(ColumnId id) const override {
        const auto& ids = block_->columns;
        const auto at = std::lower_bound(ids.begin(), ids.end(), id);
        if (block_->packed || at == ids.end() || *at != id) {
            return std::nullopt;
        }
        return block_->zones[static_cast<std::size_t>(at - ids.begin())];
    }

  private:
    std::shared_ptr<const SealedBlock> block_;
};

class OpenView final : public View {
  public:
    OpenView(std::shared_ptr<Storage> storage, const OpenState& open, LabelState labels)
        : View(std::move(storage), std::move(labels), open.rows + open.label_epoch.load()),
          block_(open.block),
          rows_(open.rows),
          min_timestamp_(open.min_timestamp),
          max_timestamp_(open.max_timestamp) {}

    [[nodiscard]] PartitionKey partition() const override { return block_->partition(); }

    [[nodiscard]] std::uint64_t id() const override { return block_->id(); }

    [[nodiscard]] std::uint32_t rows() const override { return rows_; }

    [[nodiscard]] Timestamp min_timestamp() const override { return min_timestamp_; }

    [[nodiscard]] Timestamp max_timestamp() const override { return max_timestamp_; }

    [[nodiscard]] bool sealed() const override { return false; }

    [[nodiscard]] Result<std::shared_ptr<const ColumnVector>> column(ColumnId id) const override {
        auto copy = block_->copy_column(id, rows_);
        if (!copy) {
            return std::shared_ptr<const ColumnVector>();
        }
        return std::shared_ptr<const ColumnVector>(
            std::make_shared<ColumnVector>(std::move(*copy)));
    }

    [[nodiscard]] std::optional<Zone> zone(ColumnId /*id*/) const override { return std::nullopt; }

  private:
    std::shared_ptr<const OpenBlock> block_;
    std::uint32_t rows_;
    Timestamp min_timestamp_;
    Timestamp max_timestamp_;
};

}  // namespace

std::shared_ptr<const Block> make_view(std::shared_ptr<Storage> storage,
                                       std::shared_ptr<const SealedBlock> block,
                                       LabelState labels) {
    return std::make_shared<SealedView>(std::move(storage), std::move(block), std::move(labels));
}

std::shared_ptr<const Block> make_view(std::shared_ptr<Storage> storage,
                                       const OpenState& open,
                                       LabelState labels) {
    return std::make_shared<OpenView>(std::move(storage), open, std::move(labels));
}

}  // namespace aiml042::store
