// Time ranges in Grafana's grammar: `now`, `now-6h`, `now-7d/d`, RFC 3339, epoch milliseconds.
//
// `/d` rounds to the unit in the chosen time zone: down at the start of a range, up at its end, so
// `now/d` .. `now/d` is the whole of today. Everything here is pure; "now" is always a parameter.

export type TimeZone = "browser" | "utc";

/** A range as written in the URL. */
export interface RangeText {
  readonly from: string;
  readonly to: string;
}

/** A range as instants, epoch milliseconds; `from` inclusive, `to` exclusive. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

const RELATIVE = /^now((?:[+-]\d+[smhdwMy])*)(?:\/([smhdwMyQ]))?$/;
const OFFSET = /([+-])(\d+)([smhdwMy])/g;

const UNIT_MS = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_592_000_000,
  y: 31_536_000_000,
} as const;
type Unit = keyof typeof UNIT_MS;

function isUnit(text: string): text is Unit {
  return text in UNIT_MS;
}

interface Fields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
}

function fieldsOf(at: number, zone: TimeZone): Fields {
  const date = new Date(at);
  return zone === "utc"
    ? {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth(),
        day: date.getUTCDate(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
        second: date.getUTCSeconds(),
        ms: date.getUTCMilliseconds(),
      }
    : {
        year: date.getFullYear(),
        month: date.getMonth(),
        day: date.getDate(),
        hour: date.getHours(),
        minute: date.getMinutes(),
        second: date.getSeconds(),
        ms: date.getMilliseconds(),
      };
}

function instantOf(fields: Fields, zone: TimeZone): number {
  const { year, month, day, hour, minute, second, ms } = fields;
  return zone === "utc"
    ? Date.UTC(year, month, day, hour, minute, second, ms)
    : new Date(year, month, day, hour, minute, second, ms).getTime();
}

/** Moves by whole calendar units from days up, so that a day is a day across a clock change. */
function shifted(at: number, amount: number, unit: Unit, zone: TimeZone): number {
  if (unit === "s" || unit === "m" || unit === "h") {
    return at + amount * UNIT_MS[unit];
  }
  const fields = fieldsOf(at, zone);
  if (unit === "d") {
    fields.day += amount;
  } else if (unit === "w") {
    fields.day += amount * 7;
  } else {
    const months = unit === "M" ? amount : amount * 12;
    const first = instantOf({ ...fields, day: 1, month: fields.month + months }, zone);
    const target = fieldsOf(first, zone);
    const lastDay = fieldsOf(
      instantOf({ ...target, day: 0, month: target.month + 1 }, zone),
      zone,
    ).day;
    return instantOf({ ...target, day: Math.min(fields.day, lastDay) }, zone);
  }
  return instantOf(fields, zone);
}

function roundedDown(at: number, unit: string, zone: TimeZone): number {
  const fields = fieldsOf(at, zone);
  fields.ms = 0;
  fields.second = unit === "s" ? fields.second : 0;
  if (unit === "s" || unit === "m") {
    return instantOf(fields, zone);
  }
  fields.minute = 0;
  if (unit === "h") {
    return instantOf(fields, zone);
  }
  fields.hour = 0;
  if (unit === "w") {
    const monday = (new Date(Date.UTC(fields.year, fields.month, fields.day)).getUTCDay() + 6) % 7;
    fields.day -= monday;
  } else if (unit !== "d") {
    fields.day = 1;
    if (unit === "Q") {
      fields.month -= fields.month % 3;
    } else if (unit === "y") {
      fields.month = 0;
    }
  }
  return instantOf(fields, zone);
}

function roundedUp(at: number, unit: string, zone: TimeZone): number {
  const start = roundedDown(at, unit, zone);
  if (unit === "Q") {
    return shifted(start, 3, "M", zone);
  }
  return isUnit(unit) ? shifted(start, 1, unit, zone) : start;
}

/** The instant `text` names, or null when it is not in the grammar. */
export function parseTime(
  text: string,
  now: number,
  zone: TimeZone,
  edge: "from" | "to",
): number | null {
  const trimmed = text.trim();
  if (/^\d{10,16}$/.test(trimmed)) {
    return Number(trimmed);
  }
  const relative = RELATIVE.exec(trimmed);
  if (relative !== null) {
    let at = now;
    for (const [, sign, amount, unit] of (relative[1] ?? "").matchAll(OFFSET)) {
      if (unit !== undefined && isUnit(unit)) {
        at = shifted(at, Number(amount) * (sign === "-" ? -1 : 1), unit, zone);
      }
    }
    const unit = relative[2];
    if (unit !== undefined) {
      at = edge === "from" ? roundedDown(at, unit, zone) : roundedUp(at, unit, zone);
    }
    return at;
  }
  if (
    !/^\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?$/.test(trimmed)
  ) {
    return null;
  }
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/.test(trimmed) && trimmed.includes(":");
  const full = trimmed.replace(" ", "T");
  const withTime = full.includes("T") ? full : `${full.length === 7 ? `${full}-01` : full}T00:00`;
  const at = Date.parse(zoned ? withTime : zone === "utc" ? `${withTime}Z` : withTime);
  return Number.isNaN(at) ? null : at;
}

/** Both edges as instants, or null when one cannot be read or the range is empty. */
export function resolveRange(text: RangeText, now: number, zone: TimeZone): Range | null {
  const from = parseTime(text.from, now, zone, "from");
  const to = parseTime(text.to, now, zone, "to");
  return from === null || to === null || from >= to ? null : { from, to };
}

export function isRelative(text: RangeText): boolean {
  return text.from.startsWith("now") || text.to.startsWith("now");
}

/** RFC 3339 UTC, fraction only when there is one. */
export function toRfc3339(at: number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}

const absolute = (range: Range): RangeText => ({
  from: toRfc3339(Math.round(range.from)),
  to: toRfc3339(Math.round(range.to)),
});

/** Twice as wide around the same centre. */
export function zoomOut(range: Range): RangeText {
  const half = (range.to - range.from) / 2;
  return absolute({ from: range.from - half, to: range.to + half });
}

/** Half a range earlier or later. */
export function shiftRange(range: Range, direction: -1 | 1): RangeText {
  const half = ((range.to - range.from) / 2) * direction;
  return absolute({ from: range.from + half, to: range.to + half });
}

export function absoluteRange(range: Range): RangeText {
  return absolute(range);
}

const UNIT_WORDS: Record<Unit, string> = {
  s: "second",
  m: "minute",
  h: "hour",
  d: "day",
  w: "week",
  M: "month",
  y: "year",
};

/** "Last 6 hours", or both instants. */
export function describeRange(text: RangeText, zone: TimeZone): string {
  const last = /^now-(\d+)([smhdwMy])$/.exec(text.from);
  const unit = last?.[2];
  if (last !== null && text.to === "now" && unit !== undefined && isUnit(unit)) {
    const amount = Number(last[1]);
    return amount === 1 ? `Last ${UNIT_WORDS[unit]}` : `Last ${amount} ${UNIT_WORDS[unit]}s`;
  }
  if (text.from === "now/d" && text.to === "now/d") {
    return "Today";
  }
  if (text.from === "now-1d/d" && text.to === "now-1d/d") {
    return "Yesterday";
  }
  if (text.from === "now/w" && text.to === "now/w") {
    return "This week";
  }
  if (text.from === "now/M" && text.to === "now/M") {
    return "This month";
  }
  const show = (edge: string): string => {
    const at = edge.startsWith("now") ? null : parseTime(edge, 0, zone, "from");
    return at === null ? edge : formatInstant(at, zone, "minute");
  };
  return `${show(text.from)} to ${show(text.to)}`;
}

export const QUICK_RANGES: readonly RangeText[] = [
  { from: "now-15m", to: "now" },
  { from: "now-1h", to: "now" },
  { from: "now-6h", to: "now" },
  { from: "now-24h", to: "now" },
  { from: "now-7d", to: "now" },
  { from: "now-30d", to: "now" },
  { from: "now-90d", to: "now" },
  { from: "now-1y", to: "now" },
  { from: "now/d", to: "now/d" },
  { from: "now-1d/d", to: "now-1d/d" },
  { from: "now/w", to: "now/w" },
  { from: "now/M", to: "now/M" },
];

/** Steps offered and chosen from, smallest first. */
export const STEPS = [
  "10s",
  "1m",
  "5m",
  "10m",
  "15m",
  "30m",
  "1h",
  "3h",
  "6h",
  "12h",
  "1d",
  "7d",
  "30d",
] as const;

/** Length of a span such as `1h`, in milliseconds, or null. */
export function spanMs(text: string): number | null {
  const match = /^(\d+)([smhdwMy])$/.exec(text);
  const unit = match?.[2];
  if (match === null || unit === undefined || !isUnit(unit) || Number(match[1]) === 0) {
    return null;
  }
  return Number(match[1]) * UNIT_MS[unit];
}

const AUTO_BUCKETS = 90;
const MAX_BUCKETS = 2000;

/** The smallest offered step that keeps the range within about 90 buckets. */
export function autoStep(range: Range): string {
  const length = range.to - range.from;
  for (const step of STEPS) {
    if (length / (spanMs(step) ?? length) <= AUTO_BUCKETS) {
      return step;
    }
  }
  return "30d";
}

/** The wished step, or the automatic one when none is wished or it would draw too many buckets. */
export function effectiveStep(wished: string | undefined, range: Range): string {
  const length = wished === undefined ? null : spanMs(wished);
  if (wished === undefined || length === null || (range.to - range.from) / length > MAX_BUCKETS) {
    return autoStep(range);
  }
  return wished;
}

const WIDE_BUCKETS = 16;
const DAY_MS = 86_400_000;

/**
 * The step where each bucket must hold enough rows to tell a change from chance: few buckets, and
 * whole days where the range has several, because the hours of a day differ by themselves.
 */
export function wideStep(range: Range): string {
  const length = range.to - range.from;
  const least = length >= 3 * DAY_MS ? DAY_MS : 0;
  const fits = (span: number): boolean => span >= least && length / span <= WIDE_BUCKETS;
  return STEPS.find((step) => fits(spanMs(step) ?? length)) ?? "30d";
}

/** `offset:` of the period just before this one, in whole seconds. */
export function previousPeriod(range: Range): string {
  const seconds = Math.max(1, Math.round((range.to - range.from) / 1000));
  for (const [unit, size] of [
    ["d", 86_400],
    ["h", 3600],
    ["m", 60],
  ] as const) {
    if (seconds % size === 0) {
      return `offset:${seconds / size}${unit}`;
    }
  }
  return `offset:${seconds}s`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: TimeZone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone}${JSON.stringify(options)}`;
  const known = formatters.get(key);
  if (known !== undefined) {
    return known;
  }
  const made = new Intl.DateTimeFormat("en-CA", {
    ...options,
    hourCycle: "h23",
    ...(zone === "utc" ? { timeZone: "UTC" } : {}),
  });
  formatters.set(key, made);
  return made;
}

/** "2025-11-25 10:00" in the chosen zone. */
export function formatInstant(
  at: number,
  zone: TimeZone,
  precision: "day" | "minute" | "second" = "second",
): string {
  const options: Intl.DateTimeFormatOptions = { year: "numeric", month: "2-digit", day: "2-digit" };
  if (precision !== "day") {
    options.hour = "2-digit";
    options.minute = "2-digit";
  }
  if (precision === "second") {
    options.second = "2-digit";
  }
  return formatter(zone, options).format(at).replace(", ", " ");
}

/** "3 min ago", against `now`. */
export function formatAgo(at: number, now: number): string {
  const seconds = Math.round((now - at) / 1000);
  if (seconds < -45) {
    return "in the future";
  }
  if (seconds < 45) {
    return "just now";
  }
  for (const [size, name] of [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
  ] as const) {
    if (seconds >= size * 0.95) {
      return `${Math.round(seconds / size).toLocaleString("en-US")} ${name} ago`;
    }
  }
  return `${seconds} s ago`;
}

/** A range wide enough to show something of a deployment: about 1,500 events, or all there are. */
export function fittingRange(
  events: number,
  first: number | null,
  last: number | null,
  now: number,
): RangeText {
  if (first === null || last === null || events === 0) {
    return { from: "now-1h", to: "now" };
  }
  const rate = events / Math.max(1, last - first);
  const wanted = Math.min(now - first, now - last + 1500 / rate);
  for (const { from, ms } of [
    { from: "now-15m", ms: 15 * UNIT_MS.m },
    { from: "now-1h", ms: UNIT_MS.h },
    { from: "now-6h", ms: 6 * UNIT_MS.h },
    { from: "now-24h", ms: UNIT_MS.d },
    { from: "now-7d", ms: 7 * UNIT_MS.d },
    { from: "now-30d", ms: 30 * UNIT_MS.d },
    { from: "now-90d", ms: 90 * UNIT_MS.d },
    { from: "now-1y", ms: UNIT_MS.y },
    { from: "now-2y", ms: 2 * UNIT_MS.y },
    { from: "now-5y", ms: 5 * UNIT_MS.y },
    { from: "now-10y", ms: 10 * UNIT_MS.y },
  ]) {
    if (wanted <= ms) {
      return { from, to: "now" };
    }
  }
  return { from: "now-20y", to: "now" };
}
