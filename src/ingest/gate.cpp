#include "ingest/gate.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/bounded_queue.h"
#include "base/counter.h"
#include "base/limits.h"
#include "base/log.h"
#include "os/thread.h"

namespace aiml042::ingest {

namespace {

constexpr std::size_t kWorkspacesKept = 16;
constexpr std::size_t kDeadLettersWaitingMax = 4'096;
constexpr std::size_t kAhead = 12;  // Identities whose memory is on its way while one is looked up.
constexpr int kSpins = 100;

/// What one request needs while it is parsed; reused, since its buffers grow to the size of the
/// usual request.
struct Workspace {
    codec::ItemParser parser;
    codec::ParsedBatch batch;
    std::string inflated;
    std::string kept_rows;
    std::vector<std::uint32_t> inserted;  // Extents whose identity was new.
};

/// An identity that a request added to the index.
struct Added {
    Hash128 identity;
    std::int32_t day = 0;
};

/// Takes a mutex that is held for microseconds: to look again costs less than to be woken.
std::unique_lock<std::mutex> lock_soon(std::mutex& mutex) {
    for (int i = 0; i < kSpins; ++i) {
        if (mutex.try_lock()) {
            return {mutex, std::adopt_lock};
        }
        __builtin_ia32_pause();
    }
    return std::unique_lock(mutex);
}

std::int32_t day_of(Timestamp timestamp) {
    return static_cast<std::int32_t>(floor_to(timestamp, kDay) / kDay);
}

std::vector<Added> added_identities(const Workspace& work) {
    std::vector<Added> added;
    added.reserve(work.inserted.size());
    for (const std::uint32_t i : work.inserted) {
        added.push_back({work.batch.extents[i].identity, day_of(work.batch.extents[i].timestamp)});
    }
    return added;
}

struct Counters {
    Counter& events = counter("aiml042_ingest_events_total", "Inference events accepted");
    Counter& labels = counter("aiml042_ingest_labels_total", "Labels accepted");
    Counter& duplicates =
        counter("aiml042_ingest_duplicates_total", "Events seen before and not stored again");
    Counter& rejected = counter("aiml042_ingest_rejected_total", "Items refused as not valid");
    Counter& letters_dropped =
        counter("aiml042_dead_letters_dropped_total",
                "Refused items not kept, because they came faster than they could be stored");
};

}  // namespace

struct Gate::State {
    State(wal::Writer& writer,
          identity::Index& index,
          catalog::Catalog& store,
          Census::Stored stored)
        : log(writer),
          identities(index),
          census(std::move(stored), store.identity_seed()),
          letters(kDeadLettersWaitingMax),
          letter_writer([this, &store] { write_letters(store); }) {}

    State(const State&) = delete;
    State& operator=(const State&) = delete;

    ~State() { letters.close(); }

    std::unique_ptr<Workspace> borrow() {
        const std::lock_guard lock(pool_mutex);
        if (pool.empty()) {
            return std::make_unique<Workspace>();
        }
        auto workspace = std::move(pool.back());
        pool.pop_back();
        return workspace;
    }

    void give_back(std::unique_ptr<Workspace> workspace) {
        const std::lock_guard lock(pool_mutex);
        if (pool.size() < kWorkspacesKept) {
            pool.push_back(std::move(workspace));
        }
    }

    void keep_letters(const Submission& submission, const std::vector<codec::Rejection>& rejected);
    void write_letters(catalog::Catalog& catalog);
    Status append(Workspace& work,
                  const Submission& submission,
                  const std::shared_ptr<Outcome>& outcome,
                  Done& done);
    std::size_t insert_identities(Workspace& work, Timestamp arrival);

    wal::Writer& log;
    identity::Index& identities;
    Census census;
    Counters counters;
    std::mutex order;  // Dedupe and append of one request are one step.
    // Commits whose identities were taken back. Raised behind that, so that who saw one of them as
    // a duplicate still knows the number from before.
    std::atomic<std::uint64_t> refused_commits{0};
    std::mutex pool_mutex;
    std::vector<std::unique_ptr<Workspace>> pool;
    BoundedQueue<catalog::DeadLetter> letters;
    std::jthread letter_writer;
};

void Gate::State::keep_letters(const Submission& submission,
                               const std::vector<codec::Rejection>& rejected) {
    for (const codec::Rejection& one : rejected) {
        catalog::DeadLetter letter;
        letter.project = submission.project;
        letter.received_at = submission.arrival;
        letter.kind = submission.kind == codec::BatchKind::kEvents ? "event" : "label";
        letter.code = error_info(one.status.code()).code;
        letter.detail = one.status.detail();
        letter.pointer = one.status.pointer();
        letter.item = one.text;
        if (!letters.try_push(std::move(letter))) {
            counters.letters_dropped.add();
        }
    }
}

void Gate::State::write_letters(catalog::Catalog& catalog) {
    os::enter_thread("dead-letters", os::Rank::kBackground);
    while (auto first = letters.pop()) {
        std::vector<catalog::DeadLetter> batch;
        batch.push_back(std::move(*first));
        while (letters.size() != 0 && batch.size() < 512) {
            if (auto next = letters.pop()) {
                batch.push_back(std::move(*next));
            }
        }
        if (const Status status = catalog.add_dead_letters(batch); !status.is_ok()) {
            counters.letters_dropped.add(batch.size());
            log_warn("dead_letters_not_stored",
                     {{"error", status.to_string()}, {"count", std::uint64_t{batch.size()}}});
        }
    }
}

/// Marks in work.inserted the extents that are new; returns how many are not.
std::size_t Gate::State::insert_identities(Workspace& work, Timestamp arrival) {
    work.inserted.clear();
    const auto& extents = work.batch.extents;
    std::optional<identity::Index::Lookahead> ahead;
    if (extents.size() > kAhead) {
        ahead = identities.lookahead();
    }
    for (std::uint32_t i = 0; i < extents.size(); ++i) {
        if (ahead && i + kAhead < extents.size()) {
            ahead->touch(extents[i + kAhead].identity);
        }
        if (identities.insert(extents[i].identity, day_of(extents[i].timestamp), arrival)) {
            work.inserted.push_back(i);
        }
    }
    return extents.size() - work.inserted.size();
}

/// Dedupes and appends; `done` is moved into the callback when the log took the record.
Status Gate::State::append(Workspace& work,
                           const Submission& submission,
                           const std::shared_ptr<Outcome>& outcome,
                           Done& done) {
    const codec::ParsedBatch& batch = work.batch;
    const bool events = batch.kind == codec::BatchKind::kEvents;
    const auto lock = lock_soon(order);
    AIML_TRY(log.admission());
    std::string_view rows = batch.rows;
    auto count = static_cast<std::uint32_t>(batch.extents.size());
    const std::uint64_t refused_before = refused_commits.load(std::memory_order_acquire);
    if (events) {
        outcome->duplicates =
            static_cast<std::uint32_t>(insert_identities(work, submission.arrival));
        if (outcome->duplicates != 0) {
            work.kept_rows.clear();
            for (const std::uint32_t i : work.inserted) {
                work.kept_rows.append(batch.rows, batch.extents[i].offset, batch.extents[i].length);
            }
            rows = work.kept_rows;
            count = static_cast<std::uint32_t>(work.inserted.size());
        }
    }
    outcome->ingested = count;
    const std::array<ByteView, 2> pieces = {ByteView(batch.head), rows};
    const std::span<const ByteView> payload =
        count == 0 ? std::span<const ByteView>() : std::span<const ByteView>(pieces);
    const auto answer = std::make_shared<Done>(std::move(done));
    const auto forget = [this, added = events ? added_identities(work) : std::vector<Added>()] {
        for (const Added& one : added) {
            identities.erase(one.identity, one.day);
        }
    };
    auto on_commit = [this, outcome = outcome, answer, forget, refused_before](
                         const Status& durable, Lsn first) {
        if (!durable.is_ok()) {
            // Nothing of it is stored (a full disk), or the process is about to leave: sent
            // again, it must be new.
            forget();
            refused_commits.fetch_add(1, std::memory_order_release);
            (*answer)(durable);
            return;
        }
        if (outcome->duplicates != 0 && refused_commits.load() != refused_before) {
            // What it repeats may be what was refused: "duplicate" would promise it is there.
            (*answer)(
                Status(ErrorCode::kDiskFull, "the disk of the data directory is nearly full"));
            return;
        }
        outcome->last = outcome->ingested == 0 ? 0 : first + outcome->ingested - 1;
        (*answer)(std::move(*outcome));
    };
    Status status = log.append(payload, count, std::move(on_commit));
    if (!status.is_ok()) {  // Nothing was queued.
        done = std::move(*answer);
        forget();
        return status;
    }
    (events ? counters.events : counters.labels).add(count);
    counters.duplicates.add(outcome->duplicates);
    return Status::ok();
}

Gate::Gate(wal::Writer& log,
           identity::Index& identities,
           catalog::Catalog& catalog,
           Census::Stored stored)
    : identity_seed_(catalog.identity_seed()),
      state_(std::make_unique<State>(log, identities, catalog, std::move(stored))) {}

Gate::~Gate() = default;

Status Gate::admission() const {
    return state_->log.admission();
}

void Gate::submit(const Submission& submission, Done done) {
    auto work = state_->borrow();
    std::string_view body = submission.body;
    Status status;
    if (submission.encoding != codec::Encoding::kIdentity) {
        status =
            codec::inflate(body, submission.encoding, limits::kInflatedBytesMax, work->inflated);
        body = work->inflated;
    }
    if (status.is_ok()) {
        const codec::ParseContext context{.project = submission.project,
                                          .identity_seed = identity_seed_,
                                          .arrival = submission.arrival};
        status = submission.kind == codec::BatchKind::kEvents
                     ? work->parser.parse_events(body, submission.form, context, work->batch)
                     : work->parser.parse_labels(body, submission.form, context, work->batch);
    }
    if (status.is_ok()) {
        if (submission.kind == codec::BatchKind::kEvents && !work->batch.extents.empty()) {
            state_->census.admit(body, work->batch);
        }
        const auto outcome = std::make_shared<Outcome>();
        outcome->rejected = std::move(work->batch.rejected);
        work->batch.rejected.clear();
        state_->counters.rejected.add(outcome->rejected.size());
        if (submission.keep_rejected) {
            state_->keep_letters(submission, outcome->rejected);
        }
        if (work->batch.extents.empty()) {
            done(std::move(*outcome));
        } else {
            status = state_->append(*work, submission, outcome, done);
        }
    }
    if (!status.is_ok()) {
        done(std::move(status));
    }
    state_->give_back(std::move(work));
}

}  // namespace aiml042::ingest
