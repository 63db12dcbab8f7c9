// Draws a time chart on a canvas with uPlot. Colours are read from the tokens, so a theme change
// rebuilds it; new data only redraws it.

import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useThemeMode } from "../../design";
import { formatInstant } from "../../lib/time";
import type { Range, TimeZone } from "../../lib/time";
import { Swatch } from "../legend";
import { dashOf } from "../prepare/frame";
import { isolated, valueLimits } from "../prepare/time-series";
import type { Limit, PreparedSeries, TimeSeriesModel } from "../prepare/time-series";
import { useWidth } from "./use-size";

export interface TimeChartProps {
  readonly model: TimeSeriesModel;
  readonly height: number;
  readonly zone: TimeZone;
  /** The reading position of the keyboard. */
  readonly focus: number | null;
  /** Charts with the same key move their crosshairs together. */
  readonly syncKey: string;
  /** A dragged selection, as a range. */
  readonly onZoom: (range: Range) => void;
  /** The part of the range that is marked. */
  readonly selected?: Range | null;
  /** A click on a point. */
  readonly onPick?: ((position: number) => void) | undefined;
}

const FONT = '11px "Inter Variable", system-ui, sans-serif';

const TIME_LABELS: uPlot.Axis.Values = [
  [31_536_000, "{YYYY}", null, null, null, null, null, null, 1],
  [2_419_200, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [86_400, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [60, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
] as uPlot.Axis.Values;

type Read = (name: string) => string;

function reader(element: HTMLElement): Read {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(name).trim();
}

function lineOf(series: PreparedSeries, color: string): uPlot.Series {
  return {
    label: series.label,
    stroke: color,
    width: 1.75,
    dash: [...dashOf(series.dash)],
    spanGaps: false,
    points: {
      size: 5,
      fill: color,
      stroke: color,
      filter: (plot, index, show) =>
        show ? null : isolated(plot.data[index] as (number | null)[]),
    },
  };
}

function axisWidth(plot: uPlot, values: readonly (string | null)[] | null): number {
  plot.ctx.save();
  plot.ctx.font = FONT;
  const longest = (values ?? []).reduce(
    (widest, text) => Math.max(widest, plot.ctx.measureText(text ?? "").width),
    0,
  );
  plot.ctx.restore();
  return Math.ceil(longest) + 16;
}

/** A dashed line across the plot with its name at the right end. */
function drawLimit(plot: uPlot, limit: Limit, read: Read): void {
  const { ctx, bbox } = plot;
  const y = plot.valToPos(limit.value, "y", true);
  ctx.save();
  ctx.strokeStyle = read("--text-3");
  ctx.fillStyle = read("--text-3");
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = `${11 * devicePixelRatio}px "Inter Variable", system-ui, sans-serif`;
  ctx.textAlign = "right";
  ctx.textBaseline = "bottom";
  ctx.fillText(limit.label, bbox.left + bbox.width, y - 2 * devicePixelRatio);
  ctx.restore();
}

/** The marked part, behind the lines. */
function drawSelected(plot: uPlot, { from, to }: Range, read: Read): void {
  const { ctx, bbox } = plot;
  const clamp = (at: number): number =>
    Math.min(bbox.left + bbox.width, Math.max(bbox.left, plot.valToPos(at / 1000, "x", true)));
  const [left, right] = [clamp(from), clamp(to)];
  ctx.save();
  ctx.fillStyle = read("--accent-soft");
  ctx.fillRect(left, bbox.top, right - left, bbox.height);
  ctx.fillStyle = read("--accent");
  const edge = 2 * devicePixelRatio;
  ctx.fillRect(left, bbox.top, edge, bbox.height);
  ctx.fillRect(right - edge, bbox.top, edge, bbox.height);
  ctx.restore();
}

interface Latest {
  model: TimeSeriesModel;
  selected: Range | null;
  onZoom: (range: Range) => void;
  onPick: ((position: number) => void) | undefined;
}

function optionsFor(
  latest: { readonly current: Latest },
  read: Read,
  zone: TimeZone,
  syncKey: string,
  onHover: (plot: uPlot) => void,
): Omit<uPlot.Options, "width" | "height"> {
  const { model } = latest.current;
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  for (const one of model.series) {
    const color = read(`--series-${one.color}`);
    const share = Number(read("--band")) * 100 * (one.dash === 0 ? 1 : 0.7);
    series.push(lineOf(one, color));
    if (one.band) {
      const hidden: uPlot.Series = {
        label: "",
        stroke: "transparent",
        width: 0,
        points: { show: false },
      };
      series.push(hidden, hidden);
      bands.push({
        series: [series.length - 1, series.length - 2],
        fill: `color-mix(in srgb, ${color} ${share}%, transparent)`,
      });
    }
  }
  const axis: uPlot.Axis = {
    stroke: read("--text-3"),
    font: FONT,
    grid: { stroke: read("--grid"), width: 1 },
    ticks: { show: false },
    border: { show: false },
  };
  let dragged = false;
  return {
    padding: [8, 10, 0, 0],
    legend: { show: false },
    series,
    bands,
    ...(zone === "utc"
      ? { tzDate: (ts: number) => uPlot.tzDate(new Date(ts * 1000), "Etc/UTC") }
      : {}),
    scales: {
      x: {
        range: () => {
          const { range, xs } = latest.current.model;
          const from = Math.min(range.from, xs[0] ?? range.from);
          const air = (range.to - from) * 0.012;
          return [(from - air) / 1000, (range.to + air) / 1000];
        },
      },
      y: {
        range: () => {
          const { series, fromZero, bounds, limit } = latest.current.model;
          return valueLimits(series, fromZero, bounds, limit);
        },
      },
    },
    axes: [
      { ...axis, values: TIME_LABELS, space: 64, size: 34, gap: 6 },
      {
        ...axis,
        values: (_, splits) => splits.map((value) => latest.current.model.format.axis(value)),
        size: axisWidth,
        ...(model.format.ticks === undefined ? {} : { incrs: [...model.format.ticks] }),
        space: 34,
        gap: 6,
      },
    ],
    cursor: {
      sync: { key: syncKey, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { size: 7 },
      y: false,
    },
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          dragged = width > 4;
          if (dragged) {
            const from = plot.posToVal(left, "x") * 1000;
            const to = plot.posToVal(left + width, "x") * 1000;
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            latest.current.onZoom({ from, to });
          }
        },
      ],
      setCursor: [onHover],
      drawClear: [
        (plot) => {
          const { selected } = latest.current;
          if (selected !== null) {
            drawSelected(plot, selected, read);
          }
        },
      ],
      draw: [
        (plot) => {
          const { limit } = latest.current.model;
          if (limit !== null) {
            drawLimit(plot, limit, read);
          }
        },
      ],
      ready: [
        (plot) => {
          plot.over.addEventListener("click", () => {
            const index = plot.cursor.idx;
            if (!dragged && typeof index === "number") {
              latest.current.onPick?.(index);
            }
            dragged = false;
          });
        },
      ],
    },
  };
}

function dataOf(model: TimeSeriesModel): uPlot.AlignedData {
  const columns: (number | null)[][] = [];
  for (const one of model.series) {
    columns.push([...one.values]);
    if (one.band) {
      columns.push([...one.lows], [...one.highs]);
    }
  }
  return [model.xs.map((x) => x / 1000), ...columns];
}

interface Hover {
  readonly index: number;
  readonly left: number;
  readonly width: number;
}

export function TimeChart(props: TimeChartProps) {
  const { model, height, zone, focus, syncKey, onZoom, selected = null, onPick } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef<Latest>({ model, selected, onZoom, onPick });
  const width = useWidth(box);
  const theme = useThemeMode();
  const [hover, setHover] = useState<Hover | null>(null);
  const shape = useMemo(
    () => model.series.map((one) => `${one.label}|${one.color}|${one.dash}|${one.band}`).join("\n"),
    [model],
  );
  const ready = width > 0;

  useEffect(() => {
    latest.current = { model, selected, onZoom, onPick };
  });

  useEffect(() => {
    const element = box.current;
    if (element === null || !ready) {
      return undefined;
    }
    const onHover = (made: uPlot): void => {
      const { idx, left = -1 } = made.cursor;
      const here = made.over.matches(":hover") || element.parentElement?.matches(":focus") === true;
      const offset = made.over.offsetLeft;
      setHover(
        here && typeof idx === "number" && left >= 0
          ? { index: idx, left: left + offset, width: element.clientWidth }
          : null,
      );
    };
    const options = optionsFor(latest, reader(element), zone, syncKey, onHover);
    const size = { width: element.clientWidth, height };
    const made = new uPlot({ ...options, ...size }, dataOf(latest.current.model), element);
    plot.current = made;
    // The canvas keeps the fallback font until it is told that the real one has arrived.
    void document.fonts.ready.then(() => {
      if (plot.current === made) {
        made.redraw(false, true);
      }
    });
    return () => {
      plot.current = null;
      made.destroy();
    };
  }, [ready, shape, theme, zone, syncKey, height]);

  useEffect(() => {
    plot.current?.setData(dataOf(model));
  }, [model]);

  useEffect(() => {
    plot.current?.redraw(false);
  }, [selected?.from, selected?.to]);

  useEffect(() => {
    if (width > 0) {
      plot.current?.setSize({ width, height });
    }
  }, [width, height]);

  useEffect(() => {
    const made = plot.current;
    const x = focus === null ? undefined : model.xs[focus];
    if (made !== null) {
      made.setCursor({
        left: x === undefined ? -10 : made.valToPos(x / 1000, "x"),
        top: x === undefined ? -10 : 10,
      });
    }
  }, [focus, model]);

  return (
    <div className="ts" ref={box}>
      {hover === null ? null : <Tip model={model} hover={hover} zone={zone} />}
    </div>
  );
}

interface TipProps {
  readonly model: TimeSeriesModel;
  readonly hover: Hover;
  readonly zone: TimeZone;
}

function Tip({ model, hover, zone }: TipProps) {
  const at = model.xs[hover.index];
  if (at === undefined) {
    return null;
  }
  const right = hover.left > hover.width / 2;
  const place = right ? { right: hover.width - hover.left + 12 } : { left: hover.left + 12 };
  return (
    <div className="ts-tip" style={place} aria-hidden="true">
      <div className="when num">{formatInstant(at, zone, "minute")}</div>
      {model.series.map((one) => {
        const value = one.values[hover.index] ?? null;
        const low = one.lows[hover.index] ?? null;
        const high = one.highs[hover.index] ?? null;
        const n = one.ns[hover.index] ?? null;
        return (
          <div key={one.key}>
            <div className="line">
              <Swatch item={one} />
              {model.series.length > 1 ? <span>{one.label}</span> : null}
              <strong className="num">{value === null ? "–" : model.format.full(value)}</strong>
            </div>
            <div className="muted num">
              {low !== null && high !== null && one.band
                ? `95 % ${model.format.full(low)} to ${model.format.full(high)} · `
                : ""}
              {n === null ? "" : `n ${n.toLocaleString("en-US")}`}
            </div>
          </div>
        );
      })}
    </div>
  );
}
