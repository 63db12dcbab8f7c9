// Keys of the store in RocksDB: big-endian, so that bytes sort as numbers do. See
// docs/formats/store.md.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/ids.h"
#include "store/store.h"

namespace aiml042::store {

/// Column id under which a block of few rows keeps all its columns.
inline constexpr ColumnId kPackedColumns = 0xFFFFFFFF;

/// First byte of the keys of the meta family.
namespace meta {
inline constexpr char kVersion = 'v';
inline constexpr char kDeployment = 'd';
inline constexpr char kColumn = 'c';
inline constexpr char kPartition = 'p';
inline constexpr char kBlock = 'b';
inline constexpr char kPending = 'n';
inline constexpr char kPendingCovered = 'q';
inline constexpr char kGarbage = 'g';
inline constexpr char kHead = 'h';  // head() as of the write that has it.
}  // namespace meta

/// Appends numbers big-endian.
class KeyWriter {
  public:
    KeyWriter() = default;

    explicit KeyWriter(char family) { key_.push_back(family); }

    KeyWriter& u32(std::uint32_t v) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            key_.push_back(static_cast<char>(v >> shift));
        }
        return *this;
    }

    KeyWriter& u64(std::uint64_t v) {
        u32(static_cast<std::uint32_t>(v >> 32));
        return u32(static_cast<std::uint32_t>(v));
    }

    /// Day with its sign flipped (days before 1970 sort first), project, deployment.
    KeyWriter& partition(const PartitionKey& key) {
        u32(static_cast<std::uint32_t>(key.day) ^ 0x80000000U);
        u32(raw(key.project));
        return u32(raw(key.deployment));
    }

    [[nodiscard]] std::string take() { return std::move(key_); }

  private:
    std::string key_;
};

/// Reads what KeyWriter wrote. ok() as ByteReader's.
class KeyReader {
  public:
    explicit KeyReader(ByteView key) : in_(key) {}

    std::uint8_t u8() { return in_.u8(); }

    std::uint32_t u32() { return __builtin_bswap32(in_.fixed<std::uint32_t>()); }

    std::uint64_t u64() { return __builtin_bswap64(in_.fixed<std::uint64_t>()); }

    PartitionKey partition() {
        PartitionKey key;
        key.day = static_cast<std::int32_t>(u32() ^ 0x80000000U);
        key.project = ProjectId{u32()};
        key.deployment = DeploymentId{u32()};
        return key;
    }

    [[nodiscard]] bool ok() const { return in_.ok(); }

    [[nodiscard]] bool done() const { return in_.ok() && in_.done(); }

  private:
    ByteReader in_;
};

inline std::string column_key(const PartitionKey& partition, std::uint64_t block, ColumnId column) {
    return KeyWriter().partition(partition).u64(block).u32(column).take();
}

inline std::string label_key(const PartitionKey& partition, std::uint64_t chunk) {
    return KeyWriter().partition(partition).u64(chunk).take();
}

inline std::string block_key(const PartitionKey& partition, std::uint64_t block) {
    return KeyWriter(meta::kBlock).partition(partition).u64(block).take();
}

inline std::string partition_key(const PartitionKey& partition) {
    return KeyWriter(meta::kPartition).partition(partition).take();
}

inline std::string pending_key(const Hash128& identity, Lsn label) {
    return KeyWriter(meta::kPending).u64(identity.high).u64(identity.low).u64(label).take();
}

/// First key behind all that begin with `prefix` (which is not all 0xFF bytes).
inline std::string behind(std::string prefix) {
    while (!prefix.empty() && static_cast<std::uint8_t>(prefix.back()) == 0xFF) {
        prefix.pop_back();
    }
    if (!prefix.empty()) {
        prefix.back() = static_cast<char>(static_cast<std::uint8_t>(prefix.back()) + 1);
    }
    return prefix;
}

}  // namespace aiml042::store
