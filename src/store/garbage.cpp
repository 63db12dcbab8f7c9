#include "store/garbage.h"

#include <algorithm>
#include <utility>

#include "store/keys.h"

namespace aiml042::store {

std::string Garbage::key_of(const Item& item) {
    std::string key = KeyWriter(meta::kGarbage).partition(item.partition).u64(item.id).take();
    key.push_back(static_cast<char>(item.kind));
    return key;
}

void Garbage::add(Item item, Batch& batch) {
    std::string value;
    ByteWriter writer(value);
    writer.varint(item.columns.size());
    for (const ColumnId id : item.columns) {
        writer.varint(id);
    }
    batch.put(Family::kMeta, key_of(item), value);
    staged_.push_back(std::move(item));
}

void Garbage::add(const std::shared_ptr<const SealedBlock>& block, Batch& batch) {
    Item item;
    item.kind = Kind::kBlock;
    item.partition = block->partition;
    item.id = block->id;
    item.columns = block->columns;
    if (block->packed) {
        std::erase_if(item.columns, [](ColumnId id) { return family_of(id) == Family::kColumns; });
        item.columns.push_back(kPackedColumns);
    }
    item.readers.emplace_back(block);
    add(std::move(item), batch);
}

void Garbage::add(const PartitionKey& partition,
                  const std::shared_ptr<const LabelChunk>& chunk,
                  Batch& batch) {
    Item item;
    item.kind = Kind::kChunk;
    item.partition = partition;
    item.id = chunk->id;
    item.readers.emplace_back(chunk);
    add(std::move(item), batch);
}

void Garbage::add_range(const PartitionKey& partition,
                        std::uint64_t id_end,
                        std::vector<std::weak_ptr<const void>> readers,
                        Batch& batch) {
    Item item;
    item.kind = Kind::kRange;
    item.partition = partition;
    item.id = id_end;
    item.readers = std::move(readers);
    add(std::move(item), batch);
}

void Garbage::written() {
    items_.splice(items_.end(), staged_);
}

void Garbage::discard() {
    staged_.clear();
}

void Garbage::flushed() {
    for (Item& item : items_) {
        item.durable = true;
    }
}

Status Garbage::sweep(Disk& disk, bool& changed) {
    Batch batch;
    std::vector<std::list<Item>::iterator> swept;
    for (auto at = items_.begin(); at != items_.end(); ++at) {
        const bool read = std::any_of(
            at->readers.begin(), at->readers.end(), [](const std::weak_ptr<const void>& reader) {
                return !reader.expired();
            });
        if (read || !at->durable) {
            continue;
        }
        const std::string from = KeyWriter().partition(at->partition).take();
        switch (at->kind) {
            case Kind::kBlock:
                for (const ColumnId id : at->columns) {
                    batch.remove(family_of(id), column_key(at->partition, at->id, id));
                }
                break;
            case Kind::kChunk:
                batch.remove(Family::kLabels, label_key(at->partition, at->id));
                break;
            case Kind::kRange: {
                const std::string to = KeyWriter().partition(at->partition).u64(at->id).take();
                for (const Family family : {Family::kColumns, Family::kText, Family::kLabels}) {
                    AIML_TRY(disk.drop_range(family, from, to));
                }
                break;
            }
        }
        batch.remove(Family::kMeta, key_of(*at));
        swept.push_back(at);
    }
    if (swept.empty()) {
        return Status::ok();
    }
    AIML_TRY(disk.write(std::move(batch)));
    for (const auto at : swept) {
        items_.erase(at);
    }
    changed = true;
    return Status::ok();
}

Status Garbage::load(const Disk& disk) {
    const std::string from(1, meta::kGarbage);
    return disk.scan(
        Family::kMeta, from, behind(from), [&](ByteView key, ByteView value) -> Status {
            KeyReader at(key.substr(1));
            Item item;
            item.partition = at.partition();
            item.id = at.u64();
            const std::uint8_t kind = at.u8();
            ByteReader in(value);
            const std::uint64_t columns = in.varint();
            if (!at.done() || !in.ok() || kind < 1 || kind > 3 || columns > in.remaining()) {
                return {ErrorCode::kCorruptBlock, "a record of dropped data is not valid"};
            }
            item.kind = static_cast<Kind>(kind);
            item.durable = true;
            for (std::uint64_t i = 0; i < columns; ++i) {
                item.columns.push_back(static_cast<ColumnId>(in.varint()));
            }
            items_.push_back(std::move(item));
            return Status::ok();
        });
}

std::uint64_t Garbage::max_id() const {
    std::uint64_t id = 0;
    for (const Item& item : items_) {
        id = std::max(id, item.id);
    }
    return id;
}

}  // namespace aiml042::store
