// Project home: one health tile per deployment.

import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { catalogQuery, deploymentsQuery, sessionQuery } from "../../api";
import { EmptyState, Notice } from "../../design";
import { useNow } from "../../lib/clock";
import { formatCompact } from "../../lib/numbers";
import { usePageTitle } from "../../lib/page-title";
import { useView, useViewRange } from "../../lib/view";
import { TimeControls } from "../controls";
import { StartPage } from "../onboarding";
import { DeploymentTile } from "./tile";
import "./overview.css";

const ORDER = ["bad", "error", "critical", "warn", "quiet", "ok"];
const rank = (health: string): number => ORDER.indexOf(health) + (ORDER.includes(health) ? 0 : 9);

export function OverviewPage() {
  const { data: session } = useSuspenseQuery(sessionQuery());
  const deployments = useQuery({ ...deploymentsQuery(), refetchInterval: 10_000 });
  const catalog = useQuery(catalogQuery());
  const [search] = useView();
  const range = useViewRange({ from: "now-30d", to: "now" });
  const now = useNow();
  usePageTitle(session.project.name);
  // Once begun, the wizard stays until it leads to the dashboard itself.
  const [first, setFirst] = useState(false);
  if (deployments.data?.length === 0 && !first) {
    setFirst(true);
  }
  if (first) {
    return <StartPage />;
  }
  const all = [...(deployments.data ?? [])].sort(
    (a, b) => rank(a.health) - rank(b.health) || b.events - a.events,
  );
  const events = all.reduce((sum, one) => sum + one.events, 0);
  const rate = all.reduce((sum, one) => sum + (one.events_per_minute ?? 0), 0);
  const attention = all.filter((one) => !["ok", "quiet"].includes(one.health)).length;
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{session.project.name === "default" ? "Project home" : session.project.name}</h1>
          <p className="lead">
            {deployments.data === undefined
              ? "Loading…"
              : `${all.length} deployments · ${formatCompact(events)} events · ` +
                `${rate >= 10 ? formatCompact(rate) : rate.toFixed(1)} per minute now · ` +
                (attention === 0
                  ? "nothing needs attention"
                  : `${attention} ${attention === 1 ? "needs" : "need"} attention`)}
          </p>
        </div>
        <div className="spacer" />
        <TimeControls view={range} unset="Recent, per tile" />
      </div>
      {deployments.isError ? (
        <Notice tone="bad">The deployments could not be read: {deployments.error.message}</Notice>
      ) : null}
      <h2 className="visually-hidden">Deployments</h2>
      <ul className="tiles">
        {all.map((deployment) => (
          <li key={deployment.deployment_id}>
            <DeploymentTile
              deployment={deployment}
              catalog={catalog.data ?? new Map()}
              range={search.from === undefined ? null : range}
              now={now}
              readAt={deployments.dataUpdatedAt}
            />
          </li>
        ))}
        {deployments.isPending
          ? [0, 1, 2].map((at) => <li key={at} className="skeleton tile-skeleton" />)
          : null}
      </ul>
      {deployments.isSuccess ? (
        <p className="muted small">
          Sending from another model? <Link to="/start">Get a key and a snippet</Link>.
        </p>
      ) : null}
      {deployments.isError && all.length === 0 ? (
        <EmptyState icon="server" title="No answer yet">
          The page keeps trying.
        </EmptyState>
      ) : null}
    </div>
  );
}
