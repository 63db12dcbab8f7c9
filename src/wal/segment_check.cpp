#include "wal/segment_check.h"

#include <algorithm>
#include <utility>

namespace aiml042::wal {

SegmentCheck::SegmentCheck(std::uint32_t number, Lsn first, Lsn behind, Bad bad)
    : number_(number), behind_(behind), bad_(std::move(bad)), next_(first) {}

void SegmentCheck::feed(ByteView bytes) {
    pending_.erase(0, begin_);
    begin_ = 0;
    pending_.append(bytes);
    while (step()) {
    }
}

void SegmentCheck::finish() {
    while (!rest().empty() && next_ < behind_) {
        skip(kSector);  // A frame that is longer than the file.
        while (step()) {
        }
    }
    if (next_ < behind_) {
        bad_(good_end_, std::max(at_, good_end_ + kSector) - good_end_);
    }
}

/// Takes one sector or frame; false when more bytes are needed.
bool SegmentCheck::step() {
    if (rest().size() < kSector || next_ >= behind_) {
        if (next_ >= behind_) {
            skip(rest().size());
        }
        return false;
    }
    if (at_ < kFramesBegin) {
        check_header();
        skip(kSector);
        return true;
    }
    const auto frame = decode_frame_header(rest());
    if (!frame || !belongs(*frame)) {
        skip(kSector);
        return true;
    }
    if (rest().size() < frame->extent()) {
        return false;
    }
    if (!frame_body_holds(*frame, rest())) {
        skip(frame->extent());
        return true;
    }
    if (headers_bad_ > 0) {
        // With a frame behind them they were not just torn while the segment was made.
        bad_(headers_bad_ == 1 && !first_header_bad_ ? kSector : 0, headers_bad_ * kSector);
        headers_bad_ = 0;
    }
    if (at_ > good_end_ || frame->first_lsn > next_) {
        bad_(good_end_, std::max(at_ - good_end_, kSector));
    }
    seed_ = frame->seed;
    next_ = frame->first_lsn + frame->items;
    skip(frame->extent());
    good_end_ = at_;
    return true;
}

void SegmentCheck::skip(std::uint64_t bytes) {
    const std::uint64_t taken = std::min<std::uint64_t>(bytes, rest().size());
    begin_ += taken;
    at_ += taken;
}

void SegmentCheck::check_header() {
    const auto header = decode_segment_header(rest().substr(0, kSector));
    if (header && header->number == number_) {
        seed_ = header->seed;
        return;
    }
    first_header_bad_ = first_header_bad_ || at_ == 0;
    ++headers_bad_;
}

bool SegmentCheck::belongs(const FrameHeader& frame) const {
    return frame.segment == number_ && frame.offset == at_ && frame.first_lsn >= next_ &&
           (!seed_ || frame.seed == *seed_);
}

}  // namespace aiml042::wal
