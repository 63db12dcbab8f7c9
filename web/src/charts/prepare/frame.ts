// What every chart carries besides its picture: words, a table and where it came from.

import type { TableModel } from "../../lib/csv";

export interface ChartFrame {
  readonly id: string;
  readonly title: string;
  /** Shown beside the title; empty when the numbers stand for themselves. */
  readonly unit: string;
  /** One sentence that says what the picture shows. */
  readonly summary: string;
  /** What is said at each arrow-key position, in reading order. */
  readonly readings: readonly string[];
  readonly table: TableModel;
  /** Events behind the picture; null when it has no single number. */
  readonly n: number | null;
  /** Name and value pairs that say how the numbers were made. */
  readonly definition: readonly (readonly [string, string])[];
  /** Why there is nothing to draw; null when there is something. */
  readonly empty: string | null;
}

/** One line of a legend: a colour token (1 to 8), a dash, a name. */
export interface LegendItem {
  readonly color: number;
  readonly dash: number;
  readonly label: string;
  readonly area?: boolean;
}

/** Dash patterns by number; 0 is solid. Series differ by these as well as by colour. */
export const DASHES: readonly (readonly number[])[] = [
  [],
  [7, 4],
  [2, 3],
  [9, 3, 2, 3],
  [4, 2],
  [12, 4],
  [1, 4],
  [6, 2, 2, 2, 2, 2],
];

export function dashOf(number: number): readonly number[] {
  return DASHES[number % DASHES.length] ?? [];
}

/** The server's definition as pairs of words; nested values are written as JSON. */
export function definitionPairs(
  definition: Readonly<Record<string, unknown>>,
  formula: string,
): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  if (formula !== "" && definition["formula"] === undefined) {
    pairs.push(["formula", formula]);
  }
  for (const [key, value] of Object.entries(definition)) {
    if (value === null || value === undefined || value === "") {
      continue;
    }
    const text = typeof value === "string" ? value : JSON.stringify(value);
    pairs.push([key.replaceAll("_", " "), text]);
  }
  return pairs;
}
