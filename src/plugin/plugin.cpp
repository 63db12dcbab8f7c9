#include "plugin/plugin.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <memory>
#include <string_view>
#include <utility>

#include <dlfcn.h>

#include "base/check.h"
#include "base/log.h"
#include "base/scratch.h"
#include "metrics/metric.h"
#include "metrics/reasons.h"
#include "metrics/typed_state.h"

namespace aiml042::plugin {

namespace {

using metrics::Input;
using metrics::kNoClass;

constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kTextBytesMax = 1'024;

struct InputPair {
    std::uint32_t theirs;
    Input ours;
};

constexpr std::array<InputPair, 7> kInputs = {
    {{AIML042_INPUT_LATENCY, Input::kLatency},
     {AIML042_INPUT_FAILED, Input::kFailed},
     {AIML042_INPUT_SCORE, Input::kScore},
     {AIML042_INPUT_LABEL_CLASS, Input::kLabelClass},
     {AIML042_INPUT_PREDICTED_CLASS, Input::kPredictedClass},
     {AIML042_INPUT_PREDICTED_VALUE, Input::kPredictedValue},
     {AIML042_INPUT_LABEL_VALUE, Input::kLabelValue}}};

constexpr std::uint32_t kNeedPositiveClass =
    AIML042_INPUT_SCORE | AIML042_INPUT_LABEL_CLASS | AIML042_INPUT_PREDICTED_CLASS;

/// Columns of the selected rows, one behind the other as a plugin wants them.
class Gathered {
  public:
    Gathered(const metrics::Rows& rows,
             std::span<const std::uint32_t> run,
             std::uint32_t inputs,
             std::uint32_t positive)
        : run_(run) {
        out_.struct_size = sizeof(out_);
        out_.count = run.size();
        if ((inputs & AIML042_INPUT_LATENCY) != 0) {
            out_.latency_ms = numbers(latency_, rows.latency_ms);
        }
        if ((inputs & AIML042_INPUT_SCORE) != 0) {
            out_.score = numbers(score_, rows.score);
        }
        if ((inputs & AIML042_INPUT_PREDICTED_VALUE) != 0) {
            out_.predicted_value = numbers(predicted_value_, rows.predicted_value);
        }
        if ((inputs & AIML042_INPUT_LABEL_VALUE) != 0) {
            out_.label_value = numbers(label_value_, rows.label_value);
        }
        if ((inputs & AIML042_INPUT_FAILED) != 0) {
            for (std::size_t i = 0; i < run.size(); ++i) {
                failed_[i] = rows.failed[run[i]];
            }
            out_.failed = failed_.data();
        }
        if ((inputs & AIML042_INPUT_LABEL_CLASS) != 0) {
            out_.label_class = classes(label_class_, rows.label_class, positive);
        }
        if ((inputs & AIML042_INPUT_PREDICTED_CLASS) != 0) {
            out_.predicted_class = classes(predicted_class_, rows.predicted_class, positive);
        }
    }

    [[nodiscard]] const aiml042_rows& rows() const { return out_; }

  private:
    using Numbers = Scratch<double, metrics::kRun>;
    using Bytes = Scratch<std::uint8_t, metrics::kRun>;

    const double* numbers(Numbers& to, std::span<const double> from) {
        for (std::size_t i = 0; i < run_.size(); ++i) {
            to[i] = from[run_[i]];
        }
        return to.data();
    }

    const std::uint8_t* classes(Bytes& to,
                                std::span<const std::uint32_t> from,
                                std::uint32_t positive) {
        for (std::size_t i = 0; i < run_.size(); ++i) {
            const std::uint32_t code = from[run_[i]];
            to[i] = code == kNoClass   ? std::uint8_t{AIML042_NO_CLASS}
                    : code == positive ? std::uint8_t{AIML042_POSITIVE}
                                       : std::uint8_t{AIML042_NEGATIVE};
        }
        return to.data();
    }

    std::span<const std::uint32_t> run_;
    aiml042_rows out_{};
    Numbers latency_;
    Numbers score_;
    Numbers predicted_value_;
    Numbers label_value_;
    Bytes failed_;
    Bytes label_class_;
    Bytes predicted_class_;
};

/// A state that a plugin made.
class PluginState final : public metrics::TypedState<PluginState> {
  public:
    PluginState(const aiml042_metric& metric, const metrics::FamilyOptions& options)
        : metric_(&metric), positive_(options.positive_class), state_(metric.create()) {
        AIML_CHECK(state_ != nullptr);
    }

    PluginState(const PluginState& other)
        : TypedState(other),
          metric_(other.metric_),
          positive_(other.positive_),
          state_(metric_->clone(other.state_)) {
        AIML_CHECK(state_ != nullptr);
    }

    PluginState& operator=(const PluginState&) = delete;

    ~PluginState() override { metric_->destroy(state_); }

    void update(const metrics::Rows& rows, std::span<const std::uint32_t> selection) override {
        metrics::for_each_run(selection, [&](std::span<const std::uint32_t> run) {
            const Gathered gathered(rows, run, metric_->inputs, positive_);
            metric_->update(state_, &gathered.rows());
        });
    }

    void merge_from(const PluginState& other) {
        AIML_CHECK(metric_ == other.metric_ && positive_ == other.positive_);
        metric_->merge(state_, other.state_);
    }

    [[nodiscard]] std::size_t memory_bytes() const override {
        return sizeof(*this) + metric_->memory_bytes(state_);
    }

    [[nodiscard]] metrics::Estimate finish(std::optional<double> confidence) const {
        if (positive_ == kNoClass && (metric_->inputs & kNeedPositiveClass) != 0) {
            return {.reason = metrics::reasons::kNoPositiveClass};
        }
        constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
        aiml042_estimate out{.struct_size = sizeof(out),
                             .value = kNone,
                             .n = 0,
                             .lo = kNone,
                             .hi = kNone,
                             .reason = nullptr};
        metric_->finish(state_, confidence.value_or(kNone), &out);
        metrics::Estimate estimate{.n = out.n};
        if (std::isfinite(out.value)) {
            estimate.value = out.value;
        } else {
            estimate.reason = !std::isnan(out.value)  ? metrics::reasons::kNotFinite
                              : out.reason == nullptr ? metrics::reasons::kNoEvents
                                                      : std::string_view(out.reason);
        }
        if (confidence && estimate.value && std::isfinite(out.lo) && std::isfinite(out.hi)) {
            estimate.interval = {out.lo, out.hi};
        }
        return estimate;
    }

  private:
    const aiml042_metric* metric_;
    std::uint32_t positive_;
    void* state_;
};

std::unique_ptr<metrics::State> make_state(const void* metric,
                                           const metrics::FamilyOptions& options) {
    return std::make_unique<PluginState>(*static_cast<const aiml042_metric*>(metric), options);
}

metrics::Estimate finish_state(const metrics::State& state, const metrics::FinishOptions& options) {
    return metrics::as<PluginState>(state).finish(options.confidence);
}

/// Families are pointed to from the catalogue, so they stay where they are.
std::deque<metrics::Family>& families() {
    static auto* const kFamilies = new std::deque<metrics::Family>();
    return *kFamilies;
}

Status wrong(std::string what) {
    return {ErrorCode::kInvalidArgument, std::move(what)};
}

bool is_text(const char* text, std::size_t bytes_max) {
    return text != nullptr && std::string_view(text).size() <= bytes_max;
}

bool is_name(const char* name) {
    if (!is_text(name, kNameBytesMax) || *name == '\0') {
        return false;
    }
    return std::ranges::all_of(std::string_view(name), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

Status check_metric(const aiml042_metric& metric) {
    if (metric.struct_size < sizeof(aiml042_metric)) {
        return wrong("a metric is of an older interface");
    }
    if (!is_name(metric.name)) {
        return wrong("a metric's name is not of a-z, 0-9 and _, at most 64 bytes");
    }
    const std::string name = metric.name;
    if (metrics::find_metric(name) != nullptr) {
        return wrong("there is a metric " + name + " already");
    }
    for (const char* text : {metric.title, metric.unit, metric.formula, metric.source}) {
        if (!is_text(text, kTextBytesMax)) {
            return wrong(name + ": a text is missing or longer than 1,024 bytes");
        }
    }
    if (metric.create == nullptr || metric.destroy == nullptr || metric.clone == nullptr ||
        metric.update == nullptr || metric.merge == nullptr || metric.memory_bytes == nullptr ||
        metric.finish == nullptr) {
        return wrong(name + ": a function is missing");
    }
    std::uint32_t known = 0;
    for (const InputPair& pair : kInputs) {
        known |= pair.theirs;
    }
    constexpr std::uint32_t kTasks = AIML042_TASK_BINARY | AIML042_TASK_REGRESSION;
    if ((metric.inputs & ~known) != 0 || (metric.tasks & ~kTasks) != 0 || metric.direction < -1 ||
        metric.direction > 1) {
        return wrong(name + ": an input, a task or the direction is not one that is known");
    }
    return {};
}

metrics::MetricSpec spec_of(const aiml042_metric& metric) {
    metrics::Inputs inputs = 0;
    for (const InputPair& pair : kInputs) {
        inputs |= (metric.inputs & pair.theirs) != 0 ? static_cast<metrics::Inputs>(pair.ours) : 0U;
    }
    constexpr std::uint32_t kOfLabels = AIML042_INPUT_LABEL_CLASS | AIML042_INPUT_LABEL_VALUE;
    const metrics::Family& family =
        families().emplace_back(metrics::Family{.name = metric.name,
                                                .inputs = inputs,
                                                .label_free = (metric.inputs & kOfLabels) == 0,
                                                .make_with = make_state,
                                                .context = &metric});
    std::uint32_t tasks = 0;
    if ((metric.tasks & AIML042_TASK_BINARY) != 0) {
        tasks |= static_cast<std::uint32_t>(metrics::TaskBit::kBinary);
    }
    if ((metric.tasks & AIML042_TASK_REGRESSION) != 0) {
        tasks |= static_cast<std::uint32_t>(metrics::TaskBit::kRegression);
    }
    const auto bound = [](double value) {
        return std::isnan(value) ? std::nullopt : std::optional(value);
    };
    return {.name = metric.name,
            .title = metric.title,
            .group = "plugin",
            .unit = metric.unit,
            .min = bound(metric.min),
            .max = bound(metric.max),
            .direction = metric.direction,
            .tasks = tasks == 0 ? static_cast<std::uint32_t>(metrics::TaskBit::kAny) : tasks,
            .family = &family,
            .formula = metric.formula,
            .source = metric.source,
            .finish = finish_state};
}

}  // namespace

Status add(const aiml042_plugin& plugin) {
    if (plugin.abi != AIML042_PLUGIN_ABI) {
        return wrong("it is of interface " + std::to_string(plugin.abi) + ", this server has " +
                     std::to_string(AIML042_PLUGIN_ABI));
    }
    if (!is_text(plugin.name, kNameBytesMax) || !is_text(plugin.version, kNameBytesMax) ||
        (plugin.metric_count > 0 && plugin.metrics == nullptr)) {
        return wrong("its name, its version or its metrics are missing");
    }
    for (std::uint32_t i = 0; i < plugin.metric_count; ++i) {
        AIML_TRY(check_metric(plugin.metrics[i]));
        for (std::uint32_t k = 0; k < i; ++k) {
            if (std::string_view(plugin.metrics[i].name) == plugin.metrics[k].name) {
                return wrong(std::string(plugin.metrics[i].name) + " is there twice");
            }
        }
    }
    if (!metrics::has_room(plugin.metric_count)) {
        return wrong("it brings more metrics than the catalogue holds");
    }
    for (std::uint32_t i = 0; i < plugin.metric_count; ++i) {
        metrics::add_metric(spec_of(plugin.metrics[i]));
    }
    return {};
}

Status load(const std::string& path) {
    // A bare name would be looked for in the system's library folders.
    const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
    void* const object = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (object == nullptr) {
        const char* const why = dlerror();  // NOLINT(concurrency-mt-unsafe): before other threads.
        return wrong("plugins.files: " + std::string(why == nullptr ? path.c_str() : why));
    }
    using Entry = const aiml042_plugin* (*)();
    const auto entry = reinterpret_cast<Entry>(dlsym(object, "aiml042_plugin_entry"));
    const aiml042_plugin* const plugin = entry == nullptr ? nullptr : entry();
    if (plugin == nullptr) {
        return wrong("plugins.files: " + path + ": it is no plugin of aiml042");
    }
    AIML_TRY(add(*plugin).with_context("plugins.files: " + path));
    log_info("plugin_loaded",
             {{"file", path},
              {"name", plugin->name},
              {"version", plugin->version},
              {"metrics", std::uint64_t{plugin->metric_count}}});
    return {};
}

}  // namespace aiml042::plugin
