// The view state that lives in the URL, and how it is written there.
//
// Plain `key=value` pairs, repeated for lists: readable, short, and the same names as the API's.

import * as v from "valibot";

const text = v.fallback(v.optional(v.pipe(v.string(), v.maxLength(4000))), undefined);
const list = v.fallback(
  v.optional(
    v.pipe(
      v.union([v.string(), v.array(v.string())]),
      v.transform((value) => (typeof value === "string" ? [value] : value)),
    ),
  ),
  undefined,
);

/** Every key a view may carry. A value that cannot be read is dropped, never an error page. */
export const ViewSearch = v.object({
  from: text,
  to: text,
  step: text,
  /** Seconds between refreshes, or `off`. */
  refresh: text,
  /** `previous`, `offset:7d` or `model_version:X`. */
  compare: text,
  filter: text,
  model_version: text,
  deployment: text,
  metric: list,
  group_by: list,
  /** Explorer: `time`, or `groups` over the whole range. */
  show: text,
  /** Explorer: the marked part of the range, `from/to`. */
  selected: text,
  /** Explorer: `yes` shows why the metric moved. */
  why: text,
  /** Explorer: the column of drift metrics, the rank or quantile of those that take one. */
  feature: text,
  k: text,
  quantile: text,
  /** Fairness: the protected keys, and the smallest group that counts. */
  by: list,
  min_n: text,
  /** Decision = score >= threshold, instead of the class that was sent. */
  threshold: text,
  /** Calibration: how scores are put together. */
  bins: text,
  binning: text,
  /** Drift: what is compared with, as the API writes it. */
  reference: text,
  /** Drift: the margin and alpha of the verdicts, when not the server's. */
  margin: text,
  alpha: text,
  /** Drift: only columns of this verdict, and with this in their name. */
  verdict: text,
  find: text,
  /** Drift: the column that is open. */
  column: text,
  /** Events: the request_id in the peek panel. */
  peek: text,
  order: text,
  /** Where to go after signing in. */
  next: text,
});
export type ViewSearch = v.InferOutput<typeof ViewSearch>;

export function validateView(search: Record<string, unknown>): ViewSearch {
  const parsed = v.parse(ViewSearch, search);
  return Object.fromEntries(
    Object.entries(parsed).filter(([, value]) => value !== undefined && value.length > 0),
  );
}

/** `?a=1&b=2&b=3` -> { a: "1", b: ["2", "3"] } */
export function parseSearch(search: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const [key, value] of new URLSearchParams(search)) {
    const known = found[key];
    if (known === undefined) {
      found[key] = value;
    } else if (typeof known === "string") {
      found[key] = [known, value];
    } else {
      known.push(value);
    }
  }
  return found;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (typeof value === "string" && value !== "") {
      params.append(key, value);
    } else if (Array.isArray(value)) {
      for (const item of value) {
        params.append(key, String(item));
      }
    }
  }
  // A colon and a comma are legal in a query and read better as themselves.
  const written = params.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  return written === "" ? "" : `?${written}`;
}
