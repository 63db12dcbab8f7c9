#include "fold/record_fold.h"

#include <algorithm>

#include "base/counter.h"
#include "base/log.h"

namespace aiml042::fold {

namespace {

struct Counters {
    Counter& events = counter("aiml042_fold_events_total", "Events put into the store");
    Counter& labels = counter("aiml042_fold_labels_total", "Labels given to an event");
    Counter& pending = counter("aiml042_fold_labels_pending_total", "Labels that had no event yet");
    Counter& taken = counter("aiml042_fold_labels_taken_total", "Waiting labels whose event came");
    Counter& skipped =
        counter("aiml042_fold_skipped_total", "Replayed items that were sealed already");
    Counter& poison =
        counter("aiml042_fold_poison_records_total", "Records that could not be decoded");
    Counter& unreadable = counter("aiml042_fold_label_lookup_failures_total",
                                  "Labels kept waiting because stored events were unreadable");
};

Counters& counters() {
    static Counters all;
    return all;
}

constexpr std::size_t kAhead = 12;  // Rows between touching an identity and looking it up.

}  // namespace

RecordFold::RecordFold(store::Store& store,
                       identity::Index& identities,
                       std::uint64_t identity_seed)
    : store_(&store),
      identities_(&identities),
      seed_(identity_seed),
      names_(store),
      restorer_(identities) {
    static_cast<void>(counters());  // Shown at /metrics from the start.
}

void RecordFold::apply(const wal::Record& record, Mode mode) {
    first_ = record.first;
    covered_known_ = false;
    Status status = reader_.read(record.payload);
    if (status.is_ok()) {
        arrival_ = reader_.arrival();
        last_arrival_ = arrival_;
        status = reader_.kind() == codec::BatchKind::kEvents ? apply_events(record, mode)
                                                             : apply_labels(record, mode);
    }
    if (!status.is_ok()) {
        counters().poison.add();
        log_error("fold_poison_record",
                  {{"seq", std::uint64_t{record.first}},
                   {"items", record.count},
                   {"bytes", std::uint64_t{record.payload.size()}},
                   {"error", status.to_string()}});
    }
    if (record.count > 0) {
        last_ = std::max(last_, record.first + record.count - 1);
    }
}

Status RecordFold::apply_events(const wal::Record& record, Mode mode) {
    const ProjectId project = reader_.project();
    columns_of_record_ = hash128(reader_.column_table(), seed_);
    deployments_.clear();
    restored_.arrival = arrival_;
    std::uint32_t i = 0;
    for (; i < record.count && reader_.next(row_); ++i) {
        apply_event(project, arrival_, record.first + i, mode);
    }
    restorer_.add(restored_);
    if (i < record.count) {
        return {ErrorCode::kCorruptBlock, "event " + std::to_string(i) + " is not well-formed"};
    }
    return {};
}

void RecordFold::apply_event(ProjectId project, Timestamp arrival, Lsn sequence, Mode mode) {
    const std::int32_t day = day_of(row_.timestamp);
    if (row_.deployment_index >= deployments_.size()) {
        deployments_.resize(row_.deployment_index + 1, nullptr);
    }
    CachedDeployment*& deployment = deployments_[row_.deployment_index];
    if (deployment == nullptr) {
        deployment = &names_.intern(project, row_.deployment);
    }
    const store::PartitionKey partition{day, project, deployment->id()};
    if (mode == Mode::kReplay) {
        restored_.items.push_back({row_.identity, day});
        if (!covered_known_ || covered_partition_ != partition) {
            covered_ = store_->covered(partition);
            covered_partition_ = partition;
            covered_known_ = true;
        }
        if (sequence <= covered_) {
            counters().skipped.add();
            return;
        }
    }
    columns_.clear();
    for (const model::FieldView& field : row_.fields) {
        columns_.push_back(deployment->column(*store_, field, columns_of_record_));
    }
    store_->append(partition, row_, columns_, sequence, arrival);
    counters().events.add();
    attach_pending(partition, project, sequence);
}

void RecordFold::attach_pending(const store::PartitionKey& partition,
                                ProjectId project,
                                Lsn sequence) {
    // A waiting label may be older than what the partition has sealed; the event is not, so it is
    // new to it.
    const auto attach = [&](std::vector<store::LabelEntry> entries) {
        for (store::LabelEntry& entry : entries) {
            entry.event = sequence;
            store_->add_label(partition, entry);
            counters().taken.add();
        }
    };
    attach(store_->take_pending(row_.identity, partition));
    attach(store_->peek_pending(model::identity_of(project, "", row_.request_id, seed_)));
}

store::LabelEntry RecordFold::entry_of(std::uint32_t label) const {
    const model::LabelRow& row = labels_[label];
    return {.event = 0,
            .sequence = first_ + label,
            .label_ts = row.label_ts,
            .arrival = arrival_,
            .has_class = row.class_text.data() != nullptr,
            .class_text = std::string(row.class_text),
            .value = row.value,
            .source = std::string(row.source),
            .remainder = std::string(row.remainder)};
}

Status RecordFold::apply_labels(const wal::Record& record, Mode mode) {
    restorer_.drain();  // The labels may be of events that were just replayed.
    labels_.clear();
    model::LabelRow row;
    while (labels_.size() < record.count && reader_.next(row)) {
        labels_.push_back(row);
    }
    const auto count = static_cast<std::uint32_t>(labels_.size());
    matched_.assign(count, false);
    targets_.clear();
    const auto ahead = identities_->lookahead();
    for (std::uint32_t i = 0; i < count; ++i) {
        if (i + kAhead < count) {
            ahead.touch(labels_[i + kAhead].identity);
        }
        find_targets(reader_.project(), i);
    }
    std::ranges::stable_sort(targets_, {}, &Target::partition);
    for (std::size_t begin = 0; begin < targets_.size();) {
        std::size_t end = begin + 1;
        while (end < targets_.size() && targets_[end].partition == targets_[begin].partition) {
            ++end;
        }
        apply_targets(std::span(targets_).subspan(begin, end - begin), mode);
        begin = end;
    }
    const Lsn covered = mode == Mode::kReplay ? store_->covered_pending() : 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        // Without a deployment it also waits for events of others: a later one may have the same
        // request_id.
        if (matched_[i] && !labels_[i].deployment.empty()) {
            continue;
        }
        if (first_ + i <= covered) {
            counters().skipped.add();
            continue;
        }
        store_->add_pending(labels_[i].identity, entry_of(i));
        counters().pending.add();
    }
    if (count < record.count) {
        return {ErrorCode::kCorruptBlock, "label " + std::to_string(count) + " is not well-formed"};
    }
    return {};
}

void RecordFold::find_targets(ProjectId project, std::uint32_t label) {
    const model::LabelRow& row = labels_[label];
    if (!row.deployment.empty()) {
        if (const CachedDeployment* deployment = names_.find(project, row.deployment)) {
            add_targets(project, deployment->id(), label, row.identity);
        }
        return;
    }
    for (const CachedDeployment* deployment : names_.all(project)) {
        const Hash128 identity =
            model::identity_of(project, deployment->name(), row.request_id, seed_);
        add_targets(project, deployment->id(), label, identity);
    }
}

/// One target per day: an identity that was seen twice for a day is looked for in all of it.
void RecordFold::add_targets(ProjectId project,
                             DeploymentId deployment,
                             std::uint32_t label,
                             const Hash128& identity) {
    const std::size_t begin = targets_.size();
    for (const identity::Index::Sighting& one : identities_->sightings(identity)) {
        const auto same =
            std::find_if(targets_.begin() + static_cast<std::ptrdiff_t>(begin),
                         targets_.end(),
                         [&](const Target& target) { return target.partition.day == one.day; });
        if (same != targets_.end()) {
            same->arrival.reset();
        } else {
            targets_.push_back({{one.day, project, deployment}, label, one.arrival});
        }
    }
}

void RecordFold::apply_targets(std::span<const Target> targets, Mode mode) {
    const store::PartitionKey& partition = targets.front().partition;
    lookups_.clear();
    for (const Target& target : targets) {
        lookups_.push_back({labels_[target.label].request_id, target.arrival});
    }
    const auto found = store_->find_events(partition, lookups_);
    if (!found) {
        counters().unreadable.add(targets.size());
        log_error("fold_label_lookup_failed",
                  {{"day", std::int64_t{partition.day}},
                   {"project", raw(partition.project)},
                   {"deployment", raw(partition.deployment)},
                   {"error", found.status().to_string()}});
        return;
    }
    const Lsn covered = mode == Mode::kReplay ? store_->covered(partition) : 0;
    for (const store::FoundEvent& event : *found) {
        const std::uint32_t label = targets[event.request].label;
        if (event.event > first_ + label) {
            continue;  // Sealed already while the label is only replayed: when it came, this was
                       // not there.
        }
        matched_[label] = true;
        if (first_ + label <= covered) {
            counters().skipped.add();
            continue;
        }
        store::LabelEntry entry = entry_of(label);
        entry.event = event.event;
        store_->add_label(partition, entry);
        counters().labels.add();
    }
}

}  // namespace aiml042::fold
