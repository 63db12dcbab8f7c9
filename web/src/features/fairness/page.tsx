// What a model decides about groups of people, and how far the groups lie apart.

import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { fairnessFile, fairnessQuery, filterProblem } from "../../api";
import type { DeploymentDetail, FairnessParams, FairnessReport } from "../../api";
import { EmptyState, Icon, Notice, Pick } from "../../design";
import { useZone } from "../../lib/preferences";
import { formatInstant, wideStep } from "../../lib/time";
import { useView, useViewRange } from "../../lib/view";
import type { ViewRange } from "../../lib/view";
import {
  DeploymentPage,
  FilterBox,
  PageFrame,
  SENT_ROLES,
  VersionPick,
  firstKeys,
  selectionOf,
  useFallbackRange,
} from "../controls";
import { GroupBy, IntervalPanel, MetricPanels, Section, Verdict } from "../panels";
import { GroupsTable, Rates } from "./groups";
import { DIFFERENCES, LOWEST, factsOf, gapsModel, verdictOf } from "./words";
import "./fairness.css";

export function FairnessPage() {
  return (
    <DeploymentPage title="Fairness">
      {(deployment) => <Fairness key={deployment.deployment_id} deployment={deployment} />}
    </DeploymentPage>
  );
}

const SMALLEST = ["10", "30", "50", "100", "200", "500"];
const OWN_SMALLEST = "30";
const THRESHOLDS = ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9"];
const OVER_TIME = [
  "demographic_parity_difference",
  "demographic_parity_ratio",
  "tpr_gap",
  "fpr_gap",
  "predictive_parity_difference",
  "worst_group",
];

function Fairness({ deployment }: { readonly deployment: DeploymentDetail }) {
  const fallback = useFallbackRange(deployment);
  const range = useViewRange(fallback);
  return (
    <PageFrame
      deployment={deployment}
      here="fairness"
      range={range}
      waiting={`Fairness compares decisions about groups: it shows once ${deployment.deployment_id} has sent events and labels.`}
    >
      {deployment.task_type === "binary" ? (
        <Compared deployment={deployment} range={range} />
      ) : (
        <div className="card">
          <EmptyState icon="compare" title="Fairness is about binary decisions">
            The task of this deployment is {deployment.task_type ?? "unknown"}. Groups of any task
            are compared on the Explorer page.
          </EmptyState>
        </div>
      )}
    </PageFrame>
  );
}

interface ComparedProps {
  readonly deployment: DeploymentDetail;
  readonly range: ViewRange;
}

/** An option of the URL among the usual ones; empty is the server's own. */
function options(usual: readonly string[], chosen: string | undefined, own: string | null) {
  const all = chosen === undefined || usual.includes(chosen) ? usual : [...usual, chosen];
  return all.map((value) => ({ value: value === own ? "" : value, label: value }));
}

function Compared({ deployment, range }: ComparedProps) {
  const [view, setView] = useView();
  const id = deployment.deployment_id;
  const by = view.by ?? firstKeys(deployment);
  const params: FairnessParams = {
    ...selectionOf(id, range.range, view),
    by,
    min_n: view.min_n,
    threshold: view.threshold,
  };
  const found = useQuery({ ...fairnessQuery(params), enabled: by.length > 0 });
  const filterError = filterProblem(found.error);
  return (
    <>
      <div className="controls" role="group" aria-label="What is compared">
        <GroupBy
          label="Compare by"
          roles={SENT_ROLES}
          columns={deployment.columns}
          value={by}
          onChange={(names) => setView({ by: names.length === 0 ? undefined : names })}
        />
        <VersionPick deployment={deployment} />
        <Pick
          label="Smallest group"
          title="Groups with fewer labelled events are shown apart"
          value={view.min_n ?? ""}
          options={options(SMALLEST, view.min_n, OWN_SMALLEST)}
          onPick={(least) => setView({ min_n: least === "" ? undefined : least })}
        />
        <Pick
          label="Threshold"
          title="A score from here on is a positive decision"
          value={view.threshold ?? ""}
          options={[
            { value: "", label: "decisions as sent" },
            ...options(THRESHOLDS, view.threshold, null),
          ]}
          onPick={(threshold) => setView({ threshold: threshold === "" ? undefined : threshold })}
        />
        <FilterBox
          deploymentId={id}
          columns={deployment.columns}
          value={view.filter ?? ""}
          onApply={(filter) => setView({ filter: filter === "" ? undefined : filter })}
          error={filterError}
        />
      </div>
      {by.length === 0 ? (
        <div className="card">
          <EmptyState icon="compare" title="Nothing to compare by">
            The events carry no metadata or features with a few values. Send what people are grouped
            by, such as <code>{'"metadata": {"gender": "female"}'}</code>, with each event.
          </EmptyState>
        </div>
      ) : null}
      {found.isError && filterError === null ? (
        <Notice tone="bad">{found.error.message}</Notice>
      ) : null}
      {by.length > 0 && found.isPending ? (
        <div className="skeleton" style={{ height: 420 }} role="status" aria-label="Loading" />
      ) : null}
      {found.data === undefined || found.isError ? null : (
        <Report
          report={found.data}
          params={params}
          deployment={deployment}
          range={range}
          stale={found.isPlaceholderData}
        />
      )}
    </>
  );
}

interface ReportProps {
  readonly report: FairnessReport;
  readonly params: FairnessParams;
  readonly deployment: DeploymentDetail;
  readonly range: ViewRange;
  readonly stale: boolean;
}

function Report({ report, params, deployment, range, stale }: ReportProps) {
  const zone = useZone();
  const { tone, title } = verdictOf(report);
  const stem = `${deployment.deployment_id}-fairness`;
  const limit = { label: "four fifths", value: report.four_fifths.limit };
  const gaps = useMemo(
    () => [
      gapsModel(report, {
        id: "differences",
        title: "Gaps between groups",
        metrics: DIFFERENCES,
        fromZero: true,
      }),
      gapsModel(report, { id: "lowest", title: "The lowest of all groups", metrics: LOWEST }),
      gapsModel(report, {
        id: "ratio",
        title: "Lowest by highest selection rate",
        metrics: ["demographic_parity_ratio"],
        limit,
      }),
    ],
    // The limit is the report's own.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [report],
  );
  if (report.groups.length === 0) {
    return <NoGroups report={report} />;
  }
  return (
    <>
      <Verdict
        tone={tone}
        title={title}
        actions={<Files params={params} stem={stem} />}
        facts={factsOf(report, (at) => formatInstant(Date.parse(at), zone, "minute"))}
      >
        <p className="muted small">
          The four-fifths rule is a screening: it looks at one ratio of selection rates, judged by
          its whole 95 % interval. Who is worse off depends on whether the decision is wanted.
        </p>
      </Verdict>
      <Section
        title="Gaps"
        note="95 % intervals hold for all pairs of groups at once"
        minHeight={240}
      >
        {() => (
          <div className="panels">
            {gaps.map((model) => (
              <IntervalPanel key={model.frame.id} model={model} stem={stem} stale={stale} />
            ))}
          </div>
        )}
      </Section>
      <Section title="Groups" note="each with its 95 % interval, most events first" minHeight={640}>
        {() => <Rates report={report} deployment={deployment} stale={stale} />}
      </Section>
      <Section title="All groups" note="every number of every group" minHeight={240}>
        {() => <GroupsTable report={report} />}
      </Section>
      <GapsOverTime params={params} range={range} />
    </>
  );
}

function GapsOverTime({
  params,
  range,
}: {
  readonly params: FairnessParams;
  readonly range: ViewRange;
}) {
  const wide = useMemo(() => ({ ...range, step: wideStep(range.range) }), [range]);
  const { by, min_n, threshold, ...selection } = params;
  return (
    <Section title="Gaps over time" note={`one point per ${wide.step}`} minHeight={520}>
      {() => (
        <MetricPanels
          metrics={OVER_TIME}
          selection={selection}
          view={wide}
          compare={undefined}
          groupBy={[]}
          more={{ by, min_n, threshold }}
        />
      )}
    </Section>
  );
}

function Files({ params, stem }: { readonly params: FairnessParams; readonly stem: string }) {
  return (
    <>
      <Button
        component="a"
        href={fairnessFile(params, "html")}
        target="_blank"
        rel="noopener"
        startIcon={<Icon name="table" size={16} />}
      >
        Report to print
      </Button>
      {(["json", "csv"] as const).map((format) => (
        <Button
          key={format}
          component="a"
          href={fairnessFile(params, format)}
          download={`${stem}.${format}`}
          startIcon={<Icon name="download" size={16} />}
        >
          {format.toUpperCase()}
        </Button>
      ))}
    </>
  );
}

function NoGroups({ report }: { readonly report: FairnessReport }) {
  const unlabelled = report.events > 0;
  return (
    <div className="card">
      <EmptyState
        icon="inbox"
        title={unlabelled ? "No event of this range has a label" : "No events in this range"}
      >
        {unlabelled
          ? "Fairness compares decisions with what turned out to be right. Send labels with POST /v1/labels, or choose an earlier range."
          : "Nothing was sent between these two instants, or nothing fits the filter."}
      </EmptyState>
    </div>
  );
}
