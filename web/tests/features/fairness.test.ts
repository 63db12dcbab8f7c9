import { describe, expect, it } from "vitest";
import type { DeploymentDetail, Estimate, FairnessGroup, FairnessReport } from "../../src/api";
import { fairnessFile } from "../../src/api";
import {
  DIFFERENCES,
  factsOf,
  gapsModel,
  groupsTable,
  methodPairs,
  rateModel,
  verdictOf,
} from "../../src/features/fairness/words";
import { firstKeys } from "../../src/features/controls/keys";
import { cohortFilter, joinFilters } from "../../src/lib/filter";

const estimate = (value: number | null): Estimate => ({
  value,
  n: 50,
  ci: value === null ? null : [value - 0.05, value + 0.05],
  p_value: null,
  reason: value === null ? "one_class_only" : null,
});
const group = (name: string, rate: number, counted = true): FairnessGroup => ({
  group: name,
  by: { gender: name },
  n: counted ? 100 : 5,
  counted,
  selection_rate: estimate(rate),
  tpr: estimate(rate),
  fpr: estimate(rate),
  ppv: estimate(null),
  accuracy: estimate(rate),
  base_rate: estimate(rate),
  roc_auc: estimate(rate),
  bpsn_auc: estimate(rate),
  bnsp_auc: estimate(rate),
  mean_score: estimate(rate),
  calibration_difference: estimate(-0.02),
  ece: estimate(0.03),
});
const gap = (metric: string, value: number | null, groups: string[]) => ({
  metric,
  ...estimate(value),
  groups_counted: 2,
  groups,
});
const report = (
  verdict: FairnessReport["four_fifths"]["verdict"],
  ratio: number | null = 0.5,
): FairnessReport => ({
  from: "2026-01-01T00:00:00Z",
  to: "2026-01-08T00:00:00Z",
  by: ["gender"],
  min_n: 30,
  confidence: 0.95,
  positive_class: "yes",
  predicted_class: "as sent",
  threshold: 0.5,
  threshold_source: "default",
  events: 250,
  labelled: 205,
  model_versions: [{ model_version: "v1", events: 250, label_coverage: 0.82 }],
  groups: [group("male", 0.4), group("female", 0.2), group("other", 0.9, false)],
  gaps: [
    gap("demographic_parity_ratio", ratio, ratio === null ? [] : ["male", "female"]),
    gap("demographic_parity_difference", 0.2, ["male", "female"]),
    gap("worst_group", 0.2, ["female"]),
  ],
  four_fifths: { limit: 0.8, verdict },
  methods: [
    {
      metric: "tpr",
      title: "True positive rate",
      formula: "TP / (TP + FN)",
      interval: "Wilson",
      source: "",
    },
  ],
});

describe("the verdict", () => {
  it("names both groups, the ratio with its interval, and what follows", () => {
    expect(verdictOf(report("below"))).toEqual({
      tone: "bad",
      title:
        "female gets the decision “yes” 0.5 (0.45 to 0.55) times as often as male: below four fifths.",
    });
    expect(verdictOf(report("not_below")).tone).toBe("ok");
    expect(verdictOf(report("cannot_tell"))).toMatchObject({ tone: "warn" });
    expect(verdictOf(report("cannot_tell")).title).toContain("cannot be told yet");
  });
  it("says why groups cannot be compared", () => {
    expect(verdictOf(report("cannot_tell", null))).toEqual({
      tone: "none",
      title: "The groups cannot be compared: one class only.",
    });
  });
  it("says what it was made from", () => {
    const facts = new Map(factsOf(report("below"), (at) => at.slice(0, 10)));
    expect(facts.get("Events")).toContain("250, of which 205 are labelled");
    expect(facts.get("Groups")).toBe("2 of gender; 1 with fewer than 30 events apart");
    expect(facts.get("Decision")).toBe("as sent (0.5, default); positive is yes");
    expect(facts.get("Versions")).toBe("v1: 250 events, 82 % labelled");
  });
});

describe("rates and gaps", () => {
  it("show small groups apart", () => {
    const model = rateModel(report("below"), "tpr");
    expect(model.frame.title).toBe("True positive rate");
    expect(model.rows.map((row) => [row.label, row.apart])).toEqual([
      ["male", false],
      ["female", false],
      ["other", true],
    ]);
    expect(model.frame.definition).toEqual([
      ["formula", "TP / (TP + FN)"],
      ["interval", "Wilson"],
    ]);
    expect(rateModel(report("below"), "calibration_difference").limit?.value).toBe(0);
    expect(rateModel(report("below"), "ppv").frame.empty).toBe("one class only");
  });
  it("name the groups of a gap", () => {
    const model = gapsModel(report("below"), {
      id: "differences",
      title: "Gaps",
      metrics: DIFFERENCES,
      fromZero: true,
    });
    expect(model.rows).toHaveLength(1);
    expect(model.rows[0]?.note).toBe("male and female");
    expect(model.domain[0]).toBe(0);
  });
  it("are all in one table", () => {
    const { columns, rows } = groupsTable(report("below"));
    expect(rows).toHaveLength(3);
    expect(rows[2]?.slice(0, 3)).toEqual(["other", 5, "no: fewer than 30"]);
    expect(columns.map((column) => column.key)).toContain("bnsp_auc");
  });
  it("have no method where the report tells none", () => {
    expect(methodPairs(report("below"), "ece")).toEqual([]);
  });
});

describe("what is compared by", () => {
  const deployment = (keys: string[], columns: { name: string; role: string; type: string }[]) =>
    ({
      cohort_keys: keys,
      columns: columns.map((one) => ({ ...one, distinct: 2, missing_rate: 0, examples: [] })),
    }) as unknown as DeploymentDetail;
  it("is the first declared key, else the first text column that was sent", () => {
    const columns = [
      { name: "score", role: "system", type: "string" },
      { name: "age", role: "feature", type: "number" },
      { name: "race", role: "metadata", type: "string" },
    ];
    expect(firstKeys(deployment(["gender"], columns))).toEqual(["gender"]);
    expect(firstKeys(deployment([], columns))).toEqual(["race"]);
    expect(firstKeys(deployment([], []))).toEqual([]);
  });
  it("is a filter for the events of one group", () => {
    const columns = [{ name: "age", type: "number" }];
    expect(cohortFilter({ gender: "female", age: "30" }, columns)).toBe(
      'gender = "female" and age = 30',
    );
    expect(cohortFilter({ "a b": null }, columns)).toBe("`a b` is null");
    expect(cohortFilter({ flag: true, n: 2 }, [])).toBe("flag = true and n = 2");
    expect(joinFilters(undefined, "a = 1")).toBe("a = 1");
    expect(joinFilters("b = 2", "a = 1")).toBe("b = 2 and a = 1");
    expect(joinFilters("b = 2 or c = 3", "a = 1")).toBe("(b = 2 or c = 3) and a = 1");
  });
  it("goes into the files", () => {
    const url = fairnessFile(
      { deployment_id: "a/b", from: "x", to: "y", by: ["gender", "region"] },
      "csv",
    );
    expect(url).toBe("/v1/deployments/a%2Fb/fairness?from=x&to=y&by=gender&by=region&format=csv");
  });
});
