// Two distributions over the same bins: the reference as an outline, now as bars.

import { scaleBand, scaleLinear } from "d3-scale";
import type { DriftModel } from "../prepare/drift";
import { dashOf } from "../prepare/frame";
import { AxisLeft, SvgArea } from "./kit";

export const DRIFT_SIDES = [
  { color: 1, dash: 0, label: "now", area: true },
  { color: 2, dash: 1, label: "reference", area: false },
] as const;

const share = (value: number): string => `${Math.round(value * 100)}%`;
const cut = (text: string): string => (text.length > 10 ? `${text.slice(0, 9)}…` : text);
const LABEL_PX = 62;

export interface DriftBarsProps {
  readonly model: DriftModel;
  readonly height: number;
  readonly focus: number | null;
}

export function DriftBars({ model, height, focus }: DriftBarsProps) {
  const { bars } = model;
  return (
    <SvgArea height={height} margin={{ top: 8, right: 20, bottom: 24, left: 42 }}>
      {(inner) => {
        const names = bars.map((_, index) => String(index));
        const x = scaleBand(names, [0, inner.width]).paddingInner(0.18).paddingOuter(0.06);
        const most = Math.max(0.01, ...bars.flatMap((bar) => [bar.reference, bar.current]));
        const y = scaleLinear([0, most], [inner.height, 0]);
        const every = Math.ceil((bars.length * LABEL_PX) / Math.max(LABEL_PX, inner.width));
        return (
          <>
            <AxisLeft scale={y} inner={inner} ticks={3} show={share} />
            {bars.map((bar, index) => {
              const left = x(String(index)) ?? 0;
              const width = x.bandwidth();
              return (
                <g key={`${bar.label} ${names[index] ?? ""}`}>
                  <title>{model.frame.readings[index]}</title>
                  <rect
                    x={left}
                    y={y(bar.current)}
                    width={width}
                    height={inner.height - y(bar.current)}
                    fill="var(--series-1)"
                    opacity={0.55}
                  />
                  <path
                    d={`M${left},${inner.height}V${y(bar.reference)}H${left + width}V${inner.height}`}
                    fill="none"
                    stroke="var(--series-2)"
                    strokeWidth={1.75}
                    strokeDasharray={dashOf(1).join(" ")}
                  />
                  {focus === index ? (
                    <rect
                      className="focus-mark"
                      x={left - 2}
                      y={-2}
                      width={width + 4}
                      height={inner.height + 4}
                    />
                  ) : null}
                  {index % every === 0 ? (
                    <text x={left + width / 2} y={inner.height + 16} textAnchor="middle">
                      {cut(bar.tick)}
                    </text>
                  ) : null}
                </g>
              );
            })}
          </>
        );
      }}
    </SvgArea>
  );
}
