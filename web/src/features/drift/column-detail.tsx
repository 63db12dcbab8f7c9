// One column at full size, with every statistic.

import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import useMediaQuery from "@mui/material/useMediaQuery";
import { useQuery } from "@tanstack/react-query";
import { catalogQuery } from "../../api";
import type { DriftColumn } from "../../api";
import { DataTable } from "../../charts";
import { Icon, StatusTag } from "../../design";
import { download, toCsv } from "../../lib/csv";
import { formatNumber, formatPercent, formatProbability, orDash } from "../../lib/numbers";
import { Distributions, ShiftOverTime } from "./column-charts";
import type { ReportContext } from "./column-charts";
import { VERDICTS, becauseOf, besideWords, shiftWords, statisticsTable } from "./words";

export interface ColumnDetailProps {
  readonly column: DriftColumn;
  readonly context: ReportContext;
  readonly onClose: () => void;
}

export function ColumnDetail({ column, context, onClose }: ColumnDetailProps) {
  const narrow = useMediaQuery("(max-width: 760px)");
  const catalog = useQuery(catalogQuery());
  const table = statisticsTable(column, catalog.data ?? new Map());
  const { label, tone } = VERDICTS[column.verdict];
  const { report, selection } = context;
  const facts: readonly (readonly [string, string])[] = [
    ["Shift beyond chance (PSI)", shiftWords(column)],
    ["Margin", formatNumber(report.margin)],
    ["p, adjusted", formatProbability(column.p_adjusted)],
    ["Values in the reference", column.n_reference.toLocaleString("en-US")],
    ["Values now", column.n_current.toLocaleString("en-US")],
    ["Weight in predictions", orDash(column.importance, formatPercent)],
  ];
  const save = (): void =>
    download(`${selection.deployment_id}-drift-${column.column}.csv`, toCsv(table));
  return (
    <Dialog
      open
      onClose={onClose}
      fullWidth
      maxWidth="lg"
      fullScreen={narrow}
      aria-labelledby="drift-detail-title"
    >
      <DialogTitle id="drift-detail-title" className="drift-detail-title">
        {column.column}
      </DialogTitle>
      <DialogContent className="drift-detail" tabIndex={0}>
        <p className="row wrap">
          <StatusTag tone={tone}>{label}</StatusTag>
          <span>{becauseOf(column, report.margin)}</span>
          {besideWords(column).map((words) => (
            <span key={words} className="tag">
              {words}
            </span>
          ))}
        </p>
        <dl className="totals card">
          {facts
            .filter(([, value]) => value !== "–")
            .map(([name, value]) => (
              <div key={name} className="total">
                <dt>{name}</dt>
                <dd className="num drift-fact">{value}</dd>
              </div>
            ))}
        </dl>
        {column.bins.length === 0 ? null : (
          <div className="drift-detail-charts">
            <Distributions column={column} context={context} height={240} />
            <ShiftOverTime column={column} context={context} height={240} />
          </div>
        )}
        {table.rows.length === 0 ? null : (
          <section>
            <h3>All statistics</h3>
            <DataTable
              table={table}
              label={`Statistics of ${column.column}`}
              maxHeight={narrow ? 420 : 520}
            />
          </section>
        )}
      </DialogContent>
      <DialogActions>
        <Button onClick={save} startIcon={<Icon name="download" size={16} />}>
          Statistics as CSV
        </Button>
        <Button variant="contained" color="primary" onClick={onClose}>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  );
}
