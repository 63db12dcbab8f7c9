import { describe, expect, it } from "vitest";
import { prepareDrift, verdictSentence } from "../../src/charts/prepare/drift";
import type { DriftInput } from "../../src/charts/prepare/drift";

const column: DriftInput = {
  column: "feature.age",
  verdict: "drifted",
  kind: "numeric",
  n_reference: 1000,
  n_current: 900,
  psi_debiased: 0.31,
  ci: [0.22, 0.4],
  p_adjusted: 1e-9,
  rows_needed: null,
  reason: null,
  importance: null,
  psi: 0.32,
  js_distance: 0.2,
  ks: 0.25,
  ks_p_value: 1e-12,
  wasserstein: 3.5,
  chi2: 60,
  chi2_p_value: 1e-9,
  missing_rate: { reference: 0, current: 0.1 },
  new_category_rate: null,
  bins: [
    {
      above: null,
      up_to: 30,
      category: null,
      new: false,
      others: null,
      reference: 0.5,
      current: 0.2,
    },
    {
      above: 30,
      up_to: 40,
      category: null,
      new: false,
      others: null,
      reference: 0.3,
      current: 0.3,
    },
    {
      above: 40,
      up_to: null,
      category: null,
      new: false,
      others: null,
      reference: 0.2,
      current: 0.5,
    },
  ],
};
const bin = { above: null, up_to: null, category: null, new: false, others: null };

describe("a drift column", () => {
  it("says its verdict, what it rests on, and the largest change", () => {
    const { frame } = prepareDrift(column);
    expect(frame.title).toBe("age");
    expect(frame.summary).toBe(
      "Drifted. PSI beyond chance 0.31, 95 % interval 0.22 to 0.4. Largest change: up to 30, from 50 % to 20 %.",
    );
    expect(frame.n).toBe(900);
    expect(frame.empty).toBeNull();
  });

  it("names bins of numbers, categories, new ones and the rest", () => {
    const bins = [
      ...column.bins,
      { ...bin, category: "gold", reference: 0.5, current: 0.5 },
      { ...bin, category: "", reference: 0, current: 0 },
      { ...bin, new: true, reference: 0, current: 0.1 },
      { ...bin, others: 12, reference: 0.1, current: 0.1 },
      { ...bin, reference: 1, current: 1 },
    ];
    expect(prepareDrift({ ...column, bins }).bars.map((bar) => bar.label)).toEqual([
      "up to 30",
      "30 to 40",
      "above 40",
      "gold",
      "(empty text)",
      "new categories",
      "12 others",
      "all values",
    ]);
  });

  it("carries exact shares into the table and leaves out what does not exist", () => {
    const { frame } = prepareDrift(column);
    expect(prepareDrift(column).bars.map((bar) => bar.tick)).toEqual(["≤ 30", "> 30", "> 40"]);
    expect(frame.table.rows[0]).toEqual(["up to 30", 0.5, 0.2]);
    expect(frame.readings[0]).toBe("up to 30: 50 % before, 20 % now");
    const names = frame.definition.map(([name]) => name);
    expect(names).toContain("Kolmogorov-Smirnov");
    expect(names).not.toContain("new categories");
  });

  it("says what it takes where it cannot be told, or why not", () => {
    const open: DriftInput = { ...column, verdict: "cannot_tell", psi_debiased: null, ci: null };
    expect(verdictSentence({ ...open, rows_needed: 1200 })).toBe(
      "Cannot tell yet. It takes about 1,200 values.",
    );
    expect(verdictSentence({ ...open, reason: "no values" })).toBe(
      "Cannot tell yet. Why: no values.",
    );
    const nothing = prepareDrift({ ...open, bins: [], reason: "no values", n_current: 0 });
    expect(nothing.frame.empty).toBe("no values");
  });
});
