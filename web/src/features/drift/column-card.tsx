// One column as a small multiple. Its timeline is asked for when it comes near the screen.

import { useId, useRef } from "react";
import type { DriftColumn } from "../../api";
import { IntervalMark } from "../../charts";
import { StatusTag, useNear } from "../../design";
import { formatProbability } from "../../lib/numbers";
import { Distributions, ShiftOverTime } from "./column-charts";
import type { ReportContext } from "./column-charts";
import { VERDICTS, becauseOf, besideWords, shiftWords } from "./words";

const SHARES_HEIGHT = 130;
const TIME_HEIGHT = 112;

export interface ColumnCardProps {
  readonly column: DriftColumn;
  readonly context: ReportContext;
  readonly onOpen: () => void;
}

export function ColumnCard({ column, context, onOpen }: ColumnCardProps) {
  const place = useRef<HTMLDivElement>(null);
  const near = useNear(place);
  const id = useId();
  const { label, tone } = VERDICTS[column.verdict];
  const { margin } = context.report;
  const beside = besideWords(column);
  const known = column.bins.length > 0;
  return (
    <article className="drift-card card" aria-labelledby={id} data-column={column.column}>
      <header>
        <h3 id={id}>
          <button type="button" className="drift-name" title={column.column} onClick={onOpen}>
            {column.column}
          </button>
        </h3>
        <StatusTag tone={tone}>{label}</StatusTag>
      </header>
      <dl className="drift-numbers num">
        <div>
          <dt>Shift beyond chance (PSI)</dt>
          <dd className="drift-shift">{shiftWords(column)}</dd>
        </div>
        <div>
          <dt>p, adjusted</dt>
          <dd>{formatProbability(column.p_adjusted)}</dd>
        </div>
      </dl>
      {column.psi_debiased === null ? null : (
        <IntervalMark value={column.psi_debiased} interval={column.ci} level={margin} />
      )}
      <p className="small">{becauseOf(column, margin)}</p>
      {beside.length === 0 ? null : (
        <p className="small row wrap drift-beside">
          {beside.map((words) => (
            <span key={words} className="tag">
              {words}
            </span>
          ))}
        </p>
      )}
      <div ref={place} className={known ? "drift-charts" : undefined}>
        {near && known ? (
          <>
            <Distributions column={column} context={context} height={SHARES_HEIGHT} />
            <ShiftOverTime column={column} context={context} height={TIME_HEIGHT} />
          </>
        ) : null}
      </div>
    </article>
  );
}
