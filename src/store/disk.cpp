#include "store/disk.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdarg>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/rate_limiter.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "base/check.h"
#include "base/counter.h"
#include "base/log.h"

namespace aiml042::store {

namespace {

constexpr std::array<const char*, kFamilies> kNames = {"default", "columns", "text", "labels"};
constexpr std::size_t kWriteBufferBytes = 64ULL << 20;
constexpr std::size_t kBlockCacheBytes = 64ULL << 20;
constexpr std::size_t kTableBlockBytes = 32ULL << 10;
constexpr std::chrono::milliseconds kFlushLook{20};
constexpr std::chrono::seconds kFlushEnd{30};
constexpr std::int64_t kBackgroundBytesPerSecond = 100LL << 20;

std::size_t index(Family family) {
    return static_cast<std::size_t>(family);
}

rocksdb::Slice slice(ByteView bytes) {
    return {bytes.data(), bytes.size()};
}

ByteView view(const rocksdb::Slice& bytes) {
    return {bytes.data(), bytes.size()};
}

std::string hex(ByteView bytes) {
    std::string out;
    for (const char c : bytes) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        out.push_back(kDigits[static_cast<std::uint8_t>(c) >> 4]);
        out.push_back(kDigits[static_cast<std::uint8_t>(c) & 15U]);
    }
    return out;
}

Status from_rocksdb(const rocksdb::Status& status, const std::string& where) {
    if (status.ok()) {
        return Status::ok();
    }
    const std::string detail = where + ": " + status.ToString();
    if (status.IsNotFound()) {
        return {ErrorCode::kNotFound, detail};
    }
    if (status.IsNoSpace()) {
        return {ErrorCode::kDiskFull, detail};
    }
    if (status.IsCorruption()) {
        return {ErrorCode::kCorruptBlock, detail};
    }
    return {ErrorCode::kStorageFailed, detail};
}

std::string place(Family family, ByteView key) {
    return std::string(kNames[index(family)]) + "/" + hex(key);
}

/// Callers of the API read this text, and need not know where the data directory is.
std::string without(const std::string& folder, std::string text) {
    for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder, at)) {
        text.erase(at, folder.size());
    }
    return text;
}

// RocksDB's errors as lines of the server's log. A log file of its own would end the process when
// the disk is full: RocksDB 7.8 as built by Debian asserts that nothing is written behind a failed
// write, and its logger does not care.
class ServerLogger final : public rocksdb::Logger {
  public:
    ServerLogger() : rocksdb::Logger(rocksdb::ERROR_LEVEL) {}

    using rocksdb::Logger::Logv;

    [[gnu::format(printf, 2, 0)]] void Logv(const char* format, va_list arguments) override {
        std::array<char, 512> line{};
        const int length = std::vsnprintf(line.data(), line.size(), format, arguments);
        if (length > 0) {
            log_warn("rocksdb", {{"line", line.data()}});
        }
    }
};

// Takes some errors less seriously than RocksDB does, which would let nothing be written until the
// next start:
// - damaged bytes met while merging files fail their readers anyway; the files stay unmerged;
// - what a failed flush or merge did not write is still in memory or in the old files, and goes to
//   new files when it is tried again.
// It also tells who waits for a flush that one has ended.
class Listener final : public rocksdb::EventListener {
  public:
    // Waits until `done` holds; false after kFlushEnd. Looks at the end of every flush, and each
    // kFlushLook, since RocksDB may count a memory table as gone only after it has told of its end.
    template <typename Done>
    bool wait_for_flushes(Done done) {
        const auto end = std::chrono::steady_clock::now() + kFlushEnd;
        std::unique_lock lock(mutex_);
        while (!done()) {
            if (std::chrono::steady_clock::now() >= end) {
                return false;
            }
            ended_.wait_for(lock, kFlushLook);
        }
        return true;
    }

    void OnFlushCompleted(rocksdb::DB* /*db*/, const rocksdb::FlushJobInfo& /*info*/) override {
        const std::scoped_lock lock(mutex_);
        ended_.notify_all();
    }

    void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override {
        if (reason == rocksdb::BackgroundErrorReason::kCompaction && error->IsCorruption()) {
            static Counter& counter_of_damage =
                counter("aiml042_store_damage_total",
                        "Times that damaged bytes kept files from being merged");
            counter_of_damage.add();
            *error = rocksdb::Status::OK();
            return;
        }
        const bool harmless = reason == rocksdb::BackgroundErrorReason::kFlush ||
                              reason == rocksdb::BackgroundErrorReason::kFlushNoWAL ||
                              reason == rocksdb::BackgroundErrorReason::kCompaction;
        if (harmless && error->IsIOError() &&
            error->severity() > rocksdb::Status::Severity::kHardError) {
            *error = rocksdb::Status(*error, rocksdb::Status::Severity::kHardError);
        }
    }

  private:
    std::mutex mutex_;
    std::condition_variable ended_;
};

rocksdb::Options make_options(std::shared_ptr<Listener> listener,
                              std::shared_ptr<rocksdb::Cache> blocks) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    options.atomic_flush = true;
    options.avoid_flush_during_shutdown = true;  // What seal() did not write, the log has.
    options.max_bgerror_resume_count = 0;        // Only recover() goes on after an error.
    options.listeners.push_back(std::move(listener));
    options.max_background_jobs = 2;
    options.max_open_files = 512;
    options.info_log = std::make_shared<ServerLogger>();
    options.bytes_per_sync = 1U << 20;
    options.db_write_buffer_size = kWriteBufferBytes;
    options.write_buffer_size = kWriteBufferBytes;
    options.max_write_buffer_number = 4;
    // Files that damage keeps from being merged make reads slower; they must not stop seals.
    options.level0_slowdown_writes_trigger = 1 << 20;
    options.level0_stop_writes_trigger = 1 << 20;
    options.soft_pending_compaction_bytes_limit = 0;
    options.hard_pending_compaction_bytes_limit = 0;
    options.compression = rocksdb::kNoCompression;  // Columns come encoded.
    options.level_compaction_dynamic_level_bytes = true;
    options.stats_dump_period_sec = 0;
    options.stats_persist_period_sec = 0;
    rocksdb::BlockBasedTableOptions table;
    table.format_version = 5;
    table.block_size = kTableBlockBytes;
    table.block_cache = std::move(blocks);
    table.cache_index_and_filter_blocks = true;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options.rate_limiter.reset(rocksdb::NewGenericRateLimiter(kBackgroundBytesPerSecond));
    return options;
}

constexpr std::size_t kScrubReadBytes = 256ULL << 10;

/// A reader of one file that shares nothing with the open database. Direct reads where the file
/// system can.
rocksdb::Status open_cold(const std::string& path,
                          std::unique_ptr<rocksdb::SstFileReader>& reader) {
    rocksdb::Options options;
    options.info_log = std::make_shared<ServerLogger>();
    rocksdb::BlockBasedTableOptions table;
    table.no_block_cache = true;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    rocksdb::Status status;
    for (const bool direct : {true, false}) {
        options.use_direct_reads = direct;
        reader = std::make_unique<rocksdb::SstFileReader>(options);
        status = reader->Open(path);
        if (status.ok() || status.IsCorruption() || status.IsPathNotFound()) {
            break;
        }
    }
    return status;
}

}  // namespace

struct Batch::State {
    std::vector<std::pair<Family, std::pair<std::string, std::string>>> puts;
    std::vector<std::pair<Family, std::string>> removals;
    std::size_t bytes = 0;
};

Batch::Batch() : state_(std::make_unique<State>()) {}

Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;

void Batch::put(Family family, ByteView key, ByteView value) {
    state_->puts.push_back({family, {std::string(key), std::string(value)}});
    state_->bytes += key.size() + value.size();
}

void Batch::remove(Family family, ByteView key) {
    state_->removals.emplace_back(family, key);
    state_->bytes += key.size();
}

void Batch::append(Batch other) {
    std::move(
        other.state_->puts.begin(), other.state_->puts.end(), std::back_inserter(state_->puts));
    std::move(other.state_->removals.begin(),
              other.state_->removals.end(),
              std::back_inserter(state_->removals));
    state_->bytes += other.state_->bytes;
}

std::size_t Batch::bytes() const {
    return state_->bytes;
}

bool Batch::empty() const {
    return state_->puts.empty() && state_->removals.empty();
}

struct Disk::State {
    rocksdb::DB* db = nullptr;
    std::string folder;
    std::shared_ptr<rocksdb::Cache> blocks = rocksdb::NewLRUCache(kBlockCacheBytes);
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    std::shared_ptr<Listener> listener = std::make_shared<Listener>();
    bool failed = false;  // RocksDB refuses writes after a failed one until it is told to go on.

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    ~State() {
        for (auto* handle : handles) {
            db->DestroyColumnFamilyHandle(handle);
        }
        delete db;
    }
};

Disk::Disk(std::unique_ptr<State> state) : state_(std::move(state)) {}

Disk::~Disk() = default;

Result<std::unique_ptr<Disk>> Disk::open(const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        return Status(ErrorCode::kStorageFailed,
                      "the folder of the store cannot be made: " + error.message());
    }
    auto state = std::make_unique<State>();
    state->folder = folder;
    const rocksdb::Options options = make_options(state->listener, state->blocks);
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    families.reserve(std::size(kNames));
    for (const char* name : kNames) {
        families.emplace_back(name, options);
    }
    const rocksdb::Status status =
        rocksdb::DB::Open(options, folder, families, &state->handles, &state->db);
    if (!status.ok()) {
        return from_rocksdb(status, "opening the store");
    }
    return std::unique_ptr<Disk>(new Disk(std::move(state)));
}

Status Disk::read(Family family, ByteView key, const std::function<Status(ByteView)>& use) const {
    rocksdb::PinnableSlice value;
    const rocksdb::Status status =
        state_->db->Get(rocksdb::ReadOptions(), state_->handles[index(family)], slice(key), &value);
    if (!status.ok()) {
        const Status failed = from_rocksdb(status, place(family, key));
        return {failed.code(), without(state_->folder + "/", failed.detail())};
    }
    Status used = use(view(value));
    return used.is_ok() ? std::move(used) : std::move(used).with_context(place(family, key));
}

Status Disk::scan(Family family,
                  ByteView from,
                  ByteView to,
                  const std::function<Status(ByteView key, ByteView value)>& each) const {
    const rocksdb::Slice upper = slice(to);
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &upper;
    const std::unique_ptr<rocksdb::Iterator> at(
        state_->db->NewIterator(options, state_->handles[index(family)]));
    for (at->Seek(slice(from)); at->Valid(); at->Next()) {
        if (Status used = each(view(at->key()), view(at->value())); !used.is_ok()) {
            return std::move(used).with_context(place(family, view(at->key())));
        }
    }
    return from_rocksdb(at->status(), place(family, from));
}

Status Disk::write(Batch batch) {
    AIML_TRY(recover());
    rocksdb::WriteBatch writes(batch.bytes() + 64);
    for (const auto& [family, pair] : batch.state_->puts) {
        const rocksdb::Status status =
            writes.Put(state_->handles[index(family)], slice(pair.first), slice(pair.second));
        AIML_CHECK(status.ok());
    }
    for (const auto& [family, key] : batch.state_->removals) {
        const rocksdb::Status status = writes.Delete(state_->handles[index(family)], slice(key));
        AIML_CHECK(status.ok());
    }
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    return note(from_rocksdb(state_->db->Write(options, &writes), "writing to the store"));
}

Status Disk::note(Status status) {
    state_->failed = state_->failed || !status.is_ok();
    return status;
}

Status Disk::recover() {
    if (!state_->failed) {
        return Status::ok();
    }
    AIML_TRY(from_rocksdb(state_->db->Resume(), "going on after a failed write to the store"));
    state_->failed = false;
    return Status::ok();
}

bool Disk::nothing_in_memory() const {
    return std::all_of(state_->handles.begin(), state_->handles.end(), [&](auto* handle) {
        std::uint64_t active = 1;
        std::uint64_t frozen = 1;
        return state_->db->GetIntProperty(
                   handle, rocksdb::DB::Properties::kNumEntriesActiveMemTable, &active) &&
               state_->db->GetIntProperty(
                   handle, rocksdb::DB::Properties::kNumImmutableMemTable, &frozen) &&
               active == 0 && frozen == 0;
    });
}

Status Disk::flush() {
    AIML_TRY(recover());
    rocksdb::FlushOptions options;
    options.wait = true;
    options.allow_write_stall = true;
    AIML_TRY(note(from_rocksdb(state_->db->Flush(options, state_->handles), "flushing the store")));
    // After an error that was overcome, RocksDB 7.8 may report success while the flush is still
    // under way; what the log may be cut to must not depend on that.
    if (state_->listener->wait_for_flushes([this] { return nothing_in_memory(); })) {
        return Status::ok();
    }
    return note({ErrorCode::kStorageFailed, "flushing the store: it does not end"});
}

Status Disk::drop_range(Family family, ByteView from, ByteView to) {
    auto* handle = state_->handles[index(family)];
    const rocksdb::Slice first = slice(from);
    const rocksdb::Slice last = slice(to);
    AIML_TRY(from_rocksdb(rocksdb::DeleteFilesInRange(state_->db, handle, &first, &last, false),
                          "dropping files of the store"));
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    return from_rocksdb(state_->db->DeleteRange(options, handle, first, last),
                        "dropping a range of the store");
}

std::vector<DiskFile> Disk::files() const {
    std::vector<rocksdb::LiveFileMetaData> live;
    state_->db->GetLiveFilesMetaData(&live);
    std::vector<DiskFile> out;
    for (const rocksdb::LiveFileMetaData& file : live) {
        const auto* family = std::ranges::find(kNames, file.column_family_name);
        out.push_back({.number = file.file_number,
                       .name = file.name.substr(file.name.rfind('/') + 1),
                       .family = static_cast<Family>(family - kNames.begin()),
                       .bytes = file.size});
    }
    std::ranges::sort(out, {}, &DiskFile::number);
    return out;
}

void Disk::scrub_file(const DiskFile& file, const FileScan& scan) const {
    const std::string path = state_->folder + "/" + file.name;
    std::unique_ptr<rocksdb::SstFileReader> reader;
    if (const rocksdb::Status opened = open_cold(path, reader); !opened.ok()) {
        if (std::filesystem::exists(path)) {
            scan.damaged({}, {}, from_rocksdb(opened, file.name));
        }
        return;
    }
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    options.readahead_size = kScrubReadBytes;
    const std::unique_ptr<rocksdb::Iterator> at(reader->NewIterator(options));
    std::string last;
    at->SeekToFirst();
    while (true) {
        for (; at->Valid(); at->Next()) {
            last.assign(at->key().data(), at->key().size());
            if (!scan.read(at->key().size() + at->value().size())) {
                return;
            }
        }
        const rocksdb::Status failed = at->status();
        if (failed.ok()) {
            return;
        }
        // Who asks next what cannot be read must not be shown what is remembered.
        state_->blocks->EraseUnRefEntries();
        std::string next = scan.key_behind(last);
        for (; !next.empty(); next = scan.key_behind(next)) {
            at->Seek(slice(next));
            if (at->Valid() || at->status().ok()) {
                break;
            }
        }
        scan.damaged(
            last, at->Valid() ? view(at->key()) : ByteView(), from_rocksdb(failed, file.name));
        if (next.empty() || !at->Valid()) {
            return;
        }
    }
}

Status Disk::verify_files() const {
    return from_rocksdb(state_->db->VerifyChecksum(), "reading the files of the store");
}

}  // namespace aiml042::store
