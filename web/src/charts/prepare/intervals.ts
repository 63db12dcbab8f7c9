// Values side by side, each with its interval: groups of one metric, or numbers of one kind.

import type { Cell, Column, TableModel } from "../../lib/csv";
import { formatProbability, reasonWords } from "../../lib/numbers";
import type { ValueFormat } from "../../lib/numbers";
import type { ChartFrame, LegendItem } from "./frame";
import { pointWords, valueLimits } from "./time-series";
import type { Bounds, Limit } from "./time-series";

export interface IntervalInput {
  readonly label: string;
  readonly value: number | null;
  readonly ci: readonly [number, number] | null;
  readonly n: number;
  readonly reason: string | null;
  readonly p_value?: number | null;
  /** What belongs to the value beside its numbers: the groups of a gap. */
  readonly note?: string;
  /** Shown, but not part of what is compared: drawn hollow, below the others. */
  readonly apart?: boolean;
  /** The same of what is compared with. */
  readonly other?: { readonly value: number | null; readonly ci: readonly [number, number] | null };
}

export interface IntervalRow {
  readonly label: string;
  readonly value: number | null;
  readonly ci: readonly [number, number] | null;
  readonly apart: boolean;
  readonly other: number | null;
  /** At the right end of the row. */
  readonly words: string;
  readonly note: string;
}

export interface IntervalsModel {
  readonly frame: ChartFrame;
  /** Those that are drawn; the table has all. */
  readonly rows: readonly IntervalRow[];
  /** How many rows only the table has. */
  readonly left: number;
  /** Said above the rows that are apart; null without any. */
  readonly apartText: string | null;
  readonly domain: readonly [number, number];
  readonly format: ValueFormat;
  /** Bars from zero instead of marks. */
  readonly bars: boolean;
  /** Names stand above their marks, because they are long. */
  readonly stacked: boolean;
  readonly limit: Limit | null;
  /** The marks beside each other; empty where there is one kind. */
  readonly legend: readonly LegendItem[];
}

export interface IntervalsOptions {
  readonly id: string;
  readonly title: string;
  /** What a row is: "group", "gap". */
  readonly row: string;
  readonly format: ValueFormat;
  readonly definition: readonly (readonly [string, string])[];
  readonly bounds: Bounds;
  readonly n: number | null;
  readonly bars?: boolean;
  readonly fromZero?: boolean;
  readonly limit?: Limit;
  readonly apartText?: string;
  /** What `other` is of, for the table and in words. */
  readonly otherName?: string;
  readonly emptyText?: string;
}

/** More rows than this are looked up in the table. */
export const INTERVAL_ROWS = 30;
const LONG_NAME = 18;
const STACKED_ROWS = 12;

function wordsOf(input: IntervalInput, options: IntervalsOptions): string {
  const note = input.note === undefined ? "" : `, ${input.note}`;
  const other =
    input.other === undefined || options.otherName === undefined
      ? ""
      : `; ${options.otherName} ${input.other.value === null ? "no value" : options.format.full(input.other.value)}`;
  const apart = input.apart === true ? `, ${options.apartText ?? "apart"}` : "";
  return `${input.label}: ${pointWords({ ...input, ts: "" }, options.format)}${note}${other}${apart}`;
}

/** "lowest 0.61 (female), highest 0.79 (male)" of the rows that are compared. */
function spread(inputs: readonly IntervalInput[], format: ValueFormat): string {
  let low: { label: string; value: number } | null = null;
  let high: { label: string; value: number } | null = null;
  for (const { label, value, apart } of inputs) {
    if (value !== null && apart !== true) {
      low = low === null || value < low.value ? { label, value } : low;
      high = high === null || value > high.value ? { label, value } : high;
    }
  }
  if (low === null || high === null) {
    return "no values";
  }
  return low === high
    ? `${low.label} ${format.full(low.value)}`
    : `lowest ${format.full(low.value)} (${low.label}), highest ${format.full(high.value)} (${high.label})`;
}

interface Told {
  readonly column: Column;
  readonly of: (one: IntervalInput) => Cell;
  /** Whether it is told at all; by default where any row has it. */
  readonly when?: boolean;
}

function numbers(key: string, label: string, show: (value: number) => string): Column {
  return {
    key,
    label,
    numeric: true,
    show: (cell) => (typeof cell === "number" ? show(cell) : "–"),
  };
}

function tableOf(inputs: readonly IntervalInput[], options: IntervalsOptions): TableModel {
  const { row, title, otherName = "", format } = options;
  const whole = (n: number): string => n.toLocaleString("en-US");
  const all: Told[] = [
    { column: { key: row, label: row }, of: (one) => one.label, when: true },
    { column: numbers("value", title, format.full), of: (one) => one.value, when: true },
    { column: numbers("ci_lo", "low", format.full), of: (one) => one.ci?.[0] ?? null },
    { column: numbers("ci_hi", "high", format.full), of: (one) => one.ci?.[1] ?? null },
    { column: numbers("n", "n", whole), of: (one) => one.n, when: true },
    { column: numbers("p_value", "p", formatProbability), of: (one) => one.p_value ?? null },
    { column: numbers("other", otherName, format.full), of: (one) => one.other?.value ?? null },
    { column: { key: "note", label: "note" }, of: (one) => one.note ?? null },
    {
      column: { key: "counted", label: "counted" },
      of: (one) => (one.apart === true ? "no" : "yes"),
      when: inputs.some((one) => one.apart === true),
    },
    {
      column: { key: "reason", label: "why no value" },
      of: (one) => (one.value === null ? one.reason : null),
    },
  ];
  const told = all.filter(({ of, when }) => when ?? inputs.some((one) => of(one) !== null));
  return {
    columns: told.map(({ column }) => column),
    rows: inputs.map((one) => told.map(({ of }) => of(one))),
  };
}

export function prepareIntervals(
  inputs: readonly IntervalInput[],
  options: IntervalsOptions,
): IntervalsModel {
  const { format, title, limit = null } = options;
  const ordered = [
    ...inputs.filter((one) => one.apart !== true),
    ...inputs.filter((one) => one.apart === true),
  ];
  const drawn = ordered.slice(0, INTERVAL_ROWS);
  const known = drawn.filter((one) => one.value !== null);
  const domain = valueLimits(
    [
      {
        key: "",
        label: "",
        color: 1,
        dash: 0,
        band: true,
        values: [...known.map((one) => one.value), ...known.map((one) => one.other?.value ?? null)],
        lows: known.map((one) => one.ci?.[0] ?? null),
        highs: known.map((one) => one.ci?.[1] ?? null),
        ns: [],
      },
    ],
    options.bars === true || options.fromZero === true,
    options.bounds,
    limit,
  );
  const left = ordered.length - drawn.length;
  const apart = inputs.filter((one) => one.apart === true).length;
  const apartText =
    apart === 0 ? null : `${options.apartText ?? "apart"} (${apart.toLocaleString("en-US")})`;
  const words = limit === null ? "" : ` ${limit.label}: ${format.full(limit.value)}.`;
  const rows =
    inputs.length === 1
      ? `1 ${options.row}`
      : `${inputs.length.toLocaleString("en-US")} ${options.row}s`;
  const common = inputs.find((one) => one.value === null && one.reason !== null)?.reason ?? null;
  return {
    frame: {
      id: options.id,
      title,
      unit: format.unit,
      summary:
        `${title} of ${rows}: ${spread(inputs, format)}.${words}` +
        (apartText === null ? "" : ` ${apartText}.`),
      readings: drawn.map((one) => wordsOf(one, options)),
      table: tableOf(ordered, options),
      n: options.n,
      definition: options.definition,
      empty:
        known.length > 0
          ? null
          : (options.emptyText ??
            (common === null ? "no events in this range" : reasonWords(common))),
    },
    rows: drawn.map((one) => ({
      label: one.label,
      value: one.value,
      ci: one.ci,
      apart: one.apart === true,
      other: one.other?.value ?? null,
      words: one.value === null ? "–" : format.full(one.value),
      note: one.note ?? "",
    })),
    left,
    apartText,
    domain,
    format,
    bars: options.bars === true,
    stacked: drawn.length <= STACKED_ROWS && drawn.some((one) => one.label.length > LONG_NAME),
    limit,
    legend:
      options.otherName === undefined
        ? []
        : [
            { color: 1, dash: 0, label: "now" },
            { color: 2, dash: 0, label: options.otherName },
          ],
  };
}
