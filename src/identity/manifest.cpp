#include "identity/manifest.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "identity/disk.h"

namespace aiml042::identity {

namespace {

constexpr std::uint64_t kMagic = 0x314E'414D'4449'4D41ULL;  // "AMIDMAN1"
constexpr std::uint32_t kVersion = 1;

}  // namespace

Status Manifest::store(const std::string& folder) const {
    std::string bytes;
    ByteWriter out(bytes);
    out.fixed(kMagic);
    out.fixed(kVersion);
    out.fixed(next_run);
    out.fixed(sealed_until);
    out.fixed(static_cast<std::uint32_t>(runs.size()));
    for (const RunInfo& run : runs) {
        out.fixed(run.id);
        out.fixed(run.entries);
        out.fixed(run.arrival_min);
        out.fixed(run.arrival_max);
        out.u8(run.damaged ? 1 : 0);
    }
    out.fixed(crc32c(bytes));
    return replace_file(folder, kManifestName, bytes);
}

Result<Manifest> Manifest::load(const std::string& folder) {
    const std::string path = folder + "/" + kManifestName;
    AIML_ASSIGN(const std::string bytes, read_file(path));
    const Status corrupt(ErrorCode::kCorruptBlock, path + ": damaged, or of a newer version");
    if (bytes.size() < sizeof(std::uint32_t)) {
        return corrupt;
    }
    const ByteView body = ByteView(bytes).substr(0, bytes.size() - sizeof(std::uint32_t));
    if (ByteReader(ByteView(bytes).substr(body.size())).fixed<std::uint32_t>() != crc32c(body)) {
        return corrupt;
    }
    ByteReader in(body);
    if (in.fixed<std::uint64_t>() != kMagic || in.fixed<std::uint32_t>() != kVersion) {
        return corrupt;
    }
    Manifest manifest;
    manifest.next_run = in.fixed<std::uint64_t>();
    manifest.sealed_until = in.fixed<Timestamp>();
    const auto count = in.fixed<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        RunInfo run;
        run.id = in.fixed<std::uint64_t>();
        run.entries = in.fixed<std::uint64_t>();
        run.arrival_min = in.fixed<std::uint32_t>();
        run.arrival_max = in.fixed<std::uint32_t>();
        run.damaged = in.u8() != 0;
        manifest.runs.push_back(run);
    }
    if (!in.ok() || !in.done()) {
        return corrupt;
    }
    return manifest;
}

}  // namespace aiml042::identity
