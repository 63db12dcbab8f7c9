// The mock server's metrics: straightforward recomputation from raw events.

import { scoreOf } from "./mock-data.mjs";

const Z = 1.959963984540054;

const entry = (name, family, title, unit, range, better, tasks, needs, interval, formula) => ({
  name,
  family,
  title,
  unit,
  range,
  better,
  task_types: tasks,
  needs,
  interval,
  exact: true,
  formula,
  source: "",
});
const all = ["binary", "multiclass", "regression"];
const classes = ["binary", "multiclass"];
const prob = ["binary"];
const reg = ["regression"];
const lab = ["label"];
const sl = ["label", "score"];

export const catalog = [
  entry("count", "traffic", "Events", "events", [0, null], "none", all, [], "none", "n"),
  entry(
    "throughput",
    "traffic",
    "Throughput",
    "events/s",
    [0, null],
    "none",
    all,
    [],
    "none",
    "n / s",
  ),
  entry(
    "error_rate",
    "traffic",
    "Error rate",
    "ratio",
    [0, 1],
    "lower",
    all,
    [],
    "wilson",
    "errors / n",
  ),
  ...["mean", "p50", "p95", "p99"].map((q) =>
    entry(`latency_${q}`, "latency", `Latency ${q}`, "ms", [0, null], "lower", all, [], "none", q),
  ),
  entry(
    "label_coverage",
    "labels",
    "Label coverage",
    "ratio",
    [0, 1],
    "higher",
    all,
    [],
    "wilson",
    "labelled / n",
  ),
  entry(
    "label_delay_p50",
    "labels",
    "Label delay p50",
    "s",
    [0, null],
    "lower",
    all,
    lab,
    "none",
    "median",
  ),
  entry(
    "accuracy",
    "classification",
    "Accuracy",
    "ratio",
    [0, 1],
    "higher",
    classes,
    lab,
    "wilson",
    "(tp + tn) / n",
  ),
  entry(
    "balanced_accuracy",
    "classification",
    "Balanced accuracy",
    "ratio",
    [0, 1],
    "higher",
    classes,
    lab,
    "normal",
    "(tpr + tnr) / 2",
  ),
  entry(
    "precision",
    "classification",
    "Precision",
    "ratio",
    [0, 1],
    "higher",
    classes,
    lab,
    "wilson",
    "tp / (tp + fp)",
  ),
  entry(
    "recall",
    "classification",
    "Recall",
    "ratio",
    [0, 1],
    "higher",
    classes,
    lab,
    "wilson",
    "tp / (tp + fn)",
  ),
  entry(
    "f1",
    "classification",
    "F1",
    "ratio",
    [0, 1],
    "higher",
    classes,
    lab,
    "none",
    "2pr / (p + r)",
  ),
  entry(
    "specificity",
    "classification",
    "Specificity",
    "ratio",
    [0, 1],
    "higher",
    prob,
    lab,
    "wilson",
    "tn / (tn + fp)",
  ),
  entry("mcc", "classification", "MCC", "", [-1, 1], "higher", classes, lab, "none", "Matthews"),
  entry(
    "roc_auc",
    "ranking of scores",
    "ROC AUC",
    "ratio",
    [0, 1],
    "higher",
    prob,
    sl,
    "delong",
    "P(s+ > s-)",
  ),
  entry(
    "pr_auc",
    "ranking of scores",
    "PR AUC",
    "ratio",
    [0, 1],
    "higher",
    prob,
    sl,
    "none",
    "average precision",
  ),
  entry(
    "log_loss",
    "calibration",
    "Log loss",
    "nats",
    [0, null],
    "lower",
    prob,
    sl,
    "normal",
    "-mean log p",
  ),
  entry(
    "brier",
    "calibration",
    "Brier score",
    "",
    [0, 1],
    "lower",
    prob,
    sl,
    "normal",
    "mean (s - y)^2",
  ),
  entry(
    "ece",
    "calibration",
    "ECE",
    "ratio",
    [0, 1],
    "lower",
    prob,
    sl,
    "none",
    "sum n_b |gap_b| / n",
  ),
  entry(
    "mae",
    "regression",
    "MAE",
    "label units",
    [0, null],
    "lower",
    reg,
    lab,
    "normal",
    "mean |e|",
  ),
  entry("mse", "regression", "MSE", "", [0, null], "lower", reg, lab, "normal", "mean e^2"),
  entry(
    "rmse",
    "regression",
    "RMSE",
    "label units",
    [0, null],
    "lower",
    reg,
    lab,
    "none",
    "sqrt(mean e^2)",
  ),
  entry(
    "mape",
    "regression",
    "MAPE",
    "ratio",
    [0, null],
    "lower",
    reg,
    lab,
    "normal",
    "mean |e / y|",
  ),
  entry(
    "r2",
    "regression",
    "R squared",
    "",
    [null, 1],
    "higher",
    reg,
    lab,
    "none",
    "1 - sse / sst",
  ),
  entry(
    "bias",
    "regression",
    "Bias",
    "label units",
    [null, null],
    "none",
    reg,
    lab,
    "normal",
    "mean e",
  ),
];

function wilson(hits, n) {
  const p = hits / n;
  const z2 = Z * Z;
  const mid = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  return [Math.max(0, mid - half), Math.min(1, mid + half)];
}
const none = (reason, n = 0) => ({ value: null, n, reason });
const share = (hits, n, reason) =>
  n === 0 ? none(reason) : { value: hits / n, n, ci: wilson(hits, n) };

function meanWithInterval(values) {
  if (values.length === 0) return none("no labels");
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const square = values.reduce((a, b) => a + (b - mean) ** 2, 0);
  const half = values.length < 2 ? 0 : Z * Math.sqrt(square / (values.length - 1) / values.length);
  return { value: mean, n: values.length, ci: [mean - half, mean + half] };
}

function quantile(values, q) {
  if (values.length === 0) return none("no event carried this number");
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const value = sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
  return { value, n: values.length };
}

/** Label and prediction of the labelled events, in the form the task needs. */
export function pairs(deployment, events) {
  const result = [];
  for (const event of events) {
    const label = event.labels[event.labels.length - 1]?.label;
    if (label === undefined || event.prediction === undefined) continue;
    if (deployment.task_type === "regression") {
      const prediction = event.prediction.value ?? event.prediction;
      result.push({ y: label.value ?? label, p: prediction });
    } else {
      const actual = label.class ?? label;
      result.push({
        actual,
        predicted: event.prediction.class,
        y: actual === deployment.positive_class ? 1 : 0,
        c: event.prediction.class === deployment.positive_class ? 1 : 0,
        s: scoreOf(event),
      });
    }
  }
  return result;
}

function rocAuc(rows) {
  const sorted = [...rows].sort((a, b) => a.s - b.s);
  const positives = rows.filter((row) => row.y === 1).length;
  const negatives = rows.length - positives;
  if (positives === 0 || negatives === 0) return none("one class only", rows.length);
  let sum = 0;
  for (let i = 0; i < sorted.length;) {
    let j = i;
    let here = 0;
    while (j < sorted.length && sorted[j].s === sorted[i].s) here += sorted[j++].y;
    sum += here * ((i + j + 1) / 2);
    i = j;
  }
  const auc = (sum - (positives * (positives + 1)) / 2) / (positives * negatives);
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc * auc) / (1 + auc);
  const spread = Math.sqrt(
    (auc * (1 - auc) + (positives - 1) * (q1 - auc ** 2) + (negatives - 1) * (q2 - auc ** 2)) /
      (positives * negatives),
  );
  return { value: auc, n: rows.length, ci: [auc - Z * spread, Math.min(1, auc + Z * spread)] };
}

function averagePrecision(rows) {
  const positives = rows.filter((row) => row.y === 1).length;
  if (positives === 0) return none("one class only", rows.length);
  const sorted = [...rows].sort((a, b) => b.s - a.s);
  let hits = 0;
  let sum = 0;
  for (const [index, row] of sorted.entries()) {
    if (row.y === 1) {
      hits += 1;
      sum += hits / (index + 1);
    }
  }
  return { value: sum / positives, n: rows.length };
}

export function reliability(rows, bins = 10) {
  const cells = Array.from({ length: bins }, () => ({ n: 0, score: 0, hits: 0 }));
  for (const row of rows) {
    const cell = cells[Math.min(bins - 1, Math.floor(row.s * bins))];
    cell.n += 1;
    cell.score += row.s;
    cell.hits += row.y;
  }
  return cells.map((cell, index) => ({
    lo: index / bins,
    hi: (index + 1) / bins,
    n: cell.n,
    mean_score: cell.n === 0 ? null : cell.score / cell.n,
    positive_rate: cell.n === 0 ? null : cell.hits / cell.n,
    ...(cell.n === 0 ? {} : { ci: wilson(cell.hits, cell.n) }),
  }));
}

function regressionMetric(name, rows) {
  const errors = rows.map((row) => row.p - row.y);
  const n = rows.length;
  if (n === 0) return none("no labels");
  switch (name) {
    case "mae":
      return meanWithInterval(errors.map(Math.abs));
    case "mse":
      return meanWithInterval(errors.map((e) => e * e));
    case "rmse":
      return { value: Math.sqrt(meanWithInterval(errors.map((e) => e * e)).value), n };
    case "mape":
      return meanWithInterval(
        rows.filter((r) => r.y !== 0).map((r) => Math.abs((r.p - r.y) / r.y)),
      );
    case "bias":
      return meanWithInterval(errors);
    case "r2": {
      const mean = rows.reduce((a, row) => a + row.y, 0) / n;
      const total = rows.reduce((a, row) => a + (row.y - mean) ** 2, 0);
      const rest = errors.reduce((a, e) => a + e * e, 0);
      return total === 0 ? none("label does not vary", n) : { value: 1 - rest / total, n };
    }
    default:
      return none("not defined for this task type");
  }
}

function classMetric(name, rows) {
  const n = rows.length;
  if (n === 0) return none("no labels");
  const tp = rows.filter((r) => r.y === 1 && r.c === 1).length;
  const fp = rows.filter((r) => r.y === 0 && r.c === 1).length;
  const fn = rows.filter((r) => r.y === 1 && r.c === 0).length;
  const tn = n - tp - fp - fn;
  const clipped = (p) => Math.min(1 - 1e-15, Math.max(1e-15, p));
  switch (name) {
    case "accuracy":
      return share(rows.filter((r) => r.actual === r.predicted).length, n, "no labels");
    case "balanced_accuracy":
      return tp + fn === 0 || tn + fp === 0
        ? none("one class only", n)
        : { value: (tp / (tp + fn) + tn / (tn + fp)) / 2, n };
    case "precision":
      return share(tp, tp + fp, "no positive prediction");
    case "recall":
      return share(tp, tp + fn, "no positive label");
    case "specificity":
      return share(tn, tn + fp, "no negative label");
    case "f1":
      return tp + fp + fn === 0
        ? none("no positive label or prediction", n)
        : { value: (2 * tp) / (2 * tp + fp + fn), n };
    case "mcc": {
      const d = Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
      return d === 0 ? none("one class only", n) : { value: (tp * tn - fp * fn) / d, n };
    }
    case "roc_auc":
      return rocAuc(rows);
    case "pr_auc":
      return averagePrecision(rows);
    case "brier":
      return meanWithInterval(rows.map((r) => (r.s - r.y) ** 2));
    case "log_loss":
      return meanWithInterval(rows.map((r) => -Math.log(clipped(r.y === 1 ? r.s : 1 - r.s))));
    case "ece": {
      const gap = reliability(rows).reduce(
        (a, b) => a + (b.n === 0 ? 0 : b.n * Math.abs(b.mean_score - b.positive_rate)),
        0,
      );
      return { value: gap / n, n };
    }
    default:
      return none("not defined for this task type");
  }
}

/** One metric over `events` of a window of `seconds`. */
export function compute(name, deployment, events, seconds) {
  const n = events.length;
  const labelled = events.filter((event) => event.labels.length > 0);
  const latencies = () => events.map((e) => e.latency_ms).filter((v) => v !== undefined);
  switch (name) {
    case "count":
      return { value: n, n };
    case "throughput":
      return { value: n / seconds, n };
    case "error_rate":
      return share(events.filter((e) => e.error_code !== undefined).length, n, "no events");
    case "label_coverage":
      return share(labelled.length, n, "no events");
    case "label_delay_p50":
      return quantile(
        labelled.map((e) => (e.labels[0].ts - e.ts) / 1000),
        0.5,
      );
    case "latency_mean":
      return latencies().length === 0 ? none("no latency sent") : meanWithInterval(latencies());
    case "latency_p50":
      return quantile(latencies(), 0.5);
    case "latency_p95":
      return quantile(latencies(), 0.95);
    case "latency_p99":
      return quantile(latencies(), 0.99);
    default: {
      const rows = pairs(deployment, events);
      return deployment.task_type === "regression"
        ? regressionMetric(name, rows)
        : classMetric(name, rows);
    }
  }
}
