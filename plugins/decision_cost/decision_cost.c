/* What wrong decisions cost, per labelled event: a missed positive 5, a false alarm 1.
 *
 * State: four counts. The interval is that of a mean (normal, from the counts). */

#include <math.h>
#include <stdlib.h>

#include "aiml042/plugin.h"

#define MISS_COST 5.0
#define ALARM_COST 1.0

typedef struct {
    uint64_t n;
    uint64_t misses;
    uint64_t alarms;
    uint64_t labelled;
} costs;

static void* create(void) {
    return calloc(1, sizeof(costs));
}

static void* clone_of(const void* state) {
    costs* copy = malloc(sizeof(costs));
    if (copy != NULL) {
        *copy = *(const costs*)state;
    }
    return copy;
}

static void update(void* state, const aiml042_rows* rows) {
    costs* to = state;
    for (size_t i = 0; i < rows->count; ++i) {
        const uint8_t label = rows->label_class[i];
        const uint8_t predicted = rows->predicted_class[i];
        to->labelled += label != AIML042_NO_CLASS;
        if (label == AIML042_NO_CLASS || predicted == AIML042_NO_CLASS) {
            continue;
        }
        ++to->n;
        to->misses += label == AIML042_POSITIVE && predicted == AIML042_NEGATIVE;
        to->alarms += label == AIML042_NEGATIVE && predicted == AIML042_POSITIVE;
    }
}

static void merge(void* state, const void* other) {
    costs* to = state;
    const costs* from = other;
    to->n += from->n;
    to->misses += from->misses;
    to->alarms += from->alarms;
    to->labelled += from->labelled;
}

static size_t memory_bytes(const void* state) {
    (void)state;
    return sizeof(costs);
}

/* Quantile of the normal distribution for a two-sided interval, by bisection of erfc. */
static double normal_quantile(double confidence) {
    double lo = 0.0;
    double hi = 40.0;
    for (int i = 0; i < 100; ++i) {
        const double middle = (lo + hi) / 2.0;
        if (erfc(middle / sqrt(2.0)) > 1.0 - confidence) {
            lo = middle;
        } else {
            hi = middle;
        }
    }
    return lo;
}

static void finish(const void* state, double confidence, aiml042_estimate* out) {
    const costs* from = state;
    out->n = from->n;
    if (from->n == 0) {
        out->reason = from->labelled == 0 ? "no labels" : "no predicted classes on labelled events";
        return;
    }
    const double n = (double)from->n;
    const double misses = (double)from->misses;
    const double alarms = (double)from->alarms;
    out->value = (MISS_COST * misses + ALARM_COST * alarms) / n;
    if (confidence > 0.0 && n > 1.0) {
        const double squares =
            (MISS_COST * MISS_COST * misses + ALARM_COST * ALARM_COST * alarms) / n;
        const double spread = sqrt(fmax(0.0, squares - out->value * out->value) / (n - 1.0));
        out->lo = fmax(0.0, out->value - normal_quantile(confidence) * spread);
        out->hi = out->value + normal_quantile(confidence) * spread;
    }
}

static const aiml042_metric kMetrics[] = {{
    .struct_size = sizeof(aiml042_metric),
    .name = "decision_cost",
    .title = "Cost per decision",
    .unit = "",
    .formula = "(5 FN + FP) / n",
    .source = "Elkan (2001)",
    .min = 0.0,
    .max = MISS_COST,
    .direction = -1,
    .tasks = AIML042_TASK_BINARY,
    .inputs = AIML042_INPUT_LABEL_CLASS | AIML042_INPUT_PREDICTED_CLASS,
    .create = create,
    .destroy = free,
    .clone = clone_of,
    .update = update,
    .merge = merge,
    .memory_bytes = memory_bytes,
    .finish = finish,
}};

static const aiml042_plugin kPlugin = {
    .abi = AIML042_PLUGIN_ABI,
    .metric_count = 1,
    .name = "decision_cost",
    .version = "1.0",
    .metrics = kMetrics,
};

const aiml042_plugin* aiml042_plugin_entry(void) {
    return &kPlugin;
}
