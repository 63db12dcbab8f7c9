// Statistical charts as SVG: few marks, coloured by the tokens.

import { scaleBand, scaleLinear, scaleSqrt } from "d3-scale";
import { area, curveStepAfter, line } from "d3-shape";
import { formatCompact, formatNumber, formatPercent } from "../../lib/numbers";
import { dashOf } from "../prepare/frame";
import type {
  ConfusionModel,
  DistributionModel,
  HistogramModel,
  LineModel,
  ReliabilityModel,
} from "../prepare/curves";
import { AxisBottom, AxisLeft, SvgArea } from "./kit";

const share = (value: number): string => `${Math.round(value * 100)}%`;
const short = (value: number): string => formatNumber(value);

interface DrawProps<M> {
  readonly model: M;
  readonly height: number;
  readonly focus: number | null;
}

/** Mean score against what came true; the bar is the 95 % interval, the dot's area its n. */
export function ReliabilityDiagram({
  model,
  height,
  focus,
  other,
}: DrawProps<ReliabilityModel> & { readonly other?: ReliabilityModel | undefined }) {
  return (
    <SvgArea height={height} margin={{ top: 8, right: 12, bottom: 38, left: 48 }}>
      {(inner) => {
        const x = scaleLinear([0, 1], [0, inner.width]);
        const y = scaleLinear([0, 1], [inner.height, 0]);
        const most = Math.max(1, ...model.bins.map((bin) => bin.n));
        const size = scaleSqrt([0, most], [2.5, 8]);
        const path = line<{ score: number; rate: number }>(
          (bin) => x(bin.score),
          (bin) => y(bin.rate),
        );
        return (
          <>
            <AxisLeft scale={y} inner={inner} ticks={5} show={share} name="came true" />
            <AxisBottom
              scale={x}
              inner={inner}
              ticks={5}
              show={short}
              name="mean score of the bin"
            />
            <line className="ideal" x1={0} y1={inner.height} x2={inner.width} y2={0} />
            {other === undefined ? null : (
              <g stroke="var(--series-2)" fill="none">
                <path
                  d={path([...other.bins]) ?? ""}
                  strokeWidth={1.75}
                  strokeDasharray={dashOf(1).join(" ")}
                />
                {other.bins.map((bin) => (
                  <circle
                    key={bin.lo}
                    cx={x(bin.score)}
                    cy={y(bin.rate)}
                    r={3.5}
                    fill="var(--surface)"
                    strokeWidth={1.75}
                  />
                ))}
              </g>
            )}
            <path
              d={path([...model.bins]) ?? ""}
              fill="none"
              stroke="var(--series-1)"
              strokeWidth={1.75}
            />
            {model.bins.map((bin, index) => (
              <g key={bin.lo}>
                {bin.ci === null ? null : (
                  <line
                    x1={x(bin.score)}
                    x2={x(bin.score)}
                    y1={y(bin.ci[0])}
                    y2={y(bin.ci[1])}
                    stroke="var(--series-1)"
                    strokeWidth={2}
                    strokeLinecap="round"
                    opacity={0.55}
                  />
                )}
                <circle cx={x(bin.score)} cy={y(bin.rate)} r={size(bin.n)} fill="var(--series-1)">
                  <title>{model.frame.readings[index]}</title>
                </circle>
                {focus === index ? (
                  <circle
                    className="focus-mark"
                    cx={x(bin.score)}
                    cy={y(bin.rate)}
                    r={size(bin.n) + 4}
                  />
                ) : null}
              </g>
            ))}
          </>
        );
      }}
    </SvgArea>
  );
}

const MAX_CLASSES = 12;

/** Counts with the share of the label's row; right cells and wrong cells differ in hue and place. */
export function ConfusionMatrix({ model, height, focus }: DrawProps<ConfusionModel>) {
  const classes = model.classes.slice(0, MAX_CLASSES);
  const room = Math.min(96, 18 + Math.max(...classes.map((name) => name.length), 4) * 6.5);
  const cut = (name: string): string => (name.length > 13 ? `${name.slice(0, 12)}…` : name);
  return (
    <SvgArea
      height={height}
      maxWidth={520}
      margin={{ top: 8, right: 8, bottom: 40, left: room + 16 }}
    >
      {(inner) => {
        const x = scaleBand(classes, [0, inner.width]).padding(0.03);
        const y = scaleBand(classes, [0, inner.height]).padding(0.03);
        const wide = x.bandwidth();
        const tall = y.bandwidth();
        return (
          <>
            {classes.map((actual, row) => {
              const counts = model.matrix[row] ?? [];
              const total = counts.reduce((sum, count) => sum + count, 0);
              return classes.map((predicted, col) => {
                const count = counts[col] ?? 0;
                const part = total === 0 ? 0 : count / total;
                const hue = row === col ? "--series-3" : "--series-2";
                const mark = row * model.classes.length + col;
                return (
                  <g
                    key={`${actual}/${predicted}`}
                    transform={`translate(${x(predicted) ?? 0},${y(actual) ?? 0})`}
                  >
                    <rect
                      width={wide}
                      height={tall}
                      rx={5}
                      fill={`color-mix(in srgb, var(${hue}) ${Math.round(5 + part * 38)}%, var(--surface))`}
                    >
                      <title>{model.frame.readings[mark]}</title>
                    </rect>
                    {tall > 26 && wide > 34 ? (
                      <text
                        className="cell-count"
                        x={wide / 2}
                        y={tall / 2 - (tall > 44 ? 5 : -5)}
                        textAnchor="middle"
                      >
                        {count >= 100_000 ? formatCompact(count) : count.toLocaleString("en-US")}
                      </text>
                    ) : null}
                    {tall > 44 && wide > 44 ? (
                      <text
                        className="cell-share"
                        x={wide / 2}
                        y={tall / 2 + 13}
                        textAnchor="middle"
                      >
                        {formatPercent(part)}
                      </text>
                    ) : null}
                    {focus === mark ? (
                      <rect className="focus-mark" width={wide} height={tall} rx={5} />
                    ) : null}
                  </g>
                );
              });
            })}
            {classes.map((name) => (
              <g key={name}>
                <text x={-8} y={(y(name) ?? 0) + tall / 2} dy="0.32em" textAnchor="end">
                  {cut(name)}
                </text>
                <text x={(x(name) ?? 0) + wide / 2} y={inner.height + 16} textAnchor="middle">
                  {cut(name)}
                </text>
              </g>
            ))}
            <text
              className="axis-name"
              x={inner.width / 2}
              y={inner.height + 33}
              textAnchor="middle"
            >
              predicted
            </text>
            <text
              className="axis-name"
              transform={`translate(${-room - 4},${inner.height / 2}) rotate(-90)`}
              textAnchor="middle"
            >
              label
            </text>
          </>
        );
      }}
    </SvgArea>
  );
}

export const SCORE_CLASSES = [
  { key: "positive", label: "positive label", color: 1, dash: 0, area: true },
  { key: "negative", label: "negative label", color: 2, dash: 1, area: true },
  { key: "unlabelled", label: "no label yet", color: 8, dash: 2, area: false },
] as const;

/** One stepped outline per class, each as shares of itself. */
export function ScoreDistribution({ model, height, focus }: DrawProps<DistributionModel>) {
  const { bins, threshold } = model;
  return (
    <SvgArea height={height} margin={{ top: 8, right: 12, bottom: 38, left: 48 }}>
      {(inner) => {
        const low = bins[0]?.lo ?? 0;
        const high = bins[bins.length - 1]?.hi ?? 1;
        const top = Math.max(
          0.01,
          ...bins.flatMap((bin) => [bin.positive, bin.negative, bin.unlabelled]),
        );
        const x = scaleLinear([low, high], [0, inner.width]);
        const y = scaleLinear([0, top * 1.08], [inner.height, 0]);
        const at = focus === null ? undefined : bins[focus];
        return (
          <>
            <AxisLeft scale={y} inner={inner} ticks={5} show={formatPercent} />
            <AxisBottom scale={x} inner={inner} ticks={6} show={short} name="score" />
            {SCORE_CLASSES.map(({ key, color, dash, area: filled }) => {
              const steps = [
                ...bins.map((bin) => ({ x: bin.lo, y: bin[key] })),
                { x: high, y: bins[bins.length - 1]?.[key] ?? 0 },
              ];
              if (steps.every((step) => step.y === 0)) {
                return null;
              }
              const outline = line<{ x: number; y: number }>(
                (s) => x(s.x),
                (s) => y(s.y),
              ).curve(curveStepAfter);
              const body = area<{ x: number; y: number }>(
                (s) => x(s.x),
                inner.height,
                (s) => y(s.y),
              ).curve(curveStepAfter);
              return (
                <g key={key}>
                  {filled ? (
                    <path d={body(steps) ?? ""} fill={`var(--series-${color})`} opacity={0.16} />
                  ) : null}
                  <path
                    d={outline(steps) ?? ""}
                    fill="none"
                    stroke={`var(--series-${color})`}
                    strokeWidth={1.75}
                    strokeDasharray={dashOf(dash).join(" ")}
                  />
                </g>
              );
            })}
            {threshold === null ? null : (
              <g transform={`translate(${x(threshold)},0)`}>
                <line className="ideal" y2={inner.height} />
                <text x={5} y={10}>
                  threshold {formatNumber(threshold)}
                </text>
              </g>
            )}
            <line className="base" x2={inner.width} y1={inner.height} y2={inner.height} />
            {at === undefined ? null : (
              <rect
                className="focus-mark"
                x={x(at.lo)}
                width={Math.max(2, x(at.hi) - x(at.lo))}
                height={inner.height}
              />
            )}
          </>
        );
      }}
    </SvgArea>
  );
}

export function Histogram({ model, height, focus }: DrawProps<HistogramModel>) {
  const { bins } = model;
  return (
    <SvgArea height={height} margin={{ top: 8, right: 12, bottom: 38, left: 48 }}>
      {(inner) => {
        const low = Math.min(0, bins[0]?.lo ?? 0);
        const high = Math.max(0, bins[bins.length - 1]?.hi ?? 1);
        const x = scaleLinear([low, high], [0, inner.width]);
        const y = scaleLinear(
          [0, Math.max(1, ...bins.map((bin) => bin.n)) * 1.06],
          [inner.height, 0],
        );
        return (
          <>
            <AxisLeft scale={y} inner={inner} ticks={5} show={formatCompact} />
            <AxisBottom scale={x} inner={inner} ticks={7} show={short} name="prediction − label" />
            {bins.map((bin, index) => {
              const place = {
                x: x(bin.lo) + 0.5,
                width: Math.max(1, x(bin.hi) - x(bin.lo) - 1),
                y: y(bin.n),
                height: inner.height - y(bin.n),
              };
              return (
                <g key={bin.lo}>
                  <rect {...place} rx={1.5} fill="var(--series-1)" opacity={0.85}>
                    <title>{model.frame.readings[index]}</title>
                  </rect>
                  {focus === index ? (
                    <rect className="focus-mark" {...place} y={0} height={inner.height} />
                  ) : null}
                </g>
              );
            })}
            <line className="ideal" x1={x(0)} x2={x(0)} y2={inner.height} />
            <line className="base" x2={inner.width} y1={inner.height} y2={inner.height} />
          </>
        );
      }}
    </SvgArea>
  );
}

export function LineCurve({ model, height, focus }: DrawProps<LineModel>) {
  return (
    <SvgArea height={height} margin={{ top: 8, right: 12, bottom: 38, left: 48 }}>
      {(inner) => {
        const x = scaleLinear([0, 1], [0, inner.width]);
        const y = scaleLinear([0, 1], [inner.height, 0]);
        const path = line<{ x: number; y: number }>(
          (p) => x(p.x),
          (p) => y(p.y),
        );
        const at = focus === null ? undefined : model.points[focus];
        const chance = model.chance === "diagonal" ? [0, 1] : [model.chance, model.chance];
        return (
          <>
            <AxisLeft scale={y} inner={inner} ticks={5} show={share} name={model.yLabel} />
            <AxisBottom scale={x} inner={inner} ticks={5} show={share} name={model.xLabel} />
            <line
              className="ideal"
              x1={0}
              y1={y(chance[0] ?? 0)}
              x2={inner.width}
              y2={y(chance[1] ?? 1)}
            />
            <path
              d={path([...model.points]) ?? ""}
              fill="none"
              stroke="var(--series-1)"
              strokeWidth={2}
            />
            {at === undefined ? null : (
              <circle className="focus-mark" cx={x(at.x)} cy={y(at.y)} r={6} />
            )}
          </>
        );
      }}
    </SvgArea>
  );
}

/** A line without axes, for tiles. Its numbers are in the tile's words. */
export function Sparkline({
  values,
  height = 36,
}: {
  readonly values: readonly (number | null)[];
  readonly height?: number;
}) {
  return (
    <SvgArea height={height} margin={{ top: 3, right: 3, bottom: 3, left: 3 }}>
      {(inner) => {
        const known = values.filter((value) => value !== null);
        const low = Math.min(...known);
        const high = Math.max(...known);
        const x = scaleLinear([0, Math.max(1, values.length - 1)], [0, inner.width]);
        const y = scaleLinear(low === high ? [low - 1, high + 1] : [low, high], [inner.height, 0]);
        const path = line<number | null>(
          (_, index) => x(index),
          (value) => y(value ?? 0),
        ).defined((value) => value !== null);
        const last = values.findLastIndex((value) => value !== null);
        const lastValue = values[last] ?? null;
        return known.length === 0 ? null : (
          <>
            <path
              d={path([...values]) ?? ""}
              fill="none"
              stroke="var(--series-1)"
              strokeWidth={1.5}
              strokeLinejoin="round"
            />
            {lastValue === null ? null : (
              <circle cx={x(last)} cy={y(lastValue)} r={2.5} fill="var(--series-1)" />
            )}
          </>
        );
      }}
    </SvgArea>
  );
}
