// Calibration of every cohort: one number each, and a diagram of the largest.

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { catalogQuery, curveQuery, filterProblem, metricsQuery } from "../../api";
import type { Binning, DeploymentDetail, MetricResult, Selection } from "../../api";
import { ReliabilityDiagram, prepareReliability } from "../../charts";
import type { ReliabilityModel } from "../../charts";
import { Notice } from "../../design";
import { cohortFilter, joinFilters } from "../../lib/filter";
import { CurvePanel, IntervalPanel, Section, groupName } from "../panels";
import { cohortModel, largestGroups } from "./words";

const DIAGRAMS = 6;
const DIAGRAM_HEIGHT = 230;

export interface CohortsProps {
  readonly deployment: DeploymentDetail;
  readonly selection: Selection;
  readonly binning: Binning;
  readonly metrics: readonly string[];
  readonly groupBy: readonly string[];
  /** Of all events, drawn beside each cohort's; null where the task has no diagram. */
  readonly overall: ReliabilityModel | null;
}

export function Cohorts(props: CohortsProps) {
  const { deployment, selection, binning, metrics, groupBy, overall } = props;
  const catalog = useQuery(catalogQuery());
  const query = useQuery(
    metricsQuery({ ...selection, ...binning, metric: metrics, group_by: groupBy }),
  );
  const models = useMemo(
    () => (query.data ?? []).map((result) => cohortModel(result, catalog.data ?? new Map())),
    [query.data, catalog.data],
  );
  if (query.isError) {
    return filterProblem(query.error) !== null ? null : (
      <Notice tone="bad">{query.error.message}</Notice>
    );
  }
  if (query.data === undefined) {
    return <div className="skeleton" style={{ height: 280 }} />;
  }
  const stem = `${selection.deployment_id}-cohorts`;
  return (
    <>
      <div className="panels">
        {models.map((model) => (
          <IntervalPanel
            key={model.frame.id}
            model={model}
            stem={stem}
            stale={query.isPlaceholderData}
          />
        ))}
      </div>
      {overall === null ? null : (
        <Section
          title="Diagrams of cohorts"
          note={`the largest ${DIAGRAMS}, dashed is all events`}
          minHeight={320}
        >
          {() => (
            <div className="panels">
              {largestGroups(query.data[0], DIAGRAMS).map(({ by }) => (
                <CohortDiagram
                  key={groupName(by)}
                  by={by}
                  deployment={deployment}
                  selection={selection}
                  binning={binning}
                  overall={overall}
                />
              ))}
            </div>
          )}
        </Section>
      )}
    </>
  );
}

interface CohortDiagramProps {
  readonly by: NonNullable<MetricResult["groups"]>[number]["by"];
  readonly deployment: DeploymentDetail;
  readonly selection: Selection;
  readonly binning: Binning;
  readonly overall: ReliabilityModel;
}

function CohortDiagram({ by, deployment, selection, binning, overall }: CohortDiagramProps) {
  const name = groupName(by);
  const filter = joinFilters(selection.filter, cohortFilter(by, deployment.columns));
  const prepare = useMemo(
    () => (answer: Parameters<typeof prepareReliability>[0]) =>
      prepareReliability(answer, { id: `reliability:${name}`, title: name }),
    [name],
  );
  return (
    <CurvePanel
      query={useQuery(curveQuery("reliability", { ...selection, filter }, binning))}
      prepare={prepare}
      stem={selection.deployment_id}
      height={DIAGRAM_HEIGHT}
      draw={(model, focus) => (
        <ReliabilityDiagram model={model} height={DIAGRAM_HEIGHT} focus={focus} other={overall} />
      )}
    />
  );
}
