#include "wal/segment_supply.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "os/entropy.h"
#include "os/sabotage.h"
#include "os/thread.h"
#include "wal/segment_check.h"
#include "wal/segment_reader.h"

namespace aiml042::wal {

namespace {

constexpr auto kRetryAfter = std::chrono::milliseconds(100);

/// Zeros to write from, on a sector boundary.
ByteView zeros(std::uint64_t bytes) {
    alignas(limits::kSectorBytes) static constexpr char kZeros[limits::kLogZeroChunkBytes] = {};
    AIML_CHECK(bytes <= sizeof(kZeros));
    return {kZeros, bytes};
}

os::Durability durability() {
    return os::sabotaged("no_sync") ? os::Durability::kOnSync : os::Durability::kEachWrite;
}

/// A disk that is full here, in space that was reserved, is a failure as any other.
Status write_durably(os::File& file, std::uint64_t offset, ByteView bytes) {
    Status status = file.write_at(offset, bytes);
    if (status && !os::sabotaged("no_sync")) {
        status = file.sync();
    }
    return status || status.code() == ErrorCode::kStorageFailed
               ? status
               : Status(ErrorCode::kStorageFailed, status.detail());
}

}  // namespace

Result<std::unique_ptr<SegmentSupply>> SegmentSupply::open(SupplyOptions options, Lsn next) {
    AIML_CHECK(options.segment_bytes % kSector == 0);
    AIML_CHECK(options.segment_bytes > kFramesBegin);
    std::unique_ptr<SegmentSupply> supply(new SegmentSupply(std::move(options)));
    AIML_TRY(os::create_folder(supply->options_.folder));
    AIML_TRY(supply->take_stock(next));
    {
        // The first segment is made here, so that a folder that cannot be written is known at once.
        const std::lock_guard files(supply->files_mutex_);
        auto first = supply->make_segment();
        if (first) {
            supply->ready_.push_back(std::move(*first));
        } else if (first.code() != ErrorCode::kDiskFull) {
            return first.status();
        }
    }
    supply->thread_ = std::jthread([raw = supply.get()] {
        os::enter_thread("log-supply", os::Rank::kBackground);
        raw->run();
    });
    return supply;
}

SegmentSupply::~SegmentSupply() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }
}

std::string SegmentSupply::path(std::uint32_t number) const {
    return options_.folder + "/" + segment_name(number);
}

Status SegmentSupply::take_stock(Lsn next) {
    std::vector<std::string> names;
    AIML_ASSIGN(names, os::list_folder(options_.folder));
    const auto head = read_head(options_.folder);
    for (const std::string& name : names) {
        const auto number = segment_number(name);
        if (!number) {
            continue;
        }
        auto file = os::File::open(path(*number), os::FileMode::kRead);
        if (!file) {
            return file.status();
        }
        std::string headers(kFramesBegin, '\0');
        std::size_t got = 0;
        AIML_ASSIGN(got, file->read_at(0, headers.data(), headers.size()));
        headers.resize(got);
        std::uint64_t size = 0;
        AIML_ASSIGN(size, file->size());
        const HeaderScan scan = scan_header(headers, *number);
        closed_.push_back({*number, scan.found ? scan.header.first_lsn : 0, size});
        last_number_ = *number;
    }
    // A segment without a header may hold anything up to the next one: it is let go of together
    // with that.
    Lsn behind = next;
    for (auto closed = closed_.rbegin(); closed != closed_.rend(); ++closed) {
        closed->first_lsn = closed->first_lsn == 0 ? behind : closed->first_lsn;
        behind = closed->first_lsn;
    }
    next_at_open_ = next;
    if (closed_.empty() && head && *head < next) {
        // A log that begins later than at 1 must say so, or the part before would be missed.
        AIML_TRY(write_head(options_.folder, next));
        head_ = next;
    } else {
        head_ = head ? *head : Lsn{1};
    }
    return {};
}

bool SegmentSupply::fits(std::uint64_t extent) const {
    const std::lock_guard lock(mutex_);
    return active_ != nullptr && active_->position + extent <= options_.segment_bytes;
}

Status SegmentSupply::activate(Lsn first) {
    std::shared_ptr<Segment> next;
    {
        std::unique_lock lock(mutex_);
        waiting_ = true;
        changed_.notify_all();
        const std::uint64_t before = failures_;  // An older failure may be over by now.
        changed_.wait(lock, [&] { return !ready_.empty() || failures_ != before; });
        waiting_ = false;
        if (ready_.empty()) {
            return failure_;
        }
        next = ready_.front();
    }
    const SegmentHeader header{
        .number = next->number, .first_lsn = first, .seed = os::random_u64()};
    if (options_.write_fault) {
        AIML_TRY(options_.write_fault(0, kFramesBegin));
    }
    const std::string text = encode_segment_header(header);
    alignas(limits::kSectorBytes) std::array<char, kFramesBegin> sectors{};
    std::ranges::copy(text, sectors.begin());
    AIML_TRY(write_durably(next->file, 0, {sectors.data(), sectors.size()}));
    const std::lock_guard lock(mutex_);
    if (active_ != nullptr) {
        closed_.push_back({active_->number, active_->first_lsn, options_.segment_bytes});
    }
    next->first_lsn = first;
    next->seed = header.seed;
    next->position = kFramesBegin;
    active_ = std::move(next);
    ready_.pop_front();
    changed_.notify_all();
    return {};
}

FrameHeader SegmentSupply::next_frame() const {
    const std::lock_guard lock(mutex_);
    AIML_CHECK(active_ != nullptr);
    FrameHeader frame;
    frame.seed = active_->seed;
    frame.segment = active_->number;
    frame.offset = active_->position;
    frame.synced_upto = active_->position;  // One commit is in flight at a time.
    return frame;
}

Status SegmentSupply::write(ByteView frame) {
    const auto segment = active_;  // Only this thread changes it.
    const std::uint64_t end = segment->position + frame.size();
    AIML_CHECK(end <= options_.segment_bytes);
    {
        std::unique_lock lock(mutex_);
        if (segment->zeroed < end) {
            segment->wanted = end;
            changed_.notify_all();
            const std::uint64_t before = failures_;
            changed_.wait(lock, [&] { return segment->zeroed >= end || failures_ != before; });
            if (segment->zeroed < end) {
                return failure_;
            }
        }
    }
    if (options_.write_fault) {
        AIML_TRY(options_.write_fault(segment->position, frame.size()));
    }
    AIML_TRY(write_durably(segment->file, segment->position, frame));
    const std::lock_guard lock(mutex_);
    segment->position = end;
    if (wants_zeros(*segment) || wants_next()) {
        changed_.notify_all();
    }
    return {};
}

void SegmentSupply::run() {
    while (true) {
        std::shared_ptr<Segment> filling;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock,
                          [&] { return stopping_ || wants_next() || zero_target() != nullptr; });
            if (stopping_) {
                return;
            }
            filling = zero_target();
        }
        const Status status = filling != nullptr ? zero_chunk(*filling) : make_next();
        std::unique_lock lock(mutex_);
        if (!status) {
            failure_ = status;
            ++failures_;
            changed_.notify_all();
            changed_.wait_for(lock, kRetryAfter, [&] { return stopping_; });
        }
        changed_.notify_all();
    }
}

bool SegmentSupply::wants_next() const {
    return ready_.empty() &&
           (waiting_ || active_ == nullptr || active_->position >= options_.segment_bytes / 2);
}

bool SegmentSupply::wants_zeros(const Segment& segment) const {
    const std::uint64_t ahead =
        std::max(segment.position + limits::kLogZeroAheadBytes, segment.wanted);
    return segment.zeroed < std::min(ahead, options_.segment_bytes);
}

std::shared_ptr<SegmentSupply::Segment> SegmentSupply::zero_target() const {
    if (active_ != nullptr && wants_zeros(*active_)) {
        return active_;
    }
    const auto found = std::ranges::find_if(
        ready_, [&](const std::shared_ptr<Segment>& segment) { return wants_zeros(*segment); });
    return found == ready_.end() ? nullptr : *found;
}

Status SegmentSupply::zero_chunk(Segment& segment) {
    const std::uint64_t from = segment.zeroed;  // Only this thread changes it.
    const std::uint64_t length =
        std::min<std::uint64_t>(limits::kLogZeroChunkBytes, options_.segment_bytes - from);
    AIML_TRY(segment.file.write_at(from, zeros(length)));
    const std::lock_guard lock(mutex_);
    segment.zeroed = from + length;
    return {};
}

Status SegmentSupply::make_next() {
    const std::lock_guard files(files_mutex_);
    {
        const std::lock_guard lock(mutex_);
        if (!ready_.empty()) {
            return {};  // A recycled one came in between.
        }
    }
    auto made = make_segment();
    if (!made) {
        return made.status();
    }
    const std::lock_guard lock(mutex_);
    ready_.push_back(std::move(*made));
    return {};
}

Result<std::shared_ptr<SegmentSupply::Segment>> SegmentSupply::make_segment() {
    if (options_.disk_full && options_.disk_full()) {
        return Status(ErrorCode::kDiskFull, "too little free space for a new log segment");
    }
    auto segment = std::make_shared<Segment>();
    segment->number = last_number_ + 1;
    const std::string file_path = path(segment->number);
    const auto prepare = [&]() -> Status {
        auto file = os::File::open(file_path, os::FileMode::kReplace, durability());
        if (!file) {
            return file.status();
        }
        segment->file = std::move(*file);
        AIML_TRY(segment->file.reserve(options_.segment_bytes));
        AIML_TRY(zero_chunk(*segment));
        return os::sync_folder(options_.folder);
    };
    if (Status status = prepare(); !status) {
        static_cast<void>(os::remove_file(file_path));
        return status;
    }
    last_number_ = segment->number;
    return segment;
}

void SegmentSupply::truncate_before(Lsn head) {
    const std::lock_guard files(files_mutex_);
    std::deque<Closed> gone;
    {
        const std::lock_guard lock(mutex_);
        if (head <= head_) {
            return;
        }
        while (!closed_.empty()) {
            const Lsn behind = closed_.size() > 1   ? closed_[1].first_lsn
                               : active_ != nullptr ? active_->first_lsn
                                                    : next_at_open_;
            if (behind > head) {
                break;
            }
            gone.push_back(closed_.front());
            closed_.pop_front();
        }
    }
    if (gone.empty()) {
        return;
    }
    Status status = write_head(options_.folder, head);
    while (status && !gone.empty()) {
        status = let_go(gone.front());
        if (status) {
            gone.pop_front();
        }
    }
    if (status) {
        status = os::sync_folder(options_.folder);
    }
    const std::lock_guard lock(mutex_);
    closed_.insert(closed_.begin(), gone.begin(), gone.end());
    if (status) {
        head_ = head;
    }
    changed_.notify_all();
    if (!status) {
        log_warn("log_truncation_failed", {{"reason", status.detail()}});
    }
}

Status SegmentSupply::let_go(const Closed& closed) {
    const std::string old_path = path(closed.number);
    {
        const std::lock_guard lock(mutex_);
        if (closed.bytes != options_.segment_bytes ||
            ready_.size() >= limits::kLogSpareSegmentsMax) {
            return os::remove_file(old_path);
        }
    }
    // Its bytes were synced once, so writing over them later needs no metadata; the new number and
    // seed keep them from being taken for the log's.
    auto file = os::File::open(old_path, os::FileMode::kReadWrite, durability());
    if (!file) {
        return file.status();
    }
    const std::uint32_t number = last_number_ + 1;
    AIML_TRY(os::rename_file(old_path, path(number)));
    auto segment = std::make_shared<Segment>();
    segment->number = number;
    segment->file = std::move(*file);
    segment->zeroed = options_.segment_bytes;
    AIML_TRY(os::sync_folder(options_.folder));
    last_number_ = number;
    const std::lock_guard lock(mutex_);
    ready_.push_back(std::move(segment));
    return {};
}

std::uint64_t SegmentSupply::live_bytes() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t bytes = active_ == nullptr ? 0 : active_->position;
    for (const Closed& closed : closed_) {
        bytes += closed.bytes;
    }
    return bytes;
}

std::optional<SegmentSupply::Sealed> SegmentSupply::sealed_above(std::uint32_t number) const {
    const std::lock_guard lock(mutex_);
    const auto at =
        std::ranges::find_if(closed_, [&](const Closed& one) { return one.number > number; });
    if (at == closed_.end()) {
        return std::nullopt;
    }
    const auto next = at + 1;
    const Lsn behind = next != closed_.end() ? next->first_lsn
                       : active_ != nullptr  ? active_->first_lsn
                                             : next_at_open_;
    return Sealed{at->number, at->first_lsn, behind};
}

bool SegmentSupply::scrub(const Scrub& scrub) const {
    bool stopped = false;
    std::uint32_t last = 0;
    for (auto sealed = sealed_above(0); sealed && !stopped; sealed = sealed_above(last)) {
        last = sealed->number;
        std::vector<ScrubFault> faults;
        const std::string name = segment_name(last);
        SegmentCheck check(
            last, sealed->first, sealed->behind, [&](std::uint64_t offset, std::uint64_t length) {
                faults.push_back({name,
                                  "acknowledged bytes of the log",
                                  "at " + std::to_string(offset) + ": " + std::to_string(length) +
                                      " bytes do not hold"});
            });
        const Status status = os::read_cold(path(last), [&](std::uint64_t, ByteView bytes) {
            check.feed(bytes);
            stopped = !scrub.pace(bytes.size());
            return stopped ? Status(ErrorCode::kDraining, "the scrub was stopped") : Status();
        });
        if (status) {
            check.finish();
        } else if (status.code() == ErrorCode::kStorageFailed) {
            faults.push_back({name, "acknowledged bytes of the log", status.detail()});
        }
        const auto still = sealed_above(last - 1);
        if (!still || still->number != last) {
            continue;  // Let go of, and perhaps written anew while it was read.
        }
        for (ScrubFault& fault : faults) {
            scrub.fault(std::move(fault));
        }
    }
    return !stopped;
}

}  // namespace aiml042::wal
