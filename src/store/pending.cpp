#include "store/pending.h"

#include <algorithm>

#include "base/check.h"
#include "base/counter.h"
#include "base/limits.h"
#include "base/log.h"
#include "store/keys.h"

namespace aiml042::store {

namespace {

constexpr std::uint8_t kFormat = 1;

// SequenceMap has no key 0; the odds that a hash is 0 do not matter, two identities sharing a count
// do no harm.
Lsn count_key(const Hash128& identity) {
    return identity.high | 1;
}

std::string encode(const LabelEntry& entry) {
    std::string out;
    ByteWriter writer(out);
    writer.u8(kFormat);
    writer.varint(entry.sequence);
    writer.fixed(entry.label_ts);
    writer.fixed(entry.arrival);
    writer.u8(entry.has_class ? 1 : 0);
    writer.string(entry.class_text);
    writer.fixed(entry.value);
    writer.string(entry.source);
    writer.string(entry.remainder);
    writer.fixed(crc32c(out));
    return out;
}

Result<LabelEntry> decode(ByteView bytes) {
    const Status corrupt(ErrorCode::kCorruptBlock, "a pending label is not valid");
    if (bytes.size() < 4) {
        return corrupt;
    }
    const ByteView body = bytes.substr(0, bytes.size() - 4);
    ByteReader tail(bytes.substr(body.size()));
    if (tail.fixed<std::uint32_t>() != crc32c(body)) {
        return corrupt;
    }
    ByteReader in(body);
    const std::uint8_t format = in.u8();
    LabelEntry entry;
    entry.sequence = in.varint();
    entry.label_ts = in.fixed<std::int64_t>();
    entry.arrival = in.fixed<std::int64_t>();
    entry.has_class = in.u8() != 0;
    entry.class_text = in.string();
    entry.value = in.fixed<double>();
    entry.source = in.string();
    entry.remainder = in.string();
    if (!in.ok() || !in.done() || format != kFormat) {
        return corrupt;
    }
    return entry;
}

Hash128 identity_of_key(ByteView key) {
    KeyReader at(key.substr(1));
    Hash128 identity;
    identity.high = at.u64();
    identity.low = at.u64();
    return identity;
}

}  // namespace

void Pending::add(const Hash128& identity, const LabelEntry& entry) {
    if (entry.sequence <= covered_) {
        return;
    }
    auto& entries = fresh_[identity];
    const bool known = std::any_of(entries.begin(), entries.end(), [&](const LabelEntry& e) {
        return e.sequence == entry.sequence;
    });
    if (known) {
        return;
    }
    if (count_ >= limits::kPendingLabelsMax) {
        static Counter& refused =
            counter("aiml042_store_pending_refused_total",
                    "Labels without an event, not kept because too many wait");
        refused.add();
        return;
    }
    ++count_;
    ++fresh_count_;
    entries.push_back(entry);
    unsaved_since_ = first_unsaved_ == 0 ? entry.arrival : unsaved_since_;
    first_unsaved_ =
        first_unsaved_ == 0 ? entry.sequence : std::min(first_unsaved_, entry.sequence);
}

std::vector<LabelEntry> Pending::on_disk(const Disk& disk, const Hash128& identity) const {
    std::vector<LabelEntry> entries;
    if (saved_.find(count_key(identity)) == 0) {
        return entries;
    }
    const std::string from = KeyWriter(meta::kPending).u64(identity.high).u64(identity.low).take();
    const Status status = disk.scan(
        Family::kMeta, from, behind(from), [&](ByteView /*key*/, ByteView value) -> Status {
            LabelEntry entry;
            AIML_ASSIGN(entry, decode(value));
            if (taken_saved_.count({identity, entry.sequence}) == 0) {
                entries.push_back(std::move(entry));
            }
            return Status::ok();
        });
    if (!status.is_ok()) {
        // The event is stored all the same; `verify` names the damage.
        static Counter& failures = counter("aiml042_store_pending_read_failures_total",
                                           "Waiting labels that could not be read");
        failures.add();
        log_error("pending_label_unreadable", {{"error", status.to_string()}});
    }
    return entries;
}

std::vector<LabelEntry> Pending::peek(const Disk& disk, const Hash128& identity) const {
    std::vector<LabelEntry> entries = on_disk(disk, identity);
    if (const auto at = fresh_.find(identity); at != fresh_.end()) {
        entries.insert(entries.end(), at->second.begin(), at->second.end());
    }
    return entries;
}

std::vector<LabelEntry> Pending::take(const Disk& disk,
                                      const Hash128& identity,
                                      const PartitionKey& into) {
    std::vector<LabelEntry> entries = on_disk(disk, identity);
    for (const LabelEntry& entry : entries) {
        --count_;
        taken_[into].push_back({identity, entry, true});
        taken_saved_.insert({identity, entry.sequence});
        std::uint32_t& count = saved_.at(count_key(identity));
        count -= count > 0 ? 1U : 0U;
    }
    if (const auto at = fresh_.find(identity); at != fresh_.end()) {
        for (LabelEntry& entry : at->second) {
            --count_;
            taken_[into].push_back({identity, entry, false});
            entries.push_back(std::move(entry));
        }
        fresh_.erase(at);
    }
    return entries;
}

Result<std::uint64_t> Pending::drop_before(const Disk& disk, Timestamp arrival, Batch& batch) {
    std::uint64_t dropped = 0;
    for (auto at = fresh_.begin(); at != fresh_.end();) {
        dropped += std::erase_if(at->second,
                                 [&](const LabelEntry& entry) { return entry.arrival < arrival; });
        at = at->second.empty() ? fresh_.erase(at) : std::next(at);
    }
    const std::string from(1, meta::kPending);
    AIML_TRY(
        disk.scan(Family::kMeta, from, behind(from), [&](ByteView key, ByteView value) -> Status {
            LabelEntry entry;
            AIML_ASSIGN(entry, decode(value));
            const Hash128 identity = identity_of_key(key);
            if (entry.arrival < arrival && taken_saved_.count({identity, entry.sequence}) == 0) {
                batch.remove(Family::kMeta, key);
                std::uint32_t& count = saved_.at(count_key(identity));
                count -= count > 0 ? 1U : 0U;
                ++dropped;
            }
            return Status::ok();
        }));
    count_ -= dropped;
    return dropped;
}

void Pending::save(const std::set<PartitionKey>& sealing, Lsn covered, Batch& batch) const {
    for (const auto& [identity, entries] : fresh_) {
        for (const LabelEntry& entry : entries) {
            batch.put(Family::kMeta, pending_key(identity, entry.sequence), encode(entry));
        }
    }
    for (const auto& [partition, taken] : taken_) {
        const bool sealed = sealing.count(partition) != 0;
        for (const Taken& label : taken) {
            const std::string key = pending_key(label.identity, label.entry.sequence);
            if (sealed && label.saved) {
                batch.remove(Family::kMeta, key);
            } else if (!sealed && !label.saved) {
                batch.put(Family::kMeta, key, encode(label.entry));
            }
        }
    }
    std::string value;
    ByteWriter writer(value);
    writer.varint(covered);
    batch.put(Family::kMeta, std::string(1, meta::kPendingCovered), value);
}

void Pending::saved(const std::set<PartitionKey>& sealing, Lsn covered) {
    for (const auto& [identity, entries] : fresh_) {
        saved_.at(count_key(identity)) += static_cast<std::uint32_t>(entries.size());
    }
    fresh_.clear();
    for (auto at = taken_.begin(); at != taken_.end();) {
        const bool sealed = sealing.count(at->first) != 0;
        for (Taken& label : at->second) {
            if (sealed) {
                taken_saved_.erase({label.identity, label.entry.sequence});
            } else if (!label.saved) {
                label.saved = true;
                taken_saved_.insert({label.identity, label.entry.sequence});
            }
        }
        at = sealed ? taken_.erase(at) : std::next(at);
    }
    first_unsaved_ = 0;
    fresh_count_ = 0;
    covered_ = covered;
}

Status Pending::load(const Disk& disk) {
    Status status = disk.read(
        Family::kMeta, std::string(1, meta::kPendingCovered), [&](ByteView value) -> Status {
            ByteReader in(value);
            covered_ = in.varint();
            return in.ok()
                       ? Status::ok()
                       : Status(ErrorCode::kCorruptBlock, "the covered Lsn of labels is not valid");
        });
    if (!status.is_ok() && status.code() != ErrorCode::kNotFound) {
        return status;
    }
    const std::string from(1, meta::kPending);
    return disk.scan(Family::kMeta, from, behind(from), [&](ByteView key, ByteView /*value*/) {
        ++count_;
        ++saved_.at(count_key(identity_of_key(key)));
        return Status::ok();
    });
}

Status Pending::verify(const Disk& disk) {
    const std::string from(1, meta::kPending);
    return disk.scan(Family::kMeta, from, behind(from), [](ByteView key, ByteView value) -> Status {
        LabelEntry entry;
        AIML_ASSIGN(entry, decode(value));
        KeyReader at(key.substr(1));
        at.u64();
        at.u64();
        return at.u64() == entry.sequence && at.done()
                   ? Status::ok()
                   : Status(ErrorCode::kCorruptBlock,
                            "a pending label is stored under another one's key");
    });
}

}  // namespace aiml042::store
