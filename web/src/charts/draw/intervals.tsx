// One row per value: its name, a mark with its interval (or a bar from zero), the number.

import { scaleLinear } from "d3-scale";
import type { IntervalRow, IntervalsModel } from "../prepare/intervals";
import { AxisBottom, SvgArea } from "./kit";
import type { Inner } from "./kit";
import { LETTER_PX, cutTo } from "./labels";

const ROW_PX = 24;
const STACKED_PX = 40;
const APART_PX = 22;
const TOP_PX = 4;
const LIMIT_PX = 18;
const BOTTOM_PX = 24;
const LONGEST_LABEL_PX = 320;
const LABEL_SHARE = 0.36;

function splitAt(model: IntervalsModel): number {
  const first = model.rows.findIndex((row) => row.apart);
  return first === -1 ? model.rows.length : first;
}

const topOf = (model: IntervalsModel): number => (model.limit === null ? TOP_PX : LIMIT_PX);
const rowOf = (model: IntervalsModel): number => (model.stacked ? STACKED_PX : ROW_PX);

/** The height that the rows of a model need. */
export function intervalsHeight(model: IntervalsModel): number {
  const apart = splitAt(model) < model.rows.length ? APART_PX : 0;
  const left = model.left > 0 ? APART_PX : 0;
  return topOf(model) + model.rows.length * rowOf(model) + apart + left + BOTTOM_PX;
}

export interface IntervalPlotProps {
  readonly model: IntervalsModel;
  readonly focus: number | null;
  /** A click on a row. */
  readonly onPick?: ((row: number) => void) | undefined;
}

interface RowProps {
  readonly row: IntervalRow;
  readonly bars: boolean;
  readonly x: (value: number) => number;
}

/** The mark of one row, around y = 0. */
function Mark({ row, bars, x }: RowProps) {
  const { value, ci, other, apart } = row;
  const color = apart ? "var(--series-8)" : "var(--series-1)";
  if (value === null) {
    return null;
  }
  const from = Math.min(x(0), x(value));
  return (
    <>
      {bars ? (
        <rect
          x={from}
          width={Math.max(1, Math.abs(x(value) - x(0)))}
          y={-7}
          height={14}
          rx={2}
          fill={color}
          opacity={apart ? 0.45 : 0.85}
        />
      ) : null}
      {ci === null ? null : (
        <line
          x1={x(ci[0])}
          x2={x(ci[1])}
          stroke={bars ? "var(--text)" : color}
          strokeWidth={bars ? 1.5 : 4}
          strokeLinecap={bars ? "butt" : "round"}
          opacity={bars ? 0.8 : 0.45}
        />
      )}
      {bars ? null : (
        <circle
          cx={x(value)}
          r={5}
          fill={apart ? "var(--surface)" : color}
          stroke={color}
          strokeWidth={2}
        />
      )}
      {other === null ? null : (
        <path
          d={`M${x(other)},-7 l5,7 l-5,7 l-5,-7 z`}
          fill="var(--surface)"
          stroke="var(--series-2)"
          strokeWidth={2}
        />
      )}
    </>
  );
}

function Limit({
  model,
  inner,
  x,
}: {
  model: IntervalsModel;
  inner: Inner;
  x: (v: number) => number;
}) {
  const { limit } = model;
  if (limit === null) {
    return null;
  }
  const at = x(limit.value);
  const end = at > inner.width / 2;
  return (
    <g transform={`translate(${at},0)`}>
      <line className="ideal" y1={-4} y2={inner.height} />
      <text x={end ? 3 : -3} y={-7} textAnchor={end ? "end" : "start"}>
        {limit.label}
      </text>
    </g>
  );
}

interface Layout {
  readonly row: number;
  /** Where marks start, from the left. */
  readonly left: number;
  /** The middle of a mark in its row. */
  readonly middle: number;
  readonly label: number;
}

function layoutOf(model: IntervalsModel, width: number): Layout {
  if (model.stacked) {
    return { row: STACKED_PX, left: 6, middle: STACKED_PX - 11, label: width };
  }
  const longest = Math.max(4, ...model.rows.map((row) => row.label.length)) * LETTER_PX;
  const label = Math.min(longest, LONGEST_LABEL_PX, width * LABEL_SHARE);
  return { row: ROW_PX, left: label + 12, middle: ROW_PX / 2, label };
}

interface NameProps {
  readonly row: IntervalRow;
  readonly layout: Layout;
  readonly stacked: boolean;
}

function Name({ row, layout, stacked }: NameProps) {
  if (stacked) {
    return (
      <text className="row-name" y={14}>
        {cutTo(row.label, layout.label)}
        <tspan className="row-note" dx={7}>
          {cutTo(row.note, Math.max(0, layout.label - row.label.length * LETTER_PX - 12))}
        </tspan>
      </text>
    );
  }
  return (
    <text className="row-name" x={layout.label} y={layout.middle} dy="0.32em" textAnchor="end">
      {cutTo(row.label, layout.label + 4)}
    </text>
  );
}

export function IntervalPlot({ model, focus, onPick }: IntervalPlotProps) {
  const { rows, left, apartText, domain } = model;
  const number = Math.max(3, ...rows.map((row) => row.words.length)) * LETTER_PX + 10;
  const split = splitAt(model);
  return (
    <SvgArea
      height={intervalsHeight(model)}
      margin={{ top: topOf(model), right: 8, bottom: BOTTOM_PX, left: 0 }}
    >
      {(full) => {
        const layout = layoutOf(model, full.width);
        const inner = {
          width: Math.max(20, full.width - layout.left - number - 8),
          height: full.height - (left > 0 ? APART_PX : 0),
        };
        const scale = scaleLinear([domain[0], domain[1]], [0, inner.width]).clamp(true);
        const x = (value: number): number => scale(value);
        const top = (row: number): number => row * layout.row + (row >= split ? APART_PX : 0);
        const middle = layout.middle;
        return (
          <>
            <g transform={`translate(${layout.left},0)`}>
              <AxisBottom
                scale={scale}
                inner={inner}
                ticks={Math.max(2, Math.min(6, Math.floor(inner.width / 60)))}
                show={model.format.axis}
                grid
              />
              <Limit model={model} inner={inner} x={x} />
            </g>
            {apartText === null || split === rows.length ? null : (
              <g transform={`translate(0,${split * layout.row})`}>
                <line className="grid" x2={full.width} y1={3} y2={3} />
                <text y={APART_PX - 5}>{apartText}</text>
              </g>
            )}
            {rows.map((row, index) => (
              <g key={index} transform={`translate(0,${top(index)})`}>
                <Name row={row} layout={layout} stacked={model.stacked} />
                <g transform={`translate(${layout.left},${middle})`}>
                  <Mark row={row} bars={model.bars} x={x} />
                </g>
                <text className="row-name" x={full.width} y={middle} dy="0.32em" textAnchor="end">
                  {row.words}
                </text>
                <rect
                  width={full.width}
                  height={layout.row}
                  fill="transparent"
                  cursor={onPick === undefined ? undefined : "pointer"}
                  onClick={onPick === undefined ? undefined : () => onPick(index)}
                >
                  <title>{model.frame.readings[index]}</title>
                </rect>
                {focus === index ? (
                  <rect className="focus-mark" width={full.width} height={layout.row} rx={4} />
                ) : null}
              </g>
            ))}
            {left === 0 ? null : (
              <text y={full.height - 4 + BOTTOM_PX}>
                {`${left.toLocaleString("en-US")} more in the table`}
              </text>
            )}
          </>
        );
      }}
    </SvgArea>
  );
}
