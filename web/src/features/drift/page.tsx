// Which columns of a deployment moved away from a reference, and how.

import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { driftQuery, filterProblem } from "../../api";
import type { DeploymentDetail, DriftReport } from "../../api";
import { EmptyState, Notice, Pick } from "../../design";
import { useNow } from "../../lib/clock";
import { useZone } from "../../lib/preferences";
import { resolveRange } from "../../lib/time";
import { useView, useViewRange } from "../../lib/view";
import {
  DeploymentPage,
  FilterBox,
  PREVIOUS,
  PageFrame,
  VersionPick,
  selectionOf,
  useFallbackRange,
} from "../controls";
import type { ReportContext } from "./column-charts";
import { ColumnDetail } from "./column-detail";
import { ColumnList } from "./column-list";
import { Headline } from "./headline";
import { firstWindow } from "./first-window";
import { ReferenceControls } from "./reference-controls";
import { sizes } from "./words";
import "./drift.css";

export function DriftPage() {
  return (
    <DeploymentPage title="Drift">
      {(deployment) => <Drift key={deployment.deployment_id} deployment={deployment} />}
    </DeploymentPage>
  );
}

const MARGINS = ["0.02", "0.05", "0.1", "0.2", "0.25"];
const ALPHAS = ["0.001", "0.01", "0.05", "0.1"];

/** A number of the URL among the usual ones; empty is the server's own. */
function numberOptions(usual: readonly string[], chosen: string | undefined, own: string) {
  const all = chosen === undefined || usual.includes(chosen) ? usual : [...usual, chosen];
  return all.map((value) => ({ value: value === own ? "" : value, label: value }));
}

function Drift({ deployment }: { readonly deployment: DeploymentDetail }) {
  const id = deployment.deployment_id;
  const [view, setView] = useView();
  const zone = useZone();
  const now = useNow();
  const usual = useFallbackRange(deployment);
  // Chosen once, as the usual range is: later events must not move the window under the reader.
  const [fallback] = useState(() => firstWindow(usual, resolveRange(usual, now, zone), deployment));
  const range = useViewRange(fallback);
  const selection = selectionOf(id, range.range, view);
  const reference = view.reference ?? PREVIOUS;
  const found = useQuery({
    ...driftQuery({ ...selection, reference, margin: view.margin, alpha: view.alpha }),
    enabled: deployment.events > 0,
  });
  const filterError = filterProblem(found.error);
  return (
    <PageFrame
      deployment={deployment}
      here="drift"
      range={range}
      waiting={`Drift compares events with earlier ones: it shows once ${id} has sent some.`}
    >
      <div className="controls" role="group" aria-label="What is compared">
        <ReferenceControls
          selection={selection}
          reference={reference}
          onPick={(value) => setView({ reference: value === PREVIOUS ? undefined : value })}
        />
        <VersionPick deployment={deployment} />
        <Pick
          label="Margin"
          title="The shift beyond chance that matters"
          value={view.margin ?? ""}
          options={numberOptions(MARGINS, view.margin, "0.1")}
          onPick={(margin) => setView({ margin: margin === "" ? undefined : margin })}
        />
        <Pick
          label="Alpha"
          title="The share of reports over unchanged data that may name a column"
          value={view.alpha ?? ""}
          options={numberOptions(ALPHAS, view.alpha, "0.01")}
          onPick={(alpha) => setView({ alpha: alpha === "" ? undefined : alpha })}
        />
        <FilterBox
          deploymentId={id}
          columns={deployment.columns}
          value={view.filter ?? ""}
          onApply={(filter) => setView({ filter: filter === "" ? undefined : filter })}
          error={filterError}
        />
      </div>
      {found.isError && filterError === null ? (
        <Notice tone="bad">{found.error.message}</Notice>
      ) : null}
      {found.isPending ? (
        <div className="skeleton" style={{ height: 420 }} role="status" aria-label="Loading" />
      ) : null}
      {found.data === undefined || found.isError ? null : (
        <Report
          context={{
            report: found.data,
            selection,
            reference,
            view: range,
            stale: found.isPlaceholderData,
          }}
          onWindow={() => setView({ ...fallback, filter: undefined })}
        />
      )}
    </PageFrame>
  );
}

interface ReportProps {
  readonly context: ReportContext;
  readonly onWindow: () => void;
}

function Report({ context, onWindow }: ReportProps) {
  const [view, setView] = useView();
  const { report } = context;
  const nothing = emptyOf(report);
  if (nothing !== null) {
    return (
      <div className="card">
        <EmptyState
          icon="inbox"
          title={nothing.title}
          action={
            nothing.window ? <Button onClick={onWindow}>Show a window with events</Button> : null
          }
        >
          {nothing.text}
        </EmptyState>
      </div>
    );
  }
  const open = report.columns.find((column) => column.column === view.column);
  return (
    <>
      <Headline report={report} deployment={context.selection.deployment_id} />
      <ColumnList context={context} onOpen={(column) => setView({ column })} />
      {open === undefined ? null : (
        <ColumnDetail
          column={open}
          context={context}
          onClose={() => setView({ column: undefined })}
        />
      )}
    </>
  );
}

interface Nothing {
  readonly title: string;
  readonly text: string;
  /** Another window would help. */
  readonly window: boolean;
}

/** Why a report has nothing to compare, and what to do about it. */
function emptyOf(report: DriftReport): Nothing | null {
  if (report.columns.length === 0) {
    return {
      title: "No columns to compare",
      text: "The events carry no features, scores or predictions. Send features with each event to see how they drift.",
      window: false,
    };
  }
  const { reference, now } = sizes(report);
  if (now === 0) {
    return {
      title: "No events in this window",
      text: "Nothing was sent between these two instants, or nothing fits the filter.",
      window: true,
    };
  }
  if (reference === 0) {
    return {
      title: "The reference has no rows",
      text: "There are no events in the window that is compared with. Choose another reference, a later window, or freeze a window as a reference.",
      window: true,
    };
  }
  return null;
}
