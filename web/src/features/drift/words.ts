// What the drift report says, in words and tables.

import type { Catalog, DriftColumn, DriftReport } from "../../api";
import type { Tone } from "../../design";
import type { Cell, TableModel } from "../../lib/csv";
import {
  formatNumber,
  formatPercent,
  formatProbability,
  orDash,
  reasonWords,
} from "../../lib/numbers";

export type Verdict = DriftColumn["verdict"];

export const VERDICTS: Readonly<Record<Verdict, { readonly label: string; readonly tone: Tone }>> =
  {
    drifted: { label: "Drifted", tone: "bad" },
    cannot_tell: { label: "Cannot tell yet", tone: "warn" },
    unchanged: { label: "Unchanged", tone: "ok" },
  };

const whole = (n: number): string => n.toLocaleString("en-US");

export function countOf(report: DriftReport, verdict: Verdict): number {
  return report.columns.filter((column) => column.verdict === verdict).length;
}

/** "3 of 12 columns drifted; 7 unchanged; 2 cannot be told yet." */
export function headline(report: DriftReport): string {
  const all = report.columns.length;
  const drifted = countOf(report, "drifted");
  const rest = [
    { n: countOf(report, "unchanged"), text: "unchanged" },
    { n: countOf(report, "cannot_tell"), text: "cannot be told yet" },
  ].filter(({ n }) => n > 0);
  const first =
    drifted === 0
      ? `None of ${whole(all)} ${all === 1 ? "column" : "columns"} drifted`
      : `${whole(drifted)} of ${whole(all)} ${all === 1 ? "column" : "columns"} drifted`;
  return `${[first, ...rest.map(({ n, text }) => `${whole(n)} ${text}`)].join("; ")}.`;
}

/** What alpha promises about false alarms. */
export function alarmWords(alpha: number): string {
  return (
    `On data that has not changed, about ${formatNumber(alpha * 100)} in 100 such reports would ` +
    "name a column by mistake."
  );
}

/** Rows of both sides: columns differ by what is missing in them, so the largest is said. */
export function sizes(report: DriftReport): { readonly reference: number; readonly now: number } {
  return {
    reference: Math.max(0, ...report.columns.map((column) => column.n_reference)),
    now: Math.max(0, ...report.columns.map((column) => column.n_current)),
  };
}

/** "0.23 (0.18 to 0.29)" */
export function shiftWords(column: DriftColumn): string {
  if (column.psi_debiased === null) {
    return "–";
  }
  const interval =
    column.ci === null ? "" : ` (${formatNumber(column.ci[0])} to ${formatNumber(column.ci[1])})`;
  return `${formatNumber(column.psi_debiased)}${interval}`;
}

/** Why the verdict is what it is. */
export function becauseOf(column: DriftColumn, margin: number): string {
  if (column.verdict === "cannot_tell") {
    if (column.rows_needed !== null) {
      return `Needs ≥ ${whole(column.rows_needed)} rows; there are ${whole(column.n_current)}.`;
    }
    return column.reason === null
      ? "The interval holds the margin."
      : `${reasonWords(column.reason)}.`;
  }
  if (column.verdict === "unchanged") {
    return `The shift's interval lies below the margin of ${formatNumber(margin)}.`;
  }
  return column.psi_debiased !== null && column.psi_debiased > margin
    ? `The shift is beyond chance and above the margin of ${formatNumber(margin)}.`
    : "The share of a category, of missing values or of another type at least doubled or halved.";
}

/** Shares that moved beside the values: missing, of another type, new categories. */
export function besideWords(column: DriftColumn): string[] {
  const sides = (
    name: string,
    { reference, current }: { reference: number | null; current: number | null },
  ): string[] =>
    (reference ?? 0) === 0 && (current ?? 0) === 0
      ? []
      : [`${name} ${orDash(reference, formatPercent)} → ${orDash(current, formatPercent)}`];
  return [
    ...sides("missing", column.missing_rate),
    ...sides("another type", column.other_type_rate),
    ...(column.new_category_rate === null || column.new_category_rate === 0
      ? []
      : [`new categories ${formatPercent(column.new_category_rate)}`]),
  ];
}

export type Order = "shift" | "name" | "psi";

/** The columns to list; without an order they stay as the server ranks them. */
export function listed(
  columns: readonly DriftColumn[],
  wanted: { verdict: string | undefined; find: string | undefined; order: string | undefined },
): DriftColumn[] {
  const find = (wanted.find ?? "").toLowerCase();
  const found = columns.filter(
    (column) =>
      (wanted.verdict === undefined || column.verdict === wanted.verdict) &&
      column.column.toLowerCase().includes(find),
  );
  if (wanted.order === "name") {
    return found.sort((a, b) => a.column.localeCompare(b.column));
  }
  if (wanted.order === "psi") {
    return found.sort((a, b) => (b.psi_debiased ?? -1) - (a.psi_debiased ?? -1));
  }
  return found;
}

const STATISTICS = [
  "psi_debiased",
  "psi",
  "kl",
  "js",
  "js_distance",
  "hellinger",
  "tvd",
  "chi2",
  "ks",
  "wasserstein",
  "wasserstein_scaled",
  "energy",
  "mann_whitney",
] as const satisfies readonly (keyof DriftColumn)[];

const P_VALUES = {
  psi_debiased: "p_value",
  chi2: "chi2_p_value",
  ks: "ks_p_value",
  mann_whitney: "mann_whitney_p_value",
} as const;

/** Every statistic of one column: value, p-value where it has one, and how it is computed. */
export function statisticsTable(column: DriftColumn, catalog: Catalog): TableModel {
  const show = (cell: Cell): string => (typeof cell === "number" ? formatNumber(cell) : "–");
  const showP = (cell: Cell): string => formatProbability(typeof cell === "number" ? cell : null);
  const rows = STATISTICS.map((name): readonly Cell[] => {
    const known = catalog.get(name);
    const p = (P_VALUES as Partial<Record<string, keyof DriftColumn>>)[name];
    const value = p === undefined ? null : column[p];
    return [
      name,
      known?.title ?? name,
      column[name],
      typeof value === "number" ? value : null,
      known?.formula ?? "",
    ];
  }).filter((row) => row[2] !== null);
  return {
    columns: [
      { key: "statistic", label: "Name" },
      { key: "title", label: "Statistic" },
      { key: "value", label: "Value", numeric: true, show },
      { key: "p_value", label: "p", numeric: true, show: showP },
      { key: "formula", label: "Definition" },
    ],
    rows,
  };
}

/** One row per column with the report's own digits, for the CSV of the page. */
export function reportTable(columns: readonly DriftColumn[]): TableModel {
  const keys = ["p_value", "p_adjusted", ...STATISTICS.slice(1), "new_category_rate"] as const;
  const names = ["column", "kind", "verdict", "n_reference", "n_current", "psi_debiased"];
  return {
    columns: [
      ...names,
      "ci_lo",
      "ci_hi",
      ...keys,
      "missing_rate_reference",
      "missing_rate_current",
      "rows_needed",
      "reason",
    ].map((key) => ({ key, label: key })),
    rows: columns.map((one) => [
      one.column,
      one.kind,
      one.verdict,
      one.n_reference,
      one.n_current,
      one.psi_debiased,
      one.ci?.[0] ?? null,
      one.ci?.[1] ?? null,
      ...keys.map((key) => one[key]),
      one.missing_rate.reference,
      one.missing_rate.current,
      one.rows_needed,
      one.reason,
    ]),
  };
}
