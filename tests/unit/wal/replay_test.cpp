#include "wal/replay.h"

#include <numeric>
#include <random>

#include <catch2/catch.hpp>

#include "log_folder.h"

namespace aiml042::wal {

using test::append_one;
using test::options_for;
using test::read_back;
using test::segment_path;
using test::slurp;
using test::spew;
using test::TempFolder;

namespace {

/// Writes records "r1", "r2" … of a few hundred bytes, one frame each; returns them by Lsn.
std::map<Lsn, std::string> write_log(const std::string& folder, Lsn from, int records, bool seal) {
    auto options = options_for(folder);
    if (!seal) {  // As after a crash: the seal of close() is refused.
        options.write_fault = [written = 0, records](std::uint64_t offset, std::size_t) mutable {
            return offset != 0 && ++written > records
                       ? Status(ErrorCode::kStorageFailed, "the test pulls the plug")
                       : Status();
        };
    }
    auto writer = Writer::open(options, from, {});
    REQUIRE(writer);
    std::map<Lsn, std::string> written;
    for (int i = 0; i < records; ++i) {
        const Lsn lsn = from + static_cast<Lsn>(i);
        std::string text = "r" + std::to_string(lsn) + std::string(200 + 977 * lsn % 9'000, 'x');
        REQUIRE(append_one(**writer, text).first == lsn);
        written[lsn] = std::move(text);
    }
    return written;
}

/// Offset and header of every frame in a segment.
std::vector<FrameHeader> frames_of(const std::string& path) {
    const std::string bytes = slurp(path);
    std::vector<FrameHeader> frames;
    for (std::uint64_t at = kFramesBegin; at < bytes.size();) {
        const auto frame = decode_frame_header(ByteView(bytes).substr(at));
        if (!frame || frame->offset != at) {
            break;
        }
        frames.push_back(*frame);
        at += frame->extent();
    }
    return frames;
}

void flip(std::string& bytes, std::uint64_t offset, unsigned bit) {
    bytes[offset] = static_cast<char>(static_cast<unsigned char>(bytes[offset]) ^ (1U << bit));
}

}  // namespace

TEST_CASE("replay: a folder that is not there is an empty log") {
    const auto back = read_back("/nonexistent/log", true, 5);
    CHECK(back.report.next == 5);
    CHECK(back.records.empty());
}

TEST_CASE("replay: begins where it is told and stops when told") {
    const TempFolder folder;
    {
        auto writer = Writer::open(options_for(folder.path()), 1, {});
        REQUIRE(writer);
        append_one(**writer, "abc", 3);
        append_one(**writer, "d");
    }
    CHECK(read_back(folder.path(), false, 3).order ==
          std::vector<Lsn>{1, 4});  // 1..3 holds item 3.
    CHECK(read_back(folder.path(), false, 4).order == std::vector<Lsn>{4});
    const auto nothing = read_back(folder.path(), false, 9);
    CHECK(nothing.order.empty());
    CHECK(nothing.report.next == 9);  // Never an Lsn again that the caller has seen.
    int calls = 0;
    const auto stopped = replay(folder.path(), 1, false, [&](const Record&) {
        ++calls;
        return Status(ErrorCode::kInternal, "enough");
    });
    CHECK(stopped.code() == ErrorCode::kInternal);
    CHECK(calls == 1);
}

TEST_CASE("replay: a tail torn at any byte is cut, nothing before it is touched, writing goes on") {
    // Every length that the last frame can have on disk after a power cut.
    const TempFolder folder;
    auto options = options_for(folder.path());
    options.write_fault = [n = 0](std::uint64_t offset, std::size_t) mutable {
        return offset != 0 && ++n > 4 ? Status(ErrorCode::kStorageFailed, "plug") : Status();
    };
    std::map<Lsn, std::string> written{
        {1, "a"}, {2, std::string(5'000, 'b')}, {3, "c"}, {4, std::string(400, 'd')}};
    {
        auto writer = Writer::open(options, 1, {});
        REQUIRE(writer);
        for (const auto& [lsn, text] : written) {
            REQUIRE(append_one(**writer, text).first == lsn);
        }
    }
    const std::string path = segment_path(folder.path(), 1);
    const std::string whole = slurp(path);
    const FrameHeader last = frames_of(path).back();
    REQUIRE(last.first_lsn == 4);
    const std::uint64_t used = kFrameHeaderBytes + last.body_bytes;
    for (std::uint64_t kept = 0; kept <= used; ++kept) {
        std::string torn = whole;
        std::fill(torn.begin() + static_cast<std::ptrdiff_t>(last.offset + kept), torn.end(), '\0');
        if (torn == whole) {
            continue;  // Only zeros were cut: the frame is whole.
        }
        spew(path, torn);
        const auto looked = read_back(folder.path(), false);
        REQUIRE(looked.report.damages.empty());
        REQUIRE(looked.report.next == 4);
        REQUIRE(looked.records.size() == 3);
        REQUIRE((looked.report.torn_bytes > 0) == (kept > 0));
        REQUIRE(slurp(path) == torn);  // Without repair nothing changes.
    }
    read_back(folder.path(), true);
    CHECK(std::filesystem::file_size(path) == last.offset);
    written.erase(4);
    written.merge(write_log(folder.path(), 4, 2, true));
    const auto back = read_back(folder.path());
    CHECK(back.records == written);
    CHECK(back.report.damages.empty());
    CHECK(back.report.torn_bytes == 0);
}

TEST_CASE("replay: any subset of the last frame's sectors may be missing") {
    const TempFolder folder;
    auto options = options_for(folder.path());
    options.write_fault = [n = 0](std::uint64_t offset, std::size_t) mutable {
        return offset != 0 && ++n > 2 ? Status(ErrorCode::kStorageFailed, "plug") : Status();
    };
    {
        auto writer = Writer::open(options, 1, {});
        REQUIRE(writer);
        append_one(**writer, "first");
        append_one(**writer, std::string(6 * kSector, 'y'));
    }
    const std::string path = segment_path(folder.path(), 1);
    const std::string whole = slurp(path);
    const FrameHeader last = frames_of(path).back();
    const std::uint64_t sectors = last.extent() / kSector;
    for (std::uint64_t mask = 0; mask + 1 < (1ULL << sectors); ++mask) {
        std::string torn = whole;
        for (std::uint64_t i = 0; i < sectors; ++i) {
            if ((mask >> i & 1) == 0) {
                const auto at =
                    torn.begin() + static_cast<std::ptrdiff_t>(last.offset + i * kSector);
                std::fill_n(at, kSector, '\0');
            }
        }
        spew(path, torn);
        const auto back = read_back(folder.path());
        REQUIRE(back.report.damages.empty());
        REQUIRE(back.order == std::vector<Lsn>{1});
    }
}

TEST_CASE(
    "replay: a flipped bit anywhere in acknowledged bytes is reported, the rest stays readable") {
    const TempFolder folder;
    auto written = write_log(folder.path(), 1, 24, true);
    written.merge(write_log(folder.path(), 25, 3, true));
    const auto segments = test::segments_of(folder.path());
    REQUIRE(segments.size() >= 4);
    std::mt19937_64 random(42);
    int flips = 0;
    for (const std::uint32_t number : segments) {
        const std::string path = segment_path(folder.path(), number);
        const std::string whole = slurp(path);
        const auto frames = frames_of(path);
        if (frames.empty()) {
            continue;  // Made ahead.
        }
        const bool last_segment =
            number == segments.back() || frames_of(segment_path(folder.path(), number + 1)).empty();
        for (const FrameHeader& frame : frames) {
            if (last_segment && frame.offset == frames.back().offset) {
                continue;  // The last seal: nothing behind it can prove anything, and it holds
                           // nothing.
            }
            for (int i = 0; i < 40; ++i, ++flips) {
                // Each byte of the header, then anywhere, padding included.
                const std::uint64_t at =
                    i < 24 ? static_cast<std::uint64_t>(i) * 64 / 24 : random() % frame.extent();
                std::string bad = whole;
                flip(bad, frame.offset + at, static_cast<unsigned>(random() % 8));
                spew(path, bad);
                const auto back = read_back(folder.path());
                INFO("segment " << number << " frame at " << frame.offset << " byte " << at);
                REQUIRE(back.report.damages.size() == 1);
                const Damage& damage = back.report.damages[0];
                REQUIRE(damage.file == segment_name(number));
                REQUIRE(damage.offset == frame.offset);
                REQUIRE(damage.length >= frame.extent());
                REQUIRE(damage.after + 1 == frame.first_lsn);
                REQUIRE(damage.until == frame.first_lsn + frame.items);
                auto expected = written;
                if (frame.items > 0) {
                    expected.erase(frame.first_lsn);
                }
                REQUIRE(back.records == expected);
                REQUIRE(back.report.next == 28);
            }
        }
        spew(path, whole);
    }
    CHECK(flips > 1000);
    CHECK(read_back(folder.path()).report.damages.empty());
}

TEST_CASE("replay: a segment header survives the loss of either copy, and of both") {
    const TempFolder folder;
    const auto written = write_log(folder.path(), 1, 24, true);
    for (const std::uint32_t number : {1U, 2U}) {
        const std::string path = segment_path(folder.path(), number);
        const std::string whole = slurp(path);
        for (const unsigned lost : {1U, 2U, 3U}) {
            std::string bad = whole;
            if ((lost & 1U) != 0) {
                flip(bad, 17, 3);
            }
            if ((lost & 2U) != 0) {
                flip(bad, kSector + 30, 5);
            }
            spew(path, bad);
            const auto back = read_back(folder.path());
            INFO("segment " << number << " copies " << lost);
            REQUIRE(back.records == written);
            REQUIRE(back.report.damages.size() == 1);
            CHECK(back.report.damages[0].offset == (lost == 2 ? kSector : 0));
            CHECK(back.report.damages[0].length == (lost == 3 ? 2 * kSector : kSector));
            CHECK(back.report.damages[0].until == back.report.damages[0].after + 1);
        }
        spew(path, whole);
    }
}

TEST_CASE("replay: a segment header torn while it was written is no damage") {
    // Found by the crash harness: one copy had reached the disk, no frame had followed.
    const TempFolder folder;
    const auto written = write_log(folder.path(), 1, 2, true);
    SegmentHeader header{.number = 2, .first_lsn = 3, .seed = 77};
    std::string sectors = encode_segment_header(header);
    std::fill_n(sectors.begin(), kSector, '\0');
    spew(segment_path(folder.path(), 2), sectors + std::string(8 * kSector, '\0'));
    const auto back = read_back(folder.path(), true);
    CHECK(back.report.damages.empty());
    CHECK(back.records == written);
    CHECK_FALSE(std::filesystem::exists(segment_path(folder.path(), 2)));
}

TEST_CASE("replay: a zeroed block, a swapped pair, a cut file and a missing file are all rot") {
    const TempFolder folder;
    const auto written = write_log(folder.path(), 1, 24, true);
    const std::string path = segment_path(folder.path(), 2);
    const std::string whole = slurp(path);
    const auto frames = frames_of(path);
    REQUIRE(frames.size() >= 3);
    const auto expect_without = [&](Lsn first, Lsn behind) {
        const auto back = read_back(folder.path());
        auto expected = written;
        for (Lsn lsn = first; lsn < behind; ++lsn) {
            expected.erase(lsn);
        }
        CHECK(back.records == expected);
        REQUIRE(back.report.damages.size() == 1);
        CHECK(back.report.damages[0].file == segment_name(2));
        CHECK(back.report.damages[0].after + 1 == first);
        CHECK(back.report.damages[0].until == behind);
        CHECK(back.report.next == 25);
    };
    SECTION("zeroed") {
        std::string bad = whole;
        std::fill_n(
            bad.begin() + static_cast<std::ptrdiff_t>(frames[1].offset), frames[1].extent(), '\0');
        spew(path, bad);
        expect_without(frames[1].first_lsn, frames[2].first_lsn);
    }
    SECTION("the last frame zeroed: the next segment proves it") {
        std::string bad = whole;
        std::fill_n(bad.begin() + static_cast<std::ptrdiff_t>(frames.back().offset),
                    frames.back().extent(),
                    '\0');
        spew(path, bad);
        expect_without(frames.back().first_lsn, frames.back().first_lsn + 1);
    }
    SECTION("two swapped") {
        std::string bad = whole;
        std::swap_ranges(bad.begin() + static_cast<std::ptrdiff_t>(frames[0].offset),
                         bad.begin() + static_cast<std::ptrdiff_t>(frames[0].offset + kSector),
                         bad.begin() + static_cast<std::ptrdiff_t>(frames[1].offset));
        spew(path, bad);
        expect_without(frames[0].first_lsn, frames[2].first_lsn);
    }
    SECTION("cut") {
        spew(path, whole.substr(0, frames[1].offset + 100));
        expect_without(frames[1].first_lsn, frames.back().first_lsn + 1);
    }
    SECTION("gone") {
        std::filesystem::remove(path);
        expect_without(frames[0].first_lsn, frames.back().first_lsn + 1);
    }
}

TEST_CASE("replay: the first segment gone is rot, unless it had been let go of") {
    const TempFolder folder;
    auto written = write_log(folder.path(), 1, 24, true);
    const Lsn second = frames_of(segment_path(folder.path(), 2)).front().first_lsn;
    std::filesystem::remove(segment_path(folder.path(), 1));
    const auto back = read_back(folder.path());
    REQUIRE(back.report.damages.size() == 1);
    CHECK(back.report.damages[0].after == 0);
    CHECK(back.report.damages[0].until == second);
    CHECK(read_back(folder.path(), false, second).report.damages.empty());
    REQUIRE(write_head(folder.path(), second));
    const auto let_go = read_back(folder.path());
    CHECK(let_go.report.damages.empty());
    CHECK(let_go.report.head == second);
}

TEST_CASE("replay: a damaged head file is reported and stops nothing") {
    const TempFolder folder;
    const auto written = write_log(folder.path(), 1, 24, true);
    spew(folder.path() + "/head", "rubbish");
    const auto back = read_back(folder.path());
    CHECK(back.records == written);
    REQUIRE(back.report.damages.size() == 1);
    CHECK(back.report.damages[0].file == "head");
}

TEST_CASE("replay: damage below the head and below what is wanted is nobody's business") {
    const TempFolder folder;
    const auto written = write_log(folder.path(), 1, 24, true);
    const std::string path = segment_path(folder.path(), 1);
    const auto frames = frames_of(path);
    std::string bad = slurp(path);
    flip(bad, frames[0].offset + 70, 1);
    spew(path, bad);
    CHECK(read_back(folder.path()).report.damages.size() == 1);
    const auto later = read_back(folder.path(), false, frames[1].first_lsn);
    CHECK(later.report.damages.empty());
    CHECK(later.order.front() == frames[1].first_lsn);
}

TEST_CASE("replay: a newer format is refused by name") {
    const TempFolder folder;
    write_log(folder.path(), 1, 2, true);
    const std::string path = segment_path(folder.path(), 1);
    std::string bytes = slurp(path);
    auto header = decode_segment_header(bytes);
    REQUIRE(header);
    header->version = kFormatVersion + 1;
    const std::string newer = encode_segment_header(*header);
    bytes.replace(0, newer.size(), newer);
    spew(path, bytes);
    const auto report = replay(folder.path(), 1, true, [](const Record&) { return Status(); });
    CHECK(report.code() == ErrorCode::kCorruptBlock);
    CHECK(report.status().detail().find("00000001.seg") != std::string::npos);
    CHECK(slurp(path) == bytes);
}

TEST_CASE("replay: the idle seal lets rot in the very last record be told from a torn tail") {
    const TempFolder folder;
    auto options = options_for(folder.path());
    options.idle_seal = std::chrono::microseconds(1);
    std::atomic<int> writes{0};
    options.write_fault = [&](std::uint64_t, std::size_t) {
        ++writes;
        return Status();
    };
    auto writer = Writer::open(options, 1, {});
    REQUIRE(writer);
    append_one(**writer, "only");
    while (writes < 3) {  // Header, record, seal.
        std::this_thread::yield();
    }
    (*writer)->close();
    CHECK(writes == 3);  // No second seal.
    const std::string path = segment_path(folder.path(), 1);
    std::string bad = slurp(path);
    flip(bad, kFramesBegin + 75, 0);
    spew(path, bad);
    const auto back = read_back(folder.path());
    CHECK(back.records.empty());
    REQUIRE(back.report.damages.size() == 1);
    CHECK(back.report.damages[0].until == 2);
    CHECK(back.report.next == 2);
}

}  // namespace aiml042::wal
