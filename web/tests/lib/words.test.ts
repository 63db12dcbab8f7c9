import { describe, expect, it } from "vitest";
import { toCsv } from "../../src/lib/csv";
import { readChips, writeChips, writeName } from "../../src/lib/filter";
import {
  formatBytes,
  formatDuration,
  formatNumber,
  formatPercent,
  orDash,
  valueFormat,
} from "../../src/lib/numbers";
import { parseSearch, stringifySearch, validateView } from "../../src/lib/search";

describe("numbers", () => {
  it("keeps about four digits", () => {
    expect([0.71234567, 12.3456, 123.456, 12345.6, 0, -3].map(formatNumber)).toEqual([
      "0.7123",
      "12.35",
      "123.5",
      "12,346",
      "0",
      "-3",
    ]);
    expect(formatNumber(0.0000123)).toBe("1.23e-5");
  });
  it("writes durations, sizes and shares", () => {
    expect([0, 0.0421, 5.25, 75, 7800, 90_000, 864_000].map(formatDuration)).toEqual([
      "0 s",
      "42 ms",
      "5.3 s",
      "1 min",
      "2 h 10 min",
      "1 d 1 h",
      "10 d",
    ]);
    expect(formatBytes(18_400_000)).toBe("18 MiB");
    expect(formatPercent(0.0123)).toBe("1.23 %");
    expect(orDash(null, formatPercent)).toBe("–");
  });
  it("formats by metric and unit", () => {
    expect(valueFormat("error_rate", "ratio").full(0.05)).toBe("5 %");
    expect(valueFormat("latency_p95", "ms").full(1500)).toBe("1.5 s");
    expect(valueFormat("mae", "label units")).toMatchObject({ unit: "label units" });
    expect(valueFormat("mae", "label units").full(1.5)).toBe("1.5");
    expect(valueFormat("label_delay_p50", "s").ticks).toContain(3600);
  });
});

describe("CSV", () => {
  it("keeps every digit, quotes, and defuses formulas", () => {
    const text = toCsv({
      columns: [
        { key: "ts", label: "Time" },
        { key: "a,b", label: "A", numeric: true, show: () => "rounded" },
      ],
      rows: [
        ["=1+1", 0.1234567890123],
        ['say "x"', null],
      ],
    });
    expect(text).toBe('ts,"a,b"\r\n\'=1+1,0.1234567890123\r\n"say ""x""",\r\n');
  });
});

describe("chips", () => {
  it("reads what it writes", () => {
    const text = 'age > 60 and region in ("NA", "E\\"U") and `odd name` != true';
    const chips = readChips(text);
    expect(chips).toHaveLength(3);
    expect(writeChips(chips ?? [])).toBe(text);
  });
  it("leaves more than a list of tests as text", () => {
    for (const text of ["a = 1 or b = 2", "not a = 1", "(a = 1)", "a =", "and = 1", "a = #"]) {
      expect(readChips(text), text).toBeNull();
    }
  });
  it("quotes names that would read as words", () => {
    expect(writeName("in")).toBe("`in`");
    expect(writeName("metadata.plan")).toBe("metadata.plan");
  });
});

describe("the URL", () => {
  it("drops what it cannot read and keeps lists", () => {
    const search = parseSearch("?from=now-7d&group_by=a&group_by=b&junk=1&filter=");
    expect(validateView(search)).toEqual({ from: "now-7d", group_by: ["a", "b"] });
    expect(validateView({ group_by: "one", from: 7 })).toEqual({ group_by: ["one"] });
  });
  it("writes what it reads", () => {
    const view = { filter: 'a = "x y"', group_by: ["a", "b"], from: "2026-01-01T00:00:00Z" };
    const text = stringifySearch(view);
    expect(text).toContain("from=2026-01-01T00:00:00Z");
    expect(validateView(parseSearch(text))).toEqual(view);
    expect(stringifySearch({})).toBe("");
  });
});
