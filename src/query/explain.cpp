// An explanation as text.

#include "query/explain.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "codec/json_writer.h"
#include "query/csv.h"
#include "query/definition.h"
#include "query/explanation.h"
#include "query/json_fields.h"
#include "stats/interval.h"

namespace aiml042::query {

namespace {

using codec::JsonWriter;
using stats::RatioPair;
using stats::RatioSums;

std::string filter_of(const Explanation& explanation, const stats::Cohort& cohort) {
    Expression all;
    for (const stats::CohortCondition& one : cohort.where) {
        const Dimension& dimension = explanation.rows.dimensions[one.dimension];
        const auto condition = dimension.condition(one.range, explanation.rows.met[one.dimension]);
        all = both_of(std::move(all), dimension.expression(condition));
    }
    return canonical_text(all);
}

void write_where(JsonWriter& writer, const Explanation& explanation, const stats::Cohort& cohort) {
    writer.begin_array();
    for (const stats::CohortCondition& one : cohort.where) {
        const Dimension& dimension = explanation.rows.dimensions[one.dimension];
        const auto condition = dimension.condition(one.range, explanation.rows.met[one.dimension]);
        writer.begin_object().field("column", dimension.name());
        if (condition.missing) {
            writer.field("missing", true);
        } else if (condition.equals) {
            writer.key("equals");
            switch (condition.equals->type) {
                case Literal::Type::kNumber:
                    writer.number(condition.equals->number);
                    break;
                case Literal::Type::kBool:
                    writer.boolean(condition.equals->number != 0.0);
                    break;
                case Literal::Type::kString:
                    writer.string(condition.equals->text);
                    break;
            }
        }
        if (condition.from) {
            writer.field("from", *condition.from);
        }
        if (condition.below) {
            writer.field("below", *condition.below);
        }
        writer.end_object();
    }
    writer.end_array();
}

std::optional<double> ratio_of(double part, double whole) {
    return whole != 0.0 ? std::optional(part / whole) : std::nullopt;
}

/// Rows of a part of one set.
struct Side {
    std::uint64_t n = 0;
    std::optional<double> value;
    std::optional<double> weight;  // Its share of what the metric divides by.
};

Side side_of(const RatioSums& some, const RatioSums& all) {
    return {static_cast<std::uint64_t>(some.n),
            ratio_of(some.part, some.whole),
            ratio_of(some.whole, all.whole)};
}

/// A part of the whole with what it accounts for.
struct Part {
    Side baseline;
    Side current;
    std::optional<stats::RatioChange> change;
    std::optional<double> share;  // Of the whole change.
    std::optional<double> lift;   // The share over the share of events.
};

Part part_of(const Explanation& explanation, const RatioPair& some) {
    const RatioPair& all = explanation.report.all;
    Part out{side_of(some.before, all.before), side_of(some.after, all.after), {}, {}, {}};
    if (explanation.has_change()) {
        out.change = stats::change_of(some, all);
        out.share = ratio_of(out.change->total(), *explanation.change());
        if (out.share) {
            out.lift = ratio_of(*out.share, stats::mean_weight(some, all));
        }
    }
    return out;
}

void write_side(JsonWriter& writer, std::string_view name, const Side& side) {
    writer.key(name).begin_object();
    write_optional(writer, "value", side.value);
    writer.field("n", side.n);
    write_optional(writer, "weight", side.weight);
    writer.end_object();
}

/// The members of a part.
void write_part(JsonWriter& writer, const Part& part) {
    write_side(writer, "baseline", part.baseline);
    write_side(writer, "current", part.current);
    const auto& change = part.change;
    write_optional(writer, "rate", change ? std::optional(change->rate) : std::nullopt);
    write_optional(writer, "mix", change ? std::optional(change->mix) : std::nullopt);
    write_optional(writer, "change", change ? std::optional(change->total()) : std::nullopt);
    write_optional(writer, "share", part.share);
    write_optional(writer, "lift", part.lift);
}

void write_interval(JsonWriter& writer, double value, double error, double confidence) {
    const double half = stats::normal_quantile(confidence) * error;
    writer.key("ci").begin_array().number(value - half).number(value + half).end_array();
}

void write_cohorts(JsonWriter& writer,
                   const Explanation& explanation,
                   const ExplainRequest& request) {
    writer.key("cohorts").begin_array();
    for (const stats::Cohort& cohort : explanation.report.cohorts) {
        const Part part = part_of(explanation, cohort.sums);
        writer.begin_object().key("where");
        write_where(writer, explanation, cohort);
        writer.field("filter", filter_of(explanation, cohort));
        write_part(writer, part);
        write_interval(writer, part.change->total(), cohort.error, request.confidence);
        writer.field("p_value", cohort.p_value).field("q_value", cohort.q_value).end_object();
    }
    writer.end_array().key("rest").begin_object();
    write_part(writer, part_of(explanation, explanation.report.rest));
    writer.end_object();
}

/// Rate and mix of a partition of all events.
stats::RatioChange split_of(const std::vector<RatioPair>& parts, const RatioPair& all) {
    stats::RatioChange out;
    for (const RatioPair& part : parts) {
        const stats::RatioChange change = stats::change_of(part, all);
        out.rate += change.rate;
        out.mix += change.mix;
    }
    return out;
}

void write_split(JsonWriter& writer,
                 const Explanation& explanation,
                 const std::vector<RatioPair>& parts) {
    std::optional<stats::RatioChange> split;
    if (explanation.has_change()) {
        split = split_of(parts, explanation.report.all);
    }
    write_optional(writer, "rate", split ? std::optional(split->rate) : std::nullopt);
    write_optional(writer, "mix", split ? std::optional(split->mix) : std::nullopt);
}

/// What each dimension alone makes of the difference, the largest mix first.
void write_dimensions(JsonWriter& writer, const Explanation& explanation) {
    std::vector<std::pair<double, std::size_t>> order;
    const auto& by_code = explanation.report.by_code;
    for (std::size_t d = 0; d < by_code.size(); ++d) {
        const double mix =
            explanation.has_change() ? split_of(by_code[d], explanation.report.all).mix : 0.0;
        order.emplace_back(-std::fabs(mix), d);
    }
    std::ranges::sort(order);
    writer.key("dimensions").begin_array();
    for (const auto& [key, d] : order) {
        writer.begin_object().field("column", explanation.rows.dimensions[d].name());
        write_split(writer, explanation, by_code[d]);
        writer.end_object();
    }
    writer.end_array().key("skipped").begin_array();
    for (const auto& [column, reason] : explanation.rows.skipped) {
        writer.begin_object().field("column", column).field("reason", reason).end_object();
    }
    writer.end_array();
}

void write_baseline(JsonWriter& writer, const Explanation& explanation, const MetricQuery& query) {
    writer.key("baseline");
    if (explanation.reference) {
        write_reference(writer, *explanation.reference, nullptr);
        return;
    }
    const Plan& plan = explanation.before.front();
    using Kind = Compare::Kind;
    const Kind kind = query.compare->kind;
    writer.begin_object()
        .field("kind",
               kind == Kind::kOffset         ? "offset"
               : kind == Kind::kModelVersion ? "model_version"
                                             : "prompt_version")
        .field("value", query.compare->value)
        .field("from", format_rfc3339(plan.buckets.range.from))
        .field("to", format_rfc3339(plan.buckets.range.to))
        .end_object();
}

/// The standard error of the whole change.
double change_error(const RatioPair& all) {
    const auto variance = [](const RatioSums& sums) {
        const double ratio = sums.part / sums.whole;
        const double squares =
            sums.part_square - 2.0 * ratio * sums.cross + ratio * ratio * sums.whole_square;
        return std::max(0.0, squares) / (sums.whole * sums.whole);
    };
    return std::sqrt(variance(all.before) + variance(all.after));
}

void write_whole(JsonWriter& writer, const Explanation& explanation, double confidence) {
    const RatioPair& all = explanation.report.all;
    writer.key("values").begin_object();
    write_side(writer, "baseline", side_of(all.before, all.before));
    write_side(writer, "current", side_of(all.after, all.after));
    writer.end_object();
    write_optional(writer, "change", explanation.change());
    if (const auto change = explanation.change()) {
        write_interval(writer, *change, change_error(all), confidence);
    } else {
        writer.key("ci").null().field("reason", "one of the two has nothing to count");
    }
    std::vector<RatioPair> parts{explanation.report.rest};
    for (const stats::Cohort& cohort : explanation.report.cohorts) {
        parts.push_back(cohort.sums);
    }
    write_split(writer, explanation, parts);
}

void append_row(std::string& out,
                std::string_view kind,
                std::string_view filter,
                const Part& part,
                const stats::Cohort* cohort) {
    std::string row;
    append_text_cell(row, kind);
    append_text_cell(row, filter);
    for (const Side* side : {&part.baseline, &part.current}) {
        fmt::format_to(std::back_inserter(row), ",{}", side->n);
        append_number_cell(row, side->value);
        append_number_cell(row, side->weight);
    }
    const auto& change = part.change;
    append_number_cell(row, change ? std::optional(change->rate) : std::nullopt);
    append_number_cell(row, change ? std::optional(change->mix) : std::nullopt);
    append_number_cell(row, change ? std::optional(change->total()) : std::nullopt);
    append_number_cell(row, part.share);
    append_number_cell(row, part.lift);
    append_number_cell(row, cohort ? std::optional(cohort->p_value) : std::nullopt);
    append_number_cell(row, cohort ? std::optional(cohort->q_value) : std::nullopt);
    out += row.substr(1) + "\r\n";
}

}  // namespace

Result<std::string> explain_json(const Core& core, const ExplainRequest& request) {
    AIML_ASSIGN(const Explanation explanation, make_explanation(core, request));
    const Plan& plan = explanation.plan();
    JsonWriter writer;
    writer.begin_object()
        .field("deployment_id", plan.deployment.name)
        .field("metric", plan.metrics.front().name)
        .field("from", format_rfc3339(plan.buckets.range.from))
        .field("to", format_rfc3339(plan.buckets.range.to));
    write_baseline(writer, explanation, request.rows);
    write_whole(writer, explanation, request.confidence);
    write_cohorts(writer, explanation, request);
    write_dimensions(writer, explanation);
    writer.field("tested", explanation.report.tested)
        .field("alpha", request.options.alpha)
        .field("min_n", request.options.rows_min)
        .field("confidence", request.confidence)
        .field("share_of_rows_read", explanation.rows.share_read)
        .key("definition");
    write_definition(writer, plan, plan.metrics.front(), request.rows, std::nullopt);
    writer.field("as_of_seq", explanation.as_of_sequence).end_object();
    return writer.take();
}

Result<std::string> explain_csv(const Core& core, const ExplainRequest& request) {
    AIML_ASSIGN(const Explanation explanation, make_explanation(core, request));
    std::string out =
        "kind,filter,n_baseline,value_baseline,weight_baseline,n_current,value_current,"
        "weight_current,rate,mix,change,share,lift,p_value,q_value\r\n";
    for (const stats::Cohort& cohort : explanation.report.cohorts) {
        append_row(out,
                   "cohort",
                   filter_of(explanation, cohort),
                   part_of(explanation, cohort.sums),
                   &cohort);
    }
    append_row(out, "rest", {}, part_of(explanation, explanation.report.rest), nullptr);
    append_row(out, "all", {}, part_of(explanation, explanation.report.all), nullptr);
    return out;
}

}  // namespace aiml042::query
