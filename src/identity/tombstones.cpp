#include "identity/tombstones.h"

#include <algorithm>

#include <fcntl.h>

#include "base/bytes.h"
#include "base/log.h"

namespace aiml042::identity {

namespace {

constexpr char kName[] = "tombstones";
constexpr std::size_t kRecordBytes = 28;

}  // namespace

void Tombstones::append_record(std::string& out, const Name& name, std::uint64_t below_run) {
    std::string record;
    ByteWriter writer(record);
    writer.fixed(name.key);
    writer.fixed(name.check);
    writer.fixed(name.day);
    writer.fixed(below_run);
    writer.fixed(crc32c(record));
    out += record;
}

Status Tombstones::open(const std::string& folder) {
    const MutexLock lock(mutex_);
    folder_ = folder;
    const std::string path = folder + "/" + kName;
    std::string bytes;
    if (auto read = read_file(path); read) {
        bytes = std::move(*read);
    } else if (read.code() != ErrorCode::kNotFound) {
        return read.status();
    }
    std::size_t good = 0;
    for (; good + kRecordBytes <= bytes.size(); good += kRecordBytes) {
        const ByteView record = ByteView(bytes).substr(good, kRecordBytes);
        ByteReader in(record);
        const Name name{
            in.fixed<std::uint64_t>(), in.fixed<std::uint32_t>(), in.fixed<std::int32_t>()};
        const auto below_run = in.fixed<std::uint64_t>();
        if (in.fixed<std::uint32_t>() != crc32c(record.substr(0, kRecordBytes - 4))) {
            break;
        }
        below_[name] = std::max(below_[name], below_run);
    }
    count_.store(below_.size());
    AIML_ASSIGN(file_, File::open(path, O_WRONLY | O_CREAT | O_APPEND));
    if (good != bytes.size()) {
        log_warn("identity_tombstones_cut",
                 {{"file", path}, {"bytes", std::uint64_t{bytes.size() - good}}});
        return file_.truncate(good).with_context(path);
    }
    return {};
}

Status Tombstones::add(std::uint64_t key,
                       std::uint32_t check,
                       std::int32_t day,
                       std::uint64_t below_run) {
    const Name name{key, check, day};
    std::string record;
    append_record(record, name, below_run);
    const MutexLock lock(mutex_);
    std::uint64_t& below = below_[name];
    below = std::max(below, below_run);
    count_.store(below_.size());
    return file_.write(record);
}

bool Tombstones::covers(const Entry& entry, std::uint64_t run) const {
    if (size() == 0) {
        return false;
    }
    const MutexLock lock(mutex_);
    const auto found = below_.find({entry.key, entry.check, entry.day});
    return found != below_.end() && run < found->second;
}

std::uint64_t Tombstones::run_max() const {
    const MutexLock lock(mutex_);
    std::uint64_t max = 0;
    for (const auto& [name, below] : below_) {
        max = std::max(max, below);
    }
    return max;
}

Status Tombstones::sync() {
    const MutexLock lock(mutex_);
    return file_.sync();
}

Status Tombstones::drop_before(std::uint64_t oldest_run) {
    const MutexLock lock(mutex_);
    if (std::erase_if(below_, [&](const auto& item) { return item.second <= oldest_run; }) == 0) {
        return {};
    }
    count_.store(below_.size());
    std::string bytes;
    for (const auto& [name, below] : below_) {
        append_record(bytes, name, below);
    }
    AIML_TRY(replace_file(folder_, kName, bytes));
    AIML_ASSIGN(file_, File::open(folder_ + "/" + kName, O_WRONLY | O_APPEND));
    return {};
}

}  // namespace aiml042::identity
