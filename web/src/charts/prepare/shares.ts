// Two distributions of one column over the same bins: the reference's and the current one.

import type { Cell, TableModel } from "../../lib/csv";
import { formatNumber, formatPercent } from "../../lib/numbers";
import type { ChartFrame, LegendItem } from "./frame";

/** A bin as the API has it: a range of numbers, a category, what is new, or all rarer ones. */
export interface ShareInput {
  readonly above: number | null;
  readonly up_to: number | null;
  readonly category: string | null;
  readonly new: boolean;
  readonly others: number | null;
  readonly reference: number | null;
  readonly current: number | null;
}

export interface ShareBin {
  readonly label: string;
  readonly reference: number;
  readonly current: number;
}

export interface SharesModel {
  readonly frame: ChartFrame;
  readonly bins: readonly ShareBin[];
  /** Between the bins of a number; null where the bins are categories. */
  readonly edges: readonly number[] | null;
}

export interface SharesOptions {
  readonly id: string;
  readonly title: string;
  readonly numeric: boolean;
  readonly nReference: number;
  readonly nCurrent: number;
  readonly definition: readonly (readonly [string, string])[];
}

export const SHARES_LEGEND: readonly LegendItem[] = [
  { color: 8, dash: 0, label: "reference", area: true },
  { color: 1, dash: 0, label: "current", area: true },
];

export function binLabel(bin: ShareInput): string {
  if (bin.new) {
    return "new";
  }
  if (bin.others !== null) {
    return `${bin.others} others`;
  }
  if (bin.category !== null) {
    return bin.category === "" ? "(empty)" : bin.category;
  }
  if (bin.above === null) {
    return bin.up_to === null ? "all values" : `≤ ${formatNumber(bin.up_to)}`;
  }
  return bin.up_to === null
    ? `> ${formatNumber(bin.above)}`
    : `${formatNumber(bin.above)} to ${formatNumber(bin.up_to)}`;
}

function tableOf(bins: readonly ShareInput[]): TableModel {
  const share = (cell: Cell): string => (typeof cell === "number" ? formatPercent(cell) : "–");
  return {
    columns: [
      { key: "bin", label: "Values" },
      { key: "reference", label: "Reference", numeric: true, show: share },
      { key: "current", label: "Current", numeric: true, show: share },
    ],
    rows: bins.map((bin) => [binLabel(bin), bin.reference, bin.current]),
  };
}

/** The bin whose share moved most, in words. */
function movedMost(bins: readonly ShareBin[]): string {
  const most = bins.reduce<ShareBin | null>(
    (best, bin) =>
      best === null ||
      Math.abs(bin.current - bin.reference) > Math.abs(best.current - best.reference)
        ? bin
        : best,
    null,
  );
  return most === null
    ? ""
    : ` Moved most: ${most.label}, from ${formatPercent(most.reference)} to ${formatPercent(most.current)}.`;
}

export function prepareShares(inputs: readonly ShareInput[], options: SharesOptions): SharesModel {
  const { nReference, nCurrent, numeric } = options;
  const bins = inputs.map((bin) => ({
    label: binLabel(bin),
    reference: bin.reference ?? 0,
    current: bin.current ?? 0,
  }));
  const count = (n: number): string => n.toLocaleString("en-US");
  const empty =
    bins.length === 0 || (nReference === 0 && nCurrent === 0) ? "no values on either side" : null;
  return {
    frame: {
      id: options.id,
      title: options.title,
      unit: "",
      summary: `${options.title} in ${bins.length} bins, ${count(nReference)} values in the reference and ${count(nCurrent)} current.${movedMost(bins)}`,
      readings: bins.map(
        (bin) =>
          `${bin.label}: ${formatPercent(bin.reference)} in the reference, ${formatPercent(bin.current)} current`,
      ),
      table: tableOf(inputs),
      n: nCurrent,
      definition: [["n of the reference", `${count(nReference)} values`], ...options.definition],
      empty,
    },
    bins,
    edges: numeric ? inputs.flatMap((bin) => (bin.up_to === null ? [] : [bin.up_to])) : null,
  };
}
