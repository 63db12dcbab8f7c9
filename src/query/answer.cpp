#include "query/answer.h"

#include <algorithm>
#include <set>

#include "query/class_registry.h"
#include "query/column_choice.h"

namespace aiml042::query {

namespace {

const metrics::State* state_at(const Plan& plan,
                               const GroupStates& group,
                               std::size_t bucket,
                               std::size_t family) {
    return group.states.empty() ? nullptr
                                : group.states[bucket * plan.families.size() + family].get();
}

std::vector<Point> finish_with(const Plan& plan,
                               const GroupStates& group,
                               const MetricUse& use,
                               metrics::FinishOptions options) {
    const FamilyUse& family = plan.families[use.family];
    const std::unique_ptr<metrics::State> empty = family.family->create(family.options);
    std::vector<Point> series;
    series.reserve(plan.buckets.count());
    for (std::size_t i = 0; i < plan.buckets.count(); ++i) {
        options.window_seconds = plan.buckets.seconds(i);
        const metrics::State* state = state_at(plan, group, i, use.family);
        series.push_back(
            {plan.buckets.start(i), finish_use(use, state == nullptr ? *empty : *state, options)});
    }
    return series;
}

/// The groups behind a value of fairness.
void write_groups(codec::JsonWriter& writer,
                  const metrics::Estimate& estimate,
                  const ClassRegistry& groups) {
    writer.key("groups").begin_array();
    for (const std::uint32_t code : estimate.groups) {
        if (code != metrics::kNoClass) {
            writer.string(group_label(groups.text(code)));
        }
    }
    writer.end_array();
}

}  // namespace

std::vector<Point> finish_series(const Plan& plan, const GroupStates& group, const MetricUse& use) {
    if (group.points.empty()) {
        return finish_with(plan, group, use, finish_options(plan, use));
    }
    const auto index = static_cast<std::size_t>(&use - plan.metrics.data());
    std::vector<Point> series;
    series.reserve(plan.buckets.count());
    for (std::size_t i = 0; i < plan.buckets.count(); ++i) {
        series.push_back({plan.buckets.start(i), group.points[i * plan.metrics.size() + index]});
    }
    return series;
}

std::vector<Point> finish_class_series(const Plan& plan,
                                       const GroupStates& group,
                                       const MetricUse& use,
                                       std::uint32_t class_code) {
    metrics::FinishOptions options = finish_options(plan, use);
    options.family.positive_class = class_code;
    options.average = metrics::FinishOptions::Average::kBinary;
    return finish_with(plan, group, use, options);
}

std::vector<std::uint32_t> classes_of(const Plan& plan,
                                      const GroupStates& group,
                                      const MetricUse& use) {
    std::set<std::uint32_t> codes;
    for (std::size_t i = 0; i < plan.buckets.count(); ++i) {
        if (const metrics::State* state = state_at(plan, group, i, use.family)) {
            codes.merge([&] {
                const auto found = state->classes();
                return std::set<std::uint32_t>(found.begin(), found.end());
            }());
        }
    }
    return {codes.begin(), codes.end()};
}

std::optional<double> largest_bound(const std::vector<Point>& series) {
    std::optional<double> bound;
    for (const Point& point : series) {
        if (point.estimate.error_bound) {
            bound = std::max(bound.value_or(0.0), *point.estimate.error_bound);
        }
    }
    return bound;
}

void write_series(codec::JsonWriter& writer,
                  const std::vector<Point>& series,
                  bool with_interval,
                  const ClassRegistry* groups) {
    writer.begin_array();
    std::string time;  // Used again for each point: there may be a hundred thousand.
    for (const Point& point : series) {
        const metrics::Estimate& estimate = point.estimate;
        time.clear();
        append_rfc3339(time, point.ts);
        writer.begin_object().field("ts", time).key("value");
        if (estimate.value) {
            writer.number(*estimate.value);
        } else {
            writer.null();
        }
        writer.field("n", estimate.n);
        if (estimate.interval) {
            writer.key("ci")
                .begin_array()
                .number(estimate.interval->first)
                .number(estimate.interval->second)
                .end_array();
        } else if (with_interval) {
            writer.key("ci").null();
        }
        if (groups != nullptr && estimate.value) {
            write_groups(writer, estimate, *groups);
        }
        if (estimate.p_value) {
            writer.field("p_value", *estimate.p_value);
        }
        if (estimate.error_bound) {
            writer.field("error_bound", *estimate.error_bound);
        }
        if (!estimate.value) {
            writer.field("reason", estimate.reason);
        }
        writer.end_object();
    }
    writer.end_array();
}

}  // namespace aiml042::query
