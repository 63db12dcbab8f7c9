import { describe, expect, it } from "vitest";
import {
  prepareConfusion,
  preparePr,
  prepareReliability,
  prepareResiduals,
  prepareRoc,
  prepareScores,
} from "../../src/charts";
import type { ChartFrame } from "../../src/charts";

const reliability = prepareReliability({
  n: 30,
  reason: null,
  points: [
    { lo: 0, hi: 0.5, n: 20, mean_score: 0.2, positive_rate: 0.25, ci: [0.1, 0.4] },
    { lo: 0.5, hi: 1, n: 10, mean_score: 0.9, positive_rate: 0.5, ci: [0.3, 0.7] },
    { lo: 1, hi: 1, n: 0, mean_score: null, positive_rate: null, ci: null },
  ],
});
const scores = prepareScores(
  {
    n: 8,
    reason: null,
    points: [
      { lo: 0, hi: 0.5, n_positive: 1, n_negative: 3, n_unlabelled: 2 },
      { lo: 0.5, hi: 1, n_positive: 1, n_negative: 1, n_unlabelled: 0 },
    ],
  },
  0.5,
);
const residuals = prepareResiduals({
  n: 4,
  reason: null,
  points: [
    { lo: -1, hi: 0, n: 3 },
    { lo: 0, hi: 1, n: 1 },
  ],
});
const confusion = prepareConfusion({
  n: 10,
  reason: null,
  classes: ["no", "yes"],
  matrix: [
    [6, 1],
    [1, 2],
  ],
});
const roc = prepareRoc({ n: 5, reason: null, points: [{ fpr: 0, tpr: 0.5, threshold: 0.9 }] });
const pr = preparePr({
  n: 5,
  reason: null,
  points: [
    { recall: 0.5, precision: 1, threshold: 0.9 },
    { recall: 1, precision: 0.4, threshold: 0.1 },
  ],
});

describe("every chart says, tabulates and explains itself", () => {
  const frames: ChartFrame[] = [reliability, scores, residuals, confusion, roc, pr].map(
    (model) => model.frame,
  );
  it.each(frames.map((frame) => [frame.id, frame] as const))("%s", (_, frame) => {
    expect(frame.summary.length).toBeGreaterThan(20);
    expect(frame.readings.length).toBeGreaterThan(0);
    expect(frame.table.rows.length).toBeGreaterThan(0);
    expect(frame.table.rows.every((row) => row.length === frame.table.columns.length)).toBe(true);
    expect(frame.definition.length).toBeGreaterThan(0);
    expect(frame.empty).toBeNull();
  });
});

describe("curves", () => {
  it("draws filled bins only, and names the worst", () => {
    expect(reliability.bins).toHaveLength(2);
    expect(reliability.frame.summary).toContain("scores around 0.9 came true 50 % of the time");
    expect(reliability.frame.summary).toContain("In 1 of 2 bins");
    expect(reliability.frame.table.rows).toHaveLength(3);
  });
  it("shows each class as shares of itself", () => {
    expect(scores.bins[0]).toMatchObject({ positive: 0.5, negative: 0.75, unlabelled: 1 });
    expect(scores.frame.n).toBe(8);
  });
  it("counts right and wrong", () => {
    expect(confusion.frame.summary).toContain("8 right (80 %), 2 wrong");
    expect(confusion.frame.readings[1]).toBe("label no, predicted yes: 1, 14.3 % of no");
  });
  it("knows the line of chance", () => {
    expect(pr.chance).toBe(0.4);
    expect(roc.chance).toBe("diagonal");
  });
  it("gives the reason when empty", () => {
    const empty = { n: 0, reason: "one_class_only", points: [] };
    expect(prepareRoc(empty).frame.empty).toBe("one class only");
    expect(prepareReliability({ ...empty, reason: null }).frame.empty).toBe(
      "no labelled events in this range",
    );
  });
});
