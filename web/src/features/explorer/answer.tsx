// The answer: a picture, what is marked in it, and every value as a table.

import Button from "@mui/material/Button";
import { useMemo } from "react";
import type { DeploymentDetail, MetricResult, MetricsParams } from "../../api";
import { Chart, DataTable } from "../../charts";
import { TimeChart } from "../../charts/time";
import { EmptyState, Icon } from "../../design";
import { download, toCsv } from "../../lib/csv";
import { cohortFilter, joinFilters } from "../../lib/filter";
import { useZone } from "../../lib/preferences";
import { spanMs } from "../../lib/time";
import type { Range } from "../../lib/time";
import { useView } from "../../lib/view";
import type { ViewRange } from "../../lib/view";
import { IntervalPanel, MAX_GROUPS } from "../panels";
import { SelectedRange, readSelected, writeSelected } from "./selected-range";
import { groupsModel, longTable, ordered, timeModel } from "./words";
import type { Told } from "./words";
import { Why } from "./why";

const HEIGHT = 340;

export interface AnswerProps {
  readonly deployment: DeploymentDetail;
  readonly result: MetricResult;
  readonly told: Told;
  /** What was asked, over the whole range and all groups. */
  readonly question: MetricsParams;
  readonly range: ViewRange;
  /** What it is compared with, as the API writes it and by name. */
  readonly compare: string | undefined;
  readonly compareName: string | null;
  readonly stale: boolean;
}

/** The question over a part of its range. */
function within(question: MetricsParams, part: Range): MetricsParams {
  const [from = question.from, to = question.to] = writeSelected(part).split("/");
  return { ...question, from, to };
}

export function Answer(props: AnswerProps) {
  const { deployment, result, told, question } = props;
  const [view, setView] = useView();
  const selected = readSelected(view.selected);
  if (result.groups?.length === 0) {
    return (
      <div className="card">
        <EmptyState
          icon="inbox"
          title="No events in this range"
          action={
            <Button onClick={() => setView({ from: undefined, to: undefined, filter: undefined })}>
              Show a range with events
            </Button>
          }
        >
          Nothing was sent between these two instants, or nothing fits the filter.
        </EmptyState>
      </div>
    );
  }
  return (
    <>
      {view.show === "groups" ? (
        <ByGroup {...props} />
      ) : (
        <OverTime {...props} selected={selected} />
      )}
      {selected === null ? null : (
        <SelectedRange
          deployment={deployment}
          selected={selected}
          question={question}
          told={told}
        />
      )}
      <Why
        question={selected === null ? question : within(question, selected)}
        told={told}
        compare={props.compare}
        compareName={props.compareName}
      />
      <Values {...props} />
    </>
  );
}

function OverTime(props: AnswerProps & { readonly selected: Range | null }) {
  const { result, told, range, compareName, stale, selected, question } = props;
  const [, setView] = useView();
  const zone = useZone();
  const baseName = question.model_version ?? "now";
  const model = useMemo(
    () => timeModel(result, told, { view: range, zone, baseName, compareName }),
    [result, told, range, zone, baseName, compareName],
  );
  const groups = result.groups?.length ?? 0;
  const select = (part: Range): void => setView({ selected: writeSelected(part) });
  return (
    <>
      <Chart
        frame={model.frame}
        legend={model.legend}
        fileStem={question.deployment_id}
        stale={stale}
        height={HEIGHT}
        onMark={(first, last) => {
          const [from, to] = [model.xs[first], model.xs[last]];
          if (from !== undefined && to !== undefined) {
            select({
              from: Math.max(from, range.range.from),
              to: Math.min(to + (spanMs(range.step) ?? 0), range.range.to),
            });
          }
        }}
      >
        {(focus) => (
          <TimeChart
            model={model}
            height={HEIGHT}
            zone={zone}
            focus={focus}
            syncKey="explorer"
            selected={selected}
            onZoom={select}
          />
        )}
      </Chart>
      {selected === null && model.frame.empty === null ? (
        <p className="muted small">Drag over the chart to mark a part of the range.</p>
      ) : null}
      {groups > MAX_GROUPS ? (
        <p className="muted small">
          The {MAX_GROUPS} groups with most events are drawn; the table has all{" "}
          {groups.toLocaleString("en-US")}.
        </p>
      ) : null}
    </>
  );
}

/** A click on a group narrows the cohort to it. */
function ByGroup({ deployment, result, told, compareName, stale, question }: AnswerProps) {
  const [view, setView] = useView();
  const model = useMemo(
    () => groupsModel(result, told, { order: view.order, compareName }),
    [result, told, view.order, compareName],
  );
  const { groups } = result;
  const open = (row: number): void => {
    const group = ordered(groups ?? [], view.order)[row];
    if (group !== undefined) {
      setView({
        filter: joinFilters(view.filter, cohortFilter(group.by, deployment.columns)),
        group_by: undefined,
        show: undefined,
      });
    }
  };
  return (
    <IntervalPanel
      model={model}
      stem={question.deployment_id}
      stale={stale}
      {...(groups === undefined ? {} : { onOpen: open, openHint: "this group over time" })}
    />
  );
}

function Values({ result, told, compareName, question }: AnswerProps) {
  const [view] = useView();
  const zone = useZone();
  const overTime = view.show !== "groups";
  const table = useMemo(
    () => longTable(result, told, { zone, overTime, compareName, order: view.order }),
    [result, told, zone, overTime, compareName, view.order],
  );
  return (
    <section className="card explorer-values" aria-label="All values">
      <header>
        <h2>
          All values{" "}
          <span className="section-note num">{table.rows.length.toLocaleString("en-US")} rows</span>
        </h2>
        <Button
          onClick={() => download(`${question.deployment_id}-${told.known.name}.csv`, toCsv(table))}
          startIcon={<Icon name="download" size={16} />}
        >
          All values as CSV
        </Button>
      </header>
      <DataTable table={table} label="All values" maxHeight={420} />
    </section>
  );
}
