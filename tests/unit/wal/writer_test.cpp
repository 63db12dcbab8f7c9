#include "wal/writer.h"

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include <catch2/catch.hpp>

#include "log_folder.h"

namespace aiml042::wal {

using test::Answers;
using test::append_one;
using test::options_for;
using test::read_back;
using test::TempFolder;

namespace {

std::unique_ptr<Writer> open_writer(WriterOptions options, Lsn next = 1, Sink sink = {}) {
    auto writer = Writer::open(std::move(options), next, std::move(sink));
    REQUIRE(writer);
    return std::move(*writer);
}

/// Holds the committer inside the sink, so that a test can queue behind it.
class Gate {
  public:
    void wait() {
        std::unique_lock lock(mutex_);
        waiting_ = true;
        changed_.notify_all();
        changed_.wait(lock, [&] { return open_; });
    }

    void await_arrival() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_; });
    }

    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool waiting_ = false;
    bool open_ = false;
};

}  // namespace

TEST_CASE("writer: records of any size come back, in order, after a restart") {
    const TempFolder folder;
    const std::string large(40'000, 'L');
    {
        auto writer = open_writer(options_for(folder.path()));
        CHECK(append_one(*writer, "one").first == 1);
        CHECK(append_one(*writer, "two to four", 3).first == 2);
        CHECK(append_one(*writer, "", 1).first == 5);
        CHECK(append_one(*writer, large).first == 6);
        CHECK(writer->committed() == 6);
    }
    const auto back = read_back(folder.path());
    CHECK(back.report.next == 7);
    CHECK(back.report.records == 4);
    CHECK(back.report.bytes == 14 + large.size());
    CHECK(back.report.damages.empty());
    CHECK(back.report.torn_bytes == 0);
    CHECK(back.records ==
          std::map<Lsn, std::string>{{1, "one"}, {2, "two to four"}, {5, ""}, {6, large}});
}

TEST_CASE("writer: pieces are put together") {
    const TempFolder folder;
    {
        auto writer = open_writer(options_for(folder.path()));
        Answers answers;
        const std::array<ByteView, 3> pieces{"he", "", "llo"};
        REQUIRE(writer->append(pieces, 1, answers.callback()));
        answers.wait_for(1);
    }
    CHECK(read_back(folder.path()).records.at(1) == "hello");
}

TEST_CASE(
    "writer: what queues behind a commit is committed together, answered in order, then handed "
    "on") {
    const TempFolder folder;
    Gate gate;
    std::mutex mutex;
    std::vector<std::vector<std::string>> groups;
    std::vector<Lsn> firsts;
    bool first_group = true;
    bool inside = true;  // Every payload lies in its group's bytes.
    Answers answers;
    std::size_t answered_before_sink = 0;
    {
        auto writer = open_writer(options_for(folder.path()), 1, [&](CommittedGroup group) {
            if (std::exchange(first_group, false)) {
                gate.wait();
            } else {
                answered_before_sink = answers.size();
            }
            const std::lock_guard lock(mutex);
            groups.emplace_back();
            for (const Record& record : group.records) {
                groups.back().emplace_back(record.payload);
                firsts.push_back(record.first);
                inside = inside && record.payload.data() >= group.bytes->data() &&
                         record.payload.data() + record.payload.size() <=
                             group.bytes->data() + group.bytes->size();
            }
        });
        const auto append = [&](std::string_view text, std::uint32_t count, int tag) {
            const std::array<ByteView, 1> pieces{text};
            REQUIRE(writer->append(pieces, count, answers.callback(tag)));
        };
        append("a", 1, 0);
        gate.await_arrival();
        append("b", 2, 1);
        append("", 0, 2);
        append("c", 1, 3);
        append("d", 1, 4);
        gate.open();
        const auto got = answers.wait_for(5);
        std::vector<std::pair<int, Lsn>> seen;
        for (const auto& answer : got) {
            CHECK(answer.code == ErrorCode::kOk);
            seen.emplace_back(answer.tag, answer.first);
        }
        // The barrier is told the first Lsn behind what was queued before it.
        CHECK(seen == std::vector<std::pair<int, Lsn>>{{0, 1}, {1, 2}, {2, 4}, {3, 4}, {4, 5}});
    }
    CHECK(groups == std::vector<std::vector<std::string>>{{"a"}, {"b", "c", "d"}});
    CHECK(firsts == std::vector<Lsn>{1, 2, 4, 5});
    CHECK(inside);
    CHECK(answered_before_sink == 5);
}

TEST_CASE("writer: a barrier with nothing before it is answered without a write") {
    const TempFolder folder;
    auto writer = open_writer(options_for(folder.path()), 7);
    CHECK(append_one(*writer, "", 0).first == 7);
    CHECK(writer->committed() == 6);
    CHECK(writer->live_bytes() == 0);
}

TEST_CASE("writer: many threads, every record once, each thread's in its order") {
    const TempFolder folder;
    constexpr int kThreads = 4;
    constexpr int kEach = 500;
    std::atomic<std::uint64_t> handed_on{0};
    std::atomic<int> refused{0};
    {
        auto options = options_for(folder.path());
        options.segment_bytes = 64 * limits::kSectorBytes;
        auto writer = open_writer(
            options, 1, [&](CommittedGroup group) { handed_on += group.records.size(); });
        std::vector<std::thread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&, t] {
                std::mt19937 random(static_cast<unsigned>(t));
                Answers answers;
                for (int i = 0; i < kEach; ++i) {
                    const std::string head = std::to_string(t) + ":" + std::to_string(i) + ":";
                    const std::string body(random() % 500, 'x');
                    const std::array<ByteView, 2> pieces{head, body};
                    if (!writer->append(pieces, 1, answers.callback())) {
                        ++refused;  // Catch's macros are for the main thread.
                        return;
                    }
                    if (i % 10 == 0) {
                        answers.wait_for(static_cast<std::size_t>(i) + 1);
                    }
                }
                answers.wait_for(kEach);
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
    }
    const auto back = read_back(folder.path());
    CHECK(back.records.size() == kThreads * kEach);
    CHECK(back.report.next == kThreads * kEach + 1);
    CHECK(back.report.damages.empty());
    CHECK(refused == 0);
    CHECK(handed_on == kThreads * kEach);
    std::array<int, kThreads> next{};
    for (const auto& [lsn, text] : back.records) {
        const auto thread = static_cast<std::size_t>(text[0] - '0');
        CHECK(text.substr(2, text.find(':', 2) - 2) == std::to_string(next[thread]++));
    }
    CHECK(test::segments_of(folder.path()).size() > 3);
}

TEST_CASE("writer: too much waiting is refused, and taken again when it has gone") {
    const TempFolder folder;
    Gate gate;
    auto options = options_for(folder.path());
    options.waiting_bytes_max = 10'000;
    std::atomic<bool> first{true};
    auto writer = open_writer(options, 1, [&](const CommittedGroup&) {
        if (first.exchange(false)) {
            gate.wait();
        }
    });
    Answers answers;
    const std::string text(4'000, 'x');
    const std::array<ByteView, 1> pieces{text};
    REQUIRE(writer->append(pieces, 1, answers.callback()));
    gate.await_arrival();
    REQUIRE(writer->append(pieces, 1, answers.callback()));
    REQUIRE(writer->append(pieces, 1, answers.callback()));
    CHECK(writer->append(pieces, 1, answers.callback()).code() == ErrorCode::kOverloaded);
    CHECK(writer->admission().is_ok());  // A small one would still be taken.
    const std::string rest(10'000 - 8'000 - 3 * 64 - 3 * 8, 'y');
    const std::array<ByteView, 1> rest_pieces{rest};
    REQUIRE(writer->append(rest_pieces, 1, answers.callback()));
    CHECK(writer->admission().code() == ErrorCode::kOverloaded);
    gate.open();
    answers.wait_for(4);
    CHECK(append_one(*writer, text).first == 5);
    CHECK(answers.size() == 4);
}

TEST_CASE("writer: a record that fits no frame is refused for good") {
    const TempFolder folder;
    auto writer = open_writer(options_for(folder.path()));
    const std::uint64_t frame_max = test::kSmallSegment - kFramesBegin;
    const std::string fits(frame_max - kFrameHeaderBytes - kRecordPrefixBytes, 'x');
    CHECK(append_one(*writer, fits).first == 1);
    CHECK(append_one(*writer, fits + "y").code == ErrorCode::kTooLarge);
    CHECK(append_one(*writer, fits).first == 2);
}

TEST_CASE("writer: close commits what is queued and refuses what comes after") {
    const TempFolder folder;
    Gate gate;
    auto writer =
        open_writer(options_for(folder.path()), 1, [&](const CommittedGroup&) { gate.wait(); });
    Answers answers;
    const std::array<ByteView, 1> pieces{"x"};
    REQUIRE(writer->append(pieces, 1, answers.callback()));
    gate.await_arrival();
    REQUIRE(writer->append(pieces, 1, answers.callback()));
    gate.open();
    writer->close();
    CHECK(answers.size() == 2);
    CHECK(writer->append(pieces, 1, answers.callback()).code() == ErrorCode::kDraining);
    CHECK(writer->admission().code() == ErrorCode::kDraining);
    CHECK(read_back(folder.path()).records.size() == 2);
}

TEST_CASE("writer: a failed write fails what is queued and everything after, and says so once") {
    const TempFolder folder;
    Gate gate;
    std::atomic<int> fatal{0};
    std::atomic<bool> broken{false};
    auto options = options_for(folder.path());
    options.on_fatal = [&](const Status& status) {
        fatal += status.code() == ErrorCode::kStorageFailed ? 1 : 100;
    };
    options.write_fault = [&](std::uint64_t, std::size_t) {
        return broken ? Status(ErrorCode::kStorageFailed, "injected") : Status();
    };
    std::atomic<int> groups{0};
    auto writer = open_writer(options, 1, [&](const CommittedGroup&) {
        ++groups;
        gate.wait();
    });
    Answers answers;
    const std::array<ByteView, 1> pieces{"x"};
    REQUIRE(writer->append(pieces, 1, answers.callback()));
    gate.await_arrival();
    broken = true;
    REQUIRE(writer->append(pieces, 1, answers.callback()));
    REQUIRE(writer->append(pieces, 0, answers.callback()));
    gate.open();
    const auto got = answers.wait_for(3);
    CHECK(got[0].code == ErrorCode::kOk);
    CHECK(got[1].code == ErrorCode::kStorageFailed);
    CHECK(got[2].code == ErrorCode::kStorageFailed);
    broken = false;  // Never tried again, even so.
    CHECK(append_one(*writer, "y").code == ErrorCode::kStorageFailed);
    CHECK(writer->admission().code() == ErrorCode::kStorageFailed);
    CHECK(writer->committed() == 1);
    writer->close();
    CHECK(fatal == 1);
    CHECK(groups == 1);
    CHECK(read_back(folder.path()).records.size() == 1);
}

TEST_CASE("writer: a failure at the header of a new segment is one of the log") {
    const TempFolder folder;
    std::atomic<int> fatal{0};
    auto options = options_for(folder.path());
    options.on_fatal = [&](const Status&) { ++fatal; };
    std::atomic<int> headers{0};
    options.write_fault = [&](std::uint64_t offset, std::size_t) {
        return offset == 0 && ++headers == 2 ? Status(ErrorCode::kStorageFailed, "injected")
                                             : Status();
    };
    auto writer = open_writer(options);
    const std::string half(test::kSmallSegment / 2, 'x');
    CHECK(append_one(*writer, half).code == ErrorCode::kOk);
    CHECK(append_one(*writer, half).code == ErrorCode::kStorageFailed);
    CHECK(append_one(*writer, half).code == ErrorCode::kStorageFailed);
    writer->close();
    CHECK(fatal == 1);
    const auto back = read_back(folder.path(), true);
    CHECK(back.records.size() == 1);
    CHECK(back.report.damages.empty());
}

TEST_CASE("writer: a nearly full disk refuses, with hysteresis, and recovers by itself") {
    const TempFolder folder;
    std::atomic<std::uint64_t> free{10'000};
    auto options = options_for(folder.path());
    options.free_bytes_min = 1'000;
    options.free_bytes_resume = 2'000;
    options.free_check_interval = std::chrono::microseconds(0);
    options.free_bytes = [&]() -> Result<std::uint64_t> { return free.load(); };
    auto writer = open_writer(options);
    CHECK(append_one(*writer, "a").first == 1);
    free = 999;
    CHECK(append_one(*writer, "b").code == ErrorCode::kDiskFull);
    CHECK(writer->admission().code() == ErrorCode::kDiskFull);
    free = 1'999;
    CHECK(append_one(*writer, "b").code == ErrorCode::kDiskFull);
    free = 2'000;
    CHECK(append_one(*writer, "b").first == 2);
    free = 1'000;
    CHECK(append_one(*writer, "c").first == 3);
    writer->close();
    CHECK(read_back(folder.path()).records.size() == 3);
}

TEST_CASE("writer: queued records that no segment can be made for are refused, nothing is lost") {
    const TempFolder folder;
    std::atomic<bool> space{true};
    auto options = options_for(folder.path());
    options.free_bytes_min = 1'000;
    options.free_check_interval = std::chrono::microseconds(0);
    // Space is short only for new segments here: appends are still taken.
    const auto appender = std::this_thread::get_id();
    options.free_bytes = [&]() -> Result<std::uint64_t> {
        return std::this_thread::get_id() == appender || space ? 1'000'000 : 0;
    };
    std::atomic<int> fatal{0};
    options.on_fatal = [&](const Status&) { ++fatal; };
    auto writer = open_writer(options);
    CHECK(append_one(*writer, "a").first == 1);  // In the segment that open() made.
    space = false;
    const std::string large(test::kSmallSegment - kFramesBegin - 1'000, 'x');
    Answers::Answer answer;
    do {  // Until the spare segments are used up.
        answer = append_one(*writer, large);
    } while (answer.code == ErrorCode::kOk);
    CHECK(answer.code == ErrorCode::kDiskFull);
    const Lsn before = writer->committed();
    space = true;
    do {
        answer = append_one(*writer, large);
    } while (answer.code == ErrorCode::kDiskFull);
    CHECK(answer.first == before + 1);
    writer->close();
    CHECK(fatal == 0);
    const auto back = read_back(folder.path());
    CHECK(back.records.size() == before + 1);
    CHECK(back.report.damages.empty());
}

TEST_CASE("writer: a folder that cannot be made is known at once") {
    auto options = options_for("/dev/null/log");
    CHECK(Writer::open(options, 1, {}).code() == ErrorCode::kStorageFailed);
}

TEST_CASE("writer: goes on after a restart with the next Lsn, in a new segment") {
    const TempFolder folder;
    Lsn next = 1;
    std::map<Lsn, std::string> expected;
    for (int life = 0; life < 5; ++life) {
        const auto back = read_back(folder.path(), true);
        CHECK(back.records == expected);
        CHECK(back.report.next == next);
        auto writer = open_writer(options_for(folder.path()), back.report.next);
        for (int i = 0; i < 3; ++i) {
            const std::string text = std::to_string(life) + "/" + std::to_string(i);
            CHECK(append_one(*writer, text).first == next);
            expected[next++] = text;
        }
    }
    CHECK(read_back(folder.path()).records == expected);
}

TEST_CASE("writer: restarts without records leave nothing behind") {
    const TempFolder folder;
    for (int life = 0; life < 5; ++life) {
        const auto back = read_back(folder.path(), true);
        CHECK(back.report.next == 1);
        open_writer(options_for(folder.path()), back.report.next);
    }
    read_back(folder.path(), true);
    CHECK(test::segments_of(folder.path()).empty());
}

}  // namespace aiml042::wal
