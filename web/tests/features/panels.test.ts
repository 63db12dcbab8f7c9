import { describe, expect, it } from "vitest";
import type { MetricResult, Point } from "../../src/api";
import { panelsOf } from "../../src/features/panels/metric-panels";
import { groupable } from "../../src/features/panels/group-by";
import { comparisonOf, selectionOf } from "../../src/features/controls/selection";
import { MAX_GROUPS, compareName, groupName, seriesOf } from "../../src/features/panels/series";
import { difference } from "../../src/features/panels/totals";

const point = (value: number | null, ci: [number, number] | null = null, n = 10): Point => ({
  ts: "2026-01-01T00:00:00Z",
  value,
  n,
  ci,
  p_value: null,
  reason: null,
});
const result = (metric: string, more: Partial<MetricResult> = {}): MetricResult => ({
  metric,
  series: [point(0.5)],
  compare: null,
  definition: {},
  ...more,
});
const OPTIONS = { baseName: "v1", compareName: "v2" };

describe("series", () => {
  it("puts a dashed second line beside the first", () => {
    const compare = { kind: "model_version", value: "v2", series: [point(0.6)] };
    const [base, other] = seriesOf(result("accuracy", { compare }), OPTIONS);
    expect(base).toMatchObject({ label: "v1", dash: 0, color: 1 });
    expect(other).toMatchObject({ label: "v2", dash: 1, color: 2 });
  });
  it("draws the largest groups, each with its own colour and dash", () => {
    const groups = Array.from({ length: 12 }, (_, index) => ({
      by: { origin: `o${index}`, day: index === 0 ? null : index },
      series: [point(0.5, null, index)],
    }));
    const bare: MetricResult = { metric: "accuracy", compare: null, definition: {} };
    const drawn = seriesOf({ ...bare, groups }, { baseName: "", compareName: null });
    expect(drawn).toHaveLength(MAX_GROUPS);
    expect(drawn[0]?.label).toBe("o11 · 11");
    expect(new Set(drawn.map((one) => `${one.color}/${one.dash}`)).size).toBe(MAX_GROUPS);
    expect(groupName({ a: null })).toBe("(none)");
  });
  it("puts the latency quantiles into one panel", () => {
    const names = ["count", "latency_p50", "latency_p95", "error_rate"];
    const panels = panelsOf(names.map((name) => result(name)));
    expect(panels.map((panel) => panel.map((one) => one.metric))).toEqual([
      ["count"],
      ["latency_p50", "latency_p95"],
      ["error_rate"],
    ]);
  });
});

describe("the selection", () => {
  const range = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 8) };
  it("comes from the URL", () => {
    expect(selectionOf("d", range, { filter: "a = 1" })).toEqual({
      deployment_id: "d",
      from: "2026-01-01T00:00:00Z",
      to: "2026-01-08T00:00:00Z",
      filter: "a = 1",
      model_version: undefined,
    });
  });
  it("compares with the period before, a version, or nothing while grouping", () => {
    expect(comparisonOf({ compare: "previous" }, range)).toBe("offset:7d");
    expect(comparisonOf({ compare: "model_version:a:b" }, range)).toBe("model_version:a:b");
    expect(comparisonOf({ compare: "previous", group_by: ["x"] }, range)).toBeUndefined();
    expect(compareName("offset:7d")).toBe("7d earlier");
    expect(compareName("model_version:a:b")).toBe("a:b");
  });
  it("offers columns of few values to group by", () => {
    const column = { role: "feature", missing_rate: 0, examples: [] };
    expect(
      groupable([
        { ...column, name: "origin", type: "string", distinct: 12 },
        { ...column, name: "distance", type: "number", distinct: 400 },
        { ...column, name: "unknown", type: "string", distinct: null },
      ]),
    ).toEqual(["origin", "unknown"]);
  });
});

describe("differences", () => {
  it("know which way is better, and whether the intervals part", () => {
    const clear = difference(point(0.8, [0.75, 0.85]), point(0.6, [0.55, 0.65]), "higher");
    expect(clear).toMatchObject({ verdict: "better", clear: true });
    expect(clear?.amount).toBeCloseTo(0.2);
    expect(difference(point(0.8, [0.5, 0.9]), point(0.6, [0.5, 0.7]), "lower")).toMatchObject({
      verdict: "worse",
      clear: false,
    });
    expect(difference(point(1), point(2), "none")).toMatchObject({ verdict: "none", clear: null });
    expect(difference(point(null), point(2), "higher")).toBeNull();
  });
});
