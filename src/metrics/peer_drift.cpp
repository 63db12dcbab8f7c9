#include "metrics/peer_drift.h"

#include <algorithm>

#include "metrics/peer_sides.h"
#include "metrics/reasons.h"

namespace aiml042::metrics {

std::optional<Peer> peer_of(std::string_view name) {
    const auto found = std::ranges::find(kPeerNames, name);
    return found != kPeerNames.end() ? std::optional(static_cast<Peer>(found - kPeerNames.begin()))
                                     : std::nullopt;
}

std::string_view name_of(PeerDrift::Verdict verdict) {
    switch (verdict) {
        case PeerDrift::Verdict::kNoDrift:
            return "no_drift";
        case PeerDrift::Verdict::kPossibleDrift:
            return "possible_drift";
        case PeerDrift::Verdict::kDrift:
            return "drift";
        case PeerDrift::Verdict::kNone:
            break;
    }
    return "none";
}

namespace {

PeerDrift drift_of(Peer peer, const PeerSides& sides) {
    switch (peer) {
        case Peer::kEvidently:
            return evidently_drift(sides);
        case Peer::kNannyml:
            return nannyml_drift(sides);
        case Peer::kAzure:
            return azure_drift(sides);
        case Peer::kSagemaker:
            return sagemaker_drift(sides);
        case Peer::kWhylogs:
            break;
    }
    return whylogs_drift(sides);
}

}  // namespace

PeerDrift peer_drift(Peer peer, const ReferenceColumn& reference, const ColumnValues& current) {
    const PeerSides sides(reference, current);
    if (reference.n() == 0 || sides.m() == 0.0) {
        return {.reason = reference.n() == 0 ? reasons::kNoReferenceValues : reasons::kNoValues};
    }
    PeerDrift out = drift_of(peer, sides);
    out.rank_error = reference.rank_error();
    return out;
}

}  // namespace aiml042::metrics
