// An explanation in words, and as marks beside each other.

import type { ExplainedCohort, ExplainedPart, Explanation } from "../../api";
import { definitionPairs, prepareIntervals } from "../../charts";
import type { IntervalInput, IntervalsModel } from "../../charts";
import { formatNumber, formatPercent, orDash } from "../../lib/numbers";
import type { ValueFormat } from "../../lib/numbers";
import type { Told } from "./words";

type Condition = ExplainedCohort["where"][number];

/** "age" of "feature.age": which of the two it is says the filter. */
function bareName(column: string): string {
  return column.replace(/^(feature|metadata)\./, "");
}

function conditionWords({ column, missing, equals, from, below }: Condition): string {
  const name = bareName(column);
  if (missing) {
    return `no ${name}`;
  }
  if (equals !== null) {
    return `${name} = ${typeof equals === "number" ? formatNumber(equals) : String(equals)}`;
  }
  if (from !== null && below !== null) {
    return `${name} ${formatNumber(from)} to ${formatNumber(below)}`;
  }
  return from === null
    ? `${name} < ${orDash(below, formatNumber)}`
    : `${name} ≥ ${formatNumber(from)}`;
}

export function cohortWords(cohort: ExplainedCohort): string {
  return cohort.where.map(conditionWords).join(", ");
}

/** A difference with its sign. */
export function signed(value: number | null, format: ValueFormat): string {
  return value === null ? "–" : `${value < 0 ? "−" : "+"}${format.full(Math.abs(value))}`;
}

/** "0.88 to 0.61, 12 % of the events; by values −0.02, by size +0.00". */
function partNote(
  { baseline, current, rate, mix, share }: ExplainedPart,
  format: ValueFormat,
): string {
  const values = `${orDash(baseline.value, format.full)} to ${orDash(current.value, format.full)}`;
  const weights = `${orDash(baseline.weight, formatPercent)} to ${orDash(current.weight, formatPercent)} of all`;
  const part = share === null ? "" : `${formatPercent(share)} of the change; `;
  return `${part}${values}, ${weights}; values ${signed(rate, format)}, mix ${signed(mix, format)}`;
}

/** What moved, by how much, and what accounts for it. */
export function changeSentence(explanation: Explanation, { title, format }: Told): string {
  const { values, change, cohorts } = explanation;
  if (change === null) {
    return `Nothing to explain: ${explanation.reason ?? "no values to compare"}.`;
  }
  const moved = `${title} went from ${orDash(values.baseline.value, format.full)} to ${orDash(values.current.value, format.full)}`;
  if (cohorts.length === 0) {
    return `${moved}; no cohort moved more than the others.`;
  }
  const share = cohorts.reduce((sum, cohort) => sum + (cohort.share ?? 0), 0);
  const name =
    cohorts.length === 1 ? "one cohort accounts" : `${String(cohorts.length)} cohorts account`;
  return `${moved}; ${name} for ${formatPercent(share)} of it.`;
}

/** Cohorts and the rest, each with what of the change lies in it. */
export function whyModel(explanation: Explanation, told: Told): IntervalsModel {
  const { format, known } = told;
  const inputs: IntervalInput[] = explanation.cohorts.map((cohort) => ({
    label: cohortWords(cohort),
    value: cohort.change,
    ci: cohort.ci,
    n: cohort.baseline.n + cohort.current.n,
    p_value: cohort.p_value,
    reason: null,
    note: partNote(cohort, format),
  }));
  const { rest } = explanation;
  inputs.push({
    label: "everything else",
    value: rest.change,
    ci: null,
    n: rest.baseline.n + rest.current.n,
    reason: explanation.reason,
    note: partNote(rest, format),
    apart: true,
  });
  return prepareIntervals(inputs, {
    id: "why",
    title: `Part of the change of ${told.title}`,
    row: "cohort",
    format,
    bounds: [null, null],
    fromZero: true,
    bars: false,
    n: explanation.values.baseline.n + explanation.values.current.n,
    definition: [
      ["Part", "of the difference between the two sets of events; cohorts and the rest sum to it"],
      ["Values", "mean weight × difference of the cohort's values"],
      ["Mix", "difference of its weight × (its mean value − the mean of all)"],
      [
        "Chosen",
        `by one half of the events, tested by the other; at most ${formatPercent(explanation.alpha)} are expected to be false`,
      ],
      ...definitionPairs(explanation.definition, known.formula ?? ""),
    ],
    apartText: "events of no cohort above",
  });
}
