#include "identity/index.h"

#include <algorithm>

#include "base/counter.h"
#include "base/log.h"
#include "identity/index_state.h"

namespace aiml042::identity {

Index::Index(std::unique_ptr<State> state) : state_(std::move(state)) {}

Index::~Index() = default;

Result<std::unique_ptr<Index>> Index::open(IndexOptions options) {
    auto state = std::make_unique<State>(std::move(options));
    AIML_TRY(state->open());
    return std::unique_ptr<Index>(new Index(std::move(state)));
}

void Index::State::read_failed(const Run& run, const Status& status) const {
    static Counter& failures = counter("aiml042_identity_read_failures_total",
                                       "Identity look-ups that met a damaged page");
    failures.add();
    if (!run.damaged()) {
        run.mark_damaged();
        log_error("identity_run_damaged", {{"file", run.path()}, {"detail", status.to_string()}});
    }
}

bool Index::insert(const Hash128& identity, std::int32_t day, Timestamp arrival) {
    const std::uint32_t now = arrival_seconds(arrival);
    const Timestamp horizon = state_->options.dedupe_horizon / kSecond;
    // A later arrival counts too: the clock may have been set back.
    const auto within = [&](std::uint32_t earlier) {
        return Timestamp{now} - Timestamp{earlier} <= horizon;
    };
    const std::uint64_t key = identity.high;
    const std::uint32_t check = check_of(identity);
    Stripe& stripe = state_->stripe(key);
    bool late = false;
    {
        const std::lock_guard lock(stripe.mutex);
        bool seen = false;
        stripe.table.find(key, check, [&](std::int32_t, std::uint32_t earlier) {
            seen = seen || within(earlier);
        });
        if (seen) {
            return false;
        }
        for (const auto& run : *stripe.runs) {
            if (!within(run->info().arrival_max) || !run->may_contain(key)) {
                continue;
            }
            std::vector<Entry> found;
            if (const Status status = run->find(key, check, found); !status.is_ok()) {
                state_->read_failed(*run, status);
            }
            for (const Entry& entry : found) {
                if (within(entry.arrival) && !state_->tombstones.covers(entry, run->info().id)) {
                    return false;
                }
            }
        }
        stripe.table.insert({.key = key, .check = check, .day = day, .arrival = now});
        late = now < state_->late_bound.load(std::memory_order_relaxed);
    }
    state_->hot_entries.fetch_add(1, std::memory_order_relaxed);
    if (late) [[unlikely]] {
        state_->note_late(now);
    }
    return true;
}

void Index::restore(const Hash128& identity, std::int32_t day, Timestamp arrival) {
    if (state_->forgets) {
        return;
    }
    const std::uint32_t now = arrival_seconds(arrival);
    const std::uint64_t key = identity.high;
    const std::uint32_t check = check_of(identity);
    Stripe& stripe = state_->stripe(key);
    bool late = false;
    {
        const std::lock_guard lock(stripe.mutex);
        bool seen = false;
        stripe.table.find(key, check, [&](std::int32_t known, std::uint32_t earlier) {
            seen = seen || (known == day && earlier == now);
        });
        for (const auto& run : *stripe.runs) {
            if (seen) {
                return;
            }
            if (!run->may_contain(key)) {
                continue;
            }
            std::vector<Entry> found;
            if (const Status status = run->find(key, check, found); !status.is_ok()) {
                state_->read_failed(*run, status);
            }
            seen = std::ranges::any_of(found, [&](const Entry& entry) {
                return entry.day == day && entry.arrival == now &&
                       !state_->tombstones.covers(entry, run->info().id);
            });
        }
        if (seen) {
            return;
        }
        stripe.table.insert({.key = key, .check = check, .day = day, .arrival = now});
        late = now < state_->late_bound.load(std::memory_order_relaxed);
    }
    state_->hot_entries.fetch_add(1, std::memory_order_relaxed);
    if (late) {
        state_->note_late(now);
    }
}

struct Index::Lookahead::Seen {
    const State* state;
    std::shared_ptr<const RunSet> runs;
};

Index::Lookahead Index::lookahead() const {
    Stripe& stripe = state_->stripes[0];
    const std::lock_guard lock(stripe.mutex);
    Lookahead ahead;
    ahead.seen_ =
        std::make_shared<const Lookahead::Seen>(Lookahead::Seen{state_.get(), stripe.runs});
    return ahead;
}

void Index::Lookahead::touch(const Hash128& identity) const {
    seen_->state->stripe(identity.high).table.prefetch(identity.high);
    for (const auto& run : *seen_->runs) {
        run->prefetch(identity.high);
    }
}

std::vector<Index::Sighting> Index::sightings(const Hash128& identity) const {
    const std::uint64_t key = identity.high;
    const std::uint32_t check = check_of(identity);
    std::vector<Entry> found;
    std::shared_ptr<const RunSet> runs;
    {
        Stripe& stripe = state_->stripe(key);
        const std::lock_guard lock(stripe.mutex);
        stripe.table.find(key, check, [&](std::int32_t day, std::uint32_t arrival) {
            found.push_back({.key = key, .check = check, .day = day, .arrival = arrival});
        });
        runs = stripe.runs;
    }
    for (const auto& run : *runs) {
        run->prefetch(key);
    }
    for (const auto& run : *runs) {
        if (!run->may_contain(key)) {
            continue;
        }
        const std::size_t before = found.size();
        if (const Status status = run->find(key, check, found); !status.is_ok()) {
            state_->read_failed(*run, status);
        }
        // Not std::ranges: clang 14 does not take the subrange of libstdc++ 12 that it returns.
        const auto erased = std::remove_if(
            found.begin() + static_cast<std::ptrdiff_t>(before),
            found.end(),
            [&](const Entry& entry) { return state_->tombstones.covers(entry, run->info().id); });
        found.erase(erased, found.end());
    }
    if (found.size() > 1) {
        std::ranges::stable_sort(
            found, [](const Entry& a, const Entry& b) { return a.arrival > b.arrival; });
    }
    std::vector<Sighting> all;
    all.reserve(found.size());
    for (const Entry& entry : found) {
        all.push_back({entry.day, arrival_of(entry.arrival)});
    }
    return all;
}

std::vector<std::int32_t> Index::find(const Hash128& identity) const {
    std::vector<std::int32_t> days;
    for (const Sighting& one : sightings(identity)) {
        if (std::ranges::find(days, one.day) == days.end()) {
            days.push_back(one.day);
        }
    }
    return days;
}

void Index::erase(const Hash128& identity, std::int32_t day) {
    const std::uint64_t key = identity.high;
    const std::uint32_t check = check_of(identity);
    bool sealed = false;
    {
        Stripe& stripe = state_->stripe(key);
        const std::lock_guard lock(stripe.mutex);
        for (auto erased = stripe.table.erase(key, check, day); erased.found;
             erased = stripe.table.erase(key, check, day)) {
            sealed = sealed || erased.copied;
            state_->hot_entries.fetch_sub(1, std::memory_order_relaxed);
        }
        sealed = sealed || std::ranges::any_of(*stripe.runs, [&](const auto& run) {
                     return run->may_contain(key);
                 });
    }
    if (!sealed) {
        return;
    }
    std::uint64_t below_run = 0;
    {
        const std::lock_guard lock(state_->admin);
        below_run = state_->manifest.next_run;
    }
    if (const Status status = state_->tombstones.add(key, check, day, below_run); !status.is_ok()) {
        log_error("identity_tombstone_not_written", {{"detail", status.to_string()}});
    }
}

Status Index::seal(Timestamp before) {
    return state_->seal(arrival_seconds(before), true);
}

Status Index::spill() {
    return state_->seal(0xFFFF'FFFFU, false);
}

Timestamp Index::sealed_until() const {
    const std::lock_guard lock(state_->admin);
    return state_->forgets ? kTimestampMax : state_->manifest.sealed_until;
}

std::uint64_t Index::hot_entries() const {
    return state_->hot_entries.load(std::memory_order_relaxed);
}

IndexStats Index::stats() const {
    IndexStats stats;
    stats.hot_entries = state_->hot_entries.load(std::memory_order_relaxed);
    stats.tombstones = state_->tombstones.size();
    stats.memory_bytes = stats.tombstones * 64;
    for (Stripe& stripe : state_->stripes) {
        const std::lock_guard lock(stripe.mutex);
        stats.memory_bytes += stripe.table.memory_bytes();
    }
    const std::lock_guard lock(state_->admin);
    stats.runs = state_->runs.size();
    for (const auto& run : state_->runs) {
        stats.sealed_entries += run->info().entries;
        stats.memory_bytes += run->memory_bytes();
        stats.disk_bytes += run->disk_bytes();
    }
    return stats;
}

Status Index::verify() const {
    RunSet runs;
    {
        const std::lock_guard lock(state_->admin);
        if (!state_->set_aside.empty()) {
            return {ErrorCode::kCorruptBlock,
                    state_->set_aside.front() + ": set aside at the start because of damage"};
        }
        runs = state_->runs;
    }
    for (const auto& run : runs) {
        AIML_TRY(run->verify());
    }
    return {};
}

bool Index::scrub(const Scrub& scrub) const {
    RunSet runs;
    {
        const std::lock_guard lock(state_->admin);
        runs = state_->runs;
    }
    while (!runs.empty()) {
        runs.back()->scrub(scrub);
        runs.pop_back();  // A run that was merged meanwhile leaves the disk now.
        if (!scrub.pace(0)) {
            return false;
        }
    }
    return true;
}

}  // namespace aiml042::identity
