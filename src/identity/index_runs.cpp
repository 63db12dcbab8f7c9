// Opening, sealing and merging: the part of Index that touches files.

#include <algorithm>
#include <bit>
#include <filesystem>
#include <system_error>

#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "identity/index_state.h"
#include "os/thread.h"

namespace aiml042::identity {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRunsOfOneSize = 3;  // So many runs of about one size become one.
constexpr std::uint64_t kSmallRun = 1 << 18;
constexpr std::uint32_t kLateStep =
    3600;  // sealed_until goes back by this much more, so that it rarely has to.

Timestamp to_timestamp(std::uint32_t seconds) {
    return Timestamp{seconds} * kSecond;
}

/// Runs of one class are within a factor of four.
int size_class(std::uint64_t entries) {
    return static_cast<int>(std::bit_width(std::max(entries, kSmallRun) - 1)) / 2;
}

}  // namespace

Index::State::~State() {
    {
        const std::lock_guard lock(admin);
        stopping = true;
    }
    merge_wake.notify_all();
    if (merger.joinable()) {
        merger.join();
    }
}

Status Index::State::open() {
    std::error_code error;
    fs::create_directories(options.folder, error);
    if (error) {
        return {ErrorCode::kStorageFailed, options.folder + ": " + error.message()};
    }
#ifdef AIML042_SABOTAGE
    forgets = options.sabotage_forget_on_restart;
#endif
    if (!forgets) {
        AIML_TRY(open_runs());
    }
    AIML_TRY(remove_leftovers());
    AIML_TRY(tombstones.open(options.folder));
    manifest.next_run = std::max(manifest.next_run, tombstones.run_max());
    late_bound = arrival_seconds(manifest.sealed_until);
    publish(false);
    if (!options.merge_inline) {
        merger = std::thread([this] { merge_loop(); });
    }
    return {};
}

Status Index::State::open_runs() {
    auto loaded = Manifest::load(options.folder);
    if (!loaded && loaded.code() != ErrorCode::kNotFound) {
        log_error("identity_manifest_damaged", {{"detail", loaded.status().to_string()}});
        const std::string path = options.folder + "/" + kManifestName;
        std::error_code error;
        fs::rename(path, path + ".corrupt", error);
        if (error) {
            return {ErrorCode::kStorageFailed, path + ": " + error.message()};
        }
    }
    if (loaded) {
        manifest = std::move(*loaded);
    }
    std::vector<RunInfo> good;
    for (const RunInfo& info : manifest.runs) {
        auto run = info.damaged ? Result<std::shared_ptr<const Run>>(
                                      Status(ErrorCode::kCorruptBlock, "a page is damaged"))
                                : Run::open(options.folder, info);
        if (run) {
            good.push_back(info);
            runs.push_back(std::move(*run));
            continue;
        }
        const std::string path = options.folder + "/" + run_file_name(info.id);
        log_error("identity_run_set_aside", {{"file", path}, {"detail", run.status().to_string()}});
        std::error_code ignored;
        fs::rename(path, path + ".corrupt", ignored);  // The file may be what is missing.
        manifest.sealed_until = std::min(manifest.sealed_until, to_timestamp(info.arrival_min));
    }
    if (good.size() != manifest.runs.size()) {
        manifest.runs = std::move(good);
        return manifest.store(options.folder);
    }
    return {};
}

Status Index::State::remove_leftovers() {
    std::error_code error;
    std::vector<fs::path> leftovers;
    for (fs::directory_iterator it(options.folder, error), end; !error && it != end;
         it.increment(error)) {
        const fs::path path = it->path();
        const bool known = std::ranges::any_of(
            runs, [&](const auto& run) { return run->path() == path.string(); });
        if (path.extension() == ".tmp" || (path.extension() == ".run" && !known)) {
            leftovers.push_back(path);
        } else if (path.extension() == ".corrupt") {
            set_aside.push_back(path.string());
        }
    }
    for (const fs::path& path : leftovers) {
        fs::remove(path, error);
    }
    return error ? Status(ErrorCode::kStorageFailed, options.folder + ": " + error.message())
                 : Status();
}

void Index::State::note_late(std::uint32_t arrival) {
    const std::lock_guard lock(admin);
    const std::uint32_t floor = arrival > kLateStep ? arrival - kLateStep : 0;
    late_min = std::min(late_min, floor);
    late_bound.store(std::min(late_bound.load(), floor));
    if (manifest.sealed_until <= to_timestamp(arrival)) {
        return;
    }
    if (const Status status = commit(runs, to_timestamp(floor)); !status.is_ok()) {
        // The log still has the event; only a crash after it is cut, before the next seal, would
        // forget this identity.
        log_error("identity_manifest_not_written", {{"detail", status.to_string()}});
    }
}

Status Index::State::commit(RunSet new_runs, Timestamp sealed_until) {
    Manifest next;
    next.next_run = manifest.next_run;
    next.sealed_until = sealed_until;
    for (const auto& run : new_runs) {
        next.runs.push_back(run->info());
        next.runs.back().damaged = run->damaged();
    }
    AIML_TRY(next.store(options.folder));
    manifest = std::move(next);
    runs = std::move(new_runs);
    return {};
}

void Index::State::publish(bool drop) {
    std::shared_ptr<const RunSet> set;
    {
        const std::lock_guard lock(admin);
        set = std::make_shared<const RunSet>(runs);
    }
    for (Stripe& stripe : stripes) {
        std::shared_ptr<const RunSet> old = set;  // Released after the lock.
        const std::lock_guard lock(stripe.mutex);
        stripe.runs.swap(old);
        if (drop) {
            const std::size_t before = stripe.table.size();
            stripe.table.drop_copied();
            hot_entries.fetch_sub(before - stripe.table.size(), std::memory_order_relaxed);
        }
    }
}

void Index::State::undo_copies() {
    for (Stripe& stripe : stripes) {
        const std::lock_guard lock(stripe.mutex);
        stripe.table.keep_copied();
    }
}

Status Index::State::write_run(RunWriter& writer, std::uint32_t before) {
    std::vector<Entry> entries;
    for (Stripe& stripe :
         stripes) {  // Stripes are ranges of keys: sorted each, they are sorted together.
        entries.clear();
        {
            const std::lock_guard lock(stripe.mutex);
            stripe.table.copy_before(before, entries);
        }
        std::ranges::sort(entries);
        for (const Entry& entry : entries) {
            AIML_TRY(writer.add(entry));
        }
    }
    return {};
}

Status Index::State::seal(std::uint32_t before, bool raise) {
    const std::lock_guard one_seal(seal_mutex);
    std::uint64_t id = 0;
    {
        const std::lock_guard lock(admin);
        id = manifest.next_run++;
        late_min = 0xFFFF'FFFFU;
        if (raise) {
            late_bound.store(std::max(late_bound.load(), before));
        }
    }
    auto writer = RunWriter::create(options.folder, id, hot_entries.load());
    Status status = writer ? write_run(*writer, before) : writer.status();
    std::shared_ptr<const Run> run;
    if (status.is_ok() && writer->entries() > 0) {
        auto finished = writer->finish();
        status = finished.status();
        run = finished ? *finished : nullptr;
    } else if (writer) {
        writer->discard();
    }
    if (status.is_ok()) {
        const std::lock_guard lock(admin);
        RunSet next = runs;
        if (run != nullptr) {
            next.push_back(run);
        }
        Timestamp until = manifest.sealed_until;
        if (raise) {
            until = std::max(until, to_timestamp(std::min(before, late_min)));
        }
        status = commit(std::move(next), until);
        late_bound.store(arrival_seconds(manifest.sealed_until));
    }
    if (!status.is_ok()) {
        if (writer) {
            writer->discard();
        }
        undo_copies();
        const std::lock_guard lock(admin);
        late_bound.store(arrival_seconds(manifest.sealed_until));
        return std::move(status).with_context("sealing identities");
    }
    publish(true);
    AIML_TRY(tombstones.sync());
    if (options.merge_inline) {
        for (auto merged = merge_once();; merged = merge_once()) {
            if (!merged || !*merged) {
                return merged.status();
            }
        }
    }
    {
        const std::lock_guard lock(admin);
        merge_wanted = true;
    }
    merge_wake.notify_all();
    return {};
}

RunSet Index::State::pick_merge() const {
    RunSet sorted;
    std::ranges::copy_if(
        runs, std::back_inserter(sorted), [](const auto& run) { return !run->damaged(); });
    std::ranges::sort(
        sorted, [](const auto& a, const auto& b) { return a->info().entries < b->info().entries; });
    if (tombstones.size() > limits::kIdentityTombstonesMax) {
        return sorted;
    }
    for (std::size_t i = 0; i < sorted.size();) {
        std::size_t j = i;
        while (j < sorted.size() &&
               size_class(sorted[j]->info().entries) == size_class(sorted[i]->info().entries)) {
            ++j;
        }
        if (j - i >= kRunsOfOneSize) {
            return {sorted.begin() + static_cast<std::ptrdiff_t>(i),
                    sorted.begin() + static_cast<std::ptrdiff_t>(j)};
        }
        i = j;
    }
    if (sorted.size() > limits::kIdentityRunsMax) {
        sorted.resize(sorted.size() - limits::kIdentityRunsMax + 1);
        return sorted;
    }
    return {};
}

Result<bool> Index::State::merge_once() {
    RunSet inputs;
    std::uint64_t id = 0;
    {
        const std::lock_guard lock(admin);
        inputs = pick_merge();
        if (inputs.empty() || stopping) {
            return false;
        }
        id = manifest.next_run++;
    }
    std::uint64_t entries = 0;
    for (const auto& run : inputs) {
        entries += run->info().entries;
    }
    AIML_ASSIGN(RunWriter writer, RunWriter::create(options.folder, id, entries));
    const Dropped dropped = [&](const Entry& entry, std::uint64_t run) {
        return tombstones.covers(entry, run);
    };
    Status status = merge_runs(inputs, dropped, writer);
    std::shared_ptr<const Run> merged;
    if (status.is_ok() && writer.entries() > 0) {
        auto finished = writer.finish();
        status = finished.status();
        merged = finished ? *finished : nullptr;
    }
    std::uint64_t oldest = id;
    if (status.is_ok()) {
        const std::lock_guard lock(admin);
        RunSet next;
        std::ranges::copy_if(runs, std::back_inserter(next), [&](const auto& run) {
            return std::ranges::find(inputs, run) == inputs.end();
        });
        if (merged != nullptr) {
            next.push_back(merged);
        }
        for (const auto& run : next) {
            oldest = std::min(oldest, run->info().id);
        }
        status = commit(std::move(next), manifest.sealed_until);
    }
    if (!status.is_ok() || merged == nullptr) {
        writer.discard();
    }
    if (!status.is_ok()) {
        return std::move(status).with_context("merging identities");
    }
    publish(false);
    for (const auto& run : inputs) {
        ::unlink(run->path().c_str());
    }
    AIML_TRY(tombstones.drop_before(oldest));
    return true;
}

void Index::State::merge_loop() {
    os::enter_thread("id-merge", os::Rank::kBackground);
    while (true) {
        {
            std::unique_lock lock(admin);
            merge_wake.wait(lock, [&] { return stopping || merge_wanted; });
            if (stopping) {
                return;
            }
            merge_wanted = false;
        }
        for (auto merged = merge_once();; merged = merge_once()) {
            if (!merged) {
                log_error("identity_merge_failed", {{"detail", merged.status().to_string()}});
            }
            if (!merged || !*merged) {
                break;
            }
        }
    }
}

}  // namespace aiml042::identity
