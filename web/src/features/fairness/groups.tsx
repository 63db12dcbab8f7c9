// Every rate of every group, as marks side by side and as one table.

import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import type { DeploymentDetail, FairnessReport } from "../../api";
import { DataTable } from "../../charts";
import { cohortFilter, joinFilters } from "../../lib/filter";
import { useView } from "../../lib/view";
import { sharedView } from "../controls";
import { IntervalPanel } from "../panels";
import { RATES, groupsTable, rateModel } from "./words";

export interface GroupsProps {
  readonly report: FairnessReport;
  readonly deployment: DeploymentDetail;
  readonly stale: boolean;
}

/** The report's order of a model's rows: counted groups first, as they are drawn. */
function drawnOrder(report: FairnessReport) {
  return [
    ...report.groups.filter((group) => group.counted),
    ...report.groups.filter((group) => !group.counted),
  ];
}

export function Rates({ report, deployment, stale }: GroupsProps) {
  const [view] = useView();
  const navigate = useNavigate();
  const models = useMemo(() => RATES.map((rate) => rateModel(report, rate)), [report]);
  const open = (row: number): void => {
    const group = drawnOrder(report)[row];
    if (group !== undefined) {
      const cohort = cohortFilter(group.by, deployment.columns);
      void navigate({
        to: "/dashboards/$deployment",
        params: { deployment: deployment.deployment_id },
        search: { ...sharedView(view), filter: joinFilters(view.filter, cohort) },
      });
    }
  };
  return (
    <div className="panels">
      {models.map((model) => (
        <IntervalPanel
          key={model.frame.id}
          model={model}
          stem={`${deployment.deployment_id}-fairness`}
          stale={stale}
          onOpen={open}
          openHint="the performance of this group"
        />
      ))}
    </div>
  );
}

export function GroupsTable({ report }: { readonly report: FairnessReport }) {
  const table = useMemo(() => groupsTable(report), [report]);
  return (
    <div className="card fairness-table">
      <DataTable table={table} label="All groups" maxHeight={460} />
    </div>
  );
}
