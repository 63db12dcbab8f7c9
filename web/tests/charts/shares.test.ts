import { describe, expect, it } from "vitest";
import { binLabel, prepareShares } from "../../src/charts";
import type { ShareInput } from "../../src/charts";
import { toCsv } from "../../src/lib/csv";

const bin = (more: Partial<ShareInput>): ShareInput => ({
  above: null,
  up_to: null,
  category: null,
  new: false,
  others: null,
  reference: 0.5,
  current: 0.5,
  ...more,
});
const OPTIONS = {
  id: "distribution:age",
  title: "age: distribution",
  numeric: true,
  nReference: 1000,
  nCurrent: 400,
  definition: [],
};

describe("bins", () => {
  it("are named by their edges, their category or what they stand for", () => {
    expect(binLabel(bin({ up_to: 10 }))).toBe("≤ 10");
    expect(binLabel(bin({ above: 10, up_to: 20 }))).toBe("10 to 20");
    expect(binLabel(bin({ above: 20 }))).toBe("> 20");
    expect(binLabel(bin({}))).toBe("all values");
    expect(binLabel(bin({ category: "" }))).toBe("(empty)");
    expect(binLabel(bin({ category: "red" }))).toBe("red");
    expect(binLabel(bin({ new: true }))).toBe("new");
    expect(binLabel(bin({ others: 12 }))).toBe("12 others");
  });
});

describe("two distributions", () => {
  const model = prepareShares(
    [bin({ up_to: 10, reference: 0.25, current: 0.4 }), bin({ above: 10, current: null })],
    OPTIONS,
  );
  it("say both sizes and what moved most", () => {
    expect(model.frame.summary).toBe(
      "age: distribution in 2 bins, 1,000 values in the reference and 400 current. Moved most: > 10, from 50 % to 0 %.",
    );
    expect(model.frame.readings[0]).toBe("≤ 10: 25 % in the reference, 40 % current");
    expect(model.frame.empty).toBeNull();
  });
  it("know the edges between the bins of a number", () => {
    expect(model.edges).toEqual([10]);
    expect(
      prepareShares([bin({ category: "a" })], { ...OPTIONS, numeric: false }).edges,
    ).toBeNull();
  });
  it("export the API's digits, and a share that is not there as nothing", () => {
    expect(toCsv(model.frame.table)).toBe(
      "bin,reference,current\r\n≤ 10,0.25,0.4\r\n> 10,0.5,\r\n",
    );
  });
  it("are empty without a bin or without a value", () => {
    expect(prepareShares([], OPTIONS).frame.empty).toBe("no values on either side");
    expect(
      prepareShares([bin({})], { ...OPTIONS, nReference: 0, nCurrent: 0 }).frame.empty,
    ).not.toBeNull();
  });
});
