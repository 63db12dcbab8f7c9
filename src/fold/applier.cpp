#include "fold/applier.h"

#include <chrono>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/counter.h"
#include "base/limits.h"
#include "base/log.h"
#include "fold/group_queue.h"
#include "fold/identity_sealer.h"
#include "fold/record_fold.h"
#include "fold/restore.h"
#include "os/thread.h"

namespace aiml042::fold {

namespace {

constexpr std::chrono::milliseconds kPatience{500};
constexpr std::chrono::milliseconds kGather{2};  // Of the 50 ms to be visible in.
constexpr std::chrono::milliseconds kSealRetry{1000};
constexpr Timestamp kSealCheckInterval = 5 * kSecond;
constexpr Timestamp kPendingCheckInterval = kHour;

/// The clock may be set back: any large difference counts.
bool elapsed(Timestamp since, Timestamp now, Timestamp interval) {
    return std::llabs(now - since) >= interval;
}

struct Counters {
    Counter& groups = counter("aiml042_fold_groups_total", "Commit groups applied");
    Counter& seals = counter("aiml042_fold_seals_total", "Seals of the store");
    Counter& seal_failures = counter("aiml042_fold_seal_failures_total", "Seals that failed");
    Counter& pending_dropped =
        counter("aiml042_fold_pending_dropped_total", "Waiting labels given up");
    Counter& lag = gauge("aiml042_fold_lag_bytes", "Committed log bytes not yet applied");
    Counter& visible = gauge("aiml042_fold_visible_seq", "Last sequence that queries see");
    DurationHistogram& apply =
        duration_histogram("aiml042_fold_apply_duration_seconds", "Time to apply one commit group");
    DurationHistogram& seal =
        duration_histogram("aiml042_fold_seal_duration_seconds", "Time of one seal of the store");
};

Counters& counters() {
    static Counters all;
    return all;
}

/// Adds the time from its making to its end to a histogram.
class Stopwatch {
  public:
    explicit Stopwatch(DurationHistogram& histogram) : histogram_(&histogram) {}

    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

    ~Stopwatch() {
        const auto spent = std::chrono::steady_clock::now() - begin_;
        histogram_->observe_us(static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(spent).count()));
    }

  private:
    DurationHistogram* histogram_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

struct Applier::State {
    State(store::Store& s, identity::Index& i, const ApplierOptions& o)
        : options(o),
          store(s),
          identities(i),
          fold(s, i, o.identity_seed),
          queue(o.queue_bytes_max, kGather),
          sealer(i) {}

    const ApplierOptions options;
    store::Store& store;
    identity::Index& identities;
    RecordFold fold;
    GroupQueue queue;
    IdentitySealer sealer;
    std::function<Timestamp()> now;
    std::function<void(Lsn)> cut_log;
    std::thread thread;
    Status close_status;

    // Of the fold thread; before start() of the one that recovers.
    std::size_t unchecked_bytes = 0;  // Applied since the store was last asked to seal.
    std::size_t unsealed_bytes = 0;   // Applied since it last could.
    bool seal_failed = false;
    Timestamp last_seal_check = 0;
    Timestamp last_pending_check = 0;

    void loop();
    void apply_group(const wal::CommittedGroup& group);
    void maintain();
    /// Seals what is older than `age` and lets the log be cut.
    Status seal(Timestamp time, Timestamp age);
    void wait_for_disk();
};

void Applier::State::apply_group(const wal::CommittedGroup& group) {
    const Stopwatch watch(counters().apply);
    for (const wal::Record& record : group.records) {
        fold.apply(record, RecordFold::Mode::kLive);
    }
    if (fold.last() > store.visible()) {
        store.publish(fold.last());
    }
    const std::size_t bytes = payload_bytes(group);
    unchecked_bytes += bytes;
    unsealed_bytes += bytes;
    counters().groups.add();
    counters().visible.set(fold.last());
    counters().lag.set(queue.bytes());
}

Status Applier::State::seal(Timestamp time, Timestamp age) {
    const Stopwatch watch(counters().seal);
    unchecked_bytes = 0;
    last_seal_check = time;
    Status status = store.seal(time, age);
    seal_failed = !status.is_ok();
    if (seal_failed) {
        counters().seal_failures.add();
        log_error("fold_seal_failed", {{"error", status.to_string()}});
        return status;
    }
    unsealed_bytes = 0;
    counters().seals.add();
    if (cut_log) {
        cut_log(store.head());
    }
    return status;
}

void Applier::State::maintain() {
    const Timestamp time = now();
    const bool due = elapsed(last_seal_check, time, kSealCheckInterval);
    if (due || unchecked_bytes >= limits::kFoldSealCheckBytes) {
        static_cast<void>(seal(time, options.seal_age));  // Counted and logged; tried again.
    }
    sealer.maintain(time, fold.last_arrival());
    const bool may_forget = !options.may_forget || options.may_forget();
    if (may_forget && elapsed(last_pending_check, time, kPendingCheckInterval)) {
        last_pending_check = time;
        const std::uint64_t dropped =
            store.drop_pending_before(time - options.pending_label_horizon);
        counters().pending_dropped.add(dropped);
    }
}

void Applier::State::wait_for_disk() {
    // The log keeps everything: not applying more bounds memory, and the full queue then holds up
    // the log.
    while (seal_failed && unsealed_bytes >= limits::kFoldUnsealedBytesMax) {
        if (queue.wait_closed(kSealRetry)) {
            return;
        }
        static_cast<void>(seal(now(), options.seal_age));
    }
}

void Applier::State::loop() {
    os::enter_thread("fold", os::Rank::kFollowing);
    last_seal_check = now();
    while (true) {
        GroupQueue::Item item = queue.next(kPatience);
        if (item.closed) {
            break;
        }
        if (item.errand) {
            (*item.errand)(store);
        }
        if (item.group) {
            apply_group(*item.group);
        }
        maintain();
        wait_for_disk();
    }
    close_status = seal(now(), 0);
}

Applier::Applier(store::Store& store, identity::Index& identities, const ApplierOptions& options)
    : state_(std::make_unique<State>(store, identities, options)) {}

Applier::~Applier() {
    if (const Status status = close(); !status.is_ok()) {
        log_error("fold_close_failed", {{"error", status.to_string()}});
    }
}

Status Applier::apply(const wal::Record& record) {
    AIML_CHECK(!state_->thread.joinable());
    State& state = *state_;
    state.fold.apply(record, RecordFold::Mode::kReplay);
    state.unchecked_bytes += record.payload.size();
    state.unsealed_bytes += record.payload.size();
    if (state.unchecked_bytes < limits::kFoldSealCheckBytes) {
        return {};
    }
    if (state.fold.last() > state.store.visible()) {
        state.store.publish(state.fold.last());
    }
    AIML_TRY(bound_memory(state.identities));
    Status sealed = state.seal(state.fold.last_arrival(), state.options.seal_age);
    // A full disk is no reason not to come up and answer queries: the log has what memory has.
    const bool goes_on = sealed.code() == ErrorCode::kDiskFull &&
                         state.unsealed_bytes < limits::kFoldUnsealedBytesMax;
    return goes_on ? Status() : sealed;
}

void Applier::begin_replay() {
    state_->fold.begin_replay();
}

Status Applier::finish_replay() {
    return state_->fold.finish_replay();
}

void Applier::start(std::function<Timestamp()> now, std::function<void(Lsn)> cut_log) {
    AIML_CHECK(!state_->thread.joinable());
    State& state = *state_;
    state.now = std::move(now);
    state.cut_log = std::move(cut_log);
    if (state.fold.last() > state.store.visible()) {
        state.store.publish(state.fold.last());
    }
    state.thread = std::thread([&state] { state.loop(); });
}

void Applier::sink(wal::CommittedGroup group) {
    state_->queue.push(std::move(group));
    counters().lag.set(state_->queue.bytes());
}

Status Applier::run(std::function<Status(store::Store&)> work) {
    if (!state_->thread.joinable()) {
        return work(state_->store);
    }
    return state_->queue.run(std::move(work));
}

Status Applier::close() {
    state_->queue.close();
    if (state_->thread.joinable()) {
        state_->thread.join();
    }
    state_->sealer.close();
    return std::exchange(state_->close_status, Status());
}

}  // namespace aiml042::fold
