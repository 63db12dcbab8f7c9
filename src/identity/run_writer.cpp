#include "identity/run_writer.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <queue>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"
#include "identity/run_format.h"

namespace aiml042::identity {

namespace {

constexpr std::size_t kBufferBytes = 1 << 20;
constexpr std::uint64_t kPagesAtOnce = 128;

unsigned shard_bits_for(std::uint64_t entries) {
    unsigned bits = 0;
    while (bits < 20 && (entries >> bits) >= 2 * limits::kIdentityFilterShardKeys) {
        ++bits;
    }
    return bits;
}

/// Walks one run.
class Cursor {
  public:
    explicit Cursor(std::shared_ptr<const Run> run) : run_(std::move(run)) {}

    /// Moves to the next entry; false at the end.
    Result<bool> next() {
        if (++at_ < entries_.size()) {
            return true;
        }
        if (page_ == run_->pages()) {
            return false;
        }
        entries_.clear();
        at_ = 0;
        const std::uint64_t count = std::min(kPagesAtOnce, run_->pages() - page_);
        AIML_TRY(run_->read_pages(page_, count, entries_));
        page_ += count;
        return true;
    }

    [[nodiscard]] const Entry& entry() const { return entries_[at_]; }

    [[nodiscard]] const Run& run() const { return *run_; }

  private:
    std::shared_ptr<const Run> run_;
    std::vector<Entry> entries_;
    std::size_t at_ = 0;
    std::uint64_t page_ = 0;
};

}  // namespace

Result<RunWriter> RunWriter::create(const std::string& folder,
                                    std::uint64_t id,
                                    std::uint64_t entries_max) {
    const std::string draft = folder + "/" + run_file_name(id) + ".tmp";
    AIML_ASSIGN(File file, File::open(draft, O_RDWR | O_CREAT | O_TRUNC));
    RunWriter writer(folder, std::move(file), id, shard_bits_for(entries_max));
    writer.buffer_.assign(kPageBytes, '\0');  // The header's place.
    return writer;
}

RunWriter::RunWriter(std::string folder, File file, std::uint64_t id, unsigned shard_bits)
    : folder_(std::move(folder)),
      draft_(folder_ + "/" + run_file_name(id) + ".tmp"),
      file_(std::move(file)) {
    info_.id = id;
    info_.arrival_min = std::numeric_limits<std::uint32_t>::max();
    tail_.shard_bits = shard_bits;
}

void RunWriter::finish_shards(std::uint64_t until) {
    while (tail_.shards.size() < until) {
        tail_.shards.push_back(FuseFilter::build(shard_keys_, tail_.shard_bits));
        shard_keys_.clear();
    }
}

Status RunWriter::add(const Entry& entry) {
    if (tail_.shard_bits > 0) {
        finish_shards(entry.key >> (64 - tail_.shard_bits));
    }
    if (shard_keys_.empty() || shard_keys_.back() != entry.key) {
        AIML_DCHECK(shard_keys_.empty() || shard_keys_.back() < entry.key);
        shard_keys_.push_back(entry.key);
    }
    if (!page_.add(entry)) {
        AIML_TRY(flush_page());
        AIML_CHECK(page_.add(entry));
    }
    ++info_.entries;
    info_.arrival_min = std::min(info_.arrival_min, entry.arrival);
    info_.arrival_max = std::max(info_.arrival_max, entry.arrival);
    return {};
}

Status RunWriter::flush_page() {
    tail_.first_keys.push_back(page_.first_key());
    page_.finish({.run = info_.id, .page = tail_.first_keys.size() - 1}, buffer_);
    if (buffer_.size() < kBufferBytes) {
        return {};
    }
    Status status = file_.write(buffer_).with_context(draft_);
    buffer_.clear();
    return status;
}

Result<std::shared_ptr<const Run>> RunWriter::finish() {
    AIML_CHECK(info_.entries > 0);
    AIML_TRY(flush_page());
    finish_shards(std::uint64_t{1} << tail_.shard_bits);
    const std::string tail = tail_.encode();
    AIML_TRY(file_.write(buffer_).with_context(draft_));
    AIML_TRY(file_.write(tail).with_context(draft_));
    AIML_TRY(file_.write(encode_run_footer(info_.id, tail)).with_context(draft_));
    AIML_TRY(
        file_.write_at(0, encode_run_header(info_, tail_.first_keys.size())).with_context(draft_));
    AIML_TRY(file_.sync().with_context(draft_));
    std::string path = folder_ + "/" + run_file_name(info_.id);
    if (std::rename(draft_.c_str(), path.c_str()) != 0) {
        return Status(ErrorCode::kStorageFailed,
                      "rename " + draft_ + ": " + std::generic_category().message(errno));
    }
    AIML_TRY(sync_folder(folder_));
    return std::make_shared<const Run>(std::move(path), std::move(file_), info_, std::move(tail_));
}

void RunWriter::discard() {
    ::unlink(draft_.c_str());
    ::unlink((folder_ + "/" + run_file_name(info_.id)).c_str());
}

Status merge_runs(std::span<const std::shared_ptr<const Run>> inputs,
                  const Dropped& dropped,
                  RunWriter& out) {
    std::vector<Cursor> cursors;
    cursors.reserve(inputs.size());
    const auto behind = [&](std::size_t a, std::size_t b) {
        return cursors[b].entry() < cursors[a].entry();
    };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(behind)> heads(behind);
    const auto advance = [&](std::size_t i) -> Status {
        const auto more = cursors[i].next();
        if (!more) {
            cursors[i].run().mark_damaged();
            return more.status();
        }
        if (*more) {
            heads.push(i);
        }
        return {};
    };
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        cursors.emplace_back(inputs[i]);
        AIML_TRY(advance(i));
    }
    Entry last;
    while (!heads.empty()) {
        const std::size_t i = heads.top();
        heads.pop();
        const Entry entry = cursors[i].entry();
        const bool repeated = out.entries() > 0 && entry == last;
        if (!repeated && !dropped(entry, cursors[i].run().info().id)) {
            AIML_TRY(out.add(entry));
            last = entry;
        }
        AIML_TRY(advance(i));
    }
    return {};
}

}  // namespace aiml042::identity
