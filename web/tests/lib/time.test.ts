import { describe, expect, it } from "vitest";
import {
  autoStep,
  describeRange,
  effectiveStep,
  fittingRange,
  formatAgo,
  formatInstant,
  parseTime,
  previousPeriod,
  resolveRange,
  shiftRange,
  spanMs,
  wideStep,
  zoomOut,
} from "../../src/lib/time";

const NOW = Date.UTC(2026, 10, 25, 14, 37, 12, 345);
const at = (text: string, edge: "from" | "to" = "from") => {
  const found = parseTime(text, NOW, "utc", edge);
  return found === null ? null : new Date(found).toISOString();
};

describe("the time grammar", () => {
  it("reads now with offsets, one after the other", () => {
    expect(at("now")).toBe("2026-11-25T14:37:12.345Z");
    expect(at("now-6h")).toBe("2026-11-25T08:37:12.345Z");
    expect(at("now-1M+2d")).toBe("2026-10-27T14:37:12.345Z");
  });

  it("rounds down at the start and up at the end", () => {
    expect(at("now/d")).toBe("2026-11-25T00:00:00.000Z");
    expect(at("now/d", "to")).toBe("2026-11-26T00:00:00.000Z");
    expect(at("now/w")).toBe("2026-11-23T00:00:00.000Z");
    expect(at("now-1M/M")).toBe("2026-10-01T00:00:00.000Z");
    expect(at("now/Q", "to")).toBe("2027-01-01T00:00:00.000Z");
    expect(at("now/y")).toBe("2026-01-01T00:00:00.000Z");
  });

  it("keeps the last day of a short month", () => {
    const march = parseTime("now-1M", Date.UTC(2026, 2, 31, 9), "utc", "from");
    expect(march).toBe(Date.UTC(2026, 1, 28, 9));
  });

  it("reads instants", () => {
    expect(at("2026-03-01T12:00:00Z")).toBe("2026-03-01T12:00:00.000Z");
    expect(at("2026-03-01 12:00")).toBe("2026-03-01T12:00:00.000Z");
    expect(at("2026-03")).toBe("2026-03-01T00:00:00.000Z");
    expect(at("1772366400000")).toBe("2026-03-01T12:00:00.000Z");
  });

  it.each(["", "yesterday", "now-", "now-5", "now-5x", "2026-13-01", "now/dd", "12"])(
    "refuses %j",
    (text) => {
      expect(parseTime(text, NOW, "utc", "from")).toBeNull();
    },
  );

  it("refuses an empty or backward range", () => {
    expect(resolveRange({ from: "now", to: "now-1h" }, NOW, "utc")).toBeNull();
    expect(resolveRange({ from: "now", to: "now" }, NOW, "utc")).toBeNull();
  });
});

describe("ranges", () => {
  const range = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 3) };

  it("zooms out around the centre and shifts by half", () => {
    expect(zoomOut(range)).toEqual({ from: "2025-12-31T00:00:00Z", to: "2026-01-04T00:00:00Z" });
    expect(shiftRange(range, -1)).toEqual({
      from: "2025-12-31T00:00:00Z",
      to: "2026-01-02T00:00:00Z",
    });
  });

  it("says what it is", () => {
    expect(describeRange({ from: "now-6h", to: "now" }, "utc")).toBe("Last 6 hours");
    expect(describeRange({ from: "now-1d/d", to: "now-1d/d" }, "utc")).toBe("Yesterday");
    expect(describeRange({ from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" }, "utc")).toBe(
      "2026-01-01 00:00 to 2026-01-02 00:00",
    );
  });

  it("names the period before", () => {
    expect(previousPeriod(range)).toBe("offset:2d");
    expect(previousPeriod({ from: 0, to: 5_400_000 })).toBe("offset:90m");
  });

  it("chooses a step of about 90 buckets and refuses one of too many", () => {
    expect(autoStep(range)).toBe("1h");
    expect(effectiveStep("6h", range)).toBe("6h");
    expect(effectiveStep("10s", range)).toBe("1h");
    expect(effectiveStep("nonsense", range)).toBe("1h");
    expect(spanMs("0h")).toBeNull();
  });

  it("fits a deployment's own rate", () => {
    const day = 86_400_000;
    expect(fittingRange(0, null, null, NOW)).toEqual({ from: "now-1h", to: "now" });
    expect(fittingRange(28_700, NOW - 100 * day, NOW, NOW)).toEqual({ from: "now-7d", to: "now" });
    expect(fittingRange(2797, NOW - 2797 * day, NOW, NOW)).toEqual({ from: "now-5y", to: "now" });
  });
});

describe("wide steps", () => {
  it("are few", () => {
    expect(wideStep({ from: 0, to: 7 * 86_400_000 })).toBe("1d");
    expect(wideStep({ from: 0, to: 86_400_000 })).toBe("3h");
    expect(wideStep({ from: 0, to: 10_000 })).toBe("10s");
  });
});

describe("instants in words", () => {
  it("writes them in UTC", () => {
    expect(formatInstant(NOW, "utc")).toBe("2026-11-25 14:37:12");
    expect(formatInstant(NOW, "utc", "day")).toBe("2026-11-25");
  });
  it("counts back", () => {
    expect(formatAgo(NOW - 10_000, NOW)).toBe("just now");
    expect(formatAgo(NOW - 180_000, NOW)).toBe("3 min ago");
    expect(formatAgo(NOW - 3 * 86_400_000, NOW)).toBe("3 d ago");
    expect(formatAgo(NOW + 5000, NOW)).toBe("just now"); // Two clocks are never quite the same.
    expect(formatAgo(NOW + 60_000, NOW)).toBe("in the future");
  });
});
