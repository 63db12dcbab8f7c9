// What every analysis page of a deployment starts with: name, window, tabs, and a word where there
// is nothing to analyse yet.

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { DeploymentDetail } from "../../api";
import { EmptyState, Notice } from "../../design";
import type { ViewRange } from "../../lib/view";
import { TimeControls } from "./time-controls";
import { ViewTabs } from "./view-tabs";
import type { ViewKey } from "./view-tabs";

export interface PageFrameProps {
  readonly deployment: DeploymentDetail;
  readonly here: ViewKey;
  readonly range: ViewRange;
  /** Offer the bucket size. */
  readonly withStep?: boolean;
  /** What the page will show once the deployment has sent events. */
  readonly waiting: string;
  readonly children: ReactNode;
}

export function PageFrame(props: PageFrameProps) {
  const { deployment, here, range, withStep = false, waiting, children } = props;
  return (
    <div className="page">
      <div className="page-head">
        <h1>{deployment.deployment_id}</h1>
        <div className="spacer" />
        <TimeControls view={range} withStep={withStep} />
      </div>
      <ViewTabs deployment={deployment.deployment_id} here={here} />
      {deployment.events === 0 ? (
        <div className="card">
          <EmptyState
            icon="inbox"
            title="No events yet"
            action={<Link to="/start">Send the first event</Link>}
          >
            {waiting}
          </EmptyState>
        </div>
      ) : (
        <>
          {range.valid ? null : (
            <Notice tone="warn">
              The range in the address cannot be read; showing {range.text.from} to {range.text.to}.
            </Notice>
          )}
          {children}
        </>
      )}
    </div>
  );
}
