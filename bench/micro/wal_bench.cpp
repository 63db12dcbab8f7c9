// What the log costs: appends per second and latency with 1 and 64 in flight, MB/s with large
// records.
//
//   wal_bench FOLDER [SECONDS]

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>

#include "wal/replay.h"
#include "wal/writer.h"

namespace {

namespace wal = aiml042::wal;
using aiml042::ByteView;
using aiml042::Lsn;
using aiml042::Status;
using Clock = std::chrono::steady_clock;

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Keeps `in_flight` records of `bytes` under way for `seconds`.
void measure(const std::string& folder, std::size_t bytes, int in_flight, double seconds) {
    std::filesystem::remove_all(folder);
    wal::WriterOptions options;
    options.folder = folder;
    options.free_bytes_min = 0;
    auto writer = wal::Writer::open(options, 1, {});
    if (!writer) {
        fmt::print(stderr, "{}\n", writer.status().to_string());
        std::exit(1);
    }
    std::counting_semaphore<> room(in_flight);
    std::vector<double> latencies;  // The committer's.
    latencies.reserve(4'000'000);
    const std::string payload(bytes, 'x');
    const std::array<ByteView, 1> pieces{payload};
    const double cpu_before = cpu_seconds();
    const auto begin = Clock::now();
    std::uint64_t sent = 0;
    Lsn let_go = 0;
    while (seconds_since(begin) < seconds) {
        room.acquire();
        const auto queued = Clock::now();
        const Status status = (*writer)->append(pieces, 1, [&, queued](const Status&, Lsn) {
            latencies.push_back(seconds_since(queued) * 1e6);
            room.release();
        });
        if (!status) {
            room.release();
            std::this_thread::yield();
            continue;
        }
        ++sent;
        if ((*writer)->committed() > let_go + 256'000'000 / (bytes + 4'096)) {
            let_go = (*writer)->committed();
            (*writer)->truncate_before(let_go);  // As after a checkpoint: segments are recycled.
        }
    }
    (*writer)->close();
    const double took = seconds_since(begin);
    const double cpu = cpu_seconds() - cpu_before;
    std::ranges::sort(latencies);
    const auto at = [&](double q) {
        return latencies[static_cast<std::size_t>(q * static_cast<double>(latencies.size() - 1))];
    };
    fmt::print(
        "{:>7} B, {:>3} in flight: {:>9.0f} appends/s {:>7.1f} MB/s  p50 {:>7.0f}  p99 {:>7.0f}  "
        "p99.9 {:>7.0f} µs  CPU {:.2f} µs/append\n",
        bytes,
        in_flight,
        static_cast<double>(sent) / took,
        static_cast<double>(sent * bytes) / took / 1e6,
        at(0.5),
        at(0.99),
        at(0.999),
        cpu / static_cast<double>(sent) * 1e6);
}

void measure_replay(const std::string& folder) {
    const auto begin = Clock::now();
    const auto report = wal::replay(folder, 1, false, [](const wal::Record&) { return Status(); });
    fmt::print("replay: {:.0f} MB/s\n",
               report ? static_cast<double>(report->bytes) / 1e6 / seconds_since(begin) : 0);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "usage: wal_bench FOLDER [SECONDS]\n");
        return 2;
    }
    const std::string folder = std::string(argv[1]) + "/wal_bench";
    const double seconds = argc > 2 ? std::stod(argv[2]) : 5;
    measure(folder, 164, 1, seconds);
    measure(folder, 164, 64, seconds);
    measure(folder, 16'400, 64, seconds);
    measure(folder, 80'000, 16, seconds);
    measure_replay(folder);
    std::filesystem::remove_all(folder);
    return 0;
}
