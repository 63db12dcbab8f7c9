#include "query/drift_compat.h"

#include <cmath>
#include <cstddef>

#include "query/csv.h"

namespace aiml042::query {

namespace {

using metrics::Peer;
using metrics::PeerDrift;
using Verdict = PeerDrift::Verdict;

constexpr double kDatasetShare = 0.5;  // Evidently's share of drifted columns.

bool agrees(const PeerDrift& peer, const DriftColumn& column) {
    return (peer.verdict == Verdict::kDrift) ==
           (column.judgement.verdict == metrics::Verdict::kDrifted);
}

}  // namespace

void write_compat(codec::JsonWriter& writer, const DriftReport& report, const DriftColumn& column) {
    if (report.compat.empty()) {
        return;
    }
    writer.key("compat").begin_array();
    for (std::size_t i = 0; i < column.peers.size(); ++i) {
        const PeerDrift& peer = column.peers[i];
        writer.begin_object().field("peer", metrics::name_of(report.compat[i])).key("value");
        if (!peer.value) {
            writer.null().field("verdict", metrics::name_of(peer.verdict));
            writer.field("reason", peer.reason).end_object();
            continue;
        }
        writer.number(*peer.value)
            .field("method", peer.method)
            .field("threshold", peer.threshold)
            .field("drifted_when", peer.drifted_when)
            .field("verdict", metrics::name_of(peer.verdict))
            .field("agrees", agrees(peer, column))
            .key("others")
            .begin_object();
        for (const auto& [name, value] : peer.others) {
            writer.field(name, value);
        }
        writer.end_object();
        if (peer.rank_error > 0.0) {
            writer.field("rank_error", peer.rank_error);
        }
        writer.field("why", peer.why).end_object();
    }
    writer.end_array();
}

void write_compat_summary(codec::JsonWriter& writer, const DriftReport& report) {
    if (report.compat.empty()) {
        return;
    }
    writer.key("compat").begin_array();
    for (std::size_t i = 0; i < report.compat.size(); ++i) {
        std::size_t columns = 0;
        std::size_t drifted = 0;
        std::size_t agree = 0;
        for (const DriftColumn& column : report.columns) {
            if (column.peers.size() > i && column.peers[i].value) {
                ++columns;
                drifted += column.peers[i].verdict == Verdict::kDrift ? 1U : 0U;
                agree += agrees(column.peers[i], column) ? 1U : 0U;
            }
        }
        writer.begin_object()
            .field("peer", metrics::name_of(report.compat[i]))
            .field("columns", columns)
            .field("drifted", drifted)
            .field("agree", agree);
        if (report.compat[i] == Peer::kEvidently && columns > 0) {
            writer.field(
                "dataset_drift",
                static_cast<double>(drifted) >= kDatasetShare * static_cast<double>(columns));
        }
        writer.end_object();
    }
    writer.end_array();
}

void append_compat_names(std::string& out, const DriftReport& report) {
    for (const Peer peer : report.compat) {
        for (const std::string_view what : {"method", "value", "threshold", "verdict"}) {
            out += ',';
            out += metrics::name_of(peer);
            out += '_';
            out += what;
        }
    }
}

void append_compat_cells(std::string& out, const DriftReport& report, const DriftColumn& column) {
    for (std::size_t i = 0; i < report.compat.size(); ++i) {
        const PeerDrift peer = i < column.peers.size() ? column.peers[i] : PeerDrift{};
        append_text_cell(out, peer.method);
        append_number_cell(out, peer.value);
        append_number_cell(out, peer.value ? std::optional(peer.threshold) : std::nullopt);
        append_text_cell(out, metrics::name_of(peer.verdict));
    }
}

}  // namespace aiml042::query
