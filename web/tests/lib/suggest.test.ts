import { describe, expect, it } from "vitest";
import { contextAt, suggest } from "../../src/lib/suggest";

const COLUMNS = [
  { name: "origin", type: "string", role: "metadata" },
  { name: "distance", type: "number", role: "feature" },
  { name: "odd name", type: "string", role: "feature" },
];
const place = (text: string) => {
  const { place: where, column, partial, inList } = contextAt(text, text.length);
  return { where, column, partial, inList };
};

describe("where the caret stands", () => {
  it.each([
    ["", "name", null, ""],
    ["ori", "name", null, "ori"],
    ["not ", "name", null, ""],
    ["(ori", "name", null, "ori"],
    ["origin ", "operator", null, ""],
    ["origin =", "value", "origin", ""],
    ['origin = "D', "value", "origin", "D"],
    ['origin = "DEN"', "join", null, ""],
    ['origin = "DEN" and ', "name", null, ""],
    ['origin in ("DEN", ', "value", "origin", ""],
    ['origin in ("DEN"', "join", null, ""],
    ['origin in ("DEN")', "join", null, ""],
    ["`odd name` = ", "value", "odd name", ""],
    ["origin is null", "operator", null, "null"],
    ["origin is null ", "join", null, ""],
  ])("%j", (text, where, column, partial) => {
    expect(place(text)).toMatchObject({ where, column, partial });
  });
});

describe("suggestions", () => {
  const offered = (text: string, values: { value: string; n: number }[] = []) =>
    suggest(contextAt(text, text.length), COLUMNS, values);

  it("offers columns, the best start first", () => {
    expect(offered("o").map((one) => one.label)).toEqual(["origin", "odd name"]);
    expect(offered("odd")[0]?.insert).toBe("`odd name` ");
  });
  it("offers operators after a column", () => {
    expect(offered("origin i").map((one) => one.label)).toContain("in (…)");
  });
  it("offers values with their counts, quoted", () => {
    const values = [
      { value: "DEN", n: 1200 },
      { value: "ATL", n: 40 },
    ];
    expect(offered('origin = "d', values)).toEqual([
      { insert: '"DEN" ', label: "DEN", hint: "1,200 events" },
    ]);
    expect(offered("origin in (", values)[0]?.insert).toBe('"DEN"');
  });
  it("offers the end of a list, or another test", () => {
    expect(offered('origin in ("DEN"').map((one) => one.insert)).toEqual([", ", ") "]);
    expect(offered('origin = "DEN" ').map((one) => one.label)).toEqual(["and", "or"]);
  });
});
