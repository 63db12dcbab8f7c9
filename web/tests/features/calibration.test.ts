import { describe, expect, it } from "vitest";
import type { Catalog, MetricResult, Point } from "../../src/api";
import {
  brierModel,
  cohortModel,
  interceptWords,
  largestGroups,
  slopeWords,
  verdictOf,
} from "../../src/features/calibration/words";

const point = (value: number | null, more: Partial<Point> = {}): Point => ({
  ts: "2026-01-01T00:00:00Z",
  value,
  n: 100,
  ci: null,
  p_value: null,
  reason: null,
  ...more,
});
const result = (metric: string, value: number): MetricResult => ({
  metric,
  series: [point(value)],
  compare: null,
  definition: {},
});
const grouped = (metric: string, sizes: readonly number[]): MetricResult => ({
  metric,
  groups: sizes.map((n, index) => ({ by: { region: `r${index}` }, series: [point(0.9, { n })] })),
  compare: null,
  definition: {},
});
const NO_CATALOG: Catalog = new Map();

describe("the verdict of calibration", () => {
  it("holds the error against chance", () => {
    expect(verdictOf(point(0.02, { p_value: 0.3 }))).toEqual({
      tone: "ok",
      title:
        "Scores are 0.02 from what came true on average, no more than chance explains (p 0.3).",
    });
    expect(verdictOf(point(0.02, { p_value: 1e-9 }))).toEqual({
      tone: "warn",
      title:
        "Scores are 0.02 from what came true on average, more than chance explains (p < 0.0001).",
    });
  });
  it("does not judge without a p-value or without labels", () => {
    expect(verdictOf(point(0.02))).toMatchObject({ tone: "none" });
    expect(verdictOf(point(null, { reason: "no_labels" })).title).toBe(
      "Calibration cannot be told: no labels.",
    );
    expect(verdictOf(undefined).tone).toBe("none");
  });
});

describe("slope and intercept", () => {
  it("are read by their whole interval", () => {
    expect(slopeWords(point(0.8, { ci: [0.7, 0.9] }))).toBe(
      "0.8 (0.7 to 0.9): below 1, the scores are too extreme",
    );
    expect(slopeWords(point(1.2, { ci: [1.1, 1.3] }))).toContain("too timid");
    expect(slopeWords(point(1, { ci: [0.9, 1.1] }))).toBe("1 (0.9 to 1.1): 1 fits");
    expect(interceptWords(point(-0.2, { ci: [-0.3, -0.1] }))).toContain("too high");
    expect(interceptWords(point(0.2, { ci: [0.1, 0.3] }))).toContain("too low");
    expect(interceptWords(point(0.2))).toBe("0.2");
    expect(slopeWords(point(null, { reason: "one_class_only" }))).toBe("no value: one class only");
  });
});

describe("the Brier score", () => {
  it("is shown with its parts, each with its definition", () => {
    const parts = [
      result("brier_uncertainty", 0.25),
      result("brier_resolution", 0.05),
      result("brier_reliability", 0.001),
      result("brier", 0.2),
    ];
    const model = brierModel(parts, NO_CATALOG);
    expect(model.bars).toBe(true);
    expect(model.rows.map((row) => row.value)).toEqual([0.25, 0.05, 0.001, 0.2]);
    expect(model.domain[0]).toBe(0);
    expect(model.frame.definition).toHaveLength(4);
    expect(brierModel([], NO_CATALOG).frame.empty).not.toBeNull();
  });
});

describe("cohorts", () => {
  it("are listed by size, against the calibrated value", () => {
    const model = cohortModel(grouped("calibration_slope", [5, 50, 20]), NO_CATALOG);
    expect(model.rows.map((row) => row.label)).toEqual(["r1", "r2", "r0"]);
    expect(model.limit).toEqual({ label: "calibrated", value: 1 });
    expect(cohortModel(grouped("ece", [5]), NO_CATALOG)).toMatchObject({ limit: null });
  });
  it("get a diagram when they are among the largest", () => {
    const found = largestGroups(grouped("ece", [5, 50, 20]), 2);
    expect(found.map((one) => one.by["region"])).toEqual(["r1", "r2"]);
    expect(largestGroups(undefined, 2)).toEqual([]);
  });
});
