#include <cstdio>
#include <filesystem>

#include "app/commands.h"
#include "catalog/catalog.h"
#include "codec/batch.h"
#include "identity/index.h"
#include "os/folder_lock.h"
#include "store/store.h"
#include "wal/replay.h"

namespace aiml042::app {

namespace {

/// Counts and prints faults.
class Report {
  public:
    void fault(const std::string& text) {
        std::printf("damaged: %s\n", text.c_str());
        ++faults_;
    }

    void check(const char* part, const Status& status) {
        if (!status.is_ok()) {
            fault(std::string(part) + ": " + status.to_string());
        }
    }

    [[nodiscard]] int faults() const { return faults_; }

  private:
    int faults_ = 0;
};

void verify_log(const std::string& folder, Report& report) {
    std::uint64_t items = 0;
    const auto replayed = wal::replay(folder, 0, false, [&](const wal::Record& record) {
        items += record.count;
        const auto batch = codec::BatchReader::open(record.payload);
        if (!batch.is_ok()) {
            report.fault("log: the record at sequence " + std::to_string(record.first) +
                         " cannot be decoded");
        }
        return Status::ok();
    });
    report.check("log", replayed.status());
    if (!replayed.is_ok()) {
        return;
    }
    for (const wal::Damage& damage : replayed->damages) {
        report.fault("log: " + damage.file + " at " + std::to_string(damage.offset) + ", " +
                     std::to_string(damage.length) + " bytes of acknowledged data after sequence " +
                     std::to_string(damage.after));
    }
    std::printf("log: %llu records, %llu items\n",
                static_cast<unsigned long long>(replayed->records),
                static_cast<unsigned long long>(items));
}

}  // namespace

int verify(const Config& config) {
    const std::string& folder = config.storage_data_dir;
    if (!std::filesystem::is_directory(folder)) {
        return complain("--data-dir " + folder + ": no such folder");
    }
    const auto lock = os::FolderLock::take(folder);
    if (!lock.is_ok()) {
        return complain(lock.status());
    }
    Report report;
    if (const auto catalog = catalog::Catalog::open(folder + "/catalog.db"); catalog.is_ok()) {
        report.check("catalog", (*catalog)->verify());
    } else {
        report.check("catalog", catalog.status());
    }
    verify_log(folder + "/log", report);
    if (const auto store = store::Store::open({.folder = folder + "/store"}); store.is_ok()) {
        report.check("store", (*store)->verify([&](const std::string& text) {
            report.fault("store: " + text);
        }));
        const store::StoreStats stats = (*store)->stats();
        std::printf("store: %llu events, %llu labelled, %llu blocks, %llu bytes\n",
                    static_cast<unsigned long long>(stats.events),
                    static_cast<unsigned long long>(stats.labels),
                    static_cast<unsigned long long>(stats.blocks),
                    static_cast<unsigned long long>(stats.disk_bytes));
    } else {
        report.check("store", store.status());
    }
    if (const auto identities = identity::Index::open({.folder = folder + "/ids"});
        identities.is_ok()) {
        report.check("identities", (*identities)->verify());
    } else {
        report.check("identities", identities.status());
    }
    std::printf("%s\n", report.faults() == 0 ? "clean" : "damaged");
    return report.faults() == 0 ? 0 : 1;
}

}  // namespace aiml042::app
