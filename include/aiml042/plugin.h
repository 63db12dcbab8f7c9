/* The C interface of aiml042's plugins: shared objects that bring metrics of their own.
 *
 * A plugin exports aiml042_plugin_entry(). The server loads the files named by the setting
 * plugins.files when it starts, checks them, and refuses to start when one does not fit. A plugin's
 * metric is asked for by its name like any other: per window, step, group, filter, as of, live, and
 * corrected by late labels; it appears in the catalogue and on the page.
 *
 * A metric is a state and five functions on it. States are made by the thousand (one per minute and
 * group), filled from rows, merged in any order and finished; so merge must be associative and
 * commutative, and what update() does must not depend on how the rows are cut. Counts and integers
 * keep that to the last bit; sums of doubles do so only up to rounding.
 *
 * Functions must not block, throw or exit. Different states are used from different threads at
 * once; one state is written by one thread, and never while it is read. The plugin is part of the
 * process: what it does wrong, the server does. It is never unloaded. */

#ifndef AIML042_PLUGIN_H
#define AIML042_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes when something is changed that is not at the end of a struct. */
#define AIML042_PLUGIN_ABI 1

/* What a metric reads, as bits; other columns of aiml042_rows are null. */
enum aiml042_input {
    AIML042_INPUT_LATENCY = 1,
    AIML042_INPUT_FAILED = 2,
    AIML042_INPUT_SCORE = 4,
    AIML042_INPUT_LABEL_CLASS = 8,
    AIML042_INPUT_PREDICTED_CLASS = 16,
    AIML042_INPUT_PREDICTED_VALUE = 32,
    AIML042_INPUT_LABEL_VALUE = 64
};

/* Tasks a metric makes sense for, as bits. */
enum aiml042_task { AIML042_TASK_BINARY = 1, AIML042_TASK_REGRESSION = 2 };

/* A class seen from the positive one. */
enum aiml042_class { AIML042_NEGATIVE = 0, AIML042_POSITIVE = 1, AIML042_NO_CLASS = 255 };

/* Some events: `count` entries in each column. A missing number is NaN. */
typedef struct aiml042_rows {
    size_t struct_size;
    size_t count;
    const double* latency_ms;
    const uint8_t* failed;          /* 1: the event has an error_code. */
    const double* score;            /* Probability of the positive class. */
    const uint8_t* label_class;     /* enum aiml042_class. */
    const uint8_t* predicted_class; /* enum aiml042_class. */
    const double* predicted_value;
    const double* label_value;
} aiml042_rows;

/* What finish() fills in; it comes with value, lo and hi NaN, n 0 and reason null. */
typedef struct aiml042_estimate {
    size_t struct_size;
    double value;       /* NaN: there is none, and `reason` says why. */
    uint64_t n;         /* Rows behind the value. */
    double lo, hi;      /* Interval; NaN: none. */
    const char* reason; /* A short stable phrase that lives as long as the process. */
} aiml042_estimate;

typedef struct aiml042_metric {
    size_t struct_size;
    const char* name;    /* a-z, 0-9 and _, at most 64 bytes; no name of another metric. */
    const char* title;   /* For people. */
    const char* unit;    /* "" where there is none. */
    const char* formula; /* Plain text. */
    const char* source;  /* Citation, or "". */
    double min, max;     /* Range of the value; NaN: without bound. */
    int32_t direction;   /* 1: higher is better, -1: lower is, 0: neither. */
    uint32_t tasks;      /* enum aiml042_task; 0: any. */
    uint32_t inputs;     /* enum aiml042_input. */

    void* (*create)(void);
    void (*destroy)(void* state);
    void* (*clone)(const void* state);
    /* Adds rows, at most 1,024 at once. */
    void (*update)(void* state, const aiml042_rows* rows);
    /* Adds the rows of another state. */
    void (*merge)(void* state, const void* other);
    size_t (*memory_bytes)(const void* state);
    /* `confidence` in (0, 1) asks for an interval; NaN: none is wanted. */
    void (*finish)(const void* state, double confidence, aiml042_estimate* estimate);
} aiml042_metric;

typedef struct aiml042_plugin {
    uint32_t abi; /* AIML042_PLUGIN_ABI */
    uint32_t metric_count;
    const char* name;
    const char* version;
    const aiml042_metric* metrics;
} aiml042_plugin;

#define AIML042_EXPORT __attribute__((visibility("default")))

/* The one symbol that is looked up. What it returns lives as long as the process. */
AIML042_EXPORT const aiml042_plugin* aiml042_plugin_entry(void);

#ifdef __cplusplus
}
#endif

#endif
