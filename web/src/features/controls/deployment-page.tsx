// The deployment that the path names, read; until then, and when that fails, says so.

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ApiError, deploymentQuery } from "../../api";
import type { DeploymentDetail } from "../../api";
import { EmptyState } from "../../design";
import { usePageTitle } from "../../lib/page-title";

export interface DeploymentPageProps {
  /** What follows the deployment's name in the title; empty for its main page. */
  readonly title: string;
  readonly children: (deployment: DeploymentDetail) => ReactNode;
}

export function DeploymentPage({ title, children }: DeploymentPageProps) {
  const { deployment: id } = useParams({ strict: false });
  const deployment = useQuery({ ...deploymentQuery(id ?? ""), refetchInterval: 30_000 });
  usePageTitle([id ?? "Dashboard", title].filter((part) => part !== "").join(" · "));
  if (deployment.data !== undefined) {
    return children(deployment.data);
  }
  if (deployment.isError) {
    const missing = deployment.error instanceof ApiError && deployment.error.status === 404;
    return (
      <div className="page">
        <h1>{id}</h1>
        <EmptyState
          icon={missing ? "search" : "bad"}
          title={missing ? "There is no such deployment" : "The deployment could not be read"}
          action={<Link to="/dashboards">All dashboards</Link>}
        >
          {missing ? "It appears by itself with its first event." : deployment.error.message}
        </EmptyState>
      </div>
    );
  }
  return (
    <div className="page">
      <h1>{id}</h1>
      <div className="skeleton" style={{ height: 90 }} role="status" aria-label="Loading" />
    </div>
  );
}
