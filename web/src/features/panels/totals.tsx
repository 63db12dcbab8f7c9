// Numbers over the whole range, each with its interval and, when comparing, its difference.

import { useQuery } from "@tanstack/react-query";
import { catalogQuery } from "../../api";
import type { CatalogMetric, MetricResult, Point } from "../../api";
import { Icon } from "../../design";
import { formatCompact, orDash, reasonWords, valueFormat } from "../../lib/numbers";
import "./panels.css";

export interface Difference {
  readonly amount: number;
  readonly verdict: "better" | "worse" | "none";
  /** Whether the two 95 % intervals lie apart; null without both intervals. */
  readonly clear: boolean | null;
}

/** How `now` differs from `then`, in the metric's own sense of better. */
export function difference(now: Point, then: Point, better: string): Difference | null {
  if (now.value === null || then.value === null) {
    return null;
  }
  const amount = now.value - then.value;
  const up = better === "higher" ? "better" : "worse";
  const down = better === "higher" ? "worse" : "better";
  const verdict =
    amount === 0 || (better !== "higher" && better !== "lower") ? "none" : amount > 0 ? up : down;
  const clear =
    now.ci === null || then.ci === null ? null : now.ci[0] > then.ci[1] || now.ci[1] < then.ci[0];
  return { amount, verdict, clear };
}

export interface TotalsProps {
  readonly results: readonly MetricResult[] | undefined;
  readonly metrics: readonly string[];
  readonly compareName: string | null;
}

export function Totals({ results, metrics, compareName }: TotalsProps) {
  const catalog = useQuery(catalogQuery());
  return (
    <dl className="totals card" aria-label="Over the whole range">
      {metrics.map((metric) => {
        const result = results?.find((one) => one.metric === metric);
        const known = catalog.data?.get(metric);
        const then = result?.compare?.series[0];
        return (
          <Total
            key={metric}
            metric={metric}
            known={known}
            now={result?.series?.[0]}
            then={then}
            compareName={compareName}
          />
        );
      })}
    </dl>
  );
}

interface TotalProps {
  readonly metric: string;
  readonly known: CatalogMetric | undefined;
  readonly now: Point | undefined;
  readonly then: Point | undefined;
  readonly compareName: string | null;
}

function Total({ metric, known, now, then, compareName }: TotalProps) {
  const format = valueFormat(metric, known?.unit ?? "");
  const change =
    now === undefined || then === undefined ? null : difference(now, then, known?.better ?? "none");
  const small =
    now === undefined
      ? " "
      : now.value === null
        ? reasonWords(now.reason ?? "no value")
        : now.ci === null
          ? `n ${formatCompact(now.n)}`
          : `${format.full(now.ci[0])} – ${format.full(now.ci[1])}`;
  return (
    <div className="total">
      <dt>{known?.title ?? metric}</dt>
      <dd className="total-value num">
        {now === undefined ? (
          <span className="skeleton total-wait" />
        ) : (
          orDash(now.value, format.full)
        )}
      </dd>
      <dd className="total-small num">{small}</dd>
      {compareName === null || change === null || then === undefined ? null : (
        <dd className={`total-change num ${change.clear === false ? "unclear" : change.verdict}`}>
          {change.amount === 0 ? null : <Icon name={change.amount > 0 ? "up" : "down"} size={12} />}
          {format.full(Math.abs(change.amount))} {change.verdict === "none" ? "" : change.verdict}
          <span className="total-small">
            {change.clear === null ? "" : change.clear ? "clear" : "within noise"}
          </span>
          <span className="visually-hidden">
            compared with {compareName}, {orDash(then.value, format.full)}
          </span>
        </dd>
      )}
    </div>
  );
}
