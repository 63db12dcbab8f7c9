import { describe, expect, it } from "vitest";
import {
  commonReason,
  isolated,
  prepareTimeSeries,
  valueLimits,
} from "../../src/charts/prepare/time-series";
import type { SeriesInput, SeriesPoint } from "../../src/charts/prepare/time-series";
import { toCsv } from "../../src/lib/csv";
import { valueFormat } from "../../src/lib/numbers";

const point = (hour: number, value: number | null, more: Partial<SeriesPoint> = {}) => ({
  ts: `2026-01-01T0${hour}:00:00Z`,
  value,
  n: value === null ? 0 : 10,
  ci: null,
  reason: value === null ? "no_labels" : null,
  ...more,
});
const input = (points: SeriesPoint[], more: Partial<SeriesInput> = {}): SeriesInput => ({
  key: "accuracy",
  label: "Accuracy",
  points,
  color: 1,
  dash: 0,
  band: true,
  ...more,
});
const prepare = (inputs: SeriesInput[]) =>
  prepareTimeSeries(inputs, {
    id: "accuracy",
    title: "Accuracy",
    format: valueFormat("accuracy", "ratio"),
    range: { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 1, 4) },
    zone: "utc",
    step: "1h",
    fromZero: false,
    bounds: [0, 1],
    definition: [],
  });

describe("a time series", () => {
  const model = prepare([
    input([point(0, 0.5, { ci: [0.4, 0.6] }), point(1, null), point(2, 0.75)]),
  ]);

  it("keeps gaps as gaps", () => {
    expect(model.series[0]?.values).toEqual([0.5, null, 0.75]);
    expect(model.series[0]?.lows).toEqual([0.4, null, null]);
  });

  it("says what it shows", () => {
    expect(model.frame.summary).toBe(
      "Accuracy, 2026-01-01 00:00 to 2026-01-01 04:00, one point per 1h. Accuracy: latest 0.75, " +
        "lowest 0.5, highest 0.75, mean 0.625 over 2 points, 1 without a value.",
    );
    expect(model.frame.readings).toEqual([
      "2026-01-01 00:00: 0.5 (0.4 to 0.6), n 10",
      "2026-01-01 01:00: no value: no labels",
      "2026-01-01 02:00: 0.75, n 10",
    ]);
    expect(model.frame.n).toBe(20);
  });

  it("exports every number and reason", () => {
    expect(toCsv(model.frame.table)).toBe(
      [
        "ts,accuracy,accuracy_n,accuracy_ci_lo,accuracy_ci_hi,accuracy_reason",
        "2026-01-01T00:00:00Z,0.5,10,0.4,0.6,",
        "2026-01-01T01:00:00Z,,0,,,no_labels",
        "2026-01-01T02:00:00Z,0.75,10,,,",
        "",
      ].join("\r\n"),
    );
  });

  it("aligns series of different buckets", () => {
    const two = prepare([
      input([point(0, 0.5), point(2, 0.7)]),
      input([point(1, 0.6)], { key: "b", label: "B" }),
    ]);
    expect(two.xs).toHaveLength(3);
    expect(two.series.map((one) => one.values)).toEqual([
      [0.5, null, 0.7],
      [null, 0.6, null],
    ]);
    expect(two.frame.readings[1]).toContain("Accuracy no value; B 0.6");
    expect(two.frame.n).toBeNull();
  });

  it("gives the most common reason when there is nothing", () => {
    const points = [point(0, null), point(1, null, { reason: "one_class_only" }), point(2, null)];
    expect(prepare([input(points)]).frame.empty).toBe("no labels");
    expect(prepare([input([])]).frame.empty).toBe("no events in this range");
    expect(commonReason([point(0, 1)])).toBeNull();
  });
});

describe("the value axis", () => {
  const limits = (
    values: (number | null)[],
    bands: [number, number] | null,
    fromZero = false,
    bounds: readonly [number | null, number | null] = [null, null],
  ) => {
    const points = values.map((value, hour) => point(hour, value, { ci: bands }));
    return valueLimits(prepare([input(points)]).series, fromZero, bounds);
  };

  it("starts at zero where the quantity does", () => {
    expect(limits([5, 10], null, true)[0]).toBe(0);
    expect(limits([5, 10], null, false)[0]).toBeGreaterThan(4);
  });
  it("reaches the level that values are held against", () => {
    const { series } = prepare([input([point(0, 0.01), point(1, 0.02)])]);
    expect(valueLimits(series, true, [0, null])[1]).toBeLessThan(0.1);
    const level = { label: "margin", value: 0.1 };
    expect(valueLimits(series, true, [0, null], level)[1]).toBeGreaterThan(0.1);
  });
  it("stays near what can be at all", () => {
    const [low, high] = limits([0.2, 1], [-0.5, 1.4], false, [0, 1]);
    expect(low).toBeGreaterThan(-0.1);
    expect(high).toBeLessThan(1.1);
  });
  it("is not flattened by one huge interval", () => {
    const points = [0.7, 0.72, 0.71, 0.7].map((value, hour) =>
      point(hour, value, { ci: hour === 0 ? [-5, 5] : [value - 0.01, value + 0.01] }),
    );
    const [low, high] = valueLimits(prepare([input(points)]).series, false, [null, null]);
    expect(low).toBeGreaterThan(0.6);
    expect(high).toBeLessThan(0.8);
  });
  it("has room without values, and around a constant", () => {
    expect(limits([null], null)).toEqual([0, 1]);
    const [low, high] = limits([3, 3], null);
    expect(low).toBeLessThan(3);
    expect(high).toBeGreaterThan(3);
  });
});

it("finds points that no line reaches", () => {
  expect(isolated([1, null, 2, 3, null, 4])).toEqual([0, 5]);
});
