// From one column of the drift report to two distributions that are drawn, read and exported.

import type { Cell, TableModel } from "../../lib/csv";
import { formatNumber, formatPercent, orDash } from "../../lib/numbers";
import type { ChartFrame } from "./frame";

export type DriftVerdict = "drifted" | "unchanged" | "cannot_tell";

export interface DriftInput {
  readonly column: string;
  readonly verdict: DriftVerdict;
  readonly kind: string;
  readonly n_reference: number;
  readonly n_current: number;
  readonly psi_debiased: number | null;
  readonly ci: readonly [number, number] | null;
  readonly p_adjusted: number | null;
  readonly rows_needed: number | null;
  readonly reason: string | null;
  readonly importance: number | null;
  readonly psi: number | null;
  readonly js_distance: number | null;
  readonly ks: number | null;
  readonly ks_p_value: number | null;
  readonly wasserstein: number | null;
  readonly chi2: number | null;
  readonly chi2_p_value: number | null;
  readonly missing_rate: { readonly reference: number | null; readonly current: number | null };
  readonly new_category_rate: number | null;
  readonly bins: readonly {
    readonly above: number | null;
    readonly up_to: number | null;
    readonly category: string | null;
    readonly new: boolean;
    readonly others: number | null;
    readonly reference: number | null;
    readonly current: number | null;
  }[];
}

export interface DriftBar {
  readonly label: string;
  /** The label where there is little room. */
  readonly tick: string;
  readonly reference: number;
  readonly current: number;
}

export interface DriftModel {
  readonly frame: ChartFrame;
  readonly bars: readonly DriftBar[];
}

export const VERDICT_WORDS: Record<DriftVerdict, string> = {
  drifted: "Drifted",
  unchanged: "Unchanged",
  cannot_tell: "Cannot tell yet",
};

function binLabel(bin: DriftInput["bins"][number]): string {
  if (bin.new) {
    return "new categories";
  }
  if (bin.others !== null) {
    return `${bin.others} others`;
  }
  if (bin.category !== null) {
    return bin.category === "" ? "(empty text)" : bin.category;
  }
  const above = orDash(bin.above, formatNumber);
  const upTo = orDash(bin.up_to, formatNumber);
  if (bin.above === null) {
    return bin.up_to === null ? "all values" : `up to ${upTo}`;
  }
  return bin.up_to === null ? `above ${above}` : `${above} to ${upTo}`;
}

/** On an axis a bin of numbers is told by where it begins. */
function tickOf(bin: DriftInput["bins"][number]): string {
  if (bin.new) {
    return "new";
  }
  if (bin.above !== null) {
    return `> ${formatNumber(bin.above)}`;
  }
  return bin.up_to === null ? binLabel(bin) : `≤ ${formatNumber(bin.up_to)}`;
}

/** The verdict in one sentence, with what it rests on. */
export function verdictSentence(column: DriftInput): string {
  const effect = column.psi_debiased;
  const size =
    effect === null || column.ci === null
      ? ""
      : ` PSI beyond chance ${formatNumber(effect)}, 95 % interval ${formatNumber(column.ci[0])} to ${formatNumber(column.ci[1])}.`;
  const more =
    column.verdict !== "cannot_tell"
      ? ""
      : column.reason !== null
        ? ` Why: ${column.reason}.`
        : column.rows_needed !== null
          ? ` It takes about ${column.rows_needed.toLocaleString("en-US")} values.`
          : "";
  return `${VERDICT_WORDS[column.verdict]}.${size}${more}`;
}

const showShare = (cell: Cell): string => (typeof cell === "number" ? formatPercent(cell) : "–");

/** What the report says of a column besides its bins. */
function facts(column: DriftInput): (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [
    ["values in the reference", column.n_reference.toLocaleString("en-US")],
    ["values now", column.n_current.toLocaleString("en-US")],
    [
      "missing, before and now",
      `${orDash(column.missing_rate.reference, formatPercent)}, ${orDash(column.missing_rate.current, formatPercent)}`,
    ],
  ];
  const numbers: readonly (readonly [string, number | null])[] = [
    ["p adjusted", column.p_adjusted],
    ["PSI", column.psi],
    ["Jensen-Shannon distance", column.js_distance],
    ["Kolmogorov-Smirnov", column.ks],
    ["its p-value", column.ks_p_value],
    ["Wasserstein", column.wasserstein],
    ["chi-square", column.chi2],
    ["chi-square's p-value", column.chi2_p_value],
    ["new categories", column.new_category_rate],
    ["share of attributions", column.importance],
  ];
  for (const [name, value] of numbers) {
    if (value !== null) {
      found.push([name, formatNumber(value)]);
    }
  }
  return found;
}

export function prepareDrift(column: DriftInput): DriftModel {
  const bars = column.bins.map((bin) => ({
    label: binLabel(bin),
    tick: tickOf(bin),
    reference: bin.reference ?? 0,
    current: bin.current ?? 0,
  }));
  const most = bars.reduce<DriftBar | null>(
    (best, bar) =>
      best === null ||
      Math.abs(bar.current - bar.reference) > Math.abs(best.current - best.reference)
        ? bar
        : best,
    null,
  );
  const change =
    most === null
      ? ""
      : ` Largest change: ${most.label}, from ${formatPercent(most.reference)} to ${formatPercent(most.current)}.`;
  const table: TableModel = {
    columns: [
      { key: "bin", label: "values" },
      { key: "reference", label: "reference", numeric: true, show: showShare },
      { key: "current", label: "now", numeric: true, show: showShare },
    ],
    rows: bars.map((bar) => [bar.label, bar.reference, bar.current]),
  };
  const empty =
    bars.length > 0 && (column.n_reference > 0 || column.n_current > 0)
      ? null
      : (column.reason ?? "no values in this range");
  return {
    bars,
    frame: {
      id: `drift-${column.column}`,
      title: column.column.replace(/^feature\./, ""),
      unit: "",
      summary: `${verdictSentence(column)}${change}`,
      readings: bars.map(
        (bar) =>
          `${bar.label}: ${formatPercent(bar.reference)} before, ${formatPercent(bar.current)} now`,
      ),
      table,
      n: column.n_current,
      definition: facts(column),
      empty,
    },
  };
}
