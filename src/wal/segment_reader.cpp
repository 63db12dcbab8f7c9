#include "wal/segment_reader.h"

#include <algorithm>
#include <optional>

#include "os/sabotage.h"

namespace aiml042::wal {

namespace {

constexpr Lsn kLsnMax = Lsn{1} << 62;            // Beyond this a header is nonsense.
constexpr std::uint64_t kItemsMax = 1ULL << 48;  // So that sums cannot overflow.

/// Whether a frame header that holds is one of this segment and stands where it says.
bool belongs(const FrameHeader& frame, const SegmentHeader& segment, std::uint64_t offset) {
    return frame.seed == segment.seed && frame.segment == segment.number &&
           frame.offset == offset && frame.first_lsn >= 1 && frame.first_lsn < kLsnMax &&
           frame.items < kItemsMax;
}

/// Whether the records of a body (its checksum holds) add up to what the header says.
bool records_add_up(const FrameHeader& frame, ByteView body) {
    ByteReader r(body);
    std::uint64_t items = 0;
    std::uint32_t records = 0;
    while (r.remaining() > 0) {
        const auto count = r.fixed<std::uint32_t>();
        r.bytes(r.fixed<std::uint32_t>());
        if (!r.ok() || count == 0) {
            return false;
        }
        items += count;
        ++records;
    }
    return items == frame.items && records == frame.records;
}

/// Walks the frames of one segment.
class FrameWalk {
  public:
    FrameWalk(ByteView bytes, const SegmentHeader& segment, Lsn expected)
        : bytes_(bytes), segment_(segment) {
        scan_.next = expected;
        scan_.end = kFramesBegin;
    }

    Result<SegmentScan> run(const std::function<Status(const Record&)>& each) {
        std::uint64_t at = kFramesBegin;
        while (at < bytes_.size()) {
            const ByteView rest = bytes_.substr(at);
            const auto frame = decode_frame_header(rest);
            if (!frame || !belongs(*frame, segment_, at)) {
                at += kSector;  // Anything may be here: look at the next place where a frame can
                                // begin.
                bad_ = true;
            } else if (!holds(*frame, rest)) {
                at += std::min<std::uint64_t>(frame->extent(), rest.size());
                bad_ = true;
            } else {
                if (bad_ && frame->synced_upto <= scan_.end) {
                    break;  // Written before the stretch was durable: nothing of it was
                            // acknowledged.
                }
                accept(*frame, at);
                AIML_TRY(emit(*frame, rest.substr(kFrameHeaderBytes, frame->body_bytes), each));
                at += frame->extent();
                scan_.end = at;
            }
            if (bad_ && os::sabotaged("cut_at_first_bad")) {
                break;
            }
        }
        measure_tail();
        return std::move(scan_);
    }

  private:
    /// `rest` begins at the frame.
    bool holds(const FrameHeader& frame, ByteView rest) const {
        return frame.first_lsn >= scan_.next && frame_body_holds(frame, rest) &&
               records_add_up(frame, rest.substr(kFrameHeaderBytes, frame.body_bytes));
    }

    /// What lies between the last good frame and this one had been acknowledged.
    void accept(const FrameHeader& frame, std::uint64_t at) {
        if (bad_ || frame.first_lsn > scan_.next) {
            scan_.bad.push_back({scan_.end, at - scan_.end, scan_.next - 1, frame.first_lsn});
        }
        bad_ = false;
        scan_.next = frame.first_lsn + frame.items;
    }

    static Status emit(const FrameHeader& frame,
                       ByteView body,
                       const std::function<Status(const Record&)>& each) {
        ByteReader r(body);
        Lsn first = frame.first_lsn;
        while (r.remaining() > 0) {
            const auto count = r.fixed<std::uint32_t>();
            const ByteView payload = r.bytes(r.fixed<std::uint32_t>());
            AIML_TRY(each({first, count, payload}));
            first += count;
        }
        return {};
    }

    void measure_tail() {
        if (scan_.end < bytes_.size()) {
            const auto last = bytes_.find_last_not_of('\0');
            if (last != ByteView::npos && last >= scan_.end) {
                scan_.tail_length =
                    std::min<std::uint64_t>(round_to_sector(last + 1), bytes_.size()) - scan_.end;
            }
        }
    }

    ByteView bytes_;
    SegmentHeader segment_;
    SegmentScan scan_;
    bool bad_ = false;  // Something since `scan_.end` does not hold.
};

std::optional<SegmentHeader> usable(ByteView sector, std::uint32_t number) {
    auto header = decode_segment_header(sector);
    // The header of a recycled file carries the number that the file had before.
    return header && header->number == number ? header : std::nullopt;
}

std::optional<SegmentHeader> rebuild(ByteView bytes, std::uint32_t number) {
    for (std::uint64_t at = kFramesBegin; at < bytes.size(); at += kSector) {
        const auto frame = decode_frame_header(bytes.substr(at));
        if (frame && frame->segment == number && frame->offset == at) {
            return SegmentHeader{.number = number, .first_lsn = 0, .seed = frame->seed};
        }
    }
    return std::nullopt;
}

}  // namespace

HeaderScan scan_header(ByteView bytes, std::uint32_t number) {
    const auto first = usable(bytes.substr(0, kSector), number);
    const auto second =
        usable(bytes.substr(std::min<std::size_t>(kSector, bytes.size()), kSector), number);
    HeaderScan scan;
    scan.first_bad = !first;
    scan.second_bad = !second;
    const auto header = first ? first : second ? second : rebuild(bytes, number);
    scan.found = header.has_value();
    scan.header = header.value_or(SegmentHeader{});
    return scan;
}

Result<SegmentScan> scan_frames(ByteView bytes,
                                const SegmentHeader& header,
                                Lsn expected,
                                const std::function<Status(const Record&)>& each) {
    return FrameWalk(bytes, header, expected).run(each);
}

}  // namespace aiml042::wal
