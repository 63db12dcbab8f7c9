// A panel of a curve or a distribution over the whole range.

import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ReactNode } from "react";
import { filterProblem } from "../../api";
import { Chart } from "../../charts";
import type { ChartFrame, LegendItem } from "../../charts";
import { Notice } from "../../design";
import "./panels.css";

export const CURVE_HEIGHT = 262;

export interface CurvePanelProps<A, M extends { readonly frame: ChartFrame }> {
  readonly query: UseQueryResult<A>;
  readonly prepare: (answer: A) => M;
  readonly stem: string;
  readonly height?: number;
  readonly legend?: readonly LegendItem[];
  readonly draw: (model: M, focus: number | null) => ReactNode;
}

export function CurvePanel<A, M extends { readonly frame: ChartFrame }>(
  props: CurvePanelProps<A, M>,
) {
  const { query, prepare, stem, height = CURVE_HEIGHT, legend, draw } = props;
  const { data } = query;
  const model = useMemo(() => (data === undefined ? null : prepare(data)), [data, prepare]);
  if (query.isError) {
    return filterProblem(query.error) !== null ? null : (
      <Notice tone="bad">{query.error.message}</Notice>
    );
  }
  if (model === null) {
    return <div className="skeleton" style={{ height: height + 60 }} />;
  }
  return (
    <Chart
      frame={model.frame}
      fileStem={stem}
      height={height}
      stale={query.isPlaceholderData}
      {...(legend === undefined || model.frame.empty !== null ? {} : { legend })}
    >
      {(focus) => draw(model, focus)}
    </Chart>
  );
}
