// What the explorer asks, and its answer as marks, lines and one long table.

import type { Catalog, CatalogMetric, MetricResult, MetricsParams, Point } from "../../api";
import { definitionPairs, prepareIntervals, prepareTimeSeries } from "../../charts";
import type {
  Bounds,
  IntervalInput,
  IntervalsModel,
  SeriesInput,
  TimeSeriesModel,
} from "../../charts";
import type { Cell, Column, TableModel } from "../../lib/csv";
import { formatProbability, valueFormat } from "../../lib/numbers";
import type { ValueFormat } from "../../lib/numbers";
import type { ViewSearch } from "../../lib/search";
import { idealOf, startsAtZero } from "../../lib/tasks";
import { formatInstant, previousPeriod } from "../../lib/time";
import type { TimeZone } from "../../lib/time";
import type { ViewRange } from "../../lib/view";
import { MAX_GROUPS, groupName } from "../panels";

export interface Family {
  readonly name: string;
  readonly metrics: readonly CatalogMetric[];
}

/** The metrics that fit a task, by family, as the catalogue has them. */
export function familiesFor(catalog: Catalog, task: string | null): readonly Family[] {
  const found = new Map<string, CatalogMetric[]>();
  for (const metric of catalog.values()) {
    const fits = task === null || task === "unknown" || metric.task_types.includes(task);
    if (fits) {
      const family = found.get(metric.family) ?? [];
      family.push(metric);
      found.set(metric.family, family);
    }
  }
  return [...found].map(([name, metrics]) => ({ name, metrics }));
}

/** Of the scores, a tenth; of a list, its first ten. */
function usualRank(metric: CatalogMetric): string {
  return /^(lift|gain)@/.test(metric.name) ? "10%" : "10";
}

/** The rank or quantile asked for; undefined where the metric takes none or does without. */
export function parameterOf(metric: CatalogMetric, view: ViewSearch): string | undefined {
  const { parameter } = metric;
  if (parameter === null) {
    return undefined;
  }
  const given = parameter.name === "quantile" ? view.quantile : view.k;
  return given ?? (parameter.required ? usualRank(metric) : undefined);
}

export interface Asked {
  readonly metric: string;
  readonly more: Partial<MetricsParams>;
}

/** How the metric is asked for, with what its family needs besides. */
export function askedOf(
  metric: CatalogMetric,
  view: ViewSearch,
  usual: { readonly reference: string; readonly by: readonly string[] },
): Asked {
  const parameter = parameterOf(metric, view);
  // "ndcg@k" without a k is asked for as "ndcg".
  const bare = metric.parameter !== null && parameter === undefined;
  const name = bare ? (metric.name.split("@")[0] ?? metric.name) : metric.name;
  return {
    metric: name,
    more: {
      ...(parameter === undefined
        ? {}
        : metric.parameter?.name === "quantile"
          ? { quantile: parameter }
          : { k: parameter }),
      ...(metric.family === "drift"
        ? { feature: view.feature, reference: view.reference ?? usual.reference }
        : {}),
      ...(metric.family === "fairness" ? { by: view.by ?? usual.by, min_n: view.min_n } : {}),
    },
  };
}

/** The `compare` of the API for the one in the URL. */
export function compareOf(view: ViewSearch, { range }: ViewRange): string | undefined {
  return view.compare === "previous" ? previousPeriod(range) : view.compare;
}

type Group = NonNullable<MetricResult["groups"]>[number];

/** Events behind a group, over all of its buckets. */
function sizeOf(group: Group): number {
  return group.series.reduce((sum, point) => sum + point.n, 0);
}

export const ORDERS = [
  { value: "", label: "most events first" },
  { value: "high", label: "highest first" },
  { value: "low", label: "lowest first" },
  { value: "name", label: "by name" },
] as const;

/** The groups in the wanted order; those without a value last. */
export function ordered(groups: readonly Group[], order: string | undefined): readonly Group[] {
  const value = (group: Group): number | null => group.series[0]?.value ?? null;
  const byValue = (sign: 1 | -1) => (a: Group, b: Group) => {
    const [one, other] = [value(a), value(b)];
    if (one === null || other === null) {
      return (one === null ? 1 : 0) - (other === null ? 1 : 0);
    }
    return sign * (one - other);
  };
  switch (order) {
    case "high":
      return [...groups].sort(byValue(-1));
    case "low":
      return [...groups].sort(byValue(1));
    case "name":
      return [...groups].sort((a, b) =>
        groupName(a.by).localeCompare(groupName(b.by), "en", { numeric: true }),
      );
    default:
      return [...groups].sort((a, b) => sizeOf(b) - sizeOf(a));
  }
}

export interface Told {
  readonly known: CatalogMetric;
  readonly title: string;
  readonly format: ValueFormat;
  readonly bounds: Bounds;
}

/** How values of the metric are written; `detail` is its rank, column or keys. */
export function toldOf(known: CatalogMetric, detail: string): Told {
  return {
    known,
    title: detail === "" ? known.title : `${known.title} (${detail})`,
    format: valueFormat(known.name, known.unit ?? ""),
    bounds: [known.range[0] ?? null, known.range[1] ?? null],
  };
}

/** What stands behind the title: the rank, the column, the keys. */
export function detailOf({ more }: Asked): string {
  return [more.k ?? more.quantile, more.feature, more.by?.join(", ")]
    .filter((part) => part !== undefined && part !== "")
    .join(", ");
}

/** Every group, or all events, as one mark each. */
export function groupsModel(
  result: MetricResult,
  told: Told,
  options: { readonly order: string | undefined; readonly compareName: string | null },
): IntervalsModel {
  const { known, title, format, bounds } = told;
  const limit = idealOf(known.name);
  const input = (
    label: string,
    point: Point | undefined,
    then: Point | undefined,
  ): IntervalInput => ({
    label,
    value: point?.value ?? null,
    ci: point?.ci ?? null,
    n: point?.n ?? 0,
    p_value: point?.p_value ?? null,
    reason: point?.reason ?? null,
    ...(options.compareName === null || then === undefined
      ? {}
      : { other: { value: then.value, ci: then.ci } }),
  });
  const inputs =
    result.groups === undefined
      ? [input("all events", result.series?.[0], result.compare?.series[0])]
      : ordered(result.groups, options.order).map((group) =>
          input(groupName(group.by), group.series[0], group.compare?.series[0]),
        );
  const intervals = inputs.some((one) => one.ci !== null);
  return prepareIntervals(inputs, {
    id: "groups",
    title,
    row: "group",
    format,
    bounds,
    fromZero: startsAtZero(known.name),
    bars: bounds[0] === 0 && !intervals && startsAtZero(known.name),
    n: inputs.reduce((sum, one) => sum + one.n, 0),
    definition: definitionPairs(result.definition, known.formula ?? ""),
    ...(options.compareName === null ? {} : { otherName: options.compareName }),
    ...(limit === undefined ? {} : { limit }),
  });
}

/** More groups than this are not drawn with what they are compared with. */
const COMPARED_GROUPS = 4;

function linesOf(groups: readonly Group[], compareName: string | null): SeriesInput[] {
  const compared = compareName !== null && groups.length <= COMPARED_GROUPS;
  return groups.flatMap((group, index): SeriesInput[] => {
    const label = groupName(group.by);
    const line: SeriesInput = {
      key: label,
      label,
      points: group.series,
      color: index + 1,
      dash: compared ? 0 : index,
      band: groups.length <= 2 && !compared,
    };
    const then = group.compare?.series;
    return compared && then !== undefined
      ? [
          line,
          {
            ...line,
            key: `${label}_compare`,
            label: `${label}, ${compareName}`,
            points: then,
            dash: 1,
          },
        ]
      : [line];
  });
}

export interface TimeOptions {
  readonly view: ViewRange;
  readonly zone: TimeZone;
  readonly baseName: string;
  readonly compareName: string | null;
}

/** The metric over time, one line per group: the largest, where there are too many to tell apart. */
export function timeModel(result: MetricResult, told: Told, options: TimeOptions): TimeSeriesModel {
  const { known, title, format, bounds } = told;
  const { view, zone, baseName, compareName } = options;
  const limit = idealOf(known.name);
  const compare = compareName === null ? undefined : result.compare?.series;
  const one: SeriesInput = {
    key: "value",
    label: compare === undefined ? title : baseName,
    points: result.series ?? [],
    color: 1,
    dash: 0,
    band: true,
  };
  const inputs =
    result.groups !== undefined
      ? linesOf(ordered(result.groups, undefined).slice(0, MAX_GROUPS), compareName)
      : compare === undefined
        ? [one]
        : [
            one,
            {
              ...one,
              key: "compare",
              label: compareName ?? "",
              points: compare,
              color: 2,
              dash: 1,
            },
          ];
  return prepareTimeSeries(inputs, {
    id: "over_time",
    title,
    format,
    range: view.range,
    zone,
    step: view.step,
    fromZero: startsAtZero(known.name),
    bounds,
    definition: definitionPairs(result.definition, known.formula ?? ""),
    ...(limit === undefined ? {} : { limit }),
  });
}

/** Every value of the answer, a row each: what the chart shows and what it has no room for. */
export function longTable(
  result: MetricResult,
  told: Told,
  options: {
    readonly zone: TimeZone;
    readonly overTime: boolean;
    readonly compareName: string | null;
    readonly order: string | undefined;
  },
): TableModel {
  const { format, title } = told;
  const { zone, overTime, compareName } = options;
  const groups: readonly Group[] =
    result.groups === undefined
      ? [{ by: {}, series: result.series ?? [], compare: result.compare }]
      : ordered(result.groups, options.order);
  const keys = Object.keys(groups[0]?.by ?? {});
  const show = (write: (value: number) => string) => (cell: Cell) =>
    typeof cell === "number" ? write(cell) : "–";
  const number = (key: string, label: string, write = format.full): Column => ({
    key,
    label,
    numeric: true,
    show: show(write),
  });
  const time: Column = {
    key: "ts",
    label: zone === "utc" ? "Time (UTC)" : "Time",
    show: (cell) => formatInstant(Date.parse(String(cell)), zone, "minute"),
  };
  const rows = groups.flatMap((group) => {
    const then = new Map(group.compare?.series.map((point) => [point.ts, point.value]));
    return group.series.map((point): Cell[] => [
      ...(overTime ? [point.ts] : []),
      ...keys.map((key) => cellOf(group.by[key])),
      point.value,
      point.ci?.[0] ?? null,
      point.ci?.[1] ?? null,
      point.n,
      point.p_value,
      ...(compareName === null ? [] : [then.get(point.ts) ?? null]),
      point.value === null ? point.reason : null,
    ]);
  });
  const columns: Column[] = [
    ...(overTime ? [time] : []),
    ...keys.map((key) => ({ key, label: key })),
    number("value", title),
    number("ci_lo", "low"),
    number("ci_hi", "high"),
    number("n", "n", (n) => n.toLocaleString("en-US")),
    { key: "p_value", label: "p", numeric: true, show: show(formatProbability) },
    ...(compareName === null ? [] : [number("compare", compareName)]),
    { key: "reason", label: "why no value" },
  ];
  const optional = new Set(["ci_lo", "ci_hi", "p_value", "reason"]);
  const keep = columns.map(
    ({ key }, index) => !optional.has(key) || rows.some((row) => row[index] !== null),
  );
  return {
    columns: columns.filter((_, index) => keep[index]),
    rows: rows.map((row) => row.filter((_, index) => keep[index])),
  };
}

function cellOf(value: Group["by"][string] | undefined): Cell {
  return value === null || value === undefined
    ? "(none)"
    : typeof value === "boolean"
      ? String(value)
      : value;
}
