// A panel of values side by side.

import { Chart, IntervalPlot, intervalsHeight } from "../../charts";
import type { IntervalsModel } from "../../charts";
import "./panels.css";

export interface IntervalPanelProps {
  readonly model: IntervalsModel;
  readonly stem: string;
  readonly stale: boolean;
  /** A click on a row, or Enter while it is read. */
  readonly onOpen?: (row: number) => void;
  readonly openHint?: string;
}

export function IntervalPanel({ model, stem, stale, onOpen, openHint }: IntervalPanelProps) {
  return (
    <Chart
      frame={model.frame}
      legend={model.legend}
      fileStem={stem}
      height={intervalsHeight(model)}
      stale={stale}
      {...(onOpen === undefined ? {} : { onOpen })}
      {...(openHint === undefined ? {} : { openHint })}
    >
      {(focus) => <IntervalPlot model={model} focus={focus} onPick={onOpen} />}
    </Chart>
  );
}
