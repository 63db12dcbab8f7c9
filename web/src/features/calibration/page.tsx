// Whether a score of 0.7 comes true 7 times in 10: overall, per cohort, over time.

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { catalogQuery, curveQuery, filterProblem, metricsQuery } from "../../api";
import type { Binning, DeploymentDetail, MetricResult, Selection } from "../../api";
import {
  ReliabilityDiagram,
  SCORE_CLASSES,
  ScoreDistribution,
  prepareReliability,
  prepareScores,
} from "../../charts";
import { EmptyState, Notice, Pick } from "../../design";
import { useZone } from "../../lib/preferences";
import { formatInstant, wideStep } from "../../lib/time";
import { useView, useViewRange } from "../../lib/view";
import type { ViewRange } from "../../lib/view";
import {
  DeploymentPage,
  FilterBox,
  PageFrame,
  VersionPick,
  selectionOf,
  useFallbackRange,
} from "../controls";
import {
  CurvePanel,
  GroupBy,
  IntervalPanel,
  MetricPanels,
  Section,
  Totals,
  Verdict,
} from "../panels";
import { Cohorts } from "./cohorts";
import { brierModel, interceptWords, pointOf, slopeWords, verdictOf } from "./words";
import "./calibration.css";

const BINARY = {
  totals: ["ece", "mce", "ace", "brier", "brier_skill", "log_loss"],
  /** Asked for as well, and told in words and bars. */
  parts: [
    "calibration_slope",
    "calibration_intercept",
    "brier_uncertainty",
    "brier_resolution",
    "brier_reliability",
  ],
  cohorts: ["ece", "mce", "brier", "calibration_slope", "calibration_intercept", "log_loss"],
};
const MULTICLASS = {
  totals: ["ece", "mce", "brier", "log_loss"],
  parts: [],
  cohorts: ["ece", "mce", "brier", "log_loss"],
};

const BINS = ["5", "10", "15", "20", "30", "50"];
const OWN_BINS = "10";
const BINNINGS = [
  { value: "", label: "equal width" },
  { value: "mass", label: "equal mass" },
];
const DIAGRAM_HEIGHT = 448;
const SCORES_HEIGHT = 178;

export function CalibrationPage() {
  return (
    <DeploymentPage title="Calibration">
      {(deployment) => <Calibration key={deployment.deployment_id} deployment={deployment} />}
    </DeploymentPage>
  );
}

function Calibration({ deployment }: { readonly deployment: DeploymentDetail }) {
  const fallback = useFallbackRange(deployment);
  const range = useViewRange(fallback);
  const task = deployment.task_type;
  return (
    <PageFrame
      deployment={deployment}
      here="calibration"
      range={range}
      waiting={`Calibration compares scores with what came true: it shows once ${deployment.deployment_id} has sent events and labels.`}
    >
      {task === "binary" || task === "multiclass" ? (
        <Checked deployment={deployment} range={range} />
      ) : (
        <div className="card">
          <EmptyState icon="compare" title="Calibration is about probabilities of classes">
            The task of this deployment is {task ?? "unknown"}; its scores are no probabilities.
          </EmptyState>
        </div>
      )}
    </PageFrame>
  );
}

interface CheckedProps {
  readonly deployment: DeploymentDetail;
  readonly range: ViewRange;
}

function binOptions(chosen: string | undefined) {
  const all = chosen === undefined || BINS.includes(chosen) ? BINS : [...BINS, chosen];
  return all.map((value) => ({ value: value === OWN_BINS ? "" : value, label: value }));
}

function Checked({ deployment, range }: CheckedProps) {
  const [view, setView] = useView();
  const zone = useZone();
  const id = deployment.deployment_id;
  const binary = deployment.task_type === "binary";
  const { totals: metrics, parts } = binary ? BINARY : MULTICLASS;
  const selection = selectionOf(id, range.range, view);
  const binning: Binning = { bins: view.bins, binning: view.binning };
  const totals = useQuery(
    metricsQuery({ ...selection, ...binning, metric: [...metrics, ...parts] }),
  );
  const filterError = filterProblem(totals.error);
  const ece = pointOf(totals.data, "ece");
  const slope = pointOf(totals.data, "calibration_slope");
  const intercept = pointOf(totals.data, "calibration_intercept");
  const instant = (at: string): string => formatInstant(Date.parse(at), zone, "minute");
  return (
    <>
      <div className="controls" role="group" aria-label="What is shown">
        <VersionPick deployment={deployment} />
        <Pick
          label="Bins"
          value={view.bins ?? ""}
          options={binOptions(view.bins)}
          onPick={(bins) => setView({ bins: bins === "" ? undefined : bins })}
        />
        {binary ? (
          <Pick
            label="Binning"
            value={view.binning ?? ""}
            options={BINNINGS}
            onPick={(value) => setView({ binning: value === "" ? undefined : value })}
          />
        ) : null}
        <GroupBy
          label="Cohorts by"
          columns={deployment.columns}
          value={view.group_by ?? []}
          onChange={(names) => setView({ group_by: names.length === 0 ? undefined : names })}
        />
        <FilterBox
          deploymentId={id}
          columns={deployment.columns}
          value={view.filter ?? ""}
          onApply={(filter) => setView({ filter: filter === "" ? undefined : filter })}
          error={filterError}
        />
      </div>
      {totals.isError && filterError === null ? (
        <Notice tone="bad">{totals.error.message}</Notice>
      ) : null}
      {totals.isPending ? (
        <div className="skeleton" style={{ height: 420 }} role="status" aria-label="Loading" />
      ) : null}
      {totals.data === undefined || totals.isError ? null : (
        <>
          <Verdict
            {...verdictOf(ece)}
            facts={[
              [
                "Events",
                `${instant(selection.from)} to ${instant(selection.to)}: ${(ece?.n ?? 0).toLocaleString("en-US")} labelled with a score`,
              ],
              ...(slope === undefined ? [] : [["Slope", slopeWords(slope)] as const]),
              ...(intercept === undefined
                ? []
                : [["Intercept", interceptWords(intercept)] as const]),
            ]}
          />
          <Totals results={totals.data} metrics={metrics} compareName={null} />
          <Shown
            deployment={deployment}
            selection={selection}
            range={range}
            binning={binning}
            totals={totals.data}
            stale={totals.isPlaceholderData}
          />
        </>
      )}
    </>
  );
}

interface ShownProps {
  readonly deployment: DeploymentDetail;
  readonly selection: Selection;
  readonly range: ViewRange;
  readonly binning: Binning;
  readonly totals: readonly MetricResult[];
  readonly stale: boolean;
}

function Shown({ deployment, selection, range, binning, totals, stale }: ShownProps) {
  const [view] = useView();
  const binary = deployment.task_type === "binary";
  const { cohorts: metrics } = binary ? BINARY : MULTICLASS;
  const groupBy = view.group_by ?? [];
  const wide = useMemo(() => ({ ...range, step: wideStep(range.range) }), [range]);
  const curve = useQuery({ ...curveQuery("reliability", selection, binning), enabled: binary });
  const overall = useMemo(
    () => (curve.data === undefined ? null : prepareReliability(curve.data)),
    [curve.data],
  );
  return (
    <>
      {binary ? (
        <Diagrams
          deployment={deployment}
          selection={selection}
          binning={binning}
          totals={totals}
          stale={stale}
        />
      ) : null}
      {groupBy.length === 0 ? null : (
        <Section
          title="Cohorts"
          note={`by ${groupBy.join(", ")}, over the whole range`}
          minHeight={320}
        >
          {() => (
            <Cohorts
              deployment={deployment}
              selection={selection}
              binning={binning}
              metrics={metrics}
              groupBy={groupBy}
              overall={overall}
            />
          )}
        </Section>
      )}
      <Section title="Over time" note={`one point per ${wide.step}`} minHeight={520}>
        {() => (
          <MetricPanels
            metrics={metrics}
            selection={selection}
            view={wide}
            compare={undefined}
            groupBy={groupBy}
            more={binning}
          />
        )}
      </Section>
    </>
  );
}

type DiagramsProps = Omit<ShownProps, "range">;

function Diagrams({ deployment, selection, binning, totals, stale }: DiagramsProps) {
  const catalog = useQuery(catalogQuery());
  const stem = selection.deployment_id;
  const mass = binning.binning === "mass";
  const reliability = useMemo(
    () => (answer: Parameters<typeof prepareReliability>[0]) =>
      prepareReliability(answer, mass ? { binning: "equal mass: each holds as many events" } : {}),
    [mass],
  );
  const { threshold } = deployment;
  const scores = useMemo(
    () => (answer: Parameters<typeof prepareScores>[0]) => prepareScores(answer, threshold),
    [threshold],
  );
  const parts = useMemo(
    () => brierModel(totals, catalog.data ?? new Map()),
    [totals, catalog.data],
  );
  return (
    <div className="calibration-top">
      <CurvePanel
        query={useQuery(curveQuery("reliability", selection, binning))}
        prepare={reliability}
        stem={stem}
        height={DIAGRAM_HEIGHT}
        draw={(model, focus) => (
          <ReliabilityDiagram model={model} height={DIAGRAM_HEIGHT} focus={focus} />
        )}
      />
      <div className="calibration-side">
        <CurvePanel
          query={useQuery(curveQuery("score_distribution", selection))}
          prepare={scores}
          stem={stem}
          height={SCORES_HEIGHT}
          legend={SCORE_CLASSES}
          draw={(model, focus) => (
            <ScoreDistribution model={model} height={SCORES_HEIGHT} focus={focus} />
          )}
        />
        <IntervalPanel model={parts} stem={stem} stale={stale} />
      </div>
    </div>
  );
}
