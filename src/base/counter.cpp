#include "base/counter.h"

#include <bit>
#include <map>
#include <memory>

#include "base/mutex.h"

namespace aiml042 {

namespace {

struct Family {
    std::string help;
    std::string_view type;
    std::map<std::string, std::unique_ptr<Counter>, std::less<>> counters;
    std::map<std::string, std::unique_ptr<DurationHistogram>, std::less<>> histograms;
};

struct Registry {
    Mutex mutex;
    std::map<std::string, Family, std::less<>> families AIML_GUARDED_BY(mutex);
};

// Leaked on purpose: counters are bumped until the last thread ends.
Registry& registry() {
    static auto* const kRegistry = new Registry;
    return *kRegistry;
}

Family& family_of(Registry& all,
                  std::string_view name,
                  std::string_view help,
                  std::string_view type) AIML_REQUIRES(all.mutex) {
    const auto found = all.families.find(name);
    if (found != all.families.end()) {
        return found->second;
    }
    return all.families.emplace(std::string(name), Family{std::string(help), type, {}, {}})
        .first->second;
}

Counter& registered(std::string_view name,
                    std::string_view help,
                    std::string_view labels,
                    std::string_view type) {
    Registry& all = registry();
    const MutexLock lock(all.mutex);
    auto& slot = family_of(all, name, help, type).counters[std::string(labels)];
    if (!slot) {
        slot = std::make_unique<Counter>();
    }
    return *slot;
}

std::string braced(const std::string& labels) {
    return labels.empty() ? "" : "{" + labels + "}";
}

void append_histogram(std::string& out,
                      const std::string& name,
                      const std::string& labels,
                      const DurationHistogram& h) {
    const std::string prefix = labels.empty() ? "" : labels + ",";
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < DurationHistogram::kBuckets; ++i) {
        seen += h.bucket(i);
        out.append(name).append("_bucket{").append(prefix).append("le=\"");
        out += i + 1 == DurationHistogram::kBuckets
                   ? "+Inf"
                   : std::to_string(static_cast<double>(DurationHistogram::edge_us(i)) / 1e6);
        out += "\"} " + std::to_string(seen) + "\n";
    }
    out.append(name).append("_sum").append(braced(labels)).append(" ");
    out.append(std::to_string(static_cast<double>(h.sum_us()) / 1e6)).append("\n");
    out.append(name).append("_count").append(braced(labels)).append(" ");
    out.append(std::to_string(seen)).append("\n");
}

}  // namespace

Counter& counter(std::string_view name, std::string_view help, std::string_view labels) {
    return registered(name, help, labels, "counter");
}

Counter& gauge(std::string_view name, std::string_view help, std::string_view labels) {
    return registered(name, help, labels, "gauge");
}

void DurationHistogram::observe_us(std::uint64_t microseconds) {
    const auto index =
        microseconds <= 1 ? std::size_t{0} : std::size_t{std::bit_width(microseconds - 1)};
    buckets_[index < kBuckets ? index : kBuckets - 1].fetch_add(1, std::memory_order_relaxed);
    sum_us_.fetch_add(microseconds, std::memory_order_relaxed);
}

DurationHistogram& duration_histogram(std::string_view name,
                                      std::string_view help,
                                      std::string_view labels) {
    Registry& all = registry();
    const MutexLock lock(all.mutex);
    auto& slot = family_of(all, name, help, "histogram").histograms[std::string(labels)];
    if (!slot) {
        slot = std::make_unique<DurationHistogram>();
    }
    return *slot;
}

std::string prometheus_text() {
    Registry& all = registry();
    const MutexLock lock(all.mutex);
    std::string out;
    for (const auto& [name, family] : all.families) {
        out.append("# HELP ").append(name).append(" ").append(family.help);
        out.append("\n# TYPE ").append(name).append(" ").append(family.type).append("\n");
        for (const auto& [labels, value] : family.counters) {
            out.append(name).append(braced(labels)).append(" ");
            out.append(std::to_string(value->value())).append("\n");
        }
        for (const auto& [labels, value] : family.histograms) {
            append_histogram(out, name, labels, *value);
        }
    }
    return out;
}

}  // namespace aiml042
