// The drift report before it is written: every column compared with its reference and judged.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "metrics/drift_verdict.h"
#include "metrics/embedding_drift.h"
#include "metrics/peer_drift.h"
#include "query/attributions.h"
#include "query/core.h"
#include "query/drift.h"
#include "query/reference.h"

namespace aiml042::query {

/// What a column of vectors is on both sides.
struct EmbeddingReading {
    std::shared_ptr<const metrics::EmbeddingColumn> reference;
    metrics::EmbeddingColumn current;
    metrics::EmbeddingDrift drift;
};

struct DriftColumn {
    std::string name;
    std::shared_ptr<const metrics::ReferenceColumn> reference;  // Null: could not be read.
    std::shared_ptr<ClassRegistry> texts;
    metrics::ColumnDrift drift;
    metrics::Judgement judgement;
    std::string failure;
    std::optional<double> importance;           // Share of its attributions in the reference.
    std::optional<EmbeddingReading> embedding;  // Then `reference` and `drift` are empty.
    std::vector<metrics::PeerDrift> peers;      // One per DriftRequest::compat, where it was read.
};

struct DriftReport {
    TimeRange range;
    ResolvedReference reference;
    std::vector<DriftColumn> columns;   // In the order of the answer.
    std::vector<metrics::Peer> compat;  // As asked for.
    Attributions attributions;
    Lsn as_of_sequence{};
};

/// Errors: as drift_json().
[[nodiscard]] Result<DriftReport> make_drift_report(const Core& core, DriftRequest request);

}  // namespace aiml042::query
