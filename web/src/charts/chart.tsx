// The frame every chart stands in: title, unit, summary, keyboard reading, table, CSV, definition.

import Popover from "@mui/material/Popover";
import { useId, useRef, useState } from "react";
import type { KeyboardEvent, ReactNode } from "react";
import { IconAction } from "../design";
import { download, toCsv } from "../lib/csv";
import { DataTable } from "./data-table";
import { Legend } from "./legend";
import type { ChartFrame, LegendItem } from "./prepare/frame";
import "./chart.css";

export interface ChartProps {
  readonly frame: ChartFrame;
  readonly legend?: readonly LegendItem[];
  /** Goes into the file name of the CSV. */
  readonly fileStem: string;
  /** The previous answer is shown while the next one is on its way. */
  readonly stale?: boolean;
  readonly height: number;
  /** Enter on a reading position, for drilling down. */
  readonly onOpen?: (position: number) => void;
  readonly openHint?: string;
  /** S at one reading position and S at another: marks what lies between, both included. */
  readonly onMark?: (first: number, last: number) => void;
  /** Draws the picture; `focus` is the reading position, null when the keyboard is elsewhere. */
  readonly children: (focus: number | null) => ReactNode;
  readonly emptyAction?: ReactNode;
}

/** Where an arrow key leads from `from`; null when the key means nothing here. */
export function nextPosition(
  key: string,
  shift: boolean,
  from: number | null,
  length: number,
): number | null {
  const last = length - 1;
  const jump = shift ? Math.max(1, Math.round(length * 0.05)) : 1;
  switch (key) {
    case "ArrowRight":
    case "ArrowDown":
      return from === null ? 0 : Math.min(last, from + jump);
    case "ArrowLeft":
    case "ArrowUp":
      return from === null ? last : Math.max(0, from - jump);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}

export function Chart(props: ChartProps) {
  const {
    frame,
    legend = [],
    fileStem,
    stale = false,
    height,
    onOpen,
    openHint,
    onMark,
    children,
  } = props;
  const [asTable, setAsTable] = useState(false);
  const [about, setAbout] = useState(false);
  const [focus, setFocus] = useState<number | null>(null);
  const [mark, setMark] = useState<number | null>(null);
  const header = useRef<HTMLElement>(null);
  const id = useId();
  const position = focus === null ? null : Math.min(focus, frame.readings.length - 1);

  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (event.key === "t" || event.key === "T") {
      event.preventDefault();
      event.stopPropagation();
      setAsTable(true);
      return;
    }
    if (event.key === "Enter" && position !== null && onOpen !== undefined) {
      event.preventDefault();
      onOpen(position);
      return;
    }
    if (event.key === "s" && position !== null && onMark !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      setMark(mark === null ? position : null);
      if (mark !== null) {
        onMark(Math.min(mark, position), Math.max(mark, position));
      }
      return;
    }
    const next = nextPosition(event.key, event.shiftKey, position, frame.readings.length);
    if (next !== null && frame.readings.length > 0) {
      event.preventDefault();
      setFocus(next);
    }
  };
  const save = (): void => download(`${fileStem}-${frame.id}.csv`, toCsv(frame.table));
  const hint =
    (onOpen === undefined ? "" : ` Enter: ${openHint ?? "open"}.`) +
    (onMark === undefined ? "" : " S starts and ends a selection.");

  return (
    <figure
      className={`panel card${stale ? " stale" : ""}`}
      aria-labelledby={`${id}t`}
      data-chart={frame.id}
    >
      <header className="panel-head" ref={header}>
        <h3 id={`${id}t`}>
          {frame.title}
          {frame.unit === "" ? null : <span className="panel-unit">{frame.unit}</span>}
        </h3>
        <div className="panel-actions">
          <IconAction
            icon={asTable ? "chart" : "table"}
            label={asTable ? `Show ${frame.title} as a chart` : `Show ${frame.title} as a table`}
            onClick={() => setAsTable(!asTable)}
          />
          <IconAction icon="download" label={`Download ${frame.title} as CSV`} onClick={save} />
          <IconAction icon="info" label={`About ${frame.title}`} onClick={() => setAbout(true)} />
        </div>
      </header>
      {legend.length > 1 ? <Legend items={legend} /> : null}
      {frame.empty !== null && !asTable ? (
        <div className="panel-empty" style={{ minHeight: height }}>
          <p>No value: {frame.empty}</p>
          {props.emptyAction}
        </div>
      ) : asTable ? (
        <DataTable
          table={frame.table}
          label={`${frame.title} as a table`}
          maxHeight={Math.max(height, 240)}
        />
      ) : (
        // The ARIA pattern for a picture that is read with the arrow keys.
        // eslint-disable-next-line jsx-a11y-x/no-noninteractive-element-interactions
        <div
          className="panel-plot"
          style={{ height }}
          tabIndex={0}
          role="application"
          aria-roledescription="chart"
          aria-label={`${frame.summary} Arrow keys read the values, T shows the table.${hint}`}
          onKeyDown={onKey}
          onBlur={() => {
            setFocus(null);
            setMark(null);
          }}
        >
          {children(position)}
        </div>
      )}
      <figcaption className="visually-hidden">{frame.summary}</figcaption>
      <p className="visually-hidden" role="status" aria-live="polite">
        {position === null ? "" : frame.readings[position]}
        {mark === null || mark !== position ? "" : ", the selection starts here"}
      </p>
      <Popover
        open={about}
        onClose={() => setAbout(false)}
        anchorEl={() => header.current}
        anchorOrigin={{ vertical: "bottom", horizontal: "right" }}
        transformOrigin={{ vertical: "top", horizontal: "right" }}
        slotProps={{ paper: { role: "dialog", "aria-label": `About ${frame.title}` } }}
      >
        <div className="about">
          <p>{frame.summary}</p>
          <dl>
            {frame.n === null ? null : (
              <div>
                <dt>n</dt>
                <dd className="num">{frame.n.toLocaleString("en-US")} events</dd>
              </div>
            )}
            {frame.definition.map(([name, text]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        </div>
      </Popover>
    </figure>
  );
}
