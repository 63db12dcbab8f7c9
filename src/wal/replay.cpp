#include "wal/replay.h"

#include <algorithm>
#include <future>
#include <optional>
#include <utility>

#include "os/file.h"
#include "os/sabotage.h"
#include "wal/format.h"
#include "wal/segment_reader.h"

namespace aiml042::wal {

namespace {

/// Reads what can be read: sectors that the disk refuses come back as zeros (which no frame is made
/// of). In the memory of `bytes`.
Result<std::string> read_what_can_be(const os::File& file,
                                     std::uint64_t bytes_max,
                                     std::string bytes = {}) {
    std::uint64_t size = 0;
    AIML_ASSIGN(size, file.size());
    size = std::min(size, bytes_max);
    bytes.resize(size);
    for (std::uint64_t at = 0; at < size; at += limits::kLogZeroChunkBytes) {
        const std::uint64_t chunk = std::min<std::uint64_t>(limits::kLogZeroChunkBytes, size - at);
        if (file.read_at(at, bytes.data() + at, chunk)) {
            continue;
        }
        for (std::uint64_t sector = at; sector < at + chunk; sector += kSector) {
            const std::uint64_t length = std::min(kSector, size - sector);
            if (!file.read_at(sector, bytes.data() + sector, length)) {
                std::fill_n(bytes.data() + sector, length, '\0');
            }
        }
    }
    return bytes;
}

class Replay {
  public:
    Replay(const std::string& folder, Lsn from, const std::function<Status(const Record&)>& each)
        : folder_(folder), from_(from), each_(each) {}

    Status run() {
        AIML_TRY(list());
        AIML_TRY(load_head());
        for (std::size_t i = 0; i < numbers_.size(); ++i) {
            if (!covered(i)) {
                std::string bytes;
                AIML_ASSIGN(bytes, take_bytes(i));
                AIML_TRY(read_segment(numbers_[i], bytes));
                spare_ = std::move(bytes);
            }
        }
        report_.torn_bytes = tail_length_;
        report_.next = std::max({expected_, floor_, Lsn{1}});
        return {};
    }

    /// Makes what run() took for the end of the log the end for good, and everything before it
    /// durable: a process that was killed may have left whole frames in the page cache only.
    Status repair() {
        for (const std::uint32_t number : numbers_) {
            if (number > last_used_) {
                AIML_TRY(os::remove_file(path(number)));
            }
        }
        if (last_used_ != 0) {
            auto file = os::File::open(path(last_used_), os::FileMode::kReadWrite);
            if (!file) {
                return file.status();
            }
            std::uint64_t size = 0;
            AIML_ASSIGN(size, file->size());
            if (size > end_) {
                AIML_TRY(file->resize(end_));
            }
            AIML_TRY(file->sync());
        }
        return os::sync_folder(folder_);
    }

    ReplayReport take_report() { return std::move(report_); }

  private:
    std::string path(std::uint32_t number) const { return folder_ + "/" + segment_name(number); }

    Status list() {
        std::vector<std::string> names;
        AIML_ASSIGN(names, os::list_folder(folder_));
        for (const std::string& name : names) {
            if (const auto number = segment_number(name)) {
                numbers_.push_back(*number);
            }
        }
        std::ranges::sort(numbers_);
        return {};
    }

    Status load_head() {
        const auto head = read_head(folder_);
        if (head) {
            report_.head = *head;
        } else if (head.code() == ErrorCode::kCorruptBlock) {
            // What was let go of is not known any more; the first segment that is there must do.
            report_.damages.push_back({std::string(kHeadName), 0, 0, 0, 0});
            head_lost_ = true;
        } else {
            return head.status();
        }
        floor_ = std::max(from_, report_.head);
        return {};
    }

    /// Whether no record of a segment is wanted: the next one begins at or below the floor.
    bool covered(std::size_t i) {
        if (i + 1 >= numbers_.size()) {
            return false;
        }
        const std::uint32_t next = numbers_[i + 1];
        const auto file = os::File::open(path(next), os::FileMode::kRead);
        if (!file) {
            return false;
        }
        const auto bytes = read_what_can_be(*file, kFramesBegin);
        if (!bytes) {
            return false;
        }
        const HeaderScan scan = scan_header(*bytes, next);
        if (!scan.found || scan.header.first_lsn > floor_) {
            return false;
        }
        expected_ = scan.header.first_lsn;
        started_ = true;
        last_used_ = numbers_[i];
        return true;
    }

    void damage(std::uint32_t number, const BadStretch& bad) {
        if (bad.until > floor_ || bad.until == bad.after + 1) {
            report_.damages.push_back(
                {segment_name(number), bad.offset, bad.length, bad.after, bad.until});
        }
    }

    /// A segment that begins at `first` proves that all Lsns below were acknowledged.
    void check_gap(std::uint32_t number, Lsn first) {
        if (!started_) {
            started_ = true;
            if (first > floor_ && !head_lost_) {
                damage(number > 1 ? number - 1 : number, {0, 0, floor_ - 1, first});
            } else if (head_lost_) {
                report_.head = std::max(report_.head, first);
                floor_ = std::max(floor_, first);
            }
        } else if (first > expected_) {
            const bool neighbour = last_used_ + 1 == number;
            damage(neighbour ? last_used_ : last_used_ + 1,
                   {neighbour ? end_ : 0,
                    neighbour ? std::max(tail_length_, kSector) : 0,
                    expected_ - 1,
                    first});
        }
        expected_ = std::max(expected_, first);
    }

    static Result<std::string> read_file(const std::string& path, std::string memory) {
        const auto file = os::File::open(path, os::FileMode::kRead);
        if (!file) {
            return file.status();
        }
        return read_what_can_be(*file, limits::kSegmentBytes, std::move(memory));
    }

    /// The bytes of segment `i`; the next one is read meanwhile, into the memory of the one before.
    Result<std::string> take_bytes(std::size_t i) {
        auto bytes =
            ahead_.valid() && ahead_of_ == i ? ahead_.get() : read_file(path(numbers_[i]), {});
        if (i + 1 < numbers_.size()) {
            ahead_of_ = i + 1;
            ahead_ =
                std::async(std::launch::async,
                           [path = path(numbers_[i + 1]), memory = std::move(spare_)]() mutable {
                               return read_file(path, std::move(memory));
                           });
        }
        return bytes;
    }

    Status read_segment(std::uint32_t number, ByteView bytes) {
        const HeaderScan header = scan_header(bytes, number);
        if (!header.found) {
            return {};  // Made ahead and not used; if it was, the Lsns of the next one tell.
        }
        if (header.header.version > kFormatVersion) {
            return {ErrorCode::kCorruptBlock,
                    segment_name(number) + " has log format " +
                        std::to_string(header.header.version) + "; this program knows up to " +
                        std::to_string(kFormatVersion)};
        }
        if (header.header.first_lsn != 0) {
            check_gap(number, header.header.first_lsn);
        } else if (!started_) {
            started_ = true;
            expected_ = floor_;
        }
        return read_frames(number, bytes, header);
    }

    Status read_frames(std::uint32_t number, ByteView bytes, const HeaderScan& header) {
        const Lsn begin = std::max<Lsn>(expected_, 1);
        auto scan = scan_frames(bytes, header.header, begin, [&](const Record& record) {
            if (record.first + record.count <= floor_) {
                return Status();
            }
            ++report_.records;
            report_.bytes += record.payload.size();
            return each_(record);
        });
        if (!scan) {
            return scan.status();
        }
        if (header.first_bad || header.second_bad) {
            if (scan->end == kFramesBegin) {
                return {};  // Torn while it was made: no frame came after it, nothing is missing.
            }
            const std::uint64_t offset = header.first_bad ? 0 : kSector;
            const std::uint64_t copies = header.first_bad && header.second_bad ? 2 : 1;
            damage(number, {offset, copies * kSector, begin - 1, begin});
        }
        for (const BadStretch& bad : scan->bad) {
            damage(number, bad);
        }
        expected_ = scan->next;
        end_ = scan->end;
        tail_length_ = scan->tail_length;
        last_used_ = number;
        return {};
    }

    const std::string& folder_;
    const Lsn from_;
    const std::function<Status(const Record&)>& each_;
    std::vector<std::uint32_t> numbers_;
    std::future<Result<std::string>> ahead_;  // Bytes of segment `ahead_of_` of numbers_.
    std::size_t ahead_of_ = 0;
    std::string spare_;
    ReplayReport report_;
    Lsn floor_ = 1;  // Nobody wants a record below.
    bool head_lost_ = false;
    bool started_ = false;  // A segment was seen, so `expected_` means something.
    Lsn expected_ = 1;      // The first Lsn not seen yet.
    std::uint32_t last_used_ = 0;
    std::uint64_t end_ = 0;          // Of the last good frame in segment `last_used_` …
    std::uint64_t tail_length_ = 0;  // … and what is not good behind it.
};

}  // namespace

Result<ReplayReport> replay(const std::string& folder,
                            Lsn from,
                            bool repair,
                            const std::function<Status(const Record&)>& each) {
    if (!os::file_exists(folder)) {
        ReplayReport nothing;
        nothing.next = std::max<Lsn>(from, 1);
        return nothing;
    }
    Replay run(folder, std::max<Lsn>(from, 1), each);
    AIML_TRY(run.run());
    if (repair) {
        AIML_TRY(run.repair());
    }
    return run.take_report();
}

}  // namespace aiml042::wal
