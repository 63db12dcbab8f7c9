#include "wal/frame_buffer.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "base/limits.h"

namespace aiml042::wal {

namespace {

constexpr std::size_t kBufferBytesMin = 64 * 1024;

std::size_t pad_of(const std::string& buffer) {
    const auto address = std::bit_cast<std::uintptr_t>(buffer.data());
    return (kSector - address % kSector) % kSector;
}

}  // namespace

std::string BufferPool::take() {
    const MutexLock lock(mutex_);
    if (free_.empty()) {
        return {};
    }
    std::string buffer = std::move(free_.back());
    free_.pop_back();
    buffer.clear();
    return buffer;
}

void BufferPool::give(std::string buffer) {
    const MutexLock lock(mutex_);
    if (free_.size() < limits::kLogPoolBuffersMax &&
        buffer.capacity() <= limits::kLogPoolBufferBytesMax) {
        free_.push_back(std::move(buffer));
    }
}

std::uint64_t FrameBuffer::extent_with(std::uint64_t more) const {
    return round_to_sector((bytes_.empty() ? kFrameHeaderBytes : bytes_.size() - pad_) + more);
}

void FrameBuffer::begin() {
    bytes_ = pool_->take();
    if (bytes_.capacity() < kBufferBytesMin) {
        bytes_.reserve(kBufferBytesMin);
    }
    pad_ = pad_of(bytes_);
    bytes_.append(pad_ + kFrameHeaderBytes, '\0');
}

// A string that grows by itself would move the frame off its sector boundary.
void FrameBuffer::make_room(std::size_t more) {
    const std::size_t wanted = bytes_.size() + more + kSector;  // Padding at the end fits too.
    if (wanted <= bytes_.capacity()) {
        return;
    }
    std::string larger;
    larger.reserve(std::max(wanted, 2 * bytes_.capacity()) + kSector);
    const std::size_t pad = pad_of(larger);
    larger.append(pad, '\0');
    larger.append(bytes_, pad_);
    pad_ = pad;
    bytes_.swap(larger);
    AIML_CHECK(pad_of(bytes_) == pad_);
}

void FrameBuffer::add(std::span<const ByteView> pieces, std::uint32_t count) {
    AIML_CHECK(count > 0);
    std::size_t length = 0;
    for (const ByteView piece : pieces) {
        length += piece.size();
    }
    AIML_CHECK(length <= limits::kFrameBytesMax);
    if (bytes_.empty()) {
        begin();
    }
    make_room(kRecordPrefixBytes + length);
    ByteWriter w(bytes_);
    w.fixed(count);
    w.fixed(static_cast<std::uint32_t>(length));
    entries_.push_back({bytes_.size() - pad_, static_cast<std::uint32_t>(length), count});
    for (const ByteView piece : pieces) {
        w.bytes(piece);
    }
    items_ += count;
}

ByteView FrameBuffer::finish(FrameHeader header) {
    if (bytes_.empty()) {
        begin();
    }
    const std::size_t used = bytes_.size() - pad_;
    const std::uint64_t whole = round_to_sector(used);
    bytes_.append(whole - used, '\0');
    AIML_CHECK(pad_of(bytes_) == pad_);
    header.body_bytes = static_cast<std::uint32_t>(used - kFrameHeaderBytes);
    header.records = static_cast<std::uint32_t>(entries_.size());
    header.items = items_;
    seal_frame(header, bytes_.data() + pad_);
    return ByteView(bytes_).substr(pad_);
}

CommittedGroup FrameBuffer::release(Lsn first) {
    // The last consumer's reference gives the memory back to the pool.
    std::shared_ptr<std::string> shared(new std::string(std::move(bytes_)),
                                        [pool = pool_](std::string* gone) {
                                            const std::unique_ptr<std::string> owned(gone);
                                            pool->give(std::move(*owned));
                                        });
    CommittedGroup group;
    group.records.reserve(entries_.size());
    for (const Entry& entry : entries_) {
        group.records.push_back(
            {first, entry.count, ByteView(*shared).substr(pad_ + entry.offset, entry.length)});
        first += entry.count;
    }
    group.bytes = std::move(shared);
    bytes_ = std::string();
    clear();
    return group;
}

void FrameBuffer::clear() {
    if (!bytes_.empty()) {
        pool_->give(std::move(bytes_));
    }
    bytes_ = std::string();
    pad_ = 0;
    items_ = 0;
    entries_.clear();
}

}  // namespace aiml042::wal
