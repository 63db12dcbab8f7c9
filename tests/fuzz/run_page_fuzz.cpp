// Arbitrary bytes as a page of the identity runs, with its place and checksum put right, so that
// what lies behind them is reached. The first byte chooses the version. Decoding ends, in bounds,
// with entries or an error; look-ups agree with it; and what was decoded can be written and read
// again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "base/hash.h"
#include "identity/run_page.h"

using namespace aiml042;
using namespace aiml042::identity;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void check_written_again(const std::vector<Entry>& entries, const PagePlace& place) {
    PageBuilder builder;
    std::size_t count = 0;
    while (count < entries.size() && builder.add(entries[count])) {
        ++count;
    }
    require(count > 0);
    std::string page;
    builder.finish(place, page);
    std::vector<Entry> back;
    require(decode_page(page, place, back).is_ok());
    require(back.size() == count && std::equal(back.begin(), back.end(), entries.begin()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<char> page(kPageBytes);
    std::memcpy(page.data(), data, std::min(size, kPageBytes));
    const bool fixed = (page[0] & 1) != 0;
    const PagePlace place{
        .run = 9, .page = 7, .version = fixed ? RunVersion::kFixed : RunVersion::kPacked};
    const std::uint32_t at[] = {7, 9};
    std::memcpy(page.data() + (fixed ? 8 : 4), at, sizeof(at));
    const ByteView bytes(page.data(), page.size());
    const std::uint32_t crc = crc32c(bytes.substr(4));
    std::memcpy(page.data(), &crc, sizeof(crc));

    std::vector<Entry> entries;
    std::vector<Entry> found;
    if (const Status status = decode_page(bytes, place, entries); !status.is_ok()) {
        require(status.code() == ErrorCode::kCorruptBlock && entries.empty());
        require(!find_in_page(bytes, place, 1, 1, found).is_ok() && found.empty());
        return 0;
    }
    require(!entries.empty() && entries.size() <= kPageEntriesMax);
    for (const Entry& entry : {entries.front(), entries[entries.size() / 2], entries.back()}) {
        found.clear();
        require(find_in_page(bytes, place, entry.key, entry.check, found).is_ok());
        require(std::ranges::find(found, entry) != found.end());
    }
    if (std::ranges::is_sorted(entries)) {
        check_written_again(entries, {.run = 9, .page = 7});
    }
    return 0;
}
