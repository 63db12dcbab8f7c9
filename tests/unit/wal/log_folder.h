// What the tests of the log share: a folder, a writer that waits for its answers, reading
// everything back.

#pragma once

#include <array>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "../os/temp_folder.h"
#include "wal/format.h"
#include "wal/replay.h"
#include "wal/writer.h"

namespace aiml042::test {

/// Small segments, so that a test sees many.
inline constexpr std::uint64_t kSmallSegment = 16 * limits::kSectorBytes;

inline wal::WriterOptions options_for(const std::string& folder) {
    wal::WriterOptions options;
    options.folder = folder;
    options.segment_bytes = kSmallSegment;
    options.idle_seal = std::chrono::hours(1);
    options.free_bytes_min = 0;
    return options;
}

/// Collects the answers to appends and lets a test wait for them.
class Answers {
  public:
    struct Answer {
        int tag = 0;
        ErrorCode code = ErrorCode::kOk;
        Lsn first = 0;
    };

    wal::CommitCallback callback(int tag = 0) {
        return [this, tag](const Status& status, Lsn first) {
            const std::lock_guard lock(mutex_);
            answers_.push_back({tag, status.code(), first});
            arrived_.notify_all();
        };
    }

    std::vector<Answer> wait_for(std::size_t n) {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [&] { return answers_.size() >= n; });
        return answers_;
    }

    std::size_t size() {
        const std::lock_guard lock(mutex_);
        return answers_.size();
    }

  private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<Answer> answers_;
};

/// Appends one record and waits for its answer.
inline Answers::Answer append_one(wal::Writer& writer,
                                  std::string_view payload,
                                  std::uint32_t count = 1) {
    Answers answers;
    const std::array<ByteView, 1> pieces{payload};
    const Status status = writer.append(pieces, count, answers.callback());
    if (!status) {
        return {0, status.code(), 0};
    }
    return answers.wait_for(1)[0];
}

struct ReadBack {
    wal::ReplayReport report;
    std::map<Lsn, std::string> records;
    std::vector<Lsn> order;
};

inline ReadBack read_back(const std::string& folder, bool repair = false, Lsn from = 1) {
    ReadBack back;
    auto report = wal::replay(folder, from, repair, [&](const wal::Record& record) {
        back.records[record.first] = std::string(record.payload);
        back.order.push_back(record.first);
        return Status();
    });
    if (!report) {
        throw std::runtime_error(report.status().to_string());
    }
    back.report = std::move(*report);
    return back;
}

inline std::string slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline void spew(const std::string& path, std::string_view bytes) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string segment_path(const std::string& folder, std::uint32_t number) {
    return folder + "/" + wal::segment_name(number);
}

/// Segment numbers in a folder.
inline std::vector<std::uint32_t> segments_of(const std::string& folder) {
    std::vector<std::uint32_t> numbers;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (const auto number = wal::segment_number(entry.path().filename().string())) {
            numbers.push_back(*number);
        }
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

}  // namespace aiml042::test
