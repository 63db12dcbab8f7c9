// The two pictures of a column: both distributions, and the shift over time.

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { catalogQuery, metricsQuery } from "../../api";
import type { DriftColumn, DriftReport, Selection } from "../../api";
import {
  Chart,
  SHARES_LEGEND,
  ShareBars,
  definitionPairs,
  prepareShares,
  prepareTimeSeries,
} from "../../charts";
import { TimeChart } from "../../charts/time";
import { Notice } from "../../design";
import { valueFormat } from "../../lib/numbers";
import { useZone } from "../../lib/preferences";
import { absoluteRange, wideStep } from "../../lib/time";
import { useView } from "../../lib/view";
import type { ViewRange } from "../../lib/view";

/** What all columns of a report have in common. */
export interface ReportContext {
  readonly report: DriftReport;
  readonly selection: Selection;
  readonly reference: string;
  readonly view: ViewRange;
  readonly stale: boolean;
}

export interface ColumnChartProps {
  readonly column: DriftColumn;
  readonly context: ReportContext;
  readonly height: number;
}

export function Distributions({ column, context, height }: ColumnChartProps) {
  const catalog = useQuery(catalogQuery());
  const formula = catalog.data?.get("psi_debiased")?.formula ?? "";
  const model = useMemo(
    () =>
      prepareShares(column.bins, {
        id: `distribution:${column.column}`,
        title: `${column.column}: distribution`,
        numeric: column.kind === "numeric",
        nReference: column.n_reference,
        nCurrent: column.n_current,
        definition: [
          [
            "bins",
            column.kind === "numeric"
              ? "quantiles of the reference, so each holds about the same share of it"
              : "categories of the reference, what is new first, then the most frequent",
          ],
          ["shift", formula],
        ],
      }),
    [column, formula],
  );
  return (
    <Chart
      frame={model.frame}
      fileStem={context.selection.deployment_id}
      height={height}
      stale={context.stale}
      legend={SHARES_LEGEND}
    >
      {(focus) => <ShareBars model={model} height={height} focus={focus} />}
    </Chart>
  );
}

export function ShiftOverTime({ column, context, height }: ColumnChartProps) {
  const [, setView] = useView();
  const zone = useZone();
  const catalog = useQuery(catalogQuery());
  const { selection, reference, view, report } = context;
  const step = wideStep(view.range);
  const query = useQuery(
    metricsQuery({
      ...selection,
      metric: ["psi_debiased"],
      feature: column.column,
      reference,
      step,
    }),
  );
  const formula = catalog.data?.get("psi_debiased")?.formula ?? "";
  const model = useMemo(() => {
    const result = query.data?.[0];
    return result === undefined
      ? null
      : prepareTimeSeries(
          [
            {
              key: "psi_debiased",
              label: "shift",
              points: result.series ?? [],
              color: 1,
              dash: 0,
              band: true,
            },
          ],
          {
            id: `shift:${column.column}`,
            title: `${column.column}: shift over time`,
            format: valueFormat("psi_debiased", ""),
            range: view.range,
            zone,
            step,
            fromZero: true,
            bounds: [0, null],
            definition: definitionPairs(result.definition, formula),
            emptyText: "too few values in each bucket of this window",
            limit: { label: "margin", value: report.margin },
          },
        );
  }, [query.data, column.column, view.range, zone, step, formula, report.margin]);
  if (query.isError) {
    return <Notice tone="bad">{query.error.message}</Notice>;
  }
  if (model === null) {
    return <div className="skeleton" style={{ height: height + 40 }} />;
  }
  return (
    <Chart
      frame={model.frame}
      fileStem={selection.deployment_id}
      height={height}
      stale={query.isPlaceholderData}
    >
      {(focus) => (
        <TimeChart
          model={model}
          height={height}
          zone={zone}
          focus={focus}
          syncKey="drift"
          onZoom={(range) => {
            const { from, to } = absoluteRange(range);
            setView({ from, to });
          }}
        />
      )}
    </Chart>
  );
}
