#include "identity/run_page.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <span>

#include "base/bit_pack.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/scratch.h"

namespace aiml042::identity {

namespace {

constexpr std::uint32_t kSecondsPerDay = 86'400;
constexpr std::size_t kFixedHeaderBytes = 16;

static_assert(kPageEntriesMax <= 255, "a page's number of entries is one byte");

using Words = Scratch<std::uint64_t, kPageEntriesMax>;

Status corrupt(const PagePlace& place, const char* what) {
    return {ErrorCode::kCorruptBlock, "page " + std::to_string(place.page) + what};
}

template <typename T>
T load(const char* from) {
    T value{};
    std::memcpy(&value, from, sizeof(T));
    return value;
}

std::int32_t lag_of(const Entry& entry) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(entry.day) -
                                     entry.arrival / kSecondsPerDay);
}

std::int32_t day_of(std::uint32_t lag, std::uint32_t arrival) {
    return static_cast<std::int32_t>(lag + arrival / kSecondsPerDay);
}

/// Where a page of this shape has its columns.
struct Layout {
    std::size_t count = 0;
    unsigned step_width = 0;
    unsigned lag_width = 0;
    unsigned arrival_width = 0;

    [[nodiscard]] std::size_t checks() const {
        return kPageHeaderBytes + packed_bytes(count - 1, step_width);
    }

    [[nodiscard]] std::size_t lags() const { return checks() + count * sizeof(std::uint32_t); }

    [[nodiscard]] std::size_t arrivals() const { return lags() + packed_bytes(count, lag_width); }

    [[nodiscard]] std::size_t end() const {
        return arrivals() + packed_bytes(count, arrival_width);
    }
};

Status check_place(ByteView bytes, const PagePlace& place, std::size_t page_at) {
    if (load<std::uint32_t>(bytes.data()) != crc32c(bytes.substr(4))) {
        return corrupt(place, " fails its checksum");
    }
    if (load<std::uint32_t>(bytes.data() + page_at) != static_cast<std::uint32_t>(place.page) ||
        load<std::uint32_t>(bytes.data() + page_at + 4) != static_cast<std::uint32_t>(place.run)) {
        return corrupt(place, " is not the page that belongs there");
    }
    return {};
}

/// A packed page whose columns are known to lie within its bytes.
class PackedPage {
  public:
    static Result<PackedPage> open(ByteView bytes, const PagePlace& place) {
        AIML_TRY(check_place(bytes, place, 4));
        const auto u8 = [&](std::size_t at) { return load<std::uint8_t>(bytes.data() + at); };
        const Layout layout{
            .count = u8(12), .step_width = u8(13), .lag_width = u8(14), .arrival_width = u8(15)};
        if (layout.count == 0 || layout.count > kPageEntriesMax ||
            !is_packed_width(layout.step_width) || layout.lag_width > 32 ||
            layout.arrival_width > 32 || layout.end() > kPageBytes) {
            return corrupt(place, " is not well-formed");
        }
        return PackedPage(bytes.data(), layout);
    }

    [[nodiscard]] std::size_t count() const { return layout_.count; }

    /// False when they do not ascend.
    [[nodiscard]] bool keys(Words& out) const {
        unpack_bits(bytes_ + kPageHeaderBytes,
                    layout_.step_width,
                    std::span(out).subspan(1, layout_.count - 1));
        out[0] = load<std::uint64_t>(bytes_ + 16);
        bool wraps = false;
        for (std::size_t i = 1; i < layout_.count; ++i) {
            wraps |= __builtin_add_overflow(out[i - 1], out[i], &out[i]);
        }
        return !wraps;
    }

    [[nodiscard]] std::uint32_t check(std::size_t i) const {
        return load<std::uint32_t>(bytes_ + layout_.checks() + i * sizeof(std::uint32_t));
    }

    [[nodiscard]] Entry entry(std::size_t i, std::uint64_t key) const {
        return entry(
            i,
            key,
            unpack_at(bytes_ + layout_.lags(), layout_.lag_width, layout_.count, i),
            unpack_at(bytes_ + layout_.arrivals(), layout_.arrival_width, layout_.count, i));
    }

    void entries(const Words& keys, std::vector<Entry>& out) const {
        Words lags;
        Words arrivals;
        unpack_bits(bytes_ + layout_.lags(), layout_.lag_width, std::span(lags).first(count()));
        unpack_bits(
            bytes_ + layout_.arrivals(), layout_.arrival_width, std::span(arrivals).first(count()));
        for (std::size_t i = 0; i < count(); ++i) {
            out.push_back(entry(i, keys[i], lags[i], arrivals[i]));
        }
    }

  private:
    PackedPage(const char* bytes, const Layout& layout) : bytes_(bytes), layout_(layout) {}

    [[nodiscard]] Entry entry(std::size_t i,
                              std::uint64_t key,
                              std::uint64_t lag,
                              std::uint64_t arrival) const {
        const std::uint32_t seconds =
            load<std::uint32_t>(bytes_ + 24) + static_cast<std::uint32_t>(arrival);
        const std::uint32_t days =
            load<std::uint32_t>(bytes_ + 28) + static_cast<std::uint32_t>(lag);
        return {.key = key, .check = check(i), .day = day_of(days, seconds), .arrival = seconds};
    }

    const char* bytes_;
    Layout layout_;
};

/// A page of version 1: CRC-32C, entries, page number and run id as u32 each, then the entries.
Status decode_fixed(ByteView bytes, const PagePlace& place, std::vector<Entry>& out) {
    AIML_TRY(check_place(bytes, place, 8));
    const auto count = load<std::uint32_t>(bytes.data() + 4);
    if (count == 0 || count > (kPageBytes - kFixedHeaderBytes) / kFixedEntryBytes) {
        return corrupt(place, " is not well-formed");
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        const char* at = bytes.data() + kFixedHeaderBytes + i * kFixedEntryBytes;
        out.push_back({.key = load<std::uint64_t>(at),
                       .check = load<std::uint32_t>(at + 8),
                       .day = load<std::int32_t>(at + 12),
                       .arrival = load<std::uint32_t>(at + 16)});
    }
    return {};
}

}  // namespace

PageBuilder::Range PageBuilder::Range::with(std::int64_t v) const {
    return {std::min(low, v), std::max(high, v)};
}

unsigned PageBuilder::Range::width() const {
    return packed_width(static_cast<std::uint64_t>(high - low));
}

bool PageBuilder::add(const Entry& entry) {
    const std::int32_t lag = lag_of(entry);
    Range lags{lag, lag};
    Range arrivals{entry.arrival, entry.arrival};
    unsigned step_width = 0;
    if (count_ > 0) {
        AIML_DCHECK(keys_[count_ - 1] <= entry.key);
        step_width = std::max(step_width_, packed_width(entry.key - keys_[count_ - 1]));
        lags = lag_.with(lag);
        arrivals = arrival_.with(entry.arrival);
        const Layout layout{.count = count_ + 1,
                            .step_width = step_width,
                            .lag_width = lags.width(),
                            .arrival_width = arrivals.width()};
        if (layout.end() > kPageBytes) {
            return false;
        }
    }
    step_width_ = step_width;
    lag_ = lags;
    arrival_ = arrivals;
    keys_[count_] = entry.key;
    checks_[count_] = entry.check;
    lags_[count_] = lag;
    arrivals_[count_] = entry.arrival;
    ++count_;
    return true;
}

void PageBuilder::finish(const PagePlace& place, std::string& out) {
    AIML_CHECK(count_ > 0);
    const std::size_t begin = out.size();
    ByteWriter writer(out);
    writer.fixed(std::uint32_t{0});  // The checksum's place.
    writer.fixed(static_cast<std::uint32_t>(place.page));
    writer.fixed(static_cast<std::uint32_t>(place.run));
    writer.u8(static_cast<std::uint8_t>(count_));
    writer.u8(static_cast<std::uint8_t>(step_width_));
    writer.u8(static_cast<std::uint8_t>(lag_.width()));
    writer.u8(static_cast<std::uint8_t>(arrival_.width()));
    writer.fixed(keys_[0]);
    writer.fixed(static_cast<std::uint32_t>(arrival_.low));
    writer.fixed(static_cast<std::int32_t>(lag_.low));
    Words words;
    const auto pack = [&](std::size_t count, unsigned width, const auto& value) {
        for (std::size_t i = 0; i < count; ++i) {
            words[i] = static_cast<std::uint64_t>(value(i));
        }
        pack_bits(std::span(words).first(count), width, out);
    };
    pack(count_ - 1, step_width_, [&](std::size_t i) { return keys_[i + 1] - keys_[i]; });
    pack(count_, 32, [&](std::size_t i) { return checks_[i]; });
    pack(count_, lag_.width(), [&](std::size_t i) { return lags_[i] - lag_.low; });
    pack(count_, arrival_.width(), [&](std::size_t i) { return arrivals_[i] - arrival_.low; });
    AIML_CHECK(out.size() - begin <= kPageBytes);
    out.resize(begin + kPageBytes, '\0');
    const std::uint32_t crc = crc32c(ByteView(out).substr(begin + sizeof(std::uint32_t)));
    std::memcpy(out.data() + begin, &crc, sizeof(crc));
    count_ = 0;
}

Status decode_page(ByteView bytes, const PagePlace& place, std::vector<Entry>& out) {
    AIML_CHECK(bytes.size() == kPageBytes);
    if (place.version == RunVersion::kFixed) {
        return decode_fixed(bytes, place, out);
    }
    AIML_ASSIGN(const PackedPage page, PackedPage::open(bytes, place));
    Words keys;
    if (!page.keys(keys)) {
        return corrupt(place, " is not sorted");
    }
    page.entries(keys, out);
    return {};
}

Status find_in_page(ByteView bytes,
                    const PagePlace& place,
                    std::uint64_t key,
                    std::uint32_t check,
                    std::vector<Entry>& out) {
    if (place.version == RunVersion::kFixed) {
        std::vector<Entry> entries;
        AIML_TRY(decode_page(bytes, place, entries));
        std::ranges::copy_if(entries, std::back_inserter(out), [&](const Entry& entry) {
            return entry.key == key && entry.check == check;
        });
        return {};
    }
    AIML_CHECK(bytes.size() == kPageBytes);
    AIML_ASSIGN(const PackedPage page, PackedPage::open(bytes, place));
    Words keys;
    if (!page.keys(keys)) {
        return corrupt(place, " is not sorted");
    }
    const auto known = std::span(keys).first(page.count());
    for (auto at = std::ranges::lower_bound(known, key); at != known.end() && *at == key; ++at) {
        const auto i = static_cast<std::size_t>(at - known.begin());
        if (page.check(i) == check) {
            out.push_back(page.entry(i, key));
        }
    }
    return {};
}

}  // namespace aiml042::identity
