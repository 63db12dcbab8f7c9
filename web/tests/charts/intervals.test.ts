import { describe, expect, it } from "vitest";
import { intervalsHeight } from "../../src/charts/draw/intervals";
import { INTERVAL_ROWS, prepareIntervals } from "../../src/charts/prepare/intervals";
import type { IntervalInput, IntervalsOptions } from "../../src/charts/prepare/intervals";
import { toCsv } from "../../src/lib/csv";
import { valueFormat } from "../../src/lib/numbers";

const row = (
  label: string,
  value: number | null,
  more: Partial<IntervalInput> = {},
): IntervalInput => ({
  label,
  value,
  ci: value === null ? null : [value - 0.1, value + 0.1],
  n: 100,
  reason: value === null ? "one_class_only" : null,
  ...more,
});
const OPTIONS: IntervalsOptions = {
  id: "tpr",
  title: "True positive rate",
  row: "group",
  format: valueFormat("", ""),
  definition: [["formula", "TP / (TP + FN)"]],
  bounds: [0, 1],
  n: 200,
};

describe("values side by side", () => {
  it("say who is lowest and who is highest", () => {
    const { frame } = prepareIntervals([row("male", 0.6), row("female", 0.4)], OPTIONS);
    expect(frame.summary).toContain("lowest 0.4 (female), highest 0.6 (male)");
    expect(frame.readings[0]).toBe("male: 0.6 (0.5 to 0.7), n 100");
    expect(frame.empty).toBeNull();
  });
  it("put what is apart last, and leave it out of the comparison", () => {
    const { rows, frame, apartText } = prepareIntervals(
      [row("tiny", 0.1, { apart: true, n: 3 }), row("male", 0.6), row("female", 0.4)],
      { ...OPTIONS, apartText: "fewer than 30 events" },
    );
    expect(rows.map((one) => one.label)).toEqual(["male", "female", "tiny"]);
    expect(frame.summary).toContain("lowest 0.4 (female)");
    expect(apartText).toBe("fewer than 30 events (1)");
    expect(frame.readings[2]).toContain("fewer than 30 events");
    expect(toCsv(frame.table)).toContain("tiny,0.1,0,0.2,3,no");
  });
  it("keep a value that does not exist out of the picture, with its reason", () => {
    const { rows, frame } = prepareIntervals([row("a", null), row("b", 0.5)], OPTIONS);
    expect(rows[0]?.words).toBe("–");
    expect(frame.readings[0]).toBe("a: no value: one class only");
    expect(toCsv(frame.table)).toContain("a,,,,100,one_class_only");
    expect(prepareIntervals([row("a", null)], OPTIONS).frame.empty).toBe("one class only");
    expect(prepareIntervals([], OPTIONS).frame.empty).toBe("no events in this range");
  });
  it("draw as many rows as can be read and list the rest", () => {
    const many = Array.from({ length: 10_000 }, (_, index) => row(`g${index}`, 0.5));
    const model = prepareIntervals(many, OPTIONS);
    expect(model.rows).toHaveLength(INTERVAL_ROWS);
    expect(model.left).toBe(10_000 - INTERVAL_ROWS);
    expect(model.frame.table.rows).toHaveLength(10_000);
    expect(model.frame.readings).toHaveLength(INTERVAL_ROWS);
    expect(intervalsHeight(model)).toBeLessThan(900);
  });
  it("stay within what the quantity can be, and show the level they are held against", () => {
    const { domain } = prepareIntervals([row("a", 0.98, { ci: [0.9, 1] })], {
      ...OPTIONS,
      limit: { label: "four fifths", value: 0.8 },
    });
    expect(domain[0]).toBeLessThan(0.8);
    expect(domain[1]).toBeLessThan(1.02);
    expect(
      prepareIntervals([row("a", 5, { ci: null })], { ...OPTIONS, bounds: [0, null], bars: true })
        .domain[0],
    ).toBe(0);
  });
  it("put long names above their marks", () => {
    const short = prepareIntervals([row("male", 0.5)], OPTIONS);
    const long = prepareIntervals([row("Demographic parity difference", 0.5)], OPTIONS);
    expect(short.stacked).toBe(false);
    expect(long.stacked).toBe(true);
    expect(intervalsHeight(long)).toBeGreaterThan(intervalsHeight(short));
  });
  it("tell p-values, notes and what is compared with", () => {
    const { frame, rows } = prepareIntervals(
      [row("a", 0.5, { p_value: 0.03, note: "x and y", other: { value: 0.4, ci: null } })],
      { ...OPTIONS, otherName: "v1" },
    );
    expect(frame.readings[0]).toBe("a: 0.5 (0.4 to 0.6), n 100, p 0.03, x and y; v1 0.4");
    expect(frame.table.columns.map((one) => one.key)).toEqual([
      "group",
      "value",
      "ci_lo",
      "ci_hi",
      "n",
      "p_value",
      "other",
      "note",
    ]);
    expect(rows[0]?.other).toBe(0.4);
  });
});
