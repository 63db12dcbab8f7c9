#include "query/drift.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "codec/json_writer.h"
#include "query/csv.h"
#include "query/drift_compat.h"
#include "query/drift_report.h"
#include "query/json_fields.h"

namespace aiml042::query {

namespace {

using codec::JsonWriter;
using metrics::ColumnDrift;
using metrics::Judgement;
using metrics::ReferenceColumn;
using Kind = ReferenceColumn::Kind;

/// Bins written of a categorical column; the rest are put together.
constexpr std::size_t kCategoriesShown = 30;

std::optional<double> share(std::uint64_t part, std::uint64_t all) {
    return all > 0 ? std::optional(static_cast<double>(part) / static_cast<double>(all))
                   : std::nullopt;
}

/// The numbers of a column that have a name of their own, in the order of the table.
std::vector<std::pair<std::string_view, std::optional<double>>> numbers_of(
    const DriftColumn& column) {
    const ColumnDrift& drift = column.drift;
    const auto of_bins = [&](auto&& value) -> std::optional<double> {
        return drift.distance ? std::optional<double>(value(*drift.distance)) : std::nullopt;
    };
    const auto of_values = [&](auto&& value) -> std::optional<double> {
        return drift.two ? std::optional<double>(value(*drift.two)) : std::nullopt;
    };
    const std::optional<double> range = drift.interquartile_range;
    const auto scaled = [&](double unit, auto&& value) -> std::optional<double> {
        return drift.two && range ? std::optional<double>(value(*drift.two) / unit) : std::nullopt;
    };
    using Distance = stats::ShareDistance;
    using Two = stats::TwoSample;
    return {
        {"psi", of_bins([](const Distance& d) { return d.psi; })},
        {"kl", of_bins([](const Distance& d) { return d.kl; })},
        {"js", of_bins([](const Distance& d) { return d.js; })},
        {"js_distance", of_bins([](const Distance& d) { return d.js_distance(); })},
        {"hellinger", of_bins([](const Distance& d) { return d.hellinger; })},
        {"tvd", of_bins([](const Distance& d) { return d.tvd; })},
        {"chi2", of_bins([](const Distance& d) { return d.chi2; })},
        {"chi2_p_value", of_bins([](const Distance& d) { return d.chi2_p_value(); })},
        {"ks", of_values([](const Two& two) { return two.ks; })},
        {"ks_p_value", of_values([&](const Two&) { return drift.ks_p_value; })},
        {"wasserstein", of_values([](const Two& two) { return two.wasserstein; })},
        {"wasserstein_scaled",
         scaled(range.value_or(1.0), [](const Two& two) { return two.wasserstein; })},
        {"energy",
         scaled(std::sqrt(range.value_or(1.0)), [](const Two& two) { return two.energy; })},
        {"mann_whitney", of_values([](const Two& two) { return two.share_above; })},
        {"mann_whitney_p_value", of_values([&](const Two&) { return drift.mann_whitney_p_value; })},
    };
}

/// The quality of a column's values on one side.
struct Side {
    std::optional<double> missing;
    std::optional<double> other_type;
};

Side reference_side(const DriftColumn& column) {
    const ReferenceColumn& reference = *column.reference;
    const std::uint64_t present = reference.n() + reference.other_type();
    return {share(reference.missing(), present + reference.missing()),
            share(reference.other_type(), present)};
}

Side current_side(const DriftColumn& column) {
    const metrics::ColumnCounts& counts = column.drift.counts;
    const metrics::ColumnCounts::Beside& beside = counts.current_beside;
    return {share(beside.missing, counts.current_rows()),
            share(beside.other_type, counts.rows() + beside.other_type)};
}

std::optional<double> new_category_rate(const DriftColumn& column) {
    const auto& unseen = column.drift.counts.unseen;
    return column.reference->kind() == Kind::kCategorical
               ? share(std::accumulate(unseen.begin(), unseen.end(), std::uint64_t{0}),
                       column.drift.current_n)
               : std::nullopt;
}

void write_sides(JsonWriter& writer,
                 std::string_view name,
                 std::optional<double> reference,
                 std::optional<double> current) {
    writer.key(name).begin_object();
    write_optional(writer, "reference", reference);
    write_optional(writer, "current", current);
    writer.end_object();
}

void write_shares(JsonWriter& writer, const ColumnDrift& drift, std::size_t bin) {
    write_optional(writer, "reference", share(drift.counts.reference[bin], drift.reference_n));
    write_optional(writer, "current", share(drift.counts.current[bin], drift.current_n));
    writer.end_object();
}

void write_numeric_bins(JsonWriter& writer, const DriftColumn& column) {
    const auto edges = column.reference->edges();
    for (std::size_t i = 0; i < column.drift.counts.reference.size(); ++i) {
        writer.begin_object();
        write_optional(writer, "above", i > 0 ? std::optional(edges[i - 1]) : std::nullopt);
        write_optional(writer, "up_to", i < edges.size() ? std::optional(edges[i]) : std::nullopt);
        write_shares(writer, column.drift, i);
    }
}

/// The most frequent categories, what is new, and all others together.
void write_categories(JsonWriter& writer, const DriftColumn& column) {
    const metrics::ColumnCounts& counts = column.drift.counts;
    std::vector<std::size_t> order(counts.reference.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto weight = [&](std::size_t i) {
        const bool is_new = counts.categories[i] == metrics::kNoClass;
        return is_new ? 3.0
                      : share(counts.reference[i], column.drift.reference_n).value_or(0.0) +
                            share(counts.current[i], column.drift.current_n).value_or(0.0);
    };
    std::ranges::stable_sort(order, std::ranges::greater(), weight);
    std::uint64_t reference = 0;
    std::uint64_t current = 0;
    for (std::size_t at = 0; at < order.size(); ++at) {
        const std::size_t i = order[at];
        if (at >= kCategoriesShown) {
            reference += counts.reference[i];
            current += counts.current[i];
            continue;
        }
        writer.begin_object();
        if (counts.categories[i] == metrics::kNoClass) {
            writer.field("new", true);
        } else {
            writer.field("category", column.texts->text(counts.categories[i]));
        }
        write_shares(writer, column.drift, i);
    }
    if (order.size() > kCategoriesShown) {
        writer.begin_object().field("others", order.size() - kCategoriesShown);
        write_optional(writer, "reference", share(reference, column.drift.reference_n));
        write_optional(writer, "current", share(current, column.drift.current_n));
        writer.end_object();
    }
}

void write_reason(JsonWriter& writer, const Judgement& judgement) {
    if (judgement.rows_needed) {
        writer.field("rows_needed", *judgement.rows_needed);
    }
    if (!judgement.reason.empty()) {
        writer.field("reason", judgement.reason);
    }
}

void write_judgement(JsonWriter& writer, const DriftColumn& column) {
    const Judgement& judgement = column.judgement;
    writer.field("verdict", metrics::name_of(judgement.verdict));
    const auto& shift = column.drift.shift;
    write_optional(writer, "psi_debiased", shift ? std::optional(shift->effect) : std::nullopt);
    writer.key("ci");
    if (shift) {
        writer.begin_array()
            .number(shift->interval.first)
            .number(shift->interval.second)
            .end_array();
    } else {
        writer.null();
    }
    write_optional(writer, "p_value", shift ? std::optional(shift->p_value) : std::nullopt);
    write_optional(writer, "p_adjusted", judgement.p_adjusted);
    writer.field("share_changed", column.drift.share_changed);
    write_reason(writer, judgement);
}

void write_interval(JsonWriter& writer, std::string_view name, const stats::Interval& interval) {
    writer.key(name).begin_array().number(interval.first).number(interval.second).end_array();
}

void write_vectors(JsonWriter& writer, const metrics::EmbeddingDrift& drift) {
    write_optional(writer, "cosine_shift", drift.cosine_shift);
    if (drift.kernel) {
        writer.field("mmd", drift.kernel->mmd2).field("mmd_p_value", drift.kernel->p_value);
    }
    if (drift.distances) {
        writer.field("distance_ks", drift.distances->ks)
            .field("distance_ks_p_value", drift.distances->ks_p_value)
            .field("distance_wasserstein", drift.distances->wasserstein)
            .field("farther", drift.distances->farther);
        write_interval(writer, "farther_ci", drift.distances->farther_interval);
    }
    if (drift.domain) {
        writer.field("domain_auc", drift.domain->auc);
        write_interval(writer, "domain_auc_ci", drift.domain->interval);
        writer.field("domain_auc_p_value", drift.domain->p_value);
    }
}

void write_embedding(JsonWriter& writer, const DriftColumn& column) {
    const EmbeddingReading& reading = *column.embedding;
    const metrics::EmbeddingDrift& drift = reading.drift;
    const auto rows = [](const metrics::EmbeddingColumn& side) {
        return side.n + side.other + side.missing;
    };
    writer.field("kind", "embedding")
        .field("n_reference", drift.reference_n)
        .field("n_current", drift.current_n)
        .field("sampled_reference", drift.reference_sampled)
        .field("sampled_current", drift.current_sampled)
        .field("length", reading.reference->length)
        .field("verdict", metrics::name_of(column.judgement.verdict));
    const auto p_value = drift.p_value();
    write_optional(writer, "effect", p_value ? std::optional(drift.effect()) : std::nullopt);
    write_optional(
        writer, "effect_max", p_value ? std::optional(drift.effect_max()) : std::nullopt);
    write_optional(writer, "p_value", p_value);
    write_optional(writer, "p_adjusted", column.judgement.p_adjusted);
    write_reason(writer, column.judgement);
    write_vectors(writer, drift);
    write_sides(writer,
                "missing_rate",
                share(reading.reference->missing, rows(*reading.reference)),
                share(reading.current.missing, rows(reading.current)));
    write_sides(writer,
                "other_length_rate",
                share(reading.reference->other, reading.reference->n + reading.reference->other),
                share(reading.current.other, reading.current.n + reading.current.other));
}

std::string_view kind_name(bool numeric) {
    return numeric ? "numeric" : "categorical";
}

/// Whether most current values are of the other type than the reference's.
bool type_changed(const DriftColumn& column) {
    return column.drift.counts.current_beside.other_type > column.drift.current_n;
}

void write_column(JsonWriter& writer, const DriftReport& report, const DriftColumn& column) {
    writer.begin_object().field("column", column.name);
    if (!column.failure.empty()) {
        writer.field("verdict", metrics::name_of(metrics::Verdict::kCannotTell))
            .field("reason", column.failure)
            .end_object();
        return;
    }
    if (column.embedding) {
        write_embedding(writer, column);
        writer.end_object();
        return;
    }
    const bool numeric = column.reference->kind() == Kind::kNumeric;
    writer.field("kind", kind_name(numeric))
        .field("current_kind", kind_name(numeric != type_changed(column)))
        .field("n_reference", column.drift.reference_n)
        .field("n_current", column.drift.current_n);
    write_judgement(writer, column);
    if (column.importance) {
        writer.field("importance", *column.importance);
    }
    for (const auto& [name, value] : numbers_of(column)) {
        write_optional(writer, name, value);
    }
    const Side before = reference_side(column);
    const Side now = current_side(column);
    write_sides(writer, "missing_rate", before.missing, now.missing);
    write_sides(writer, "other_type_rate", before.other_type, now.other_type);
    write_optional(writer, "new_category_rate", new_category_rate(column));
    writer.key("bins").begin_array();
    if (numeric) {
        write_numeric_bins(writer, column);
    } else {
        write_categories(writer, column);
    }
    writer.end_array();
    write_compat(writer, report, column);
    writer.end_object();
}

void write_summary(JsonWriter& writer, const DriftReport& report) {
    std::size_t counts[3] = {};
    for (const DriftColumn& column : report.columns) {
        ++counts[static_cast<std::size_t>(column.judgement.verdict)];
    }
    writer.begin_object()
        .field("columns", report.columns.size())
        .field("drifted", counts[static_cast<std::size_t>(metrics::Verdict::kDrifted)])
        .field("unchanged", counts[static_cast<std::size_t>(metrics::Verdict::kUnchanged)])
        .field("cannot_tell", counts[static_cast<std::size_t>(metrics::Verdict::kCannotTell)])
        .end_object();
}

std::string_view kind_of(const DriftColumn& column) {
    if (column.embedding) {
        return "embedding";
    }
    return column.reference->kind() == Kind::kNumeric ? "numeric" : "categorical";
}

/// From the kind to the numbers of embeddings.
void append_cells(std::string& row, const DriftColumn& column) {
    const bool read = column.failure.empty();
    const bool of_values = read && !column.embedding;
    const metrics::EmbeddingDrift none;
    const metrics::EmbeddingDrift& vectors = column.embedding ? column.embedding->drift : none;
    append_text_cell(row, read ? kind_of(column) : "");
    append_text_cell(row, metrics::name_of(column.judgement.verdict));
    fmt::format_to(std::back_inserter(row),
                   ",{},{}",
                   column.embedding ? vectors.reference_n : column.drift.reference_n,
                   column.embedding ? vectors.current_n : column.drift.current_n);
    const auto& shift = column.drift.shift;
    const auto of_shift = [&](double stats::Shift::*member) {
        return shift ? std::optional((*shift).*member) : std::nullopt;
    };
    append_number_cell(row, of_shift(&stats::Shift::effect));
    append_number_cell(row, shift ? std::optional(shift->interval.first) : std::nullopt);
    append_number_cell(row, shift ? std::optional(shift->interval.second) : std::nullopt);
    append_number_cell(row,
                       column.embedding ? vectors.p_value() : of_shift(&stats::Shift::p_value));
    append_number_cell(row, column.judgement.p_adjusted);
    for (const auto& [name, value] : numbers_of(column)) {
        append_number_cell(row, value);
    }
    append_number_cell(row, of_values ? reference_side(column).missing : std::nullopt);
    append_number_cell(row, of_values ? current_side(column).missing : std::nullopt);
    append_number_cell(row, of_values ? new_category_rate(column) : std::nullopt);
    append_number_cell(row, vectors.cosine_shift);
    append_number_cell(row, vectors.kernel ? std::optional(vectors.kernel->mmd2) : std::nullopt);
    append_number_cell(row, vectors.domain ? std::optional(vectors.domain->auc) : std::nullopt);
}

}  // namespace

Result<std::string> drift_json(const Core& core, const DriftRequest& request) {
    AIML_ASSIGN(const DriftReport report, make_drift_report(core, request));
    JsonWriter writer;
    writer.begin_object()
        .field("deployment_id", request.rows.deployment)
        .field("from", format_rfc3339(report.range.from))
        .field("to", format_rfc3339(report.range.to))
        .key("reference");
    write_reference(writer, report.reference, nullptr);
    writer.field("alpha", request.options.alpha)
        .field("margin", request.options.margin)
        .field("share_step", request.options.share_step)
        .field("embedding_margin", request.options.embedding_margin)
        .field("confidence", request.options.confidence)
        .key("summary");
    write_summary(writer, report);
    write_compat_summary(writer, report);
    writer.key("columns").begin_array();
    for (const DriftColumn& column : report.columns) {
        write_column(writer, report, column);
    }
    writer.end_array();
    if (!report.attributions.features.empty()) {
        write_optional(writer, "attribution_drift", report.attributions.drift());
        writer.key("attributions");
        report.attributions.write(writer);
    }
    writer.field("as_of_seq", report.as_of_sequence).end_object();
    return writer.take();
}

Result<std::string> drift_csv(const Core& core, const DriftRequest& request) {
    AIML_ASSIGN(const DriftReport report, make_drift_report(core, request));
    std::string out =
        "column,kind,verdict,n_reference,n_current,psi_debiased,ci_lo,ci_hi,p_value,p_adjusted";
    for (const auto& [name, value] : numbers_of(DriftColumn{})) {
        out += ',';
        out += name;
    }
    out +=
        ",missing_rate_reference,missing_rate_current,new_category_rate,cosine_shift,mmd,domain_"
        "auc,reason";
    append_compat_names(out, report);
    out += "\r\n";
    for (const DriftColumn& column : report.columns) {
        std::string row;
        append_text_cell(row, column.name);
        append_cells(row, column);
        append_text_cell(
            row,
            column.failure.empty() ? column.judgement.reason : std::string_view(column.failure));
        append_compat_cells(row, report, column);
        out += row.substr(1) + "\r\n";
    }
    return out;
}

}  // namespace aiml042::query
