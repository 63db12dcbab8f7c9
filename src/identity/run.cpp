#include "identity/run.h"

#include <algorithm>
#include <bit>

#include <fcntl.h>

#include "identity/run_format.h"
#include "os/file.h"

namespace aiml042::identity {

namespace {

Status corrupt(const std::string& path, std::string what) {
    return {ErrorCode::kCorruptBlock, path + ": " + std::move(what)};
}

std::uint64_t file_bytes(std::uint64_t pages, std::uint64_t tail) {
    return (pages + 1) * kPageBytes + tail + kRunFooterBytes;
}

}  // namespace

std::string run_file_name(std::uint64_t id) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string name;
    for (int shift = id > 0xFFFF'FFFFU ? 60 : 28; shift >= 0; shift -= 4) {
        name.push_back(kDigits[id >> static_cast<unsigned>(shift) & 15]);
    }
    return name + ".run";
}

std::string RunTail::encode() const {
    std::string bytes;
    ByteWriter out(bytes);
    out.fixed(std::uint64_t{first_keys.size()});
    for (const std::uint64_t key : first_keys) {
        out.fixed(key);
    }
    out.fixed(std::uint32_t{shard_bits});
    for (const FuseFilter& shard : shards) {
        shard.write(out);
    }
    return bytes;
}

bool RunTail::decode(ByteView bytes) {
    ByteReader in(bytes);
    const auto pages = in.fixed<std::uint64_t>();
    if (pages > in.remaining() / sizeof(std::uint64_t)) {
        return false;
    }
    first_keys.resize(pages);
    for (std::uint64_t& key : first_keys) {
        key = in.fixed<std::uint64_t>();
    }
    shard_bits = in.fixed<std::uint32_t>();
    if (!in.ok() || shard_bits > 20) {
        return false;
    }
    shards.resize(std::size_t{1} << shard_bits);
    return std::ranges::all_of(shards, [&](FuseFilter& shard) { return shard.read(in); }) &&
           in.done();
}

Result<std::shared_ptr<const Run>> Run::open(const std::string& folder, const RunInfo& expected) {
    std::string path = folder + "/" + run_file_name(expected.id);
    AIML_ASSIGN(File file, File::open(path, O_RDONLY));
    AIML_ASSIGN(const std::uint64_t size, file.size());
    char header[kPageBytes];
    AIML_TRY(file.read_at(0, header, sizeof(header)).with_context(path));
    ByteReader in(ByteView(header, sizeof(header)));
    const bool ours = in.fixed<std::uint64_t>() == kRunMagic;
    const auto version = RunVersion{in.fixed<std::uint32_t>()};
    if (ours && version > RunVersion::kPacked) {
        return corrupt(path,
                       "format " + std::to_string(static_cast<std::uint32_t>(version)) +
                           " is newer than this program");
    }
    in.bytes(sizeof(std::uint32_t) + 2 * sizeof(std::uint64_t));
    const auto pages = in.fixed<std::uint64_t>();
    if (!ours || version < RunVersion::kFixed ||
        encode_run_header(expected, pages, version) != ByteView(header, sizeof(header))) {
        return corrupt(path, "the header is damaged or not the manifest's");
    }
    if (pages > size / kPageBytes || size < file_bytes(pages, 0)) {
        return corrupt(path, "the file is too short");
    }
    std::string rest(size - file_bytes(pages, 0) + kRunFooterBytes, '\0');
    AIML_TRY(file.read_at((pages + 1) * kPageBytes, rest.data(), rest.size()).with_context(path));
    const ByteView tail_bytes = ByteView(rest).substr(0, rest.size() - kRunFooterBytes);
    if (encode_run_footer(expected.id, tail_bytes) != ByteView(rest).substr(tail_bytes.size())) {
        return corrupt(path, "directory or filter fails its checksum");
    }
    RunTail tail;
    if (!tail.decode(tail_bytes) || tail.first_keys.size() != pages) {
        return corrupt(path, "directory or filter is not well-formed");
    }
    return std::make_shared<const Run>(
        std::move(path), std::move(file), expected, std::move(tail), version);
}

Run::Run(std::string path, File file, const RunInfo& info, RunTail tail, RunVersion version)
    : path_(std::move(path)),
      file_(std::move(file)),
      info_(info),
      version_(version),
      tail_(std::move(tail)),
      damaged_(info.damaged) {
    const std::vector<std::uint64_t>& keys = tail_.first_keys;
    radix_bits_ = static_cast<unsigned>(std::bit_width(keys.size()));
    const std::uint64_t buckets = std::uint64_t{1} << radix_bits_;
    radix_.reserve(buckets + 1);
    std::uint32_t page = 0;
    for (std::uint64_t bucket = 0; bucket < buckets; ++bucket) {
        const std::uint64_t low = radix_bits_ == 0 ? 0 : bucket << (64 - radix_bits_);
        while (page < keys.size() && keys[page] < low) {
            ++page;
        }
        radix_.push_back(page);
    }
    radix_.push_back(static_cast<std::uint32_t>(keys.size()));
}

Status Run::find(std::uint64_t key, std::uint32_t check, std::vector<Entry>& out) const {
    const std::vector<std::uint64_t>& keys = tail_.first_keys;
    const std::size_t bucket = radix_bits_ == 0 ? 0 : key >> (64 - radix_bits_);
    const auto begin = keys.begin() + radix_[bucket];
    const auto end = keys.begin() + radix_[bucket + 1];
    auto page = static_cast<std::uint64_t>(std::lower_bound(begin, end, key) - keys.begin());
    if (page > 0) {
        --page;  // The page before the first that starts at the key or behind it may end with the
                 // key.
    }
    char bytes[kPageBytes];
    for (; page < keys.size() && keys[page] <= key; ++page) {
        AIML_TRY(file_.read_at((page + 1) * kPageBytes, bytes, kPageBytes).with_context(path_));
        AIML_TRY(find_in_page(ByteView(bytes, kPageBytes), place(page), key, check, out)
                     .with_context(path_));
    }
    return {};
}

Status Run::read_pages(std::uint64_t page, std::uint64_t count, std::vector<Entry>& out) const {
    std::string bytes(count * kPageBytes, '\0');
    AIML_TRY(
        file_.read_at((page + 1) * kPageBytes, bytes.data(), bytes.size()).with_context(path_));
    for (std::uint64_t i = 0; i < count; ++i) {
        const ByteView one = ByteView(bytes).substr(i * kPageBytes, kPageBytes);
        AIML_TRY(decode_page(one, place(page + i), out).with_context(path_));
    }
    return {};
}

Status Run::verify() const {
    const auto slash = path_.rfind('/');
    const auto again = Run::open(path_.substr(0, slash), info_);
    if (!again) {
        return again.status();
    }
    std::vector<Entry> entries;
    Entry last;
    std::uint64_t count = 0;
    for (std::uint64_t page = 0; page < pages(); ++page) {
        entries.clear();
        AIML_TRY(read_pages(page, 1, entries));
        if (entries.front().key != tail_.first_keys[page]) {
            return corrupt(path_, "the directory is wrong about page " + std::to_string(page));
        }
        for (const Entry& entry : entries) {
            if (count++ > 0 && entry < last) {
                return corrupt(path_, "page " + std::to_string(page) + " is not sorted");
            }
            if (!may_contain(entry.key)) {
                return corrupt(path_,
                               "the filter does not know an entry of page " + std::to_string(page));
            }
            if (entry.arrival < info_.arrival_min || entry.arrival > info_.arrival_max) {
                return corrupt(
                    path_,
                    "an arrival of page " + std::to_string(page) + " is outside the run's range");
            }
            last = entry;
        }
    }
    if (count != info_.entries) {
        return corrupt(
            path_,
            "it has " + std::to_string(count) + " entries, not " + std::to_string(info_.entries));
    }
    return {};
}

void Run::scrub(const Scrub& scrub) const {
    const std::string name = run_file_name(info_.id);
    const auto fault = [&](std::string item, std::string detail) {
        mark_damaged();
        scrub.fault({name, std::move(item), std::move(detail)});
    };
    const auto size = file_.size();
    const std::uint64_t tail_begin = (pages() + 1) * kPageBytes;
    if (!size || *size < tail_begin + kRunFooterBytes) {
        fault("the whole run", "the file is too short");
        return;
    }
    const std::uint64_t tail_end = *size - kRunFooterBytes;
    std::uint32_t tail_crc = 0;
    std::string footer;
    std::vector<Entry> entries;
    const auto check = [&](std::uint64_t offset, ByteView bytes) -> Status {
        const std::uint64_t end = offset + bytes.size();
        const auto part = [&](std::uint64_t from, std::uint64_t to) {
            from = std::clamp(from, offset, end);
            return bytes.substr(from - offset, std::clamp(to, from, end) - from);
        };
        for (std::uint64_t at = offset; at < std::min(end, tail_begin); at += kPageBytes) {
            const ByteView page = part(at, at + kPageBytes);
            entries.clear();
            if (at == 0) {
                if (page != encode_run_header(info_, pages(), version_)) {
                    fault("the header", "at 0: it is not the manifest's");
                }
            } else if (page.size() < kPageBytes ||
                       !decode_page(page, place(at / kPageBytes - 1), entries)) {
                fault("page " + std::to_string(at / kPageBytes - 1),
                      "at " + std::to_string(at) + ": it fails its checksum");
            }
        }
        tail_crc = crc32c(part(tail_begin, tail_end), tail_crc);
        footer += part(tail_end, *size);
        return scrub.pace(bytes.size()) ? Status::ok()
                                        : Status(ErrorCode::kDraining, "the scrub was stopped");
    };
    const Status status = os::read_cold(path_, check);
    if (status.code() == ErrorCode::kStorageFailed) {
        fault("what is behind a place that cannot be read", status.detail());
    } else if (status.is_ok() &&
               footer != encode_run_footer(info_.id, tail_end - tail_begin, tail_crc)) {
        fault("directory or filter",
              "at " + std::to_string(tail_begin) + ": it fails its checksum");
    }
}

std::size_t Run::memory_bytes() const {
    std::size_t bytes = tail_.first_keys.capacity() * sizeof(std::uint64_t) +
                        radix_.capacity() * sizeof(std::uint32_t);
    for (const FuseFilter& shard : tail_.shards) {
        bytes += shard.memory_bytes() + sizeof(FuseFilter);
    }
    return bytes;
}

std::uint64_t Run::disk_bytes() const {
    const auto size = file_.size();
    return size ? *size : 0;
}

}  // namespace aiml042::identity
