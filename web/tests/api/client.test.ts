import * as v from "valibot";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError, call, callEmpty, filterProblem, writeQuery } from "../../src/api/client";
import { MetricsAnswer } from "../../src/api/decoders";
import { retryPolicy } from "../../src/api/queries";

function answer(body: unknown, init: ResponseInit = {}) {
  const fetched = vi.fn(() => Promise.resolve(new Response(JSON.stringify(body), init)));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}
afterEach(() => vi.unstubAllGlobals());

const Shape = v.object({ a: v.number() });

describe("the client", () => {
  it("repeats lists and leaves out what is not there", () => {
    expect(writeQuery({ metric: ["a", "b"], filter: "", step: null, x: undefined, n: 1 })).toBe(
      "?metric=a&metric=b&n=1",
    );
    expect(writeQuery({})).toBe("");
  });

  it("sends the CSRF header on changes only", async () => {
    const fetched = answer({ a: 1 });
    await call(Shape, "/v1/x", { query: { q: 1 } });
    await callEmpty("/v1/x", { method: "DELETE" });
    const headers = fetched.mock.calls.map(
      (args) => (args as unknown as [string, { headers: Record<string, string> }])[1].headers,
    );
    expect(headers[0]).not.toHaveProperty("x-aiml042-csrf");
    expect(headers[1]).toHaveProperty("x-aiml042-csrf", "1");
  });

  it("tells a filter that cannot be read from everything else that names filters", () => {
    const problem = (pointer?: string) =>
      new ApiError(400, "x", "add a filter", pointer === undefined ? {} : { pointer });
    expect(filterProblem(problem("/filter"))).toBe("add a filter");
    expect(filterProblem(problem("/group_by"))).toBeNull();
    expect(filterProblem(problem())).toBeNull();
    expect(filterProblem(new Error("filter"))).toBeNull();
    expect(filterProblem(null)).toBeNull();
  });

  it("reads problem details", async () => {
    const body = {
      status: 429,
      code: "slow_down",
      detail: "too fast",
      pointer: "/filter",
      request_id: "r1",
    };
    answer(body, { status: 429, headers: { "retry-after": "3" } });
    await expect(call(Shape, "/v1/x")).rejects.toMatchObject({
      status: 429,
      code: "slow_down",
      message: "too fast",
      pointer: "/filter",
      requestId: "r1",
      retryAfterS: 3,
    });
  });

  it("says so when an answer has another shape, or there is none", async () => {
    answer({ a: "text" });
    await expect(call(Shape, "/v1/x")).rejects.toMatchObject({ code: "unexpected_answer" });
    answer(null, { status: 502 });
    await expect(call(Shape, "/v1/x")).rejects.toMatchObject({ status: 502, code: "unreadable" });
    vi.stubGlobal(
      "fetch",
      vi.fn(() => Promise.reject(new TypeError("refused"))),
    );
    await expect(call(Shape, "/v1/x")).rejects.toMatchObject({ status: 0, code: "unreachable" });
  });

  it("does not retry what will be refused again", () => {
    expect(retryPolicy(0, new ApiError(422, "x", "x"))).toBe(false);
    expect(retryPolicy(0, new ApiError(503, "x", "x"))).toBe(true);
    expect(retryPolicy(2, new ApiError(503, "x", "x"))).toBe(false);
  });
});

describe("the metrics answer", () => {
  const one = { metric: "accuracy", series: [{ ts: "2026-01-01T00:00:00Z", value: null, n: 0 }] };
  it("is a list whether one or several were asked for", () => {
    expect(v.parse(MetricsAnswer, one)).toHaveLength(1);
    const several = v.parse(MetricsAnswer, { results: [one, one], as_of_seq: 3 });
    expect(several).toHaveLength(2);
    expect(several[0]?.series?.[0]).toEqual({
      ts: "2026-01-01T00:00:00Z",
      value: null,
      n: 0,
      ci: null,
      p_value: null,
      reason: null,
    });
  });
});
