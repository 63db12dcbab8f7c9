// Numbers as people read them. Every figure on the page passes through here.

const EM_DASH = "–";

/** Units whose values are shares of one and read best as percent. */
const PERCENT_METRICS = new Set(["error_rate", "label_coverage", "missing_rate"]);

function trimmed(value: number, digits: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

/** Four significant digits at most, never an exponent for everyday sizes. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) {
    return value.toExponential(2);
  }
  if (size >= 1000) {
    return trimmed(value, 0);
  }
  const digits = size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
  return trimmed(value, digits);
}

/** 12,345 -> "12.3k": for counts where space is short. */
export function formatCompact(value: number): string {
  return value.toLocaleString("en-US", { notation: "compact", maximumFractionDigits: 1 });
}

export function formatPercent(share: number): string {
  return `${trimmed(share * 100, Math.abs(share) < 0.1 ? 2 : 1)} %`;
}

/** Seconds as the two largest units that matter: "2 h 10 min". */
export function formatDuration(seconds: number): string {
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? "-" : "";
  if (size === 0) {
    return "0 s";
  }
  if (size < 1) {
    return `${sign}${trimmed(size * 1000, 0)} ms`;
  }
  if (size < 60) {
    return `${sign}${trimmed(size, size < 10 ? 1 : 0)} s`;
  }
  const steps: [number, string][] = [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
  ];
  for (const [index, [unit, name]] of steps.entries()) {
    if (size >= unit) {
      const whole = Math.floor(size / unit);
      const next = steps[index + 1];
      const rest = next === undefined ? 0 : Math.floor((size - whole * unit) / next[0]);
      const tail = next === undefined || rest === 0 || whole >= 10 ? "" : ` ${rest} ${next[1]}`;
      return `${sign}${trimmed(whole, 0)} ${name}${tail}`;
    }
  }
  return `${sign}${trimmed(size, 0)} s`;
}

export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let at = 0;
  while (value >= 1024 && at < units.length - 1) {
    value /= 1024;
    at += 1;
  }
  return `${trimmed(value, value < 10 && at > 0 ? 1 : 0)} ${units[at] ?? ""}`;
}

/** How values of one metric are written: in words, and short on an axis. */
export interface ValueFormat {
  readonly full: (value: number) => string;
  readonly axis: (value: number) => string;
  /** What the axis is labelled with; empty when the number stands for itself. */
  readonly unit: string;
  /** Distances of axis ticks that read well, when tens do not. */
  readonly ticks?: readonly number[];
}

/** Round numbers of seconds, from a millisecond to years. */
const SECOND_TICKS = [
  0.001, 0.01, 0.1, 0.5, 1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
  86_400, 172_800, 432_000, 864_000, 2_592_000, 8_640_000, 31_536_000,
];

function axisDigits(value: number): string {
  return Math.abs(value) >= 10_000 ? formatCompact(value) : trimmed(value, 4);
}

/** The format for a metric of the catalog. */
export function valueFormat(metric: string, unit: string): ValueFormat {
  if (PERCENT_METRICS.has(metric) || unit === "percent" || unit === "%") {
    return { full: formatPercent, axis: (v) => `${trimmed(v * 100, 2)}%`, unit: "%" };
  }
  if (unit === "ms" || unit === "milliseconds") {
    return {
      full: (v) => (Math.abs(v) < 1000 ? `${formatNumber(v)} ms` : formatDuration(v / 1000)),
      axis: axisDigits,
      unit: "ms",
    };
  }
  if (unit === "s" || unit === "seconds") {
    return { full: formatDuration, axis: formatDuration, unit: "", ticks: SECOND_TICKS };
  }
  if (metric === "count" || unit === "events") {
    return { full: (v) => trimmed(v, 0), axis: axisDigits, unit: "" };
  }
  const plain = unit === "" || unit === "ratio" || unit === "fraction" || unit === "1";
  return {
    full: formatNumber,
    axis: axisDigits,
    unit: plain ? "" : unit,
  };
}

/** `null` is a value that does not exist, and is written as a dash. */
export function orDash(value: number | null | undefined, write: (value: number) => string): string {
  return value === null || value === undefined ? EM_DASH : write(value);
}

/** Nobody compares p-values below this: how small they are says only how many rows there were. */
const LEAST_P = 1e-4;

export function formatProbability(p: number | null): string {
  return p !== null && p < LEAST_P ? `< ${LEAST_P}` : orDash(p, formatNumber);
}

/** "one_class_only" -> "one class only": reasons are shown as words. */
export function reasonWords(reason: string): string {
  return reason.replaceAll("_", " ");
}
