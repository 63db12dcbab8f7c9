// Two distributions laid over each other: the reference as a wide pale bar, the current as a narrow
// full one in front. Bins of a number are equally wide, because they hold equal shares of the
// reference; their edges are written between them.

import { scaleBand, scaleLinear } from "d3-scale";
import { formatNumber, formatPercent } from "../../lib/numbers";
import type { SharesModel } from "../prepare/shares";
import { AxisLeft, SvgArea } from "./kit";
import type { Inner } from "./kit";
import { cutTo } from "./labels";

const EDGE_PX = 46;
const LEAST_LABEL_PX = 24;

interface LabelsProps {
  readonly model: SharesModel;
  readonly inner: Inner;
  readonly step: number;
}

/** The names below the bars: edges between bins, or categories as far as they fit. */
function Labels({ model, inner, step }: LabelsProps) {
  const y = inner.height + 15;
  const { bins, edges } = model;
  if (edges !== null) {
    const each = Math.max(1, Math.ceil(EDGE_PX / Math.max(1, step)));
    return edges.map((edge, index) =>
      index % each === 0 ? (
        <text key={index} x={(index + 1) * step} y={y} textAnchor="middle">
          {formatNumber(edge)}
        </text>
      ) : null,
    );
  }
  if (step < LEAST_LABEL_PX) {
    return (
      <text x={inner.width / 2} y={y} textAnchor="middle">
        {`${bins[0]?.label === "new" ? "new ones first, then " : ""}by frequency, ${bins.length} bars`}
      </text>
    );
  }
  return bins.map((bin, index) => (
    <text key={index} x={(index + 0.5) * step} y={y} textAnchor="middle">
      {cutTo(bin.label, step - 8)}
    </text>
  ));
}

export interface ShareBarsProps {
  readonly model: SharesModel;
  readonly height: number;
  readonly focus: number | null;
}

export function ShareBars({ model, height, focus }: ShareBarsProps) {
  const { bins } = model;
  return (
    <SvgArea height={height} margin={{ top: 8, right: 8, bottom: 22, left: 44 }}>
      {(inner) => {
        const x = scaleBand(
          bins.map((_, index) => index),
          [0, inner.width],
        ).padding(0);
        const top = Math.max(0.01, ...bins.flatMap((bin) => [bin.reference, bin.current]));
        const y = scaleLinear([0, top * 1.06], [inner.height, 0]);
        const step = x.step();
        const wide = { inset: step * 0.08, width: step * 0.84 };
        const narrow = { inset: step * 0.27, width: step * 0.46 };
        return (
          <>
            <AxisLeft scale={y} inner={inner} ticks={height > 200 ? 5 : 3} show={formatPercent} />
            {bins.map((bin, index) => {
              const left = index * step;
              return (
                <g key={index}>
                  <rect
                    x={left + wide.inset}
                    width={wide.width}
                    y={y(bin.reference)}
                    height={inner.height - y(bin.reference)}
                    fill="color-mix(in srgb, var(--series-8) 24%, var(--surface))"
                    stroke="var(--series-8)"
                    strokeWidth={1.25}
                  />
                  <rect
                    x={left + narrow.inset}
                    width={narrow.width}
                    y={y(bin.current)}
                    height={inner.height - y(bin.current)}
                    fill="var(--series-1)"
                  />
                  <rect x={left} width={step} height={inner.height} fill="transparent">
                    <title>{model.frame.readings[index]}</title>
                  </rect>
                  {focus === index ? (
                    <rect className="focus-mark" x={left} width={step} height={inner.height} />
                  ) : null}
                </g>
              );
            })}
            <line className="base" x2={inner.width} y1={inner.height} y2={inner.height} />
            <Labels model={model} inner={inner} step={step} />
          </>
        );
      }}
    </SvgArea>
  );
}
