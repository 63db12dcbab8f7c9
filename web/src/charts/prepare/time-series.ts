// From the API's series to what a time chart draws, reads aloud, tabulates and exports.
//
// A null is a gap: it is never drawn as zero, never bridged, and its reason stays with it.

import type { Cell, Column, TableModel } from "../../lib/csv";
import { formatInstant } from "../../lib/time";
import type { Range, TimeZone } from "../../lib/time";
import { formatProbability, reasonWords } from "../../lib/numbers";
import type { ValueFormat } from "../../lib/numbers";
import type { ChartFrame, LegendItem } from "./frame";

export interface SeriesPoint {
  readonly ts: string;
  readonly value: number | null;
  readonly n: number;
  readonly ci: readonly [number, number] | null;
  readonly reason: string | null;
  /** Of the test that the metric brings with it, where it brings one. */
  readonly p_value?: number | null;
}

export interface SeriesInput {
  readonly key: string;
  readonly label: string;
  readonly points: readonly SeriesPoint[];
  /** Colour token, 1 to 8. */
  readonly color: number;
  /** Dash number; 0 is solid. */
  readonly dash: number;
  /** Draw the interval as a band. */
  readonly band: boolean;
}

export interface PreparedSeries {
  readonly key: string;
  readonly label: string;
  readonly color: number;
  readonly dash: number;
  readonly band: boolean;
  readonly values: readonly (number | null)[];
  readonly lows: readonly (number | null)[];
  readonly highs: readonly (number | null)[];
  readonly ns: readonly (number | null)[];
}

export interface TimeSeriesModel {
  readonly frame: ChartFrame;
  readonly legend: readonly LegendItem[];
  /** Bucket starts, epoch milliseconds, ascending, shared by all series. */
  readonly xs: readonly number[];
  readonly series: readonly PreparedSeries[];
  readonly range: Range;
  readonly format: ValueFormat;
  /** The axis starts at zero: counts, rates, latencies. */
  readonly fromZero: boolean;
  /** What the quantity can be at all: [0, 1] for a share; null is no limit. */
  readonly bounds: Bounds;
  /** A level that the values are held against, drawn across the chart. */
  readonly limit: Limit | null;
}

export interface Limit {
  readonly label: string;
  readonly value: number;
}

export type Bounds = readonly [number | null, number | null];

export interface TimeSeriesOptions {
  readonly id: string;
  readonly title: string;
  readonly format: ValueFormat;
  readonly range: Range;
  readonly zone: TimeZone;
  readonly step: string;
  readonly fromZero: boolean;
  readonly bounds: Bounds;
  readonly definition: readonly (readonly [string, string])[];
  /** Replaces the server's reason when every value is missing. */
  readonly emptyText?: string;
  readonly limit?: Limit;
}

interface Aligned {
  readonly xs: number[];
  readonly at: ReadonlyMap<string, ReadonlyMap<number, SeriesPoint>>;
}

function align(inputs: readonly SeriesInput[]): Aligned {
  const all = new Set<number>();
  const at = new Map<string, Map<number, SeriesPoint>>();
  for (const input of inputs) {
    const points = new Map<number, SeriesPoint>();
    for (const point of input.points) {
      const ts = Date.parse(point.ts);
      all.add(ts);
      points.set(ts, point);
    }
    at.set(input.key, points);
  }
  return { xs: [...all].sort((a, b) => a - b), at };
}

/** The reason given most often for values that are missing. */
export function commonReason(points: readonly SeriesPoint[]): string | null {
  const counts = new Map<string, number>();
  for (const { value, reason } of points) {
    if (value === null && reason !== null) {
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
  }
  let best: string | null = null;
  for (const [reason, count] of counts) {
    if (best === null || count > (counts.get(best) ?? 0)) {
      best = reason;
    }
  }
  return best === null ? null : reasonWords(best);
}

function sentence(series: PreparedSeries, format: ValueFormat): string {
  const known = series.values.filter((value) => value !== null);
  const last = known[known.length - 1];
  if (last === undefined) {
    return `${series.label}: no values`;
  }
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const gaps = series.values.length - known.length;
  const missing = gaps === 0 ? "" : `, ${gaps} without a value`;
  return (
    `${series.label}: latest ${format.full(last)}, lowest ${format.full(Math.min(...known))}, ` +
    `highest ${format.full(Math.max(...known))}, mean ${format.full(mean)} over ${known.length} ` +
    `points${missing}`
  );
}

/** "0.712 (0.69 to 0.73), n 1,204, p 0.03", or why there is no value. */
export function pointWords(point: SeriesPoint | undefined, format: ValueFormat): string {
  if (point === undefined) {
    return "no value";
  }
  if (point.value === null) {
    return point.reason === null ? "no value" : `no value: ${reasonWords(point.reason)}`;
  }
  const interval =
    point.ci === null ? "" : ` (${format.full(point.ci[0])} to ${format.full(point.ci[1])})`;
  const p = point.p_value ?? null;
  const probability = p === null ? "" : `, p ${formatProbability(p)}`;
  return `${format.full(point.value)}${interval}, n ${point.n.toLocaleString("en-US")}${probability}`;
}

function tableOf(
  inputs: readonly SeriesInput[],
  { xs, at }: Aligned,
  options: TimeSeriesOptions,
): TableModel {
  const { format, zone } = options;
  const write = (cell: Cell): string =>
    typeof cell === "number" ? format.full(cell) : (cell ?? "–");
  const count = (cell: Cell): string =>
    typeof cell === "number" ? cell.toLocaleString("en-US") : (cell ?? "–");
  const chance = (cell: Cell): string => formatProbability(typeof cell === "number" ? cell : null);
  const columns: Column[] = [
    {
      key: "ts",
      label: zone === "utc" ? "Time (UTC)" : "Time",
      show: (cell) => formatInstant(Date.parse(String(cell)), zone, "minute"),
    },
  ];
  for (const input of inputs) {
    columns.push({ key: input.key, label: input.label, numeric: true, show: write });
    columns.push({ key: `${input.key}_n`, label: "n", numeric: true, show: count });
    if (input.band) {
      columns.push({ key: `${input.key}_ci_lo`, label: "low", numeric: true, show: write });
      columns.push({ key: `${input.key}_ci_hi`, label: "high", numeric: true, show: write });
    }
    columns.push({ key: `${input.key}_p`, label: "p", numeric: true, show: chance });
    columns.push({ key: `${input.key}_reason`, label: "note" });
  }
  const rows = xs.map((x) => {
    const row: Cell[] = [];
    for (const input of inputs) {
      const point = at.get(input.key)?.get(x);
      row.push(point?.value ?? null, point?.n ?? null);
      if (input.band) {
        row.push(point?.ci?.[0] ?? null, point?.ci?.[1] ?? null);
      }
      row.push(point?.p_value ?? null, point?.value === null ? point.reason : null);
    }
    return [new Date(x).toISOString().replace(".000Z", "Z"), ...row];
  });
  const worthless = (index: number): boolean =>
    /_(reason|p)$/.test(columns[index]?.key ?? "") && rows.every((row) => row[index] === null);
  const keep = columns.map((_, index) => !worthless(index));
  return {
    columns: columns.filter((_, index) => keep[index]),
    rows: rows.map((row) => row.filter((_, index) => keep[index])),
  };
}

/** How far beyond the values, in their own spread, an interval may stretch the axis. */
const BAND_ROOM = 0.75;

function extent(columns: readonly (readonly (number | null)[])[]): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const column of columns) {
    for (const value of column) {
      if (value !== null) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
  }
  return low > high ? null : [low, high];
}

function ascending(column: readonly (number | null)[]): number[] {
  return column.filter((value) => value !== null).sort((a, b) => a - b);
}

function middle(sorted: readonly number[]): number | undefined {
  return sorted[Math.floor(sorted.length / 2)];
}

/**
 * The limits of the value axis. The values decide; intervals widen it to the usual interval but not
 * to the widest, because one bucket with three events must not flatten all others. A band cut off at
 * the edge is read as wide.
 */
export function valueLimits(
  series: readonly PreparedSeries[],
  fromZero: boolean,
  bounds: Bounds,
  limit: Limit | null = null,
): [number, number] {
  const values = extent(series.map((one) => one.values));
  if (values === null) {
    return [0, 1];
  }
  let [low, high] = values;
  const room = (high - low || Math.abs(high) * 0.1 || 0.01) * BAND_ROOM;
  const banded = series.filter((one) => one.band);
  const lows = ascending(banded.flatMap((one) => one.lows));
  const highs = ascending(banded.flatMap((one) => one.highs));
  low = Math.min(low, Math.max(lows[0] ?? low, Math.min(low - room, middle(lows) ?? low)));
  high = Math.max(
    high,
    Math.min(highs[highs.length - 1] ?? high, Math.max(high + room, middle(highs) ?? high)),
  );
  const startsAtZero = fromZero && values[0] >= 0;
  low = startsAtZero ? 0 : low;
  low = Math.min(low, limit?.value ?? low);
  high = Math.max(high, limit?.value ?? high);
  const size = high - low;
  const pad = size === 0 ? Math.max(Math.abs(high) * 0.1, 1e-3) : size * 0.07;
  const within = (limit: number, bound: number | null, side: 1 | -1): number =>
    bound === null || (limit - bound) * side <= 0 ? limit : bound + side * size * 0.03;
  return [startsAtZero ? 0 : within(low - pad, bounds[0], -1), within(high + pad, bounds[1], 1)];
}

export function prepareTimeSeries(
  inputs: readonly SeriesInput[],
  options: TimeSeriesOptions,
): TimeSeriesModel {
  const aligned = align(inputs);
  const { xs, at } = aligned;
  const { format, zone, title } = options;
  const series = inputs.map((input): PreparedSeries => {
    const points = xs.map((x) => at.get(input.key)?.get(x));
    return {
      key: input.key,
      label: input.label,
      color: input.color,
      dash: input.dash,
      band: input.band && points.some((point) => point?.ci !== null && point?.ci !== undefined),
      values: points.map((point) => point?.value ?? null),
      lows: points.map((point) => point?.ci?.[0] ?? null),
      highs: points.map((point) => point?.ci?.[1] ?? null),
      ns: points.map((point) => point?.n ?? null),
    };
  });
  const nothing = series.every((one) => one.values.every((value) => value === null));
  const reason = commonReason(inputs.flatMap((input) => input.points));
  const readings = xs.map((x) => {
    const said = inputs.map((input) => {
      const words = pointWords(at.get(input.key)?.get(x), format);
      return inputs.length === 1 ? words : `${input.label} ${words}`;
    });
    return `${formatInstant(x, zone, "minute")}: ${said.join("; ")}`;
  });
  const first = inputs[0];
  const total = first === undefined ? null : first.points.reduce((sum, point) => sum + point.n, 0);
  const limit =
    options.limit === undefined
      ? ""
      : ` ${options.limit.label}: ${format.full(options.limit.value)}.`;
  const span = `${formatInstant(options.range.from, zone, "minute")} to ${formatInstant(options.range.to, zone, "minute")}`;
  return {
    frame: {
      id: options.id,
      title,
      unit: format.unit,
      summary: `${title}, ${span}, one point per ${options.step}. ${series.map((one) => sentence(one, format)).join(". ")}.${limit}`,
      readings,
      table: tableOf(inputs, aligned, options),
      n: inputs.length === 1 ? total : null,
      definition: options.definition,
      empty: nothing ? (options.emptyText ?? reason ?? "no events in this range") : null,
    },
    legend: inputs.map(({ color, dash, label }) => ({ color, dash, label })),
    xs,
    series,
    range: options.range,
    format,
    fromZero: options.fromZero,
    bounds: options.bounds,
    limit: options.limit ?? null,
  };
}

/** Points that no line reaches: alone between two gaps. */
export function isolated(values: readonly (number | null | undefined)[]): number[] {
  const found: number[] = [];
  for (const [index, value] of values.entries()) {
    if (
      value !== null &&
      value !== undefined &&
      (values[index - 1] ?? null) === null &&
      (values[index + 1] ?? null) === null
    ) {
      found.push(index);
    }
  }
  return found;
}
