// Online performance of one deployment.

import Button from "@mui/material/Button";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { filterProblem, metricsQuery, sessionQuery } from "../../api";
import type { DeploymentDetail, Selection } from "../../api";
import { EmptyState, Icon, Notice, Pick } from "../../design";
import { formatPercent, valueFormat } from "../../lib/numbers";
import { taskView } from "../../lib/tasks";
import type { TaskView } from "../../lib/tasks";
import { useView, useViewRange } from "../../lib/view";
import type { ViewRange } from "../../lib/view";
import {
  DeploymentPage,
  FilterBox,
  TimeControls,
  VersionPick,
  ViewTabs,
  comparisonOf,
  selectionOf,
  useFallbackRange,
} from "../controls";
import { GroupBy, MetricPanels, Section, Totals, compareName } from "../panels";
import { BinaryCurves, MulticlassCurves, RegressionCurves } from "./curve-panels";
import { Declare } from "./declare";
import "./dashboards.css";

const SERVICE = ["count", "error_rate", "latency_p50", "latency_p95", "latency_p99"];
const LABELS = ["label_coverage", "label_delay_p50"];

export function DashboardPage() {
  return (
    <DeploymentPage title="">
      {(deployment) => <Dashboard key={deployment.deployment_id} deployment={deployment} />}
    </DeploymentPage>
  );
}

function Dashboard({ deployment }: { readonly deployment: DeploymentDetail }) {
  return deployment.events === 0 ? (
    <Waiting deployment={deployment} />
  ) : (
    <Performance deployment={deployment} />
  );
}

/** Declared, and nothing sent yet: what is known of it, and how its first event gets here. */
function Waiting({ deployment }: { readonly deployment: DeploymentDetail }) {
  const fallback = useFallbackRange(deployment);
  const range = useViewRange(fallback);
  return (
    <div className="page">
      <Head deployment={deployment} task={taskView(deployment.task_type)} range={range} />
      <div className="card">
        <EmptyState
          icon="inbox"
          title="No events yet"
          action={<Link to="/start">Send the first event</Link>}
        >
          The deployment is declared. Its dashboard fills with the first event that names{" "}
          <code>{deployment.deployment_id}</code>.
        </EmptyState>
      </div>
    </div>
  );
}

function Performance({ deployment }: { readonly deployment: DeploymentDetail }) {
  const [view, setView] = useView();
  const fallback = useFallbackRange(deployment);
  const range = useViewRange(fallback);
  const task = taskView(deployment.task_type);
  const selection = selectionOf(deployment.deployment_id, range.range, view);
  const compare = comparisonOf(view, range.range);
  const groupBy = view.group_by ?? [];
  const totals = useQuery(
    metricsQuery({
      ...selection,
      metric: [...task.totals, "count", "label_coverage", "label_delay_p50"],
      compare,
    }),
  );
  const filterError = filterProblem(totals.error);
  const value = (metric: string): number | null =>
    totals.data?.find((one) => one.metric === metric)?.series?.[0]?.value ?? null;
  const empty = value("count") === 0 && !totals.isPlaceholderData;

  return (
    <div className="page">
      <Head deployment={deployment} task={task} range={range} />
      <ViewTabs deployment={deployment.deployment_id} here="performance" />
      <Controls deployment={deployment} filterError={filterError} />
      {range.valid ? null : (
        <Notice tone="warn">
          The range in the address cannot be read; showing {range.text.from} to {range.text.to}.
        </Notice>
      )}
      {totals.isError && filterError === null ? (
        <Notice tone="bad">{totals.error.message}</Notice>
      ) : null}
      {empty ? (
        <Nothing view={view.filter} fallback={() => setView({ ...fallback, filter: undefined })} />
      ) : filterError === null ? (
        <>
          {task.totals.length === 0 ? null : (
            <Totals
              results={totals.data}
              metrics={task.totals}
              compareName={compare === undefined ? null : compareName(compare)}
            />
          )}
          <LabelNotice coverage={value("label_coverage")} delay={value("label_delay_p50")} />
          <Sections
            deployment={deployment}
            task={task}
            selection={selection}
            range={range}
            compare={compare}
            groupBy={groupBy}
          />
        </>
      ) : null}
    </div>
  );
}

interface HeadProps {
  readonly deployment: DeploymentDetail;
  readonly task: TaskView;
  readonly range: ViewRange;
}

function Head({ deployment, task, range }: HeadProps) {
  const { data: session } = useSuspenseQuery(sessionQuery());
  const [declaring, setDeclaring] = useState(false);
  const positive = deployment.positive_class;
  return (
    <div className="page-head">
      <div>
        <h1>{deployment.deployment_id}</h1>
        <p className="row wrap head-tags">
          <span className="tag">{task.label}</span>
          {deployment.task_type === "binary" ? (
            <span className={positive === null ? "tag warn" : "tag"}>
              {positive === null ? "positive class not known" : `positive: ${String(positive)}`}
            </span>
          ) : null}
          <span className="tag">{deployment.task_type_source}</span>
          {session.scopes.includes("admin") ? (
            <button type="button" className="text-button" onClick={() => setDeclaring(true)}>
              Change
            </button>
          ) : null}
        </p>
      </div>
      <div className="spacer" />
      <TimeControls view={range} withStep />
      {declaring ? <Declare deployment={deployment} onClose={() => setDeclaring(false)} /> : null}
    </div>
  );
}

interface ControlsProps {
  readonly deployment: DeploymentDetail;
  readonly filterError: string | null;
}

function Controls({ deployment, filterError }: ControlsProps) {
  const [view, setView] = useView();
  const versions = deployment.model_versions.map((one) => one.model_version);
  const others = versions.filter((version) => version !== view.model_version);
  const compareOptions = [
    { value: "", label: "nothing" },
    { value: "previous", label: "previous period" },
    ...others.map((version) => ({ value: `model_version:${version}`, label: version })),
  ];
  if (view.compare !== undefined && !compareOptions.some((one) => one.value === view.compare)) {
    compareOptions.push({ value: view.compare, label: compareName(view.compare) });
  }
  const grouped = (view.group_by ?? []).length > 0;
  return (
    <div className="controls" role="group" aria-label="What is shown">
      <VersionPick deployment={deployment} />
      <Pick
        label="Compare with"
        value={grouped ? "" : (view.compare ?? "")}
        options={compareOptions}
        disabled={grouped}
        title={grouped ? "Groups are not compared" : undefined}
        onPick={(compare) => setView({ compare: compare === "" ? undefined : compare })}
      />
      <GroupBy
        columns={deployment.columns}
        value={view.group_by ?? []}
        onChange={(names) => setView({ group_by: names.length === 0 ? undefined : names })}
      />
      <FilterBox
        deploymentId={deployment.deployment_id}
        columns={deployment.columns}
        value={view.filter ?? ""}
        onApply={(filter) => setView({ filter: filter === "" ? undefined : filter })}
        error={filterError}
      />
    </div>
  );
}

interface NothingProps {
  readonly view: string | undefined;
  readonly fallback: () => void;
}

function Nothing({ view, fallback }: NothingProps) {
  return (
    <div className="card">
      <EmptyState
        icon="inbox"
        title={view === undefined ? "No events in this range" : "No event matches in this range"}
        action={
          <Button onClick={fallback} startIcon={<Icon name="clock" />}>
            Show a range with events
          </Button>
        }
      >
        {view === undefined ? (
          "The deployment sent nothing between these two instants."
        ) : (
          <>
            Nothing fits <code>{view}</code>, or nothing was sent in this range.
          </>
        )}
      </EmptyState>
    </div>
  );
}

interface LabelNoticeProps {
  readonly coverage: number | null;
  readonly delay: number | null;
}

const ENOUGH = 0.9;

/** Quality is about labelled events only: says how many there are, and when the rest will come. */
function LabelNotice({ coverage, delay }: LabelNoticeProps) {
  if (coverage === null || coverage >= ENOUGH) {
    return null;
  }
  if (coverage === 0) {
    return (
      <Notice tone="info">
        No event of this range has a label yet, so there is nothing to judge the model by. Send
        labels with <code>POST /v1/labels</code> or <code>client.log_label(…)</code>; a label of any
        age corrects every number it touches.
      </Notice>
    );
  }
  return (
    <Notice tone="info">
      {formatPercent(coverage)} of the events in this range are labelled; quality is about those.
      {delay === null
        ? ""
        : ` Labels usually arrive ${valueFormat("label_delay_p50", "s").full(delay)} after the event, so the newest points will still move.`}
    </Notice>
  );
}

interface SectionsProps {
  readonly deployment: DeploymentDetail;
  readonly task: TaskView;
  readonly selection: Selection;
  readonly range: ViewRange;
  readonly compare: string | undefined;
  readonly groupBy: readonly string[];
}

function Sections({ deployment, task, selection, range, compare, groupBy }: SectionsProps) {
  const panels = (metrics: readonly string[]) => (
    <MetricPanels
      metrics={metrics}
      selection={selection}
      view={range}
      compare={compare}
      groupBy={groupBy}
    />
  );
  const step = `one point per ${range.step}`;
  return (
    <>
      {task.quality.length === 0 ? null : (
        <Section title="Quality over time" note={step} minHeight={520}>
          {() => panels(task.quality)}
        </Section>
      )}
      {deployment.task_type === "binary" ? (
        <Section title="Calibration and scores" note="over the whole range" minHeight={680}>
          {() => <BinaryCurves selection={selection} deployment={deployment} compare={compare} />}
        </Section>
      ) : null}
      {deployment.task_type === "multiclass" ? (
        <Section title="Confusion" note="over the whole range" minHeight={340}>
          {() => <MulticlassCurves selection={selection} />}
        </Section>
      ) : null}
      {deployment.task_type === "regression" ? (
        <Section title="Errors" note="over the whole range" minHeight={340}>
          {() => <RegressionCurves selection={selection} />}
        </Section>
      ) : null}
      <Section title="Service" note={step} minHeight={260}>
        {() => panels(SERVICE)}
      </Section>
      <Section title="Labels" note={step} minHeight={260}>
        {() => panels(LABELS)}
      </Section>
    </>
  );
}
