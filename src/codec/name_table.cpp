#include "codec/name_table.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/limits.h"

namespace aiml042::codec {

namespace {

constexpr std::size_t kSmallestTable = 256;
constexpr std::uint32_t kItemsBeforeReset = 0x8000'0000;

bool looks_plain(std::string_view text) {
    return std::ranges::none_of(
        text, [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace

NameTable::NameTable() {
    forget_all();
}

void NameTable::forget_all() {
    names_.clear();
    texts_.clear();
    buckets_.assign(kSmallestTable, kNone);
    std::ranges::fill(first_, kNone);
    item_ = 0;
    batch_ = 0;
}

void NameTable::begin_batch(std::uint64_t seed) {
    columns_.clear();
    deployments_.clear();
    versions_.clear();
    if (seed != seed_ || names_.size() > limits::kNamesPerRequestMax ||
        item_ >= kItemsBeforeReset) {
        forget_all();
        seed_ = seed;
    }
    ++batch_;
    added_ = 0;
}

void NameTable::begin_item() {
    ++item_;
    marks_[0] = columns_.size();
    marks_[1] = deployments_.size();
    marks_[2] = versions_.size();
}

void NameTable::drop_item() {
    const auto cut = [this](std::vector<Entry>& entries, std::size_t mark) {
        for (std::size_t i = mark; i < entries.size(); ++i) {
            names_[entries[i].name].index[entries[i].slot] = kNone;
        }
        entries.resize(mark);
    };
    cut(columns_, marks_[0]);
    cut(deployments_, marks_[1]);
    cut(versions_, marks_[2]);
}

std::vector<NameTable::Entry>& NameTable::list(NameKind kind) {
    switch (kind) {
        case NameKind::kDeployment:
            return deployments_;
        case NameKind::kModelVersion:
            return versions_;
        default:
            return columns_;
    }
}

std::uint32_t NameTable::add_index(Name& name, Id id, std::size_t slot) {
    if (name.batch != batch_) {
        name.batch = batch_;
        std::ranges::fill(name.index, kNone);
    }
    std::vector<Entry>& entries = list(name.kind);
    name.index[slot] = static_cast<std::uint32_t>(entries.size());
    entries.push_back({id, static_cast<std::uint32_t>(slot)});
    return name.index[slot];
}

std::uint64_t NameTable::hash(NameKind kind, std::string_view text) const {
    return hash64(text, seed_ + static_cast<std::uint64_t>(kind));
}

NameTable::Id NameTable::find(NameKind kind, std::string_view wanted) {
    const std::size_t mask = buckets_.size() - 1;
    std::size_t bucket = hash(kind, wanted) & mask;
    for (; buckets_[bucket] != kNone; bucket = (bucket + 1) & mask) {
        const Id id = buckets_[bucket];
        if (names_[id].kind == kind && text(id) == wanted) {
            return id;
        }
    }
    return added_ < limits::kNamesPerRequestMax ? add(kind, wanted, bucket) : kNone;
}

NameTable::Id NameTable::add(NameKind kind, std::string_view text, std::size_t bucket) {
    const auto id = static_cast<Id>(names_.size());
    Name name{};
    name.text = static_cast<std::uint32_t>(texts_.size());
    name.size = static_cast<std::uint32_t>(text.size());
    name.kind = kind;
    name.is_plain = looks_plain(text);
    name.next = kNone;
    std::ranges::fill(name.index, kNone);
    texts_.append(text);
    texts_ += '"';
    std::memcpy(name.head, texts_.data() + name.text, std::min(sizeof(name.head), text.size() + 1));
    names_.push_back(name);
    buckets_[bucket] = id;
    ++added_;
    if (names_.size() * 2 > buckets_.size()) {
        grow();
    }
    return id;
}

void NameTable::grow() {
    buckets_.assign(buckets_.size() * 2, kNone);
    const std::size_t mask = buckets_.size() - 1;
    for (Id id = 0; id < names_.size(); ++id) {
        std::size_t bucket = hash(names_[id].kind, text(id)) & mask;
        while (buckets_[bucket] != kNone) {
            bucket = (bucket + 1) & mask;
        }
        buckets_[bucket] = id;
    }
}

void NameTable::append_tables(std::string& out) const {
    ByteWriter writer(out);
    for (const auto* entries : {&deployments_, &versions_}) {
        writer.varint(entries->size());
        for (const Entry& entry : *entries) {
            writer.string(text(entry.name));
        }
    }
    writer.varint(columns_.size());
    for (const Entry& entry : columns_) {
        writer.u8(static_cast<std::uint8_t>(names_[entry.name].kind));
        writer.u8(static_cast<std::uint8_t>(entry.slot + 1));
        writer.string(text(entry.name));
    }
}

}  // namespace aiml042::codec
