// What each task type is judged by.

export interface TaskView {
  readonly label: string;
  /** The one number of a tile. */
  readonly headline: string;
  /** Charts over time, most telling first. */
  readonly quality: readonly string[];
  /** Numbers over the whole range. */
  readonly totals: readonly string[];
}

const BINARY: TaskView = {
  label: "Binary classification",
  headline: "roc_auc",
  quality: ["roc_auc", "pr_auc", "accuracy", "f1", "log_loss", "ece"],
  totals: [
    "roc_auc",
    "pr_auc",
    "accuracy",
    "precision",
    "recall",
    "f1",
    "log_loss",
    "brier",
    "ece",
  ],
};
const MULTICLASS: TaskView = {
  label: "Multi-class classification",
  headline: "accuracy",
  quality: ["accuracy", "balanced_accuracy", "f1"],
  totals: ["accuracy", "balanced_accuracy", "precision", "recall", "f1", "mcc"],
};
const REGRESSION: TaskView = {
  label: "Regression",
  headline: "mae",
  quality: ["mae", "rmse", "bias", "r2"],
  totals: ["mae", "rmse", "bias", "r2", "mape"],
};
const OTHER: TaskView = {
  label: "Task not known yet",
  headline: "count",
  quality: [],
  totals: [],
};

export function taskView(taskType: string | null): TaskView {
  switch (taskType) {
    case "binary":
      return BINARY;
    case "multiclass":
      return MULTICLASS;
    case "regression":
      return REGRESSION;
    default:
      return OTHER;
  }
}

const FROM_ZERO = new Set([
  "count",
  "throughput",
  "error_rate",
  "latency_mean",
  "latency_p50",
  "latency_p95",
  "latency_p99",
  "label_coverage",
  "label_delay_p50",
  "ece",
  "mce",
  "mae",
  "rmse",
]);

/** Whether a chart of the metric starts its axis at zero. */
export function startsAtZero(metric: string): boolean {
  return FROM_ZERO.has(metric);
}

/** The value that a metric is held against, where there is one. */
export function idealOf(
  metric: string,
): { readonly label: string; readonly value: number } | undefined {
  switch (metric) {
    case "calibration_slope":
      return { label: "calibrated", value: 1 };
    case "calibration_intercept":
      return { label: "calibrated", value: 0 };
    case "demographic_parity_ratio":
      return { label: "four fifths", value: 0.8 };
    default:
      return undefined;
  }
}
