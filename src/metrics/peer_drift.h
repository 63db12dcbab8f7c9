// What another monitor would say of a column at its own defaults: its method, number, threshold and
// verdict, recomputed from the values that ours is made of, and why the two differ.
//
// The formulas are those of Evidently 0.7 (legacy presets), NannyML 0.13, azureml-assets model
// monitoring, Deequ 2 (which SageMaker Model Monitor builds on) and whylogs 1.6, re-stated; their
// known faults are kept, that is the point. Where a peer reads a random sketch (whylogs, SageMaker)
// the exact values are read instead. Pure. Cost: a walk over both sides, about 5 ns per value;
// an exact Kolmogorov-Smirnov p-value (at most 1,000 x 10,000 values) up to 60 ms.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/column_state.h"
#include "metrics/reference_column.h"

namespace aiml042::metrics {

enum class Peer : std::uint8_t { kEvidently, kNannyml, kAzure, kSagemaker, kWhylogs };

inline constexpr std::array<std::string_view, 5> kPeerNames = {
    "evidently", "nannyml", "azure", "sagemaker", "whylogs"};

[[nodiscard]] constexpr std::string_view name_of(Peer peer) {
    return kPeerNames[static_cast<std::size_t>(peer)];
}

/// By its name; empty for any other.
[[nodiscard]] std::optional<Peer> peer_of(std::string_view name);

struct PeerDrift {
    enum class Verdict : std::uint8_t { kNone, kNoDrift, kPossibleDrift, kDrift };

    std::string_view method = {};      // Its own name of it.
    std::optional<double> value = {};  // What it compares with its threshold.
    double threshold = 0.0;
    std::string_view drifted_when = {};  // "value >= threshold" …
    Verdict verdict = Verdict::kNone;
    /// Other numbers of the same peer that are not compared by default.
    std::vector<std::pair<std::string_view, double>> others = {};
    /// Share of rows by which a distribution read from the reference may be off; 0: exact.
    double rank_error = 0.0;
    std::string_view why = {};     // Why it differs from ours.
    std::string_view reason = {};  // Why there is no value.
};

[[nodiscard]] std::string_view name_of(PeerDrift::Verdict verdict);

[[nodiscard]] PeerDrift peer_drift(Peer peer,
                                   const ReferenceColumn& reference,
                                   const ColumnValues& current);

}  // namespace aiml042::metrics
