#include <algorithm>
#include <array>
#include <limits>

#include "base/check.h"
#include "metrics/metric_files.h"

namespace aiml042::metrics {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr std::size_t kMetricsMax = 256;

struct Table {
    std::array<MetricSpec, kMetricsMax> specs;
    std::size_t size = 0;
};

/// In the order of the files: it is also the order of the docs and of the page.
Table collect() {
    Table table;
    const auto append = [&table](std::span<const MetricSpec> specs) {
        AIML_CHECK(table.size + specs.size() <= kMetricsMax);
        std::copy(specs.begin(),
                  specs.end(),
                  table.specs.begin() + static_cast<std::ptrdiff_t>(table.size));
        table.size += specs.size();
    };
#define AIML_METRIC_FILE(name) append(name##_metrics());
    AIML_METRIC_FILES(AIML_METRIC_FILE)
#undef AIML_METRIC_FILE
    return table;
}

Table& table() {
    static Table all = collect();
    return all;
}

/// Levenshtein's distance: insertions, deletions, substitutions.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t k = 0; k <= b.size(); ++k) {
        row[k] = k;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t k = 1; k <= b.size(); ++k) {
            const std::size_t above = row[k];
            const std::size_t changed = diagonal + (a[i - 1] == b[k - 1] ? 0 : 1);
            row[k] = std::min({changed, above + 1, row[k - 1] + 1});
            diagonal = above;
        }
    }
    return row.back();
}

}  // namespace

std::span<const MetricSpec> catalog() {
    return std::span<const MetricSpec>(table().specs).first(table().size);
}

bool has_room(std::size_t metrics) {
    return metrics <= kMetricsMax - table().size;
}

void add_metric(const MetricSpec& spec) {
    AIML_CHECK(has_room(1) && find_metric(spec.name) == nullptr);
    table().specs[table().size++] = spec;
}

const MetricSpec* find_metric(std::string_view name) {
    for (const MetricSpec& spec : catalog()) {
        if (spec.name == name || (!spec.alias.empty() && spec.alias == name)) {
            return &spec;
        }
    }
    return nullptr;
}

std::vector<std::string_view> nearest_metrics(std::string_view name) {
    constexpr std::size_t kNearest = 3;
    name = name.substr(0, std::min<std::size_t>(64, name.find('@')));
    std::vector<std::pair<std::size_t, std::string_view>> all;
    for (const MetricSpec& spec : catalog()) {
        const std::string_view base = spec.name.substr(0, spec.name.find('@'));
        all.emplace_back(edit_distance(name, base), spec.name);
    }
    std::sort(all.begin(), all.end());
    std::vector<std::string_view> out;
    for (const auto& [distance, candidate] : all) {
        if (out.size() < kNearest && distance <= std::max<std::size_t>(2, name.size() / 2)) {
            out.push_back(candidate);
        }
    }
    return out;
}

MetricForm form_of(const MetricSpec& spec, TaskBit task, const FamilyOptions& options) {
    if (task == TaskBit::kMulticlass && spec.multiclass.family != nullptr) {
        return spec.multiclass;
    }
    if (options.threshold && spec.threshold.family != nullptr) {
        return spec.threshold;
    }
    if (options.binning == FamilyOptions::Binning::kMass && spec.mass.family != nullptr) {
        return spec.mass;
    }
    return {spec.family, spec.finish, spec.options, spec.rows};
}

std::optional<FamilyOptions::Binning> MetricForm::binning(FamilyOptions::Binning asked) const {
    using Binning = FamilyOptions::Binning;
    constexpr std::pair<Option, Binning> kBinnings[] = {
        {Option::kWidthBins, Binning::kWidth},
        {Option::kMassBins, Binning::kMass},
        {Option::kDebiasedBins, Binning::kDebiased}};
    std::optional<Binning> first;
    for (const auto& [option, binning] : kBinnings) {
        if (reads(option) && binning == asked) {
            return binning;
        }
        if (reads(option) && !first) {
            first = binning;
        }
    }
    return first;
}

Estimate finish(const MetricSpec& spec,
                Finish formula,
                const State& state,
                const FinishOptions& options) {
    Estimate out = formula(state, options);
    if (out.interval) {
        out.interval->first = std::max(out.interval->first, spec.min.value_or(-kInfinity));
        out.interval->second = std::min(out.interval->second, spec.max.value_or(kInfinity));
    }
    return out;
}

}  // namespace aiml042::metrics
