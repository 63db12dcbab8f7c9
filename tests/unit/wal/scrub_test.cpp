#include <vector>

#include <catch2/catch.hpp>

#include "log_folder.h"
#include "wal/writer.h"

namespace aiml042::wal {

using test::append_one;
using test::kSmallSegment;
using test::options_for;
using test::segment_path;
using test::TempFolder;

namespace {

std::vector<ScrubFault> scrub(const Writer& writer, std::uint64_t* read = nullptr) {
    std::vector<ScrubFault> faults;
    const Scrub tell{.pace =
                         [&](std::uint64_t bytes) {
                             if (read != nullptr) {
                                 *read += bytes;
                             }
                             return true;
                         },
                     .fault = [&](ScrubFault fault) { faults.push_back(std::move(fault)); }};
    REQUIRE(writer.scrub(tell));
    return faults;
}

void flip(const std::string& path, std::uint64_t offset) {
    std::string bytes = test::slurp(path);
    REQUIRE(offset < bytes.size());
    bytes[offset] = static_cast<char>(bytes[offset] ^ 4);
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void fill(Writer& writer, int records) {
    for (int i = 0; i < records; ++i) {
        REQUIRE(append_one(writer, std::string(9'000, 'x')).code == ErrorCode::kOk);
    }
}

}  // namespace

// Every sector of a closed segment that holds something is covered, headers included.
TEST_CASE("log scrub: a flipped bit in a closed segment is found at its offset") {
    const TempFolder folder;
    auto writer = Writer::open(options_for(folder.path()), 1, {});
    REQUIRE(writer);
    fill(**writer, 14);  // A segment holds four records of three sectors.
    std::uint64_t read = 0;
    CHECK(scrub(**writer, &read).empty());
    CHECK(read == 3 * kSmallSegment);
    const std::string path = segment_path(folder.path(), 2);
    for (std::uint64_t sector = 0; sector < 14; ++sector) {
        // What is behind a header's 48 bytes is not used; all of a frame is.
        const std::uint64_t offset = sector * kSector + (sector < 2 ? 17 : 40);
        CAPTURE(offset);
        flip(path, offset);
        const auto faults = scrub(**writer);
        REQUIRE(faults.size() == 1);
        CHECK(faults[0].file == segment_name(2));
        const std::uint64_t frame = sector < 2 ? sector : 2 + (sector - 2) / 3 * 3;
        CHECK(faults[0].detail.starts_with("at " + std::to_string(frame * kSector) + ":"));
        flip(path, offset);
    }
    CHECK(scrub(**writer).empty());
}

// A file that was let go of is written anew under another number; its old bytes are nobody's.
TEST_CASE("log scrub: what was let go of is not told of, what is recycled is checked as new") {
    const TempFolder folder;
    auto writer = Writer::open(options_for(folder.path()), 1, {});
    REQUIRE(writer);
    fill(**writer, 14);
    flip(segment_path(folder.path(), 1), 3 * kSector);
    CHECK(scrub(**writer).size() == 1);
    (*writer)->truncate_before(6);
    CHECK(scrub(**writer).empty());
    fill(**writer, 60);
    CHECK(scrub(**writer).empty());
}

// After a start the segments of the life before are closed, cut at their last frame.
TEST_CASE("log scrub: segments of the life before are checked too") {
    const TempFolder folder;
    {
        auto writer = Writer::open(options_for(folder.path()), 1, {});
        REQUIRE(writer);
        fill(**writer, 6);
    }
    const auto back = test::read_back(folder.path(), true);
    auto writer = Writer::open(options_for(folder.path()), back.report.next, {});
    REQUIRE(writer);
    fill(**writer, 1);
    CHECK(scrub(**writer).empty());
    flip(segment_path(folder.path(), 2), 2 * kSector + 100);
    const auto faults = scrub(**writer);
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].file == segment_name(2));
}

}  // namespace aiml042::wal
