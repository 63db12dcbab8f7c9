// What calibration metrics say, in words, marks and bars.

import type { Catalog, MetricResult, Point } from "../../api";
import { definitionPairs, prepareIntervals } from "../../charts";
import type { Bounds, IntervalInput, IntervalsModel } from "../../charts";
import type { Tone } from "../../design";
import { formatNumber, formatProbability, reasonWords, valueFormat } from "../../lib/numbers";
import { idealOf, startsAtZero } from "../../lib/tasks";
import { groupName } from "../panels";

const ALPHA = 0.05;
const PLAIN = valueFormat("", "");

export function pointOf(
  results: readonly MetricResult[] | undefined,
  metric: string,
): Point | undefined {
  return results?.find((one) => one.metric === metric)?.series?.[0];
}

/** Whether chance explains how far the scores are from what came true. */
export function verdictOf(ece: Point | undefined): {
  readonly tone: Tone;
  readonly title: string;
} {
  if (ece?.value === undefined || ece.value === null) {
    return {
      tone: "none",
      title: `Calibration cannot be told: ${reasonWords(ece?.reason ?? "no labelled events")}.`,
    };
  }
  const off = `Scores are ${formatNumber(ece.value)} from what came true on average`;
  if (ece.p_value === null) {
    return { tone: "none", title: `${off}.` };
  }
  const p = `p ${formatProbability(ece.p_value)}`;
  return ece.p_value < ALPHA
    ? { tone: "warn", title: `${off}, more than chance explains (${p}).` }
    : { tone: "ok", title: `${off}, no more than chance explains (${p}).` };
}

function withInterval(point: Point, words: string): string {
  const { value, ci, reason } = point;
  if (value === null) {
    return `no value: ${reasonWords(reason ?? "no value")}`;
  }
  const interval = ci === null ? "" : ` (${formatNumber(ci[0])} to ${formatNumber(ci[1])})`;
  return `${formatNumber(value)}${interval}${words}`;
}

function side(point: Point, level: number, below: string, above: string): string {
  if (point.ci === null) {
    return "";
  }
  const [low, high] = point.ci;
  return high < level ? `: ${below}` : low > level ? `: ${above}` : `: ${level} fits`;
}

export function slopeWords(point: Point): string {
  return withInterval(
    point,
    side(point, 1, "below 1, the scores are too extreme", "above 1, the scores are too timid"),
  );
}

export function interceptWords(point: Point): string {
  return withInterval(
    point,
    side(point, 0, "below 0, the scores are too high", "above 0, the scores are too low"),
  );
}

/** The Brier score and what it is made of, as bars. */
export function brierModel(results: readonly MetricResult[], catalog: Catalog): IntervalsModel {
  const parts = [
    ["brier_uncertainty", "Uncertainty of the labels"],
    ["brier_resolution", "less resolution"],
    ["brier_reliability", "plus miscalibration"],
    ["brier", "Brier score"],
  ] as const;
  const inputs = parts.map(([metric, label]): IntervalInput => {
    const point = pointOf(results, metric);
    return point === undefined
      ? { label, value: null, ci: null, n: 0, reason: null }
      : { ...point, label };
  });
  return prepareIntervals(inputs, {
    id: "brier_parts",
    title: "What the Brier score is made of",
    row: "part",
    format: PLAIN,
    bars: true,
    bounds: [0, 1],
    n: pointOf(results, "brier")?.n ?? null,
    definition: parts.map(([metric, label]) => [label, catalog.get(metric)?.formula ?? ""]),
  });
}

/** One metric of every cohort, the largest first. */
export function cohortModel(result: MetricResult, catalog: Catalog): IntervalsModel {
  const known = catalog.get(result.metric);
  const limit = idealOf(result.metric);
  const bounds: Bounds = [known?.range[0] ?? null, known?.range[1] ?? null];
  const inputs = (result.groups ?? [])
    .map(({ by, series }) => ({ label: groupName(by), point: series[0] }))
    .filter((one): one is { label: string; point: Point } => one.point !== undefined)
    .sort((a, b) => b.point.n - a.point.n)
    .map(({ label, point }): IntervalInput => ({ ...point, label }));
  return prepareIntervals(inputs, {
    id: `cohorts:${result.metric}`,
    title: known?.title ?? result.metric,
    row: "cohort",
    format: PLAIN,
    bounds,
    fromZero: startsAtZero(result.metric),
    n: inputs.reduce((sum, one) => sum + one.n, 0),
    definition: definitionPairs(result.definition, known?.formula ?? ""),
    ...(limit === undefined ? {} : { limit }),
  });
}

/** The groups of a grouped result, most events first. */
export function largestGroups(
  result: MetricResult | undefined,
  most: number,
): NonNullable<MetricResult["groups"]> {
  const size = (series: readonly Point[]): number => series[0]?.n ?? 0;
  return [...(result?.groups ?? [])].sort((a, b) => size(b.series) - size(a.series)).slice(0, most);
}
