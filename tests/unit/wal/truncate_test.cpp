#include <catch2/catch.hpp>

#include "log_folder.h"
#include "wal/replay.h"
#include "wal/writer.h"

namespace aiml042::wal {

using test::append_one;
using test::options_for;
using test::read_back;
using test::segment_path;
using test::TempFolder;

namespace {

constexpr std::size_t kRecordBytes = 9'000;  // Three sectors with its frame.

std::string text_of(Lsn lsn) {
    return std::to_string(lsn) + std::string(kRecordBytes, static_cast<char>('a' + lsn % 26));
}

void append_upto(Writer& writer, Lsn& next, Lsn behind) {
    for (; next < behind; ++next) {
        REQUIRE(append_one(writer, text_of(next)).first == next);
    }
}

}  // namespace

TEST_CASE("truncate: whole segments below the head go, the rest stays, also after a restart") {
    const TempFolder folder;
    Lsn next = 1;
    {
        auto writer = Writer::open(options_for(folder.path()), 1, {});
        REQUIRE(writer);
        append_upto(**writer, next, 41);
        const std::uint64_t before = (*writer)->live_bytes();
        (*writer)->truncate_before(20);
        CHECK((*writer)->live_bytes() < before);
        (*writer)->truncate_before(10);  // Backwards: nothing happens.
        CHECK(*read_head(folder.path()) == 20);
    }
    const auto back = read_back(folder.path());
    CHECK(back.report.damages.empty());
    CHECK(back.report.head == 20);
    CHECK(back.report.next == 41);
    CHECK(back.order.front() <= 20);
    CHECK(back.order.front() > 12);  // A segment holds four records.
    for (Lsn lsn = 20; lsn < 41; ++lsn) {
        CHECK(back.records.at(lsn) == text_of(lsn));
    }
}

TEST_CASE("truncate: recycled segments are written again and their old bytes never validate") {
    const TempFolder folder;
    Lsn next = 1;
    {
        auto options = options_for(folder.path());
        auto writer = Writer::open(options, 1, {});
        REQUIRE(writer);
        for (Lsn upto = 20; upto <= 400; upto += 20) {
            append_upto(**writer, next, upto);
            (*writer)->truncate_before(next - 5);
        }
        CHECK((*writer)->live_bytes() <= 4 * test::kSmallSegment);
    }
    // Everything still there, with leftovers of earlier uses behind the frames, reads as if it was
    // not.
    CHECK(test::segments_of(folder.path()).size() <= 6);
    const auto back = read_back(folder.path(), true);
    CHECK(back.report.damages.empty());
    CHECK(back.report.next == next);
    for (Lsn lsn = back.report.head; lsn < next; ++lsn) {
        CHECK(back.records.at(lsn) == text_of(lsn));
    }
    for (const auto& [lsn, text] : back.records) {
        CHECK(text == text_of(lsn));
    }
}

TEST_CASE("truncate: a crash between any two steps loses nothing and reports nothing") {
    // The steps are: head file, then one removal or rename after the other, in any order that the
    // disk likes.
    const TempFolder folder;
    Lsn next = 1;
    {
        auto writer = Writer::open(options_for(folder.path()), 1, {});
        REQUIRE(writer);
        append_upto(**writer, next, 25);
    }
    read_back(folder.path(), true);
    const Lsn head = 18;
    const auto numbers = test::segments_of(folder.path());
    std::vector<std::uint32_t> victims;
    for (const std::uint32_t number : numbers) {
        const auto header =
            decode_segment_header(test::slurp(segment_path(folder.path(), number + 1)));
        if (header && header->first_lsn <= head) {
            victims.push_back(number);
        }
    }
    REQUIRE(victims.size() >= 3);
    REQUIRE(write_head(folder.path(), head));
    for (std::uint64_t mask = 0; mask < (1ULL << victims.size()); ++mask) {
        const TempFolder copy;
        std::filesystem::copy(folder.path(), copy.path(), std::filesystem::copy_options::recursive);
        std::uint32_t fresh = numbers.back() + 1;
        for (std::size_t i = 0; i < victims.size(); ++i) {
            const std::string path = segment_path(copy.path(), victims[i]);
            if ((mask >> i & 1) != 0 && i % 2 == 0) {
                std::filesystem::remove(path);
            } else if ((mask >> i & 1) != 0) {
                std::filesystem::rename(path, segment_path(copy.path(), fresh++));
            }
        }
        const auto back = read_back(copy.path(), true);
        INFO("mask " << mask);
        REQUIRE(back.report.damages.empty());
        REQUIRE(back.report.next == 25);
        for (Lsn lsn = head; lsn < 25; ++lsn) {
            REQUIRE(back.records.at(lsn) == text_of(lsn));
        }
        Lsn more = 25;
        auto writer = Writer::open(options_for(copy.path()), back.report.next, {});
        REQUIRE(writer);
        append_upto(**writer, more, 30);
        (*writer)->close();
        const auto again = read_back(copy.path());
        REQUIRE(again.report.damages.empty());
        REQUIRE(again.records.at(29) == text_of(29));
    }
}

TEST_CASE("truncate: everything may go, and the numbers go on") {
    const TempFolder folder;
    Lsn next = 1;
    {
        auto writer = Writer::open(options_for(folder.path()), 1, {});
        REQUIRE(writer);
        append_upto(**writer, next, 25);
    }
    const auto back = read_back(folder.path(), true);
    {
        auto writer = Writer::open(options_for(folder.path()), back.report.next, {});
        REQUIRE(writer);
        (*writer)->truncate_before(1'000'000);  // As far as there are Lsns.
        CHECK((*writer)->live_bytes() == 0);
    }
    const auto empty = read_back(folder.path(), true);
    CHECK(empty.report.next == 25);
    CHECK(empty.report.head == 25);
    CHECK(empty.records.empty());
    CHECK(empty.report.damages.empty());
}

TEST_CASE("truncate: a log that begins late says so") {
    // After a restore the first Lsn is not 1; that must not look like a lost segment.
    const TempFolder folder;
    {
        auto writer = Writer::open(options_for(folder.path()), 500, {});
        REQUIRE(writer);
        CHECK(append_one(**writer, "x").first == 500);
    }
    const auto back = read_back(folder.path());
    CHECK(back.report.damages.empty());
    CHECK(back.report.head == 500);
    CHECK(back.records.size() == 1);
}

}  // namespace aiml042::wal
