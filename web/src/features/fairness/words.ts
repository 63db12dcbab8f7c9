// What the fairness report says, in words, marks and tables.

import type { Estimate, FairnessGroup, FairnessReport } from "../../api";
import { prepareIntervals } from "../../charts";
import type { IntervalsModel } from "../../charts";
import type { Tone } from "../../design";
import type { Cell, TableModel } from "../../lib/csv";
import { formatNumber, formatPercent, orDash, reasonWords, valueFormat } from "../../lib/numbers";
import type { Bounds } from "../../charts";

export const RATES = [
  "selection_rate",
  "tpr",
  "fpr",
  "ppv",
  "accuracy",
  "base_rate",
  "roc_auc",
  "bpsn_auc",
  "bnsp_auc",
  "calibration_difference",
  "mean_score",
  "ece",
] as const satisfies readonly (keyof FairnessGroup)[];
export type Rate = (typeof RATES)[number];

/** Highest less lowest rate. */
export const DIFFERENCES = [
  "demographic_parity_difference",
  "equal_opportunity_difference",
  "fpr_gap",
  "equalized_odds_difference",
  "predictive_parity_difference",
];
/** The lowest over the groups. */
export const LOWEST = ["worst_group", "subgroup_auc", "bpsn_auc", "bnsp_auc"];

const PLAIN = valueFormat("", "");
const SHARE: Bounds = [0, 1];
const NO_BOUNDS: Bounds = [null, null];

const whole = (n: number): string => n.toLocaleString("en-US");

interface Said {
  readonly tone: Tone;
  readonly title: string;
}

/** The four-fifths rule in one sentence. */
export function verdictOf(report: FairnessReport): Said {
  const ratio = report.gaps.find((gap) => gap.metric === "demographic_parity_ratio");
  const [high, low] = ratio?.groups ?? [];
  if (ratio === undefined || ratio.value === null || high === undefined || low === undefined) {
    return {
      tone: "none",
      title: `The groups cannot be compared: ${reasonWords(ratio?.reason ?? "no value")}.`,
    };
  }
  const interval =
    ratio.ci === null ? "" : ` (${formatNumber(ratio.ci[0])} to ${formatNumber(ratio.ci[1])})`;
  const decision =
    report.positive_class === null
      ? "a positive decision"
      : `the decision “${report.positive_class}”`;
  const said = `${low} gets ${decision} ${formatNumber(ratio.value)}${interval} times as often as ${high}`;
  switch (report.four_fifths.verdict) {
    case "below":
      return { tone: "bad", title: `${said}: below four fifths.` };
    case "not_below":
      return { tone: "ok", title: `${said}: not below four fifths.` };
    case "cannot_tell":
      return {
        tone: "warn",
        title: `${said}: whether that is below four fifths cannot be told yet.`,
      };
  }
}

/** What the report was made from. */
export function factsOf(
  report: FairnessReport,
  instant: (at: string) => string,
): (readonly [string, string])[] {
  const counted = report.groups.filter((group) => group.counted).length;
  const small = report.groups.length - counted;
  const threshold =
    report.threshold === null
      ? ""
      : ` (${formatNumber(report.threshold)}, ${report.threshold_source ?? "default"})`;
  return [
    [
      "Events",
      `${instant(report.from)} to ${instant(report.to)}: ${whole(report.events)}, of which ${whole(report.labelled)} are labelled and count`,
    ],
    [
      "Groups",
      `${whole(counted)} of ${report.by.join(", ")}` +
        (small === 0 ? "" : `; ${whole(small)} with fewer than ${report.min_n} events apart`),
    ],
    [
      "Decision",
      `${report.predicted_class}${threshold}` +
        (report.positive_class === null ? "" : `; positive is ${report.positive_class}`),
    ],
    [
      "Versions",
      report.model_versions
        .map(
          (one) =>
            `${one.model_version === "" ? "(none)" : one.model_version}: ${whole(one.events)} events, ${orDash(one.label_coverage, formatPercent)} labelled`,
        )
        .join("; "),
    ],
  ];
}

/** How a number is made, from the report itself. */
export function methodPairs(report: FairnessReport, metric: string): (readonly [string, string])[] {
  const method = report.methods.find((one) => one.metric === metric);
  return [
    ["formula", method?.formula ?? ""],
    ["interval", method?.interval ?? ""],
    ["source", method?.source ?? ""],
  ].filter((pair): pair is [string, string] => pair[1] !== "");
}

function titleOf(report: FairnessReport, metric: string): string {
  return report.methods.find((one) => one.metric === metric)?.title ?? metric;
}

/** One rate of every group. */
export function rateModel(report: FairnessReport, rate: Rate): IntervalsModel {
  const difference = rate === "calibration_difference";
  return prepareIntervals(
    report.groups.map((group) => ({ label: group.group, ...group[rate], apart: !group.counted })),
    {
      id: rate,
      title: titleOf(report, rate),
      row: "group",
      format: PLAIN,
      definition: methodPairs(report, rate),
      bounds: difference ? NO_BOUNDS : SHARE,
      n: report.groups.reduce((sum, group) => sum + group[rate].n, 0),
      apartText: `fewer than ${report.min_n} events`,
      fromZero: rate === "ece",
      ...(difference ? { limit: { label: "calibrated", value: 0 } } : {}),
    },
  );
}

interface GapsOptions {
  readonly id: string;
  readonly title: string;
  readonly metrics: readonly string[];
  readonly limit?: { readonly label: string; readonly value: number };
  readonly fromZero?: boolean;
}

/** Gaps of one kind. */
export function gapsModel(report: FairnessReport, options: GapsOptions): IntervalsModel {
  const { metrics, ...rest } = options;
  const gaps = metrics
    .map((metric) => report.gaps.find((gap) => gap.metric === metric))
    .filter((gap) => gap !== undefined);
  return prepareIntervals(
    gaps.map((gap) => ({
      label: titleOf(report, gap.metric),
      ...gap,
      ...(gap.groups.length === 0 ? {} : { note: gap.groups.join(" and ") }),
    })),
    {
      ...rest,
      row: "gap",
      format: PLAIN,
      bounds: SHARE,
      n: gaps[0]?.n ?? null,
      definition: gaps.map((gap) => [
        titleOf(report, gap.metric),
        methodPairs(report, gap.metric)
          .map(([name, text]) => `${name}: ${text}`)
          .join("; "),
      ]),
    },
  );
}

/** Every group with every rate, the API's own digits. */
export function groupsTable(report: FairnessReport): TableModel {
  const show = (cell: Cell): string => (typeof cell === "number" ? formatNumber(cell) : "–");
  const count = (cell: Cell): string => (typeof cell === "number" ? whole(cell) : "–");
  const value = (group: FairnessGroup, rate: Rate): Estimate => group[rate];
  return {
    columns: [
      { key: "group", label: "Group" },
      { key: "n", label: "n", numeric: true, show: count },
      { key: "counted", label: "Counted" },
      ...RATES.map((rate) => ({ key: rate, label: titleOf(report, rate), numeric: true, show })),
    ],
    rows: report.groups.map((group) => [
      group.group,
      group.n,
      group.counted ? "yes" : `no: fewer than ${report.min_n}`,
      ...RATES.map((rate) => value(group, rate).value),
    ]),
  };
}
