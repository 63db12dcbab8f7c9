// Which columns of a deployment moved away from a reference.

import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { ApiError, deploymentQuery, driftQuery, referencesQuery } from "../../api";
import type { DeploymentDetail, DriftColumn, DriftReport } from "../../api";
import { Chart, DRIFT_SIDES, DriftBars, VERDICT_WORDS, prepareDrift } from "../../charts";
import type { DriftVerdict } from "../../charts";
import { EmptyState, Notice, Pick, StatusTag } from "../../design";
import type { Tone } from "../../design";
import { formatNumber } from "../../lib/numbers";
import { usePageTitle } from "../../lib/page-title";
import { useZone } from "../../lib/preferences";
import { formatInstant } from "../../lib/time";
import { useView, useViewRange } from "../../lib/view";
import { FilterBox, TimeControls, selectionOf, useFallbackRange } from "../controls";
import "./drift.css";

const HEIGHT = 150;
const SHOWN_AT_FIRST = 24;
const TONES: Record<DriftVerdict, Tone> = { drifted: "bad", unchanged: "ok", cannot_tell: "none" };
const REFERENCES = [
  { value: "previous", label: "the same length of time before" },
  { value: "previous:7d", label: "the 7 days before" },
  { value: "previous:30d", label: "the 30 days before" },
  { value: "weeks:4", label: "the same hours of the last 4 weeks" },
];

export function DriftPage() {
  const { deployment: id } = useParams({ strict: false });
  const deployment = useQuery(deploymentQuery(id ?? ""));
  usePageTitle(`Drift of ${id ?? ""}`);
  if (deployment.data !== undefined) {
    return <Drift key={id} deployment={deployment.data} />;
  }
  if (deployment.isError) {
    return (
      <div className="page">
        <h1>{id}</h1>
        <EmptyState
          icon="bad"
          title="The deployment could not be read"
          action={<Link to="/dashboards">All dashboards</Link>}
        >
          {deployment.error.message}
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

function Drift({ deployment }: { readonly deployment: DeploymentDetail }) {
  const [view, setView] = useView();
  const fallback = useFallbackRange(deployment);
  const range = useViewRange(fallback);
  const id = deployment.deployment_id;
  const reference = view.reference ?? "previous";
  const report = useQuery(driftQuery(selectionOf(id, range.range, view), reference));
  const made = useQuery(referencesQuery(id));
  const names = [...new Set((made.data ?? []).map((one) => one.name))];
  const references = [
    ...names.map((name) => ({ value: name, label: `reference ${name}` })),
    ...REFERENCES,
  ];
  if (!references.some((one) => one.value === reference)) {
    references.push({ value: reference, label: reference });
  }
  const versions = deployment.model_versions.map((one) => one.model_version);
  const wrongFilter =
    report.error instanceof ApiError && view.filter !== undefined && report.error.status < 500
      ? report.error.message
      : null;
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Drift of {id}</h1>
          <p className="row wrap">
            <Link className="strong-link" to="/dashboards/$deployment" params={{ deployment: id }}>
              Dashboard
            </Link>
          </p>
        </div>
        <div className="spacer" />
        <TimeControls view={range} />
      </div>
      <div className="controls row wrap" role="group" aria-label="What is compared">
        <Pick
          label="Compare with"
          value={reference}
          options={references}
          onPick={(next) => setView({ reference: next === "previous" ? undefined : next })}
        />
        <Pick
          label="Version"
          value={view.model_version ?? ""}
          options={[
            { value: "", label: "all" },
            ...versions.map((version) => ({ value: version, label: version })),
          ]}
          onPick={(version) => setView({ model_version: version === "" ? undefined : version })}
        />
        <FilterBox
          deploymentId={id}
          columns={deployment.columns}
          value={view.filter ?? ""}
          onApply={(filter) => setView({ filter: filter === "" ? undefined : filter })}
          error={wrongFilter}
        />
      </div>
      {report.isError && wrongFilter === null ? (
        <Notice tone="bad">{report.error.message}</Notice>
      ) : null}
      {report.data === undefined ? (
        report.isError ? null : (
          <div className="skeleton" style={{ height: 320 }} role="status" aria-label="Loading" />
        )
      ) : (
        <Report report={report.data} stem={id} stale={report.isPlaceholderData} />
      )}
    </div>
  );
}

interface ReportProps {
  readonly report: DriftReport;
  readonly stem: string;
  readonly stale: boolean;
}

function Report({ report, stem, stale }: ReportProps) {
  const [view, setView] = useView();
  const [shown, setShown] = useState(SHOWN_AT_FIRST);
  const zone = useZone();
  const { summary } = report;
  const when = (text: string): string => formatInstant(Date.parse(text), zone, "minute");
  const windows = report.reference.windows.map((one) => `${when(one.from)} to ${when(one.to)}`);
  const against =
    windows.length > 0
      ? windows.join("; ")
      : `reference ${report.reference.name ?? ""}, version ${String(report.reference.version ?? 1)}`;
  const wanted = report.columns.filter(
    (column) => view.verdict === undefined || column.verdict === view.verdict,
  );
  if (report.columns.length === 0) {
    return (
      <div className="card">
        <EmptyState icon="inbox" title="Nothing to compare">
          Events of this deployment have no features, score or prediction yet.
        </EmptyState>
      </div>
    );
  }
  return (
    <>
      <div className="card card-pad">
        <p className="drift-sentence" role="status">
          {summary.drifted} of {summary.columns} columns drifted; {summary.unchanged} unchanged;{" "}
          {summary.cannot_tell} cannot be told yet.
        </p>
        <p className="small muted">
          {when(report.from)} to {when(report.to)} against {against}. Of such reports over unchanged
          data at most {formatNumber(report.alpha * 100)} % name a column; a shift matters from a
          PSI beyond chance of {formatNumber(report.margin)}.
          {report.attribution_drift === null
            ? ""
            : ` Order of the features by attribution moved by ${formatNumber(report.attribution_drift)} (0: not at all).`}
        </p>
      </div>
      <div className="row wrap">
        <Pick
          label="Verdict"
          value={view.verdict ?? ""}
          options={[
            { value: "", label: "any" },
            { value: "drifted", label: `drifted (${summary.drifted})` },
            { value: "cannot_tell", label: `cannot tell yet (${summary.cannot_tell})` },
            { value: "unchanged", label: `unchanged (${summary.unchanged})` },
          ]}
          onPick={(verdict) => setView({ verdict: verdict === "" ? undefined : verdict })}
        />
      </div>
      {wanted.length === 0 ? (
        <p className="muted">No column of this kind.</p>
      ) : (
        <div className="drift-grid">
          {wanted.slice(0, shown).map((column) => (
            <ColumnCard key={column.column} column={column} stem={stem} stale={stale} />
          ))}
        </div>
      )}
      {wanted.length > shown ? (
        <Button onClick={() => setShown(shown + SHOWN_AT_FIRST)}>
          Show more of {wanted.length} columns
        </Button>
      ) : null}
    </>
  );
}

interface ColumnCardProps {
  readonly column: DriftColumn;
  readonly stem: string;
  readonly stale: boolean;
}

function ColumnCard({ column, stem, stale }: ColumnCardProps) {
  const model = useMemo(() => prepareDrift(column), [column]);
  return (
    <div className="drift-card">
      <Chart
        frame={model.frame}
        fileStem={stem}
        height={HEIGHT}
        stale={stale}
        {...(model.frame.empty === null ? { legend: DRIFT_SIDES } : {})}
      >
        {(focus) => <DriftBars model={model} height={HEIGHT} focus={focus} />}
      </Chart>
      <div className="drift-words small">
        <StatusTag tone={TONES[column.verdict]}>{VERDICT_WORDS[column.verdict]}</StatusTag>
        <span className="muted num">
          {column.psi_debiased === null || column.ci === null
            ? (column.reason ?? "")
            : `PSI ${formatNumber(column.psi_debiased)} [${formatNumber(column.ci[0])}, ${formatNumber(column.ci[1])}]`}
        </span>
        {column.rows_needed === null ? null : (
          <span className="muted">
            takes about {column.rows_needed.toLocaleString("en-US")} values
          </span>
        )}
      </div>
    </div>
  );
}
