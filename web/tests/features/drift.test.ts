import { describe, expect, it } from "vitest";
import type { DriftColumn, DriftReport } from "../../src/api";
import { sharedView } from "../../src/features/controls/view-tabs";
import { referenceChoices, windowWords } from "../../src/features/controls/reference";
import { firstWindow } from "../../src/features/drift/first-window";
import {
  alarmWords,
  becauseOf,
  besideWords,
  headline,
  listed,
  reportTable,
  shiftWords,
  sizes,
  statisticsTable,
} from "../../src/features/drift/words";
import { formatProbability } from "../../src/lib/numbers";
import { toCsv } from "../../src/lib/csv";

const NONE = { reference: null, current: null };
const column = (more: Partial<DriftColumn> = {}): DriftColumn => ({
  column: "feature.age",
  verdict: "unchanged",
  kind: "numeric",
  n_reference: 1000,
  n_current: 1200,
  psi_debiased: 0.02,
  ci: [0, 0.05],
  p_value: 0.4,
  p_adjusted: 0.6,
  share_changed: false,
  rows_needed: null,
  reason: null,
  importance: null,
  psi: 0.03,
  kl: null,
  js: null,
  js_distance: null,
  hellinger: null,
  tvd: null,
  chi2: null,
  chi2_p_value: null,
  ks: 0.04,
  ks_p_value: 0.3,
  wasserstein: null,
  wasserstein_scaled: null,
  energy: null,
  mann_whitney: null,
  mann_whitney_p_value: null,
  missing_rate: NONE,
  other_type_rate: NONE,
  new_category_rate: null,
  bins: [],
  ...more,
});
const drifted = column({ column: "b", verdict: "drifted", psi_debiased: 0.4, ci: [0.3, 0.5] });
const open = column({ column: "c", verdict: "cannot_tell", psi_debiased: null, ci: null });
const report = (columns: DriftColumn[]): DriftReport => ({
  from: "2026-01-02T00:00:00Z",
  to: "2026-01-03T00:00:00Z",
  reference: { kind: "previous", name: null, version: null, windows: [] },
  alpha: 0.01,
  margin: 0.1,
  share_step: 0.01,
  confidence: 0.95,
  columns,
});

describe("the headline", () => {
  it("counts every verdict that there is", () => {
    expect(headline(report([drifted, column(), open]))).toBe(
      "1 of 3 columns drifted; 1 unchanged; 1 cannot be told yet.",
    );
    expect(headline(report([column()]))).toBe("None of 1 column drifted; 1 unchanged.");
    expect(headline(report([]))).toBe("None of 0 columns drifted.");
  });
  it("says what alpha promises", () => {
    expect(alarmWords(0.01)).toContain("about 1 in 100");
    expect(alarmWords(0.001)).toContain("about 0.1 in 100");
  });
  it("takes the largest column of each side as its size", () => {
    expect(sizes(report([column(), column({ n_reference: 5, n_current: 5000 })]))).toEqual({
      reference: 1000,
      now: 5000,
    });
    expect(sizes(report([]))).toEqual({ reference: 0, now: 0 });
  });
});

describe("a column in words", () => {
  it("says the shift with its interval, or nothing", () => {
    expect(shiftWords(drifted)).toBe("0.4 (0.3 to 0.5)");
    expect(shiftWords(open)).toBe("–");
  });
  it("says how likely chance is, as far as it matters", () => {
    expect(formatProbability(0.0312)).toBe("0.0312");
    expect(formatProbability(1e-90)).toBe("< 0.0001");
    expect(formatProbability(null)).toBe("–");
  });
  it("says why", () => {
    expect(becauseOf(drifted, 0.1)).toContain("above the margin of 0.1");
    expect(becauseOf({ ...drifted, psi_debiased: 0.01, share_changed: true }, 0.1)).toContain(
      "doubled or halved",
    );
    expect(becauseOf(column(), 0.1)).toContain("below the margin");
    expect(becauseOf({ ...open, rows_needed: 2500 }, 0.1)).toBe(
      "Needs ≥ 2,500 rows; there are 1,200.",
    );
    expect(becauseOf({ ...open, reason: "no_values" }, 0.1)).toBe("no values.");
    expect(becauseOf(open, 0.1)).toBe("The interval holds the margin.");
  });
  it("names what moved beside the values only where there is any", () => {
    expect(besideWords(column())).toEqual([]);
    expect(
      besideWords(
        column({ missing_rate: { reference: 0, current: 0.2 }, new_category_rate: 0.05 }),
      ),
    ).toEqual(["missing 0 % → 20 %", "new categories 5 %"]);
  });
});

describe("the list", () => {
  const all = [drifted, open, column()];
  const names = (wanted: Partial<Parameters<typeof listed>[1]>) =>
    listed(all, { verdict: undefined, find: undefined, order: undefined, ...wanted }).map(
      (one) => one.column,
    );
  it("keeps the server's order unless told otherwise", () => {
    expect(names({})).toEqual(["b", "c", "feature.age"]);
    expect(names({ order: "name" })).toEqual(["b", "c", "feature.age"]);
    expect(names({ order: "psi" })).toEqual(["b", "feature.age", "c"]);
  });
  it("filters by verdict and by any part of the name", () => {
    expect(names({ verdict: "cannot_tell" })).toEqual(["c"]);
    expect(names({ find: "AGE" })).toEqual(["feature.age"]);
    expect(names({ find: "nothing" })).toEqual([]);
  });
});

describe("the tables", () => {
  it("have every statistic that has a value, with its p-value", () => {
    const { rows } = statisticsTable(column(), new Map());
    expect(rows.map((row) => [row[0], row[2], row[3]])).toEqual([
      ["psi_debiased", 0.02, 0.4],
      ["psi", 0.03, null],
      ["ks", 0.04, 0.3],
    ]);
  });
  it("give the report's own digits as CSV", () => {
    const [head, row] = toCsv(reportTable([column({ psi_debiased: 0.0212345678901 })])).split(
      "\r\n",
    );
    expect(head?.split(",").length).toBe(row?.split(",").length);
    expect(row).toContain("feature.age,numeric,unchanged,1000,1200,0.0212345678901,0,0.05,");
  });
});

describe("the reference", () => {
  const stored = [
    { name: "train", version: 2, created_at: "", rows: 10 },
    { name: "train", version: 1, created_at: "", rows: 9 },
  ];
  it("is chosen among windows and what was made; the newest version goes by its name", () => {
    expect(referenceChoices("previous", stored, "utc").map((one) => one.value)).toEqual([
      "previous",
      "previous:7d",
      "previous:30d",
      "weeks:4",
      "train",
      "train@1",
    ]);
  });
  it("is offered whatever it is", () => {
    const fixed = "2026-01-01T00:00:00Z/2026-01-02T00:00:00Z";
    expect(referenceChoices(fixed, [], "utc").at(-1)).toEqual({
      value: fixed,
      label: "2026-01-01 00:00 to 2026-01-02 00:00",
    });
    expect(referenceChoices("gone", [], "utc").at(-1)).toEqual({ value: "gone", label: "gone" });
    expect(windowWords("previous", "utc")).toBeNull();
  });
  it("has rows at first: where no event is before the usual window, its later half is shown", () => {
    const usual = { from: "now-7d", to: "now" };
    const range = { from: 1000, to: 9000 };
    const events = (first: number | null, last: number | null) => ({
      first_event: first,
      last_event: last,
    });
    expect(firstWindow(usual, range, events(0, 9000))).toBe(usual);
    expect(firstWindow(usual, range, events(null, null))).toBe(usual);
    expect(firstWindow(usual, range, events(2000, 8000))).toEqual({
      from: "1970-01-01T00:00:05Z",
      to: "1970-01-01T00:00:08.001Z",
    });
  });
});

describe("the tabs", () => {
  it("take along what every page of a deployment understands", () => {
    expect(
      sharedView({ from: "now-7d", to: "now", filter: "a = 1", compare: "previous", find: "x" }),
    ).toEqual({ from: "now-7d", to: "now", filter: "a = 1" });
  });
});
