// Every bound of the server in one place, with how they relate.

#pragma once

#include <cstddef>
#include <cstdint>

namespace aiml042::limits {

// One request.
inline constexpr std::size_t kHeaderBytesMax = 8 * 1024;
inline constexpr std::size_t kHeaderFieldsMax = 64;
inline constexpr std::size_t kHostBytesMax = 255;
inline constexpr std::size_t kQueryParametersMax = 256;
inline constexpr std::size_t kChunkSizeDigitsMax = 8;
inline constexpr std::size_t kChunkExtensionBytesMax = 64;
inline constexpr std::size_t kChunkOverheadBytesMax = 64 * 1024;  // Plus an eighth of the payload.
inline constexpr std::size_t kBodyBytesMax =
    8 * 1024 * 1024;  // As sent; a setting may lower or raise it.
inline constexpr std::size_t kInflatedBytesMax = 32 * 1024 * 1024;  // After gzip or zstd.
inline constexpr std::size_t kItemBytesMax = 1024 * 1024;  // One event or label as JSON text.
inline constexpr std::size_t kItemsPerRequestMax = 50'000;
inline constexpr std::size_t kJsonDepthMax = 64;
inline constexpr std::size_t kNamesPerRequestMax =
    65'536;  // New names of columns, deployments and versions.
inline constexpr std::size_t kRejectedTextMax =
    16 * 1024;  // What is kept of an item that was not taken.
inline constexpr std::size_t kRejectionsShownMax = 1'000;  // Of one answer.

// One connection.
inline constexpr std::size_t kReceiveBufferBytes = 16 * 1024;
inline constexpr std::size_t kBodyFirstAllocationBytes =
    1024 * 1024;                                               // Grown from here as bytes come in.
inline constexpr std::size_t kBodyKeptBytesMax = 1024 * 1024;  // Of a request kept for reuse …
inline constexpr std::size_t kRequestsKeptMax = 64;            // … and how many, per I/O thread.
inline constexpr unsigned kPipelinedPerTurn =
    16;  // Requests of one connection before others get their turn.
inline constexpr std::size_t kLingerBytesMax =
    64 * 1024 * 1024;                             // Read and dropped after a refusal, so that the
inline constexpr std::int64_t kLingerMs = 5'000;  // client sees the answer instead of a reset.

// One event.
inline constexpr std::size_t kNameBytesMax =
    256;  // Deployment, model version, feature, key … names.
inline constexpr std::size_t kRequestIdBytesMax = 256;
inline constexpr std::size_t kStringBytesMax = 8 * 1024;  // Feature and metadata strings.
inline constexpr std::size_t kTextBytesMax = 512 * 1024;  // Prompts, responses, contexts.
inline constexpr std::size_t kColumnsPerEventMax = 2'048;
inline constexpr std::size_t kEmbeddingLengthMax = 4'096;

// The catalog.
inline constexpr std::size_t kProjectsMax = 10'000;
inline constexpr std::size_t kKeysPerProjectMax = 1'000;  // Revoked ones included.
inline constexpr std::size_t kDeadLetterItemBytesMax = 16 * 1024;

// Who is asking.
inline constexpr std::size_t kSessionsMax = 10'000;
inline constexpr std::size_t kSignInTokensMax = 64;
inline constexpr std::size_t kThrottledAddressesMax = 65'536;

// One project.
inline constexpr std::size_t kColumnsPerDeploymentMax = 4'096;
inline constexpr std::size_t kDeploymentsPerProjectMax = 10'000;
inline constexpr std::size_t kReferencesPerProjectMax = 1'000;  // Versions counted one by one.

// The log.
inline constexpr std::size_t kSegmentBytes = 64 * 1024 * 1024;
inline constexpr std::size_t kSectorBytes = 4'096;
inline constexpr std::size_t kLogWaitingBytesMax = 64 * 1024 * 1024;
inline constexpr std::size_t kFrameBytesMax = 48 * 1024 * 1024;
inline constexpr std::size_t kLogZeroAheadBytes =
    8 * 1024 * 1024;  // Zero-filled before the write position gets there …
inline constexpr std::size_t kLogZeroChunkBytes =
    1024 * 1024;  // … in writes of this size, so that commits slip between.
inline constexpr std::size_t kLogSpareSegmentsMax = 2;  // Recycled segments kept for use.
inline constexpr std::size_t kLogPoolBuffersMax = 4;    // Commit buffers kept for reuse …
inline constexpr std::size_t kLogPoolBufferBytesMax =
    8 * 1024 * 1024;  // … unless they grew beyond this.

// One query.
inline constexpr std::size_t kFilterBytesMax = 64 * 1024;
inline constexpr std::size_t kFilterDepthMax = 64;       // Nested parentheses.
inline constexpr std::size_t kFilterTermsMax = 2'048;    // Tests of one filter.
inline constexpr std::size_t kFilterValuesMax = 10'000;  // Literals of one filter.
inline constexpr std::size_t kMetricsPerQueryMax = 32;
inline constexpr std::size_t kGroupKeysMax = 3;
inline constexpr std::size_t kClassesPerDeploymentMax = 10'000;  // Class texts a query tells apart.
inline constexpr std::uint32_t kReferenceWeeksMax = 52;
inline constexpr std::size_t kDriftColumnsMax = 500;  // Of one report.
inline constexpr std::size_t kExplainDimensionsMax = 64;
inline constexpr std::size_t kEstimateColumnsMax = 32;  // Read for estimates, with the score.
inline constexpr std::size_t kEstimateClassesMax = 50;  // Estimated one against the rest.
inline constexpr std::size_t kEstimateBucketsMax = 400;
inline constexpr std::size_t kEstimateScoresMax = 1'000;  // Buckets times classes.
inline constexpr std::size_t kSliceValuesMax = 64;        // Values listed per cohort key.
inline constexpr std::size_t kEventsPerPageMax = 1'000;
inline constexpr int kQuerySecondsMax = 30;

// The store.
inline constexpr std::size_t kGroupRowsMax = 65'536;
inline constexpr std::size_t kMemtableBytesMax = 256 * 1024 * 1024;
inline constexpr std::size_t kColumnRowsMax =
    1024 * 1024;  // Of one encoded column, labels included.
inline constexpr std::size_t kColumnBytesMax =
    1024 * 1024 * 1024;  // The same, its strings decoded.
inline constexpr std::size_t kOpenBlockBytesMax =
    32 * 1024 * 1024;  // A block with more (prompts …) is full.
inline constexpr std::size_t kPackedBlockRowsMax =
    4'096;  // Smaller blocks keep their columns in one value.
inline constexpr std::size_t kLabelChunkRowsMax = 65'536;
inline constexpr std::size_t kLabelChunksMax = 8;  // Overlapping ones; more are merged at the seal.
inline constexpr std::size_t kSealBatchBytesMax =
    64 * 1024 * 1024;  // Encoded bytes of one atomic write.
inline constexpr std::size_t kRequestIndexBytesMax =
    256 * 1024 * 1024;  // Request ids of sealed blocks, for labels.
inline constexpr std::size_t kPendingFreshMax = 500'000;  // Of these, so many in memory only.
inline constexpr std::size_t kPendingLabelsMax =
    16 * 1024 * 1024;  // Labels that have no event yet.

// The data directory.
inline constexpr std::size_t kDiskReserveBytes =
    16 * 1024 * 1024;  // Kept so that a start on a full disk works.

// The scrub.
inline constexpr std::size_t kScrubItemsMax = 1'000;  // Damaged items named; more are counted.

// Identity: how RAM follows from these is in src/identity/README.md.
inline constexpr std::size_t kIdentityHotEntriesSeal =
    8'000'000;  // From here on the fold asks for an early seal …
inline constexpr std::size_t kIdentityHotEntriesMax =
    12'000'000;                                      // … and from here on it waits for it.
inline constexpr std::size_t kIdentityRunsMax = 12;  // More are merged in the background.
inline constexpr std::size_t kIdentityTombstonesMax =
    1'000'000;  // More make a rewrite of all runs.
inline constexpr std::size_t kIdentityFilterShardKeys =
    1'000'000;  // A filter is built for 1 to 2 times this many keys.

// The fold.
inline constexpr std::size_t kFoldSealCheckBytes =
    64 * 1024 * 1024;  // Log bytes applied between two looks at the store.
inline constexpr std::size_t kFoldUnsealedBytesMax =
    256 * 1024 * 1024;  // Applied while seals fail; then it waits.
inline constexpr std::size_t kFoldGatherBytes = 256 * 1024;   // Log bytes that need no company.
inline constexpr std::size_t kFoldRestoreItemsMax = 100'000;  // Replayed identities that wait.
inline constexpr std::size_t kFoldColumnMemoMax =
    4'096;  // Names of a batch remembered by position.

static_assert(kFoldSealCheckBytes < kFoldUnsealedBytesMax);
static_assert(kIdentityHotEntriesSeal < kIdentityHotEntriesMax);
static_assert(kFrameBytesMax < kSegmentBytes, "a frame fits into a segment");
static_assert(kInflatedBytesMax < kFrameBytesMax, "the records of one request fit into a frame");
static_assert(kHeaderBytesMax < kReceiveBufferBytes, "a header fits into the receive buffer");
static_assert(kBodyBytesMax <= kInflatedBytesMax);
static_assert(kItemBytesMax <= kBodyBytesMax);

}  // namespace aiml042::limits
