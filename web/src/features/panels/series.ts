// From the API's results to chart series: who gets which colour, dash and band.

import type { Catalog, MetricResult, Scalar } from "../../api";
import { definitionPairs, prepareTimeSeries } from "../../charts";
import type { SeriesInput, TimeSeriesModel } from "../../charts";
import { valueFormat } from "../../lib/numbers";
import { idealOf, startsAtZero } from "../../lib/tasks";
import type { TimeZone } from "../../lib/time";
import type { ViewRange } from "../../lib/view";

/** More lines than this cannot be told apart; the rest is named, not drawn. */
export const MAX_GROUPS = 8;

export function groupName(by: Readonly<Record<string, Scalar | null>>): string {
  return Object.values(by)
    .map((value) => (value === null ? "(none)" : String(value)))
    .join(" · ");
}

/** "model_version:v2" -> "v2", "offset:7d" -> "7d earlier". */
export function compareName(compare: string): string {
  const at = compare.indexOf(":");
  const [kind, value] = [compare.slice(0, at), compare.slice(at + 1)];
  return kind === "offset" ? `${value} earlier` : value;
}

export interface SeriesOptions {
  /** What the solid line is called when a second one stands beside it. */
  readonly baseName: string;
  readonly compareName: string | null;
}

export function seriesOf(result: MetricResult, options: SeriesOptions): SeriesInput[] {
  if (result.groups !== undefined) {
    const size = (group: { series: readonly { n: number }[] }): number =>
      group.series.reduce((sum, point) => sum + point.n, 0);
    const groups = [...result.groups].sort((a, b) => size(b) - size(a)).slice(0, MAX_GROUPS);
    return groups.map(({ by, series }, index) => ({
      key: groupName(by),
      label: groupName(by),
      points: series,
      color: index + 1,
      dash: index,
      band: groups.length <= 2,
    }));
  }
  const base: SeriesInput = {
    key: result.metric,
    label: options.compareName === null ? result.metric : options.baseName,
    points: result.series ?? [],
    color: 1,
    dash: 0,
    band: true,
  };
  if (result.compare === null || options.compareName === null) {
    return [base];
  }
  return [
    base,
    {
      key: `${result.metric}_compare`,
      label: options.compareName,
      points: result.compare.series,
      color: 2,
      dash: 1,
      band: true,
    },
  ];
}

export interface PanelContext {
  readonly view: ViewRange;
  readonly zone: TimeZone;
  readonly catalog: Catalog;
  readonly options: SeriesOptions;
}

/** The chart of one metric. */
export function metricModel(result: MetricResult, context: PanelContext): TimeSeriesModel {
  const { view, zone, catalog, options } = context;
  const known = catalog.get(result.metric);
  const title = known?.title ?? result.metric;
  const inputs = seriesOf(result, options).map((one) =>
    one.label === result.metric ? { ...one, label: title } : one,
  );
  const limit = idealOf(result.metric);
  return prepareTimeSeries(inputs, {
    id: result.metric,
    title,
    format: valueFormat(result.metric, known?.unit ?? ""),
    range: view.range,
    zone,
    step: view.step,
    fromZero: startsAtZero(result.metric),
    bounds: [known?.range[0] ?? null, known?.range[1] ?? null],
    definition: definitionPairs(result.definition, known?.formula ?? ""),
    ...(limit === undefined ? {} : { limit }),
  });
}

const QUANTILES = ["latency_p50", "latency_p95", "latency_p99"];

/** p50, p95 and p99 in one chart; compared or grouped, only p95 is drawn for each. */
export function latencyModel(
  results: readonly MetricResult[],
  context: PanelContext,
): TimeSeriesModel | null {
  const found = QUANTILES.map((name) => results.find((one) => one.metric === name));
  const p95 = found[1];
  if (p95 === undefined) {
    return null;
  }
  if (p95.groups !== undefined || p95.compare !== null) {
    return metricModel(p95, context);
  }
  const inputs: SeriesInput[] = [];
  for (const [index, result] of found.entries()) {
    if (result?.series !== undefined) {
      inputs.push({
        key: result.metric,
        label: result.metric.replace("latency_", ""),
        points: result.series,
        color: [3, 1, 2][index] ?? 1,
        dash: [2, 0, 1][index] ?? 0,
        band: false,
      });
    }
  }
  return prepareTimeSeries(inputs, {
    id: "latency",
    title: "Latency",
    format: valueFormat("latency_p95", "ms"),
    range: context.view.range,
    zone: context.zone,
    step: context.view.step,
    fromZero: true,
    bounds: [0, null],
    definition: definitionPairs(p95.definition, context.catalog.get("latency_p95")?.formula ?? ""),
    emptyText: "no event carried latency_ms in this range",
  });
}
