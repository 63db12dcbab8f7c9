// From the API's curves to what the SVG charts draw, read aloud, tabulate and export.

import type { Cell, TableModel } from "../../lib/csv";
import { formatNumber, formatPercent, reasonWords } from "../../lib/numbers";
import type { ChartFrame } from "./frame";

export interface CurveAnswer<P> {
  readonly n: number;
  readonly reason: string | null;
  readonly points: readonly P[];
}

export interface ReliabilityBin {
  readonly lo: number;
  readonly hi: number;
  readonly n: number;
  readonly mean_score: number | null;
  readonly positive_rate: number | null;
  readonly ci: readonly [number, number] | null;
}

/** A bin with something in it. */
export interface FilledBin {
  readonly lo: number;
  readonly hi: number;
  readonly n: number;
  readonly score: number;
  readonly rate: number;
  readonly ci: readonly [number, number] | null;
}

export interface ReliabilityModel {
  readonly frame: ChartFrame;
  readonly bins: readonly FilledBin[];
}

export interface DistributionModel {
  readonly frame: ChartFrame;
  readonly bins: readonly {
    readonly lo: number;
    readonly hi: number;
    readonly positive: number;
    readonly negative: number;
    readonly unlabelled: number;
  }[];
  readonly threshold: number | null;
}

export interface HistogramModel {
  readonly frame: ChartFrame;
  readonly bins: readonly { readonly lo: number; readonly hi: number; readonly n: number }[];
}

export interface ConfusionModel {
  readonly frame: ChartFrame;
  readonly classes: readonly string[];
  readonly matrix: readonly (readonly number[])[];
}

export interface LineModel {
  readonly frame: ChartFrame;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly xLabel: string;
  readonly yLabel: string;
  /** The line of a score that knows nothing. */
  readonly chance: "diagonal" | number;
}

const whole = (value: number): string => value.toLocaleString("en-US");
const showNumber = (cell: Cell): string => (typeof cell === "number" ? formatNumber(cell) : "–");
const showWhole = (cell: Cell): string => (typeof cell === "number" ? whole(cell) : "–");

function column(key: string, label: string, show = showNumber) {
  return { key, label, numeric: true, show };
}

function emptyWords(reason: string | null, hasData: boolean): string | null {
  return hasData ? null : reasonWords(reason ?? "no labelled events in this range");
}

export interface ReliabilityOptions {
  readonly id?: string;
  readonly title?: string;
  /** How the bins are cut; "equal width, left-closed, the last closed" where nothing is said. */
  readonly binning?: string;
}

export function prepareReliability(
  answer: CurveAnswer<ReliabilityBin>,
  options: ReliabilityOptions = {},
): ReliabilityModel {
  const { id = "reliability", title = "Reliability", binning } = options;
  const bins: FilledBin[] = [];
  for (const { lo, hi, n, mean_score: score, positive_rate: rate, ci } of answer.points) {
    if (n > 0 && score !== null && rate !== null) {
      bins.push({ lo, hi, n, score, rate, ci });
    }
  }
  const worst = bins.reduce<FilledBin | null>(
    (best, bin) =>
      best === null || Math.abs(bin.rate - bin.score) > Math.abs(best.rate - best.score)
        ? bin
        : best,
    null,
  );
  const off = bins.filter(
    (bin) => bin.ci !== null && (bin.score < bin.ci[0] || bin.score > bin.ci[1]),
  );
  const summary =
    worst === null
      ? "Reliability diagram without labelled events."
      : `Reliability diagram of ${whole(answer.n)} labelled events in ${bins.length} bins of the score. ` +
        `Largest gap: scores around ${formatNumber(worst.score)} came true ${formatPercent(worst.rate)} of the time. ` +
        `In ${off.length} of ${bins.length} bins the mean score lies outside the 95 % interval of what came true.`;
  const table: TableModel = {
    columns: [
      column("lo", "from"),
      column("hi", "to"),
      column("mean_score", "mean score"),
      column("positive_rate", "came true"),
      column("ci_lo", "low"),
      column("ci_hi", "high"),
      column("n", "n", showWhole),
    ],
    rows: answer.points.map((bin) => [
      bin.lo,
      bin.hi,
      bin.mean_score,
      bin.positive_rate,
      bin.ci?.[0] ?? null,
      bin.ci?.[1] ?? null,
      bin.n,
    ]),
  };
  return {
    bins,
    frame: {
      id,
      title,
      unit: "",
      summary,
      readings: bins.map(
        (bin) =>
          `scores ${formatNumber(bin.lo)} to ${formatNumber(bin.hi)}: mean ${formatNumber(bin.score)}, ` +
          `came true ${formatPercent(bin.rate)}` +
          (bin.ci === null ? "" : ` (${formatPercent(bin.ci[0])} to ${formatPercent(bin.ci[1])})`) +
          `, n ${whole(bin.n)}`,
      ),
      table,
      n: answer.n,
      definition: [
        ["bins", binning ?? "equal width, left-closed, the last closed"],
        ["came true", "positive labels / n of the bin, 95 % Wilson interval"],
      ],
      empty: emptyWords(answer.reason, bins.length > 0),
    },
  };
}

export interface ScoreCell {
  readonly lo: number;
  readonly hi: number;
  readonly n_positive: number;
  readonly n_negative: number;
  readonly n_unlabelled: number;
}

/** Each class as shares of itself, so that a rare class stays visible. */
export function prepareScores(
  answer: CurveAnswer<ScoreCell>,
  threshold: number | null,
): DistributionModel {
  const sum = (pick: (cell: ScoreCell) => number): number =>
    answer.points.reduce((total, cell) => total + pick(cell), 0);
  const positives = sum((cell) => cell.n_positive);
  const negatives = sum((cell) => cell.n_negative);
  const unlabelled = sum((cell) => cell.n_unlabelled);
  const total = positives + negatives + unlabelled;
  const share = (count: number, of: number): number => (of === 0 ? 0 : count / of);
  const mean = (pick: (cell: ScoreCell) => number, of: number): string =>
    of === 0
      ? "–"
      : formatNumber(
          answer.points.reduce((all, cell) => all + pick(cell) * ((cell.lo + cell.hi) / 2), 0) / of,
        );
  return {
    bins: answer.points.map((cell) => ({
      lo: cell.lo,
      hi: cell.hi,
      positive: share(cell.n_positive, positives),
      negative: share(cell.n_negative, negatives),
      unlabelled: share(cell.n_unlabelled, unlabelled),
    })),
    threshold,
    frame: {
      id: "score_distribution",
      title: "Score distribution by class",
      unit: "share of class",
      summary:
        `Scores of ${whole(total)} events: ${whole(positives)} positive (around ${mean((cell) => cell.n_positive, positives)}), ` +
        `${whole(negatives)} negative (around ${mean((cell) => cell.n_negative, negatives)}), ${whole(unlabelled)} without a label.`,
      readings: answer.points.map(
        (cell) =>
          `scores ${formatNumber(cell.lo)} to ${formatNumber(cell.hi)}: ` +
          `${whole(cell.n_positive)} positive (${formatPercent(share(cell.n_positive, positives))}), ` +
          `${whole(cell.n_negative)} negative (${formatPercent(share(cell.n_negative, negatives))}), ` +
          `${whole(cell.n_unlabelled)} without a label`,
      ),
      table: {
        columns: [
          column("lo", "from"),
          column("hi", "to"),
          column("n_positive", "positive", showWhole),
          column("n_negative", "negative", showWhole),
          column("n_unlabelled", "no label", showWhole),
        ],
        rows: answer.points.map((cell) => [
          cell.lo,
          cell.hi,
          cell.n_positive,
          cell.n_negative,
          cell.n_unlabelled,
        ]),
      },
      n: total,
      definition: [
        ["height", "events of the class in the bin / events of the class"],
        ...(threshold === null ? [] : [["threshold", formatNumber(threshold)] as const]),
      ],
      empty: emptyWords(answer.reason, total > 0),
    },
  };
}

export function prepareResiduals(
  answer: CurveAnswer<{ readonly lo: number; readonly hi: number; readonly n: number }>,
): HistogramModel {
  const total = answer.points.reduce((sum, bin) => sum + bin.n, 0);
  const mode = answer.points.reduce<{ lo: number; hi: number; n: number } | null>(
    (best, bin) => (best === null || bin.n > best.n ? bin : best),
    null,
  );
  const over = answer.points
    .filter((bin) => (bin.lo + bin.hi) / 2 > 0)
    .reduce((sum, bin) => sum + bin.n, 0);
  return {
    bins: answer.points,
    frame: {
      id: "residuals",
      title: "Errors (prediction − label)",
      unit: "events",
      summary:
        mode === null || total === 0
          ? "Distribution of errors without labelled events."
          : `Errors of ${whole(total)} labelled events: most often between ${formatNumber(mode.lo)} and ${formatNumber(mode.hi)}; ` +
            `${formatPercent(over / total)} in bins above zero.`,
      readings: answer.points.map(
        (bin) =>
          `${formatNumber(bin.lo)} to ${formatNumber(bin.hi)}: ${whole(bin.n)} events` +
          (total === 0 ? "" : ` (${formatPercent(bin.n / total)})`),
      ),
      table: {
        columns: [column("lo", "from"), column("hi", "to"), column("n", "events", showWhole)],
        rows: answer.points.map((bin) => [bin.lo, bin.hi, bin.n]),
      },
      n: total,
      definition: [["error", "prediction minus label, in label units"]],
      empty: emptyWords(answer.reason, total > 0),
    },
  };
}

export function prepareConfusion(answer: {
  readonly n: number;
  readonly reason: string | null;
  readonly classes: readonly string[];
  readonly matrix: readonly (readonly number[])[];
}): ConfusionModel {
  const { classes, matrix } = answer;
  const at = (row: number, col: number): number => matrix[row]?.[col] ?? 0;
  const right = classes.reduce((sum, _, index) => sum + at(index, index), 0);
  const total = matrix.flat().reduce((sum, count) => sum + count, 0);
  const readings = classes.flatMap((actual, row) =>
    classes.map((predicted, col) => {
      const rowSum = classes.reduce((sum, _, index) => sum + at(row, index), 0);
      const share = rowSum === 0 ? "" : `, ${formatPercent(at(row, col) / rowSum)} of ${actual}`;
      return `label ${actual}, predicted ${predicted}: ${whole(at(row, col))}${share}`;
    }),
  );
  return {
    classes,
    matrix,
    frame: {
      id: "confusion",
      title: "Confusion matrix",
      unit: "events",
      summary:
        total === 0
          ? "Confusion matrix without labelled events."
          : `Confusion matrix of ${whole(total)} labelled events in ${classes.length} classes: ` +
            `${whole(right)} right (${formatPercent(right / total)}), ${whole(total - right)} wrong.`,
      readings,
      table: {
        columns: [
          { key: "label", label: "label" },
          ...classes.map((name) => column(`predicted_${name}`, `predicted ${name}`, showWhole)),
        ],
        rows: classes.map((name, row) => [name, ...classes.map((_, col) => at(row, col))]),
      },
      n: total,
      definition: [["cell", "events with the row's label and the column's predicted class"]],
      empty: emptyWords(answer.reason, total > 0),
    },
  };
}

export function prepareRoc(
  answer: CurveAnswer<{
    readonly fpr: number;
    readonly tpr: number;
    readonly threshold: number | null;
  }>,
): LineModel {
  const { points } = answer;
  return {
    points: points.map(({ fpr, tpr }) => ({ x: fpr, y: tpr })),
    xLabel: "false positive rate",
    yLabel: "true positive rate",
    chance: "diagonal",
    frame: {
      id: "roc",
      title: "ROC curve",
      unit: "",
      summary: `ROC curve of ${whole(answer.n)} labelled events with ${points.length} points.`,
      readings: points.map(
        ({ fpr, tpr, threshold }) =>
          (threshold === null ? "" : `threshold ${formatNumber(threshold)}: `) +
          `true positive rate ${formatPercent(tpr)}, false positive rate ${formatPercent(fpr)}`,
      ),
      table: {
        columns: [column("threshold", "threshold"), column("fpr", "FPR"), column("tpr", "TPR")],
        rows: points.map(({ fpr, tpr, threshold }) => [threshold, fpr, tpr]),
      },
      n: answer.n,
      definition: [["curve", "TPR against FPR as the threshold falls"]],
      empty: emptyWords(answer.reason, points.length > 0),
    },
  };
}

export function preparePr(
  answer: CurveAnswer<{
    readonly recall: number;
    readonly precision: number;
    readonly threshold: number | null;
  }>,
): LineModel {
  const { points } = answer;
  const prevalence = points.reduce<number>(
    (last, point) => (point.recall >= 1 ? Math.min(last, point.precision) : last),
    1,
  );
  return {
    points: points.map(({ recall, precision }) => ({ x: recall, y: precision })),
    xLabel: "recall",
    yLabel: "precision",
    chance: prevalence,
    frame: {
      id: "pr",
      title: "Precision and recall",
      unit: "",
      summary: `Precision against recall of ${whole(answer.n)} labelled events with ${points.length} points.`,
      readings: points.map(
        ({ recall, precision, threshold }) =>
          (threshold === null ? "" : `threshold ${formatNumber(threshold)}: `) +
          `precision ${formatPercent(precision)} at recall ${formatPercent(recall)}`,
      ),
      table: {
        columns: [
          column("threshold", "threshold"),
          column("recall", "recall"),
          column("precision", "precision"),
        ],
        rows: points.map(({ recall, precision, threshold }) => [threshold, recall, precision]),
      },
      n: answer.n,
      definition: [["curve", "precision against recall as the threshold falls"]],
      empty: emptyWords(answer.reason, points.length > 0),
    },
  };
}
