import { describe, expect, it } from "vitest";
import type {
  Catalog,
  CatalogMetric,
  ExplainedCohort,
  Explanation,
  MetricResult,
  Point,
} from "../../src/api";
import { readSelected, writeSelected } from "../../src/features/explorer/selected-range";
import {
  askedOf,
  compareOf,
  detailOf,
  familiesFor,
  groupsModel,
  longTable,
  ordered,
  timeModel,
  toldOf,
} from "../../src/features/explorer/words";
import { changeSentence, cohortWords, whyModel } from "../../src/features/explorer/why-words";
import { toCsv } from "../../src/lib/csv";

const metric = (name: string, more: Partial<CatalogMetric> = {}): CatalogMetric => ({
  name,
  family: "classification",
  title: name,
  unit: "",
  range: [0, 1],
  better: "higher",
  task_types: ["binary"],
  needs: [],
  formula: "",
  explainable: false,
  parameter: null,
  ...more,
});
const K = { name: "k", accepts: "a number", required: true };
const USUAL = { reference: "previous", by: ["gender"] };

const point = (value: number | null, n: number, more: Partial<Point> = {}): Point => ({
  ts: "2026-01-01T00:00:00Z",
  value,
  n,
  ci: null,
  p_value: null,
  reason: value === null ? "no_labels" : null,
  ...more,
});
const group = (name: string | null, value: number | null, n: number, then?: number) => ({
  by: { region: name },
  series: [point(value, n)],
  ...(then === undefined
    ? {}
    : { compare: { kind: "offset", value: "7d", series: [point(then, 5)] } }),
});
const grouped = (...groups: ReturnType<typeof group>[]): MetricResult => ({
  metric: "accuracy",
  groups,
  compare: null,
  definition: {},
});
const TOLD = toldOf(metric("accuracy"), "");
const DAY = 86_400_000;
const VIEW = {
  text: { from: "now-7d", to: "now" },
  range: { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 1) + 7 * DAY },
  step: "1d",
  relative: true,
  valid: true,
};

describe("the question", () => {
  it("offers the metrics of the task by family", () => {
    const catalog: Catalog = new Map(
      [metric("accuracy"), metric("mae", { family: "regression", task_types: ["regression"] })].map(
        (one) => [one.name, one],
      ),
    );
    expect(familiesFor(catalog, "binary").map((one) => one.name)).toEqual(["classification"]);
    expect(familiesFor(catalog, "unknown")).toHaveLength(2);
  });
  it("carries the rank that a metric needs, and does without where it can", () => {
    const lift = metric("lift@k", { parameter: K });
    expect(askedOf(lift, {}, USUAL)).toEqual({ metric: "lift@k", more: { k: "10%" } });
    expect(askedOf(lift, { k: "50" }, USUAL).more).toEqual({ k: "50" });
    const ndcg = metric("ndcg@k", { parameter: { ...K, required: false } });
    expect(askedOf(ndcg, {}, USUAL)).toEqual({ metric: "ndcg", more: {} });
    const pinball = metric("pinball@q", {
      parameter: { name: "quantile", accepts: "", required: false },
    });
    expect(askedOf(pinball, { quantile: "0.1" }, USUAL)).toEqual({
      metric: "pinball@q",
      more: { quantile: "0.1" },
    });
  });
  it("carries what drift and fairness compare with", () => {
    const psi = askedOf(metric("psi", { family: "drift" }), { feature: "age" }, USUAL);
    expect(psi.more).toEqual({ feature: "age", reference: "previous" });
    expect(detailOf(psi)).toBe("age");
    const gap = askedOf(metric("tpr_gap", { family: "fairness" }), {}, USUAL);
    expect(gap.more.by).toEqual(["gender"]);
    expect(detailOf(gap)).toBe("gender");
  });
  it("compares with a period or a version", () => {
    expect(compareOf({ compare: "previous" }, VIEW)).toBe("offset:7d");
    expect(compareOf({ compare: "model_version:v2" }, VIEW)).toBe("model_version:v2");
    expect(compareOf({}, VIEW)).toBeUndefined();
  });
});

describe("groups", () => {
  const groups = [group("b", 0.4, 10), group("a", null, 90), group("c", 0.9, 50)];
  const names = (order: string | undefined) =>
    ordered(groups, order).map((one) => one.by["region"]);
  it("are ordered, those without a value last", () => {
    expect(names(undefined)).toEqual(["a", "c", "b"]);
    expect(names("high")).toEqual(["c", "b", "a"]);
    expect(names("low")).toEqual(["b", "c", "a"]);
    expect(names("name")).toEqual(["a", "b", "c"]);
  });
  it("are marks, each with what it is compared with", () => {
    const model = groupsModel(grouped(group("a", 0.5, 10, 0.4), group(null, 0.6, 5)), TOLD, {
      order: undefined,
      compareName: "7d earlier",
    });
    expect(model.rows.map((row) => [row.label, row.other])).toEqual([
      ["a", 0.4],
      ["(none)", null],
    ]);
    expect(model.legend.map((one) => one.label)).toEqual(["now", "7d earlier"]);
  });
  it("are bars where values are amounts, and one mark where there are none", () => {
    const count = toldOf(metric("count", { range: [0, null], unit: "events" }), "");
    const all: MetricResult = {
      metric: "count",
      series: [point(12, 12)],
      compare: null,
      definition: {},
    };
    const model = groupsModel(all, count, { order: undefined, compareName: null });
    expect(model.bars).toBe(true);
    expect(model.rows[0]).toMatchObject({ label: "all events", value: 12 });
  });
});

describe("over time", () => {
  const options = { view: VIEW, zone: "utc", baseName: "now", compareName: null } as const;
  it("draws the largest groups", () => {
    const many = Array.from({ length: 12 }, (_, index) => group(`g${index}`, 0.5, index));
    const model = timeModel(grouped(...many), TOLD, options);
    expect(model.series).toHaveLength(8);
    expect(model.series[0]?.label).toBe("g11");
  });
  it("draws few groups with what they are compared with, dashed in the same colour", () => {
    const model = timeModel(grouped(group("a", 0.5, 10, 0.4)), TOLD, {
      ...options,
      compareName: "7d earlier",
    });
    expect(model.legend).toEqual([
      { color: 1, dash: 0, label: "a" },
      { color: 1, dash: 1, label: "a, 7d earlier" },
    ]);
  });
});

describe("the table", () => {
  const options = { zone: "utc", overTime: true, compareName: null, order: undefined } as const;
  it("has a row per group and time, with the reason of what is missing", () => {
    const table = longTable(grouped(group("a", 0.5, 10), group("b", null, 3)), TOLD, options);
    expect(toCsv(table)).toBe(
      "ts,region,value,n,reason\r\n2026-01-01T00:00:00Z,a,0.5,10,\r\n2026-01-01T00:00:00Z,b,,3,no_labels\r\n",
    );
  });
  it("is not cut, however many groups there are", () => {
    const many = Array.from({ length: 10_000 }, (_, index) => group(`g${index}`, 0.5, 1));
    expect(longTable(grouped(...many), TOLD, { ...options, overTime: false }).rows).toHaveLength(
      10_000,
    );
    expect(longTable(grouped(), TOLD, options).rows).toEqual([]);
  });
  it("says what it is compared with", () => {
    const table = longTable(grouped(group("a", 0.5, 10, 0.4)), TOLD, {
      ...options,
      compareName: "7d earlier",
    });
    expect(table.columns.map((one) => one.key)).toEqual(["ts", "region", "value", "n", "compare"]);
    expect(table.rows[0]?.[4]).toBe(0.4);
  });
});

describe("the selected range", () => {
  it("is kept in the address", () => {
    const range = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 2) };
    expect(readSelected(writeSelected(range))).toEqual(range);
    expect(readSelected(undefined)).toBeNull();
    expect(readSelected("x/y")).toBeNull();
    expect(readSelected("2026-01-02T00:00:00Z/2026-01-01T00:00:00Z")).toBeNull();
  });
});

const side = (value: number | null, n: number, weight: number | null) => ({ value, n, weight });
const part = {
  baseline: side(0.9, 100, 0.1),
  current: side(0.5, 120, 0.12),
  rate: -0.044,
  mix: -0.004,
  change: -0.048,
  share: 0.6,
  lift: 5.4,
};
const condition = { missing: false, equals: null, from: null, below: null };
const cohort: ExplainedCohort = {
  ...part,
  filter: "feature.age >= 54",
  where: [
    { ...condition, column: "feature.age", from: 54 },
    { ...condition, column: "metadata.region", equals: "east" },
    { ...condition, column: "channel", missing: true },
    { ...condition, column: "income", from: 10, below: 20 },
    { ...condition, column: "tenure", below: 3 },
    { ...condition, column: "vip", equals: false },
  ],
  ci: [-0.06, -0.03],
  p_value: 1e-6,
  q_value: 2e-6,
};
const explanation: Explanation = {
  metric: "accuracy",
  from: "2026-01-02T00:00:00Z",
  to: "2026-01-03T00:00:00Z",
  values: { baseline: side(0.9, 1000, 1), current: side(0.82, 1000, 1) },
  change: -0.08,
  ci: [-0.1, -0.06],
  reason: null,
  rate: -0.07,
  mix: -0.01,
  cohorts: [cohort],
  rest: { ...part, change: -0.032, share: 0.4 },
  skipped: [],
  alpha: 0.05,
  share_of_rows_read: 1,
  definition: {},
};

describe("why a metric moved", () => {
  const told = toldOf(metric("accuracy", { title: "Accuracy" }), "");

  it("names a cohort by its conditions", () => {
    expect(cohortWords(cohort)).toBe(
      "age ≥ 54, region = east, no channel, income 10 to 20, tenure < 3, vip = false",
    );
  });

  it("says what moved and what accounts for it", () => {
    expect(changeSentence(explanation, told)).toBe(
      "Accuracy went from 0.9 to 0.82; one cohort accounts for 60 % of it.",
    );
    expect(changeSentence({ ...explanation, cohorts: [] }, told)).toMatch(/no cohort moved more/);
    expect(changeSentence({ ...explanation, change: null, reason: "nothing" }, told)).toBe(
      "Nothing to explain: nothing.",
    );
  });

  it("draws cohorts with what lies in them, and the rest apart", () => {
    const model = whyModel(explanation, told);
    expect(model.rows.map(({ value, apart }) => [value, apart])).toEqual([
      [-0.048, false],
      [-0.032, true],
    ]);
    expect(model.rows[0]?.ci).toEqual([-0.06, -0.03]);
    expect(model.rows[0]?.note).toContain("60 % of the change");
    expect(toCsv(model.frame.table)).toContain("everything else");
  });
});
