// Panels of metrics over time: one request for all of a section.

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { catalogQuery, filterProblem, metricsQuery } from "../../api";
import type { MetricResult, MetricsParams, Selection } from "../../api";
import { Chart } from "../../charts";
import type { TimeSeriesModel } from "../../charts";
import { TimeChart } from "../../charts/time";
import { Notice } from "../../design";
import { useZone } from "../../lib/preferences";
import { absoluteRange, spanMs, toRfc3339 } from "../../lib/time";
import { useView } from "../../lib/view";
import type { ViewRange } from "../../lib/view";
import { compareName, latencyModel, metricModel } from "./series";
import "./panels.css";

const HEIGHT = 190;

export interface MetricPanelsProps {
  readonly metrics: readonly string[];
  readonly selection: Selection;
  readonly view: ViewRange;
  readonly compare: string | undefined;
  readonly groupBy: readonly string[];
  /** What else the metrics take: by and min_n, bins, a threshold. */
  readonly more?: Partial<MetricsParams>;
}

export function MetricPanels(props: MetricPanelsProps) {
  const { metrics, selection, view, compare, groupBy, more } = props;
  const zone = useZone();
  const catalog = useQuery(catalogQuery());
  const query = useQuery(
    metricsQuery({
      ...selection,
      metric: metrics,
      step: view.step,
      group_by: groupBy,
      compare,
      ...more,
    }),
  );
  const models = useMemo((): TimeSeriesModel[] => {
    if (query.data === undefined || catalog.data === undefined) {
      return [];
    }
    const context = {
      view,
      zone,
      catalog: catalog.data,
      options: {
        baseName:
          selection.model_version ??
          (compare?.startsWith("offset") === true ? "now" : "all versions"),
        compareName: compare === undefined ? null : compareName(compare),
      },
    };
    return panelsOf(query.data)
      .map((group) =>
        group.length === 1 && group[0] !== undefined
          ? metricModel(group[0], context)
          : latencyModel(group, context),
      )
      .filter((model) => model !== null);
  }, [query.data, catalog.data, view, zone, compare, selection.model_version]);

  if (query.isError) {
    // A filter that cannot be read is shown at the filter, once.
    return filterProblem(query.error) !== null ? null : (
      <Notice tone="bad">{query.error.message}</Notice>
    );
  }
  if (models.length === 0) {
    return (
      <div className="panels">
        {metrics.map((metric) => (
          <div key={metric} className="skeleton" style={{ height: HEIGHT + 60 }} />
        ))}
      </div>
    );
  }
  return (
    <div className="panels">
      {models.map((model) => (
        <TimePanel
          key={model.frame.id}
          model={model}
          selection={selection}
          view={view}
          stale={query.isPlaceholderData}
        />
      ))}
    </div>
  );
}

/** Results by panel: the latency quantiles share one. */
export function panelsOf(results: readonly MetricResult[]): MetricResult[][] {
  const panels: MetricResult[][] = [];
  let latency: MetricResult[] | null = null;
  for (const result of results) {
    if (!result.metric.startsWith("latency_p")) {
      panels.push([result]);
    } else if (latency === null) {
      latency = [result];
      panels.push(latency);
    } else {
      latency.push(result);
    }
  }
  return panels;
}

interface TimePanelProps {
  readonly model: TimeSeriesModel;
  readonly selection: Selection;
  readonly view: ViewRange;
  readonly stale: boolean;
}

function TimePanel({ model, selection, view, stale }: TimePanelProps) {
  const [, setView] = useView();
  const navigate = useNavigate();
  const zone = useZone();
  const open = (position: number): void => {
    const at = model.xs[position];
    const step = spanMs(view.step);
    if (at === undefined || step === null) {
      return;
    }
    void navigate({
      to: "/events",
      search: {
        deployment: selection.deployment_id,
        from: toRfc3339(Math.max(at, Math.floor(view.range.from))),
        to: toRfc3339(Math.min(at + step, Math.ceil(view.range.to))),
        ...(selection.filter === undefined ? {} : { filter: selection.filter }),
        ...(selection.model_version === undefined
          ? {}
          : { model_version: selection.model_version }),
      },
    });
  };
  return (
    <Chart
      frame={model.frame}
      legend={model.legend}
      fileStem={selection.deployment_id}
      stale={stale}
      height={HEIGHT}
      onOpen={open}
      openHint="the events of this point"
    >
      {(focus) => (
        <TimeChart
          model={model}
          height={HEIGHT}
          zone={zone}
          focus={focus}
          syncKey="dashboard"
          onZoom={(range) => {
            const { from, to } = absoluteRange(range);
            setView({ from, to });
          }}
          onPick={open}
        />
      )}
    </Chart>
  );
}
