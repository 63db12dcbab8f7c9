// Any metric by any dimension: over time, or group by group.

import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { catalogQuery, filterProblem, metricsQuery } from "../../api";
import type { Catalog, CatalogMetric, DeploymentDetail } from "../../api";
import { EmptyState, Notice } from "../../design";
import { taskView } from "../../lib/tasks";
import { useView, useViewRange } from "../../lib/view";
import type { ViewRange } from "../../lib/view";
import {
  DeploymentPage,
  PREVIOUS,
  PageFrame,
  firstKeys,
  selectionOf,
  useFallbackRange,
} from "../controls";
import { compareName } from "../panels";
import { Answer } from "./answer";
import { ExplorerControls } from "./explorer-controls";
import { askedOf, compareOf, detailOf, familiesFor, toldOf } from "./words";
import "./explorer.css";

export function ExplorerPage() {
  return (
    <DeploymentPage title="Explorer">
      {(deployment) => <Explorer key={deployment.deployment_id} deployment={deployment} />}
    </DeploymentPage>
  );
}

function Explorer({ deployment }: { readonly deployment: DeploymentDetail }) {
  const fallback = useFallbackRange(deployment);
  const range = useViewRange(fallback);
  const { data: catalog } = useSuspenseQuery(catalogQuery());
  return (
    <PageFrame
      deployment={deployment}
      here="explorer"
      range={range}
      withStep
      waiting={`Any metric by any dimension: it shows once ${deployment.deployment_id} has sent events.`}
    >
      <Question deployment={deployment} range={range} catalog={catalog} />
    </PageFrame>
  );
}

interface QuestionProps {
  readonly deployment: DeploymentDetail;
  readonly range: ViewRange;
  readonly catalog: Catalog;
}

function Question({ deployment, range, catalog }: QuestionProps) {
  const [view] = useView();
  const wanted = view.metric?.[0] ?? taskView(deployment.task_type).headline;
  const known = catalog.get(wanted);
  if (known === undefined) {
    return (
      <div className="card">
        <EmptyState icon="search" title="There is no such metric">
          The catalogue of this server has no <code>{wanted}</code>.
        </EmptyState>
      </div>
    );
  }
  const asked = askedOf(known, view, { reference: PREVIOUS, by: firstKeys(deployment) });
  return (
    <Asked deployment={deployment} range={range} catalog={catalog} known={known} asked={asked} />
  );
}

interface AskedProps extends QuestionProps {
  readonly known: CatalogMetric;
  readonly asked: ReturnType<typeof askedOf>;
}

function Asked({ deployment, range, catalog, known, asked }: AskedProps) {
  const [view] = useView();
  const groups = view.show === "groups";
  const compare = compareOf(view, range);
  const selection = selectionOf(deployment.deployment_id, range.range, view);
  const whole = { ...selection, metric: [asked.metric], ...asked.more };
  const question = {
    ...whole,
    group_by: view.group_by ?? [],
    compare,
    ...(groups ? {} : { step: range.step }),
  };
  const found = useQuery(metricsQuery(question));
  const filterError = filterProblem(found.error);
  const detail = detailOf(asked);
  const told = useMemo(() => toldOf(known, detail), [known, detail]);
  const result = found.data?.[0];
  return (
    <>
      <ExplorerControls
        deployment={deployment}
        families={familiesFor(catalog, deployment.task_type)}
        known={known}
        asked={asked}
        filterError={filterError}
      />
      {found.isError && filterError === null ? (
        <Notice tone="bad">{found.error.message}</Notice>
      ) : null}
      {found.isPending ? (
        <div className="skeleton" style={{ height: 420 }} role="status" aria-label="Loading" />
      ) : null}
      {result === undefined || found.isError ? null : (
        <Answer
          deployment={deployment}
          result={result}
          told={told}
          question={whole}
          range={range}
          compare={compare}
          compareName={compare === undefined ? null : compareName(compare)}
          stale={found.isPlaceholderData}
        />
      )}
    </>
  );
}
