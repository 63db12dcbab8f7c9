// All dashboards: one per deployment, the template chosen by its task.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { deploymentsQuery } from "../../api";
import { EmptyState, Notice } from "../../design";
import { formatPercent, orDash } from "../../lib/numbers";
import { usePageTitle } from "../../lib/page-title";
import { taskView } from "../../lib/tasks";
import { formatAgo } from "../../lib/time";
import "./dashboards.css";

export function DashboardsPage() {
  usePageTitle("Dashboards");
  const deployments = useQuery({ ...deploymentsQuery(), refetchInterval: 10_000 });
  const all = deployments.data ?? [];
  return (
    <div className="page">
      <div>
        <h1>Dashboards</h1>
        <p className="muted">One per deployment, laid out for its task.</p>
      </div>
      {deployments.isError ? <Notice tone="bad">{deployments.error.message}</Notice> : null}
      {deployments.isSuccess && all.length === 0 ? (
        <div className="card">
          <EmptyState
            icon="dashboard"
            title="No deployment yet"
            action={<Link to="/start">Send the first event</Link>}
          >
            A dashboard appears with the first event of a deployment.
          </EmptyState>
        </div>
      ) : (
        <div className="card scroll-x" tabIndex={0} role="region" aria-label="Deployments">
          <table className="data-table">
            <thead>
              <tr>
                <th scope="col">Deployment</th>
                <th scope="col">Task</th>
                <th scope="col">Versions</th>
                <th scope="col" className="right">
                  Events
                </th>
                <th scope="col" className="right">
                  Labelled
                </th>
                <th scope="col" className="right">
                  Last event
                </th>
              </tr>
            </thead>
            <tbody>
              {all.map((one) => (
                <tr key={one.deployment_id}>
                  <td>
                    <Link
                      className="strong-link"
                      to="/dashboards/$deployment"
                      params={{ deployment: one.deployment_id }}
                    >
                      {one.deployment_id}
                    </Link>
                  </td>
                  <td>{taskView(one.task_type).label}</td>
                  <td className="mono">
                    {one.model_versions.map((version) => version.model_version).join(", ")}
                  </td>
                  <td className="right">{one.events.toLocaleString("en-US")}</td>
                  <td className="right">{orDash(one.label_coverage, formatPercent)}</td>
                  <td className="right">
                    {one.last_event === null
                      ? "–"
                      : formatAgo(one.last_event, deployments.dataUpdatedAt)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
