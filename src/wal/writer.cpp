#include "wal/writer.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/counter.h"
#include "base/log.h"
#include "os/file.h"
#include "os/sabotage.h"
#include "os/thread.h"
#include "wal/disk_guard.h"
#include "wal/frame_buffer.h"
#include "wal/segment_supply.h"

namespace aiml042::wal {

namespace {

constexpr std::size_t kPendingOverheadBytes = 64;  // What a callback counts for besides its record.
constexpr auto kSpin = std::chrono::microseconds(50);

/// One append() that waits for its answer.
struct Pending {
    CommitCallback callback;
    std::uint64_t items_before;  // In the same batch.
};

/// Everything queued between two commits.
struct Batch {
    explicit Batch(std::shared_ptr<BufferPool> pool) : frame(std::move(pool)) {}

    FrameBuffer frame;
    std::vector<Pending> pending;
    std::uint64_t charged = 0;  // Its share of the waiting bytes.
};

struct Metrics {
    Counter& commits = counter("aiml042_log_commits_total", "Group commits of the log");
    Counter& records = counter("aiml042_log_records_total", "Records committed to the log");
    Counter& bytes =
        counter("aiml042_log_bytes_total", "Bytes written to the log, padding included");
    Counter& waiting = gauge("aiml042_log_waiting_bytes", "Bytes queued for the log");
    DurationHistogram& latency =
        duration_histogram("aiml042_log_commit_seconds", "Time to write and sync one group commit");
};

std::int64_t elapsed_us(std::chrono::steady_clock::time_point since) {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                 since)
        .count();
}

}  // namespace

struct Writer::State {
    State(WriterOptions given, Lsn next, Sink given_sink)
        : options(std::move(given)),
          sink(std::move(given_sink)),
          frame_bytes_max(std::min<std::uint64_t>(limits::kFrameBytesMax,
                                                  options.segment_bytes - kFramesBegin)),
          guard(options.free_bytes_min,
                options.free_bytes_resume,
                options.free_check_interval,
                options.free_bytes),
          filling(pool),
          committing(pool),
          committed(next - 1) {}

    Status refusal();
    Status queue(std::span<const ByteView> pieces, std::uint32_t count, CommitCallback callback);
    void run();
    bool take();
    void spin() const;
    void commit();
    Status write(Lsn first);
    void answer(const Status& status, Lsn first);
    void seal();
    bool mark_failed(const Status& status);
    void give_up(const Status& status);

    const WriterOptions options;
    const Sink sink;
    const std::uint64_t frame_bytes_max;
    const std::shared_ptr<BufferPool> pool = std::make_shared<BufferPool>();
    DiskGuard guard;
    std::unique_ptr<SegmentSupply> supply;
    Metrics metrics;

    std::mutex mutex;
    std::condition_variable work;
    Batch filling;  // Guarded by `mutex`, as the two below.
    bool asleep = false;
    bool closing = false;

    Batch committing;    // The committer's, as the one below.
    bool sealed = true;  // Nothing was written since the last seal.

    std::atomic<bool> queued{false};  // Something is in `filling`.
    std::atomic<bool> failed{false};
    std::atomic<bool> closed{false};
    std::atomic<std::uint64_t> waiting{0};
    std::atomic<Lsn> committed;
    std::thread committer;
};

Status Writer::State::refusal() {
    if (failed.load(std::memory_order_relaxed)) {
        return {ErrorCode::kStorageFailed, "the log could not be written"};
    }
    if (closed.load(std::memory_order_relaxed)) {
        return {ErrorCode::kDraining, "the log is being closed"};
    }
    if (guard.full()) {
        return {ErrorCode::kDiskFull, "the disk of the data directory is nearly full"};
    }
    if (waiting.load(std::memory_order_relaxed) >= options.waiting_bytes_max) {
        return {ErrorCode::kOverloaded, "too much waits to be written to the log"};
    }
    return {};
}

Status Writer::State::queue(std::span<const ByteView> pieces,
                            std::uint32_t count,
                            CommitCallback callback) {
    std::uint64_t length = 0;
    if (count > 0) {
        length = kRecordPrefixBytes;
        for (const ByteView piece : pieces) {
            length += piece.size();
        }
    }
    if (round_to_sector(kFrameHeaderBytes + length) > frame_bytes_max) {
        return {ErrorCode::kTooLarge, "a record does not fit into a frame of the log"};
    }
    const std::uint64_t charge = length + kPendingOverheadBytes;
    const std::lock_guard lock(mutex);
    if (closing) {
        return {ErrorCode::kDraining, "the log is being closed"};
    }
    const std::uint64_t now_waiting = waiting.load(std::memory_order_relaxed);
    if ((now_waiting > 0 && now_waiting + charge > options.waiting_bytes_max) ||
        filling.frame.extent_with(length) > frame_bytes_max) {
        return {ErrorCode::kOverloaded, "too much waits to be written to the log"};
    }
    filling.pending.push_back({std::move(callback), filling.frame.items()});
    if (count > 0) {
        filling.frame.add(pieces, count);
    }
    filling.charged += charge;
    waiting.fetch_add(charge, std::memory_order_relaxed);
    queued.store(true, std::memory_order_release);
    if (asleep) {
        work.notify_one();
    }
    return {};
}

void Writer::State::run() {
    os::enter_thread("log", os::Rank::kAnswering);
    while (take()) {
        commit();
    }
    if (!sealed && !failed.load()) {
        seal();
    }
}

/// Waits for a batch and takes it. False when closing and nothing is left.
bool Writer::State::take() {
    spin();
    std::unique_lock lock(mutex);
    while (filling.pending.empty()) {
        if (closing) {
            return false;
        }
        asleep = true;
        const auto ready = [&] { return closing || !filling.pending.empty(); };
        if (sealed) {
            work.wait(lock, ready);
        } else if (!work.wait_for(lock, options.idle_seal, ready)) {
            asleep = false;
            lock.unlock();
            seal();
            lock.lock();
        }
        asleep = false;
    }
    std::swap(filling, committing);
    queued.store(false, std::memory_order_relaxed);
    return true;
}

/// After a commit the next request is often only microseconds away, and a wake-up costs more than
/// that.
void Writer::State::spin() const {
    const auto begin = std::chrono::steady_clock::now();
    while (!queued.load(std::memory_order_acquire)) {
        if (sealed || std::chrono::steady_clock::now() - begin > kSpin) {
            return;
        }
        std::this_thread::yield();
    }
}

void Writer::State::commit() {
    const Lsn first = committed.load(std::memory_order_relaxed) + 1;
    const std::uint64_t items = committing.frame.items();
    const bool lies = os::sabotaged("ack_before_sync");
    if (lies) {
        answer({}, first);
    }
    Status status;
    if (failed.load()) {
        status = Status(ErrorCode::kStorageFailed, "the log could not be written");
    } else if (items > 0) {
        status = write(first);
    }
    if (status) {
        committed.store(first + items - 1, std::memory_order_release);
    }
    const bool fatal = !status && mark_failed(status);
    // Before the answers: who got one may append again.
    waiting.fetch_sub(committing.charged, std::memory_order_relaxed);
    metrics.waiting.set(waiting.load(std::memory_order_relaxed));
    committing.charged = 0;
    if (!lies) {
        answer(status, first);
    }
    if (status && items > 0) {
        metrics.commits.add();
        metrics.records.add(committing.frame.records());
        CommittedGroup group = committing.frame.release(first);
        if (sink) {
            sink(std::move(group));
        }
    }
    committing.frame.clear();
    if (fatal) {
        give_up(status);
    }
}

/// Puts the records of `committing` on the disk.
Status Writer::State::write(Lsn first) {
    const auto begin = std::chrono::steady_clock::now();
    if (!supply->fits(committing.frame.extent())) {
        AIML_TRY(supply->activate(first));
    }
    FrameHeader header = supply->next_frame();
    header.first_lsn = first;
    const ByteView frame = committing.frame.finish(header);
    AIML_TRY(supply->write(frame));
    sealed = false;
    metrics.bytes.add(frame.size());
    metrics.latency.observe_us(static_cast<std::uint64_t>(elapsed_us(begin)));
    return {};
}

void Writer::State::answer(const Status& status, Lsn first) {
    for (Pending& pending : committing.pending) {
        if (pending.callback) {
            pending.callback(status, status ? first + pending.items_before : 0);
        }
    }
    committing.pending.clear();
}

/// Writes a frame without records: proof that everything before it had been durable, should it rot
/// later.
void Writer::State::seal() {
    sealed = true;
    FrameBuffer seal_frame(pool);
    if (failed.load() || !supply->fits(seal_frame.extent())) {
        return;  // The header of the next segment will say the same.
    }
    FrameHeader header = supply->next_frame();
    header.first_lsn = committed.load(std::memory_order_relaxed) + 1;
    const Status status = supply->write(seal_frame.finish(header));
    if (!status && mark_failed(status)) {
        give_up(status);
    }
}

/// From here on nothing is written or acknowledged. True for the first failure that is more than a
/// full disk.
bool Writer::State::mark_failed(const Status& status) {
    return status.code() != ErrorCode::kDiskFull && !failed.exchange(true);
}

/// Refuses what had been queued before the failure was known, then tells the owner.
void Writer::State::give_up(const Status& status) {
    log_error("log_failed", {{"reason", status.detail()}});
    bool more = false;
    {
        const std::lock_guard lock(mutex);
        more = !filling.pending.empty();
        if (more) {
            std::swap(filling, committing);
            queued.store(false, std::memory_order_relaxed);
        }
    }
    if (more) {
        commit();
    }
    if (options.on_fatal) {
        options.on_fatal(status);
    }
}

Writer::Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Writer::~Writer() {
    close();
}

Result<std::unique_ptr<Writer>> Writer::open(WriterOptions options, Lsn next, Sink sink) {
    AIML_CHECK(next >= 1);
    if (!options.free_bytes) {
        options.free_bytes = [folder = options.folder] { return os::free_bytes(folder); };
    }
    auto state = std::make_unique<State>(std::move(options), next, std::move(sink));
    const WriterOptions& kept = state->options;
    SupplyOptions supply_options{.folder = kept.folder,
                                 .segment_bytes = kept.segment_bytes,
                                 .disk_full = [raw = state.get()] { return raw->guard.full(); },
                                 .write_fault = kept.write_fault};
    AIML_ASSIGN(state->supply, SegmentSupply::open(std::move(supply_options), next));
    state->committer = std::thread([raw = state.get()] { raw->run(); });
    return std::unique_ptr<Writer>(new Writer(std::move(state)));
}

Status Writer::append(std::span<const ByteView> pieces,
                      std::uint32_t count,
                      CommitCallback callback) {
    AIML_TRY(state_->refusal());
    return state_->queue(pieces, count, std::move(callback));
}

Status Writer::admission() const {
    return state_->refusal();
}

Lsn Writer::committed() const {
    return state_->committed.load(std::memory_order_acquire);
}

void Writer::truncate_before(Lsn head) {
    state_->supply->truncate_before(std::min(head, committed() + 1));
}

std::uint64_t Writer::live_bytes() const {
    return state_->supply->live_bytes();
}

bool Writer::scrub(const Scrub& scrub) const {
    return state_->supply->scrub(scrub);
}

void Writer::close() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->closing = true;
        state_->closed.store(true);
        state_->work.notify_one();
    }
    if (state_->committer.joinable()) {
        state_->committer.join();
    }
}

}  // namespace aiml042::wal
