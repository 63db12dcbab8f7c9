import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { metricsQuery } from "../../api";
import type { Catalog, Deployment, Point } from "../../api";
import { Sparkline } from "../../charts";
import { StatusTag } from "../../design";
import type { Tone } from "../../design";
import { useZone } from "../../lib/preferences";
import { formatCompact, orDash, reasonWords, valueFormat } from "../../lib/numbers";
import { taskView } from "../../lib/tasks";
import {
  describeRange,
  effectiveStep,
  fittingRange,
  formatAgo,
  resolveRange,
  toRfc3339,
} from "../../lib/time";
import type { ViewRange } from "../../lib/view";

const TONES: Record<string, Tone> = {
  ok: "ok",
  warn: "warn",
  bad: "bad",
  error: "bad",
  critical: "bad",
};
const WORDS: Record<string, string> = {
  ok: "Healthy",
  warn: "Look",
  bad: "Failing",
  error: "Failing",
  critical: "Failing",
  quiet: "Quiet",
};

export interface DeploymentTileProps {
  readonly deployment: Deployment;
  readonly catalog: Catalog;
  /** The range of the page; null lets each tile choose one that shows something. */
  readonly range: ViewRange | null;
  readonly now: number;
  /** When the deployment was read: later than the page's idea of now once events keep coming. */
  readonly readAt: number;
}

function useTile({ deployment, range: chosen, now }: DeploymentTileProps) {
  const zone = useZone();
  const { events, first_event: first, last_event: last } = deployment;
  const text = chosen?.text ?? fittingRange(events, first, last, now);
  const range = chosen?.range ??
    resolveRange(text, now, zone) ?? { from: now - 3_600_000, to: now };
  const { headline } = taskView(deployment.task_type);
  const selection = {
    deployment_id: deployment.deployment_id,
    from: toRfc3339(Math.round(range.from)),
    to: toRfc3339(Math.round(range.to)),
  };
  const totals = useQuery(
    metricsQuery({
      ...selection,
      metric: [...new Set([headline, "count", "error_rate", "latency_p95", "label_coverage"])],
    }),
  );
  const trend = useQuery(
    metricsQuery({ ...selection, metric: [headline], step: effectiveStep(undefined, range) }),
  );
  const point = (metric: string): Point | undefined =>
    totals.data?.find((one) => one.metric === metric)?.series?.[0];
  const series = trend.data?.[0]?.series ?? [];
  return { text, zone, headline, point, series, error: totals.error };
}

export function DeploymentTile(props: DeploymentTileProps) {
  const { deployment, catalog, readAt, range } = props;
  const { text, zone, headline, point, series, error } = useTile(props);
  const known = catalog.get(headline);
  const main = point(headline);
  const format = valueFormat(headline, known?.unit ?? "");
  const stat = (metric: string, unit: string): string =>
    orDash(point(metric)?.value, valueFormat(metric, unit).full);
  const rangeSearch = range === null ? { from: text.from, to: text.to } : range.text;
  const count = point("count")?.value;
  return (
    <article className="tile card">
      <header>
        <h3>
          <Link
            to="/dashboards/$deployment"
            params={{ deployment: deployment.deployment_id }}
            search={rangeSearch}
          >
            {deployment.deployment_id}
          </Link>
        </h3>
        <StatusTag tone={TONES[deployment.health] ?? "none"}>
          {WORDS[deployment.health] ?? deployment.health}
        </StatusTag>
      </header>
      <p className="tile-reason">{deployment.health_reason}</p>
      <div className="tile-main">
        <div>
          <p className="tile-label">
            {known?.title ?? headline} · {describeRange(text, zone).toLowerCase()}
          </p>
          <p className="tile-value num">{orDash(main?.value, format.full)}</p>
          <p className="muted small num">
            {main?.value === null && main.reason !== null
              ? reasonWords(main.reason)
              : main?.ci === null || main?.ci === undefined
                ? `n ${formatCompact(main?.n ?? 0)}`
                : `95 % ${format.full(main.ci[0])} to ${format.full(main.ci[1])}`}
          </p>
        </div>
        <div className="tile-spark">
          <Sparkline values={series.map((one) => one.value)} height={58} />
        </div>
      </div>
      <dl className="tile-stats num">
        <div>
          <dt>Events</dt>
          <dd>
            {orDash(
              count,
              count !== undefined && count !== null && count >= 100_000
                ? formatCompact
                : valueFormat("count", "events").full,
            )}
          </dd>
        </div>
        <div>
          <dt>Errors</dt>
          <dd>{stat("error_rate", "ratio")}</dd>
        </div>
        <div>
          <dt>p95</dt>
          <dd>{stat("latency_p95", "ms")}</dd>
        </div>
        <div>
          <dt>Labelled</dt>
          <dd>{stat("label_coverage", "ratio")}</dd>
        </div>
      </dl>
      <footer>
        <span>{taskView(deployment.task_type).label}</span>
        <span className="spacer" />
        <span>
          {deployment.last_event === null
            ? "no event yet"
            : `last event ${formatAgo(deployment.last_event, readAt)}`}
        </span>
      </footer>
      {error === null ? null : (
        <p className="small tile-error" role="alert">
          {error.message}
        </p>
      )}
    </article>
  );
}
