// The SVG kit: an area with margins, axes from d3 scales, nothing that draws data.

import { useRef } from "react";
import type { ReactNode } from "react";
import { useWidth } from "./use-size";

export interface Inner {
  readonly width: number;
  readonly height: number;
}

export interface Margin {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

export interface SvgAreaProps {
  readonly height: number;
  readonly margin: Margin;
  readonly maxWidth?: number;
  readonly children: (inner: Inner) => ReactNode;
}

/** An SVG as wide as its place. Hidden from screen readers: the chart's frame speaks for it. */
export function SvgArea({ height, margin, maxWidth, children }: SvgAreaProps) {
  const box = useRef<HTMLDivElement>(null);
  const full = useWidth(box);
  const width = maxWidth === undefined ? full : Math.min(full, maxWidth);
  const inner = {
    width: Math.max(0, width - margin.left - margin.right),
    height: height - margin.top - margin.bottom,
  };
  return (
    <div ref={box} style={{ height, display: "flex", justifyContent: "center" }}>
      {width > 0 ? (
        <svg className="kit" width={width} height={height} aria-hidden="true" focusable="false">
          <g transform={`translate(${margin.left},${margin.top})`}>{children(inner)}</g>
        </svg>
      ) : null}
    </div>
  );
}

interface Scale {
  (value: number): number;
  ticks(count: number): number[];
}

export interface AxisProps {
  readonly scale: Scale;
  readonly inner: Inner;
  readonly ticks: number;
  readonly show: (value: number) => string;
  readonly name?: string;
  readonly grid?: boolean;
}

export function AxisBottom({ scale, inner, ticks, show, name, grid = false }: AxisProps) {
  return (
    <g transform={`translate(0,${inner.height})`}>
      {scale.ticks(ticks).map((tick) => (
        <g key={tick} transform={`translate(${scale(tick)},0)`}>
          {grid ? <line className="grid" y2={-inner.height} /> : null}
          <text y={16} textAnchor="middle">
            {show(tick)}
          </text>
        </g>
      ))}
      {name === undefined ? null : (
        <text className="axis-name" x={inner.width / 2} y={32} textAnchor="middle">
          {name}
        </text>
      )}
    </g>
  );
}

export function AxisLeft({ scale, inner, ticks, show, name, grid = true }: AxisProps) {
  return (
    <g>
      {scale.ticks(ticks).map((tick) => (
        <g key={tick} transform={`translate(0,${scale(tick)})`}>
          {grid ? <line className="grid" x2={inner.width} /> : null}
          <text x={-7} dy="0.32em" textAnchor="end">
            {show(tick)}
          </text>
        </g>
      ))}
      {name === undefined ? null : (
        <text
          className="axis-name"
          transform={`translate(-38,${inner.height / 2}) rotate(-90)`}
          textAnchor="middle"
        >
          {name}
        </text>
      )}
    </g>
  );
}
