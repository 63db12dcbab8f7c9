// Every bound of the server in one place, with how they relate.

#pragma once

#include <cstddef>
#include <cstdint>

namespace aiml042::limits {

// One request.
inline constexpr std::size_t kHeaderBytesMax = 8 * 1024;
inline constexpr std::size_t kHeaderFieldsMax = 64;
inline constexpr std::size_t kBodyBytesMax = 8 * 1024 * 1024;       // As sent; a setting may lower or raise it.
inline constexpr std::size_t kInflatedBytesMax = 32 * 1024 * 1024;  // After gzip or zstd.
inline constexpr std::size_t kItemBytesMax = 1024 * 1024;           // One event or label as JSON text.
inline constexpr std::size_t kItemsPerRequestMax = 50'000;
inline constexpr std::size_t kJsonDepthMax = 64;

// One event.
inline constexpr std::size_t kNameBytesMax = 256;       // Deployment, model version, feature, key … names.
inline constexpr std::size_t kRequestIdBytesMax = 256;
inline constexpr std::size_t kStringBytesMax = 8 * 1024;   // Feature and metadata strings.
inline constexpr std::size_t kTextBytesMax = 512 * 1024;   // Prompts, responses, contexts.
inline constexpr std::size_t kColumnsPerEventMax = 2'048;
inline constexpr std::size_t kEmbeddingLengthMax = 4'096;

// One project.
inline constexpr std::size_t kColumnsPerDeploymentMax = 4'096;
inline constexpr std::size_t kDeploymentsPerProjectMax = 10'000;

// The log.
inline constexpr std::size_t kSegmentBytes = 64 * 1024 * 1024;
inline constexpr std::size_t kSectorBytes = 4'096;
inline constexpr std::size_t kLogWaitingBytesMax = 64 * 1024 * 1024;
inline constexpr std::size_t kFrameBytesMax = 48 * 1024 * 1024;

// The store.
inline constexpr std::size_t kGroupRowsMax = 65'536;
inline constexpr std::size_t kMemtableBytesMax = 256 * 1024 * 1024;
inline constexpr std::size_t kColumnRowsMax = 1024 * 1024;             // Of one encoded column, labels included.
inline constexpr std::size_t kColumnBytesMax = 1024 * 1024 * 1024;     // The same, its strings decoded.
inline constexpr std::size_t kOpenBlockBytesMax = 32 * 1024 * 1024;    // A block with more (prompts …) is full.
inline constexpr std::size_t kPackedBlockRowsMax = 4'096;              // Smaller blocks keep their columns in one value.
inline constexpr std::size_t kLabelChunkRowsMax = 65'536;
inline constexpr std::size_t kLabelChunksMax = 8;                      // Overlapping ones; more are merged at the seal.
inline constexpr std::size_t kSealBatchBytesMax = 64 * 1024 * 1024;    // Encoded bytes of one atomic write.
inline constexpr std::size_t kRequestIndexBytesMax = 256 * 1024 * 1024;  // Request ids of sealed blocks, for labels.
inline constexpr std::size_t kPendingLabelsMax = 16 * 1024 * 1024;     // Labels that have no event yet.

static_assert(kFrameBytesMax < kSegmentBytes, "a frame fits into a segment");
static_assert(kInflatedBytesMax < kFrameBytesMax, "the records of one request fit into a frame");
static_assert(kBodyBytesMax <= kInflatedBytesMax);
static_assert(kItemBytesMax <= kBodyBytesMax);

}  // namespace aiml042::limits
