import { describe, expect, it } from "vitest";
import type { InferenceEvent } from "../../src/api";
import { outcomeWords, scoreOf, verdictOf } from "../../src/features/events/words";
import { curlSnippet, labelSnippet, pythonSnippet } from "../../src/features/onboarding/snippets";
import { safeNext, tokenOf } from "../../src/features/signin/page";
import { resolveTheme } from "../../src/design";

const event = (prediction: unknown, label?: unknown, score: number | null = null) =>
  ({ prediction, label, score }) as InferenceEvent;

describe("events in words", () => {
  it("finds the outcome in every form of prediction", () => {
    expect(outcomeWords({ class: "approve", score: 0.8 })).toBe("approve");
    expect(outcomeWords({ value: 17.25 })).toBe("17.25");
    expect(outcomeWords(3)).toBe("3");
    expect(outcomeWords(undefined)).toBe("–");
    expect(outcomeWords({ ranking: [] })).toBe('{"ranking":[]}');
  });
  it("judges classes only", () => {
    expect(verdictOf(event({ class: "a" }, { class: "a" }))).toBe("right");
    expect(verdictOf(event({ class: "a" }, "b"))).toBe("wrong");
    expect(verdictOf(event({ class: true }, true))).toBe("right");
    expect(verdictOf(event({ class: "a" }))).toBe("unlabelled");
    expect(verdictOf(event({ value: 1 }, { value: 2 }))).toBe("none");
    expect(scoreOf(event({ class: "a", score: 0.3 }))).toBe(0.3);
    expect(scoreOf(event(undefined, undefined, 0.4))).toBe(0.4);
  });
});

describe("signing in", () => {
  it("takes the token from the fragment", () => {
    expect(tokenOf("#token=abc")).toBe("abc");
    expect(tokenOf("")).toBeNull();
  });
  it("never leads to another site", () => {
    expect(safeNext("/events?a=1")).toBe("/events?a=1");
    for (const bad of ["//evil.example", "/\\evil", "https://evil.example", undefined]) {
      expect(safeNext(bad)).toBe("/");
    }
  });
});

describe("snippets", () => {
  const input = { endpoint: "http://host:8042", key: "aiml_x", deployment: "my_model" };
  it("carry key, endpoint and deployment", () => {
    for (const text of [pythonSnippet(input), curlSnippet(input), labelSnippet(input)]) {
      expect(text).toContain("http://host:8042");
      expect(text).toContain("aiml_x");
      expect(text).toContain("my_model");
    }
  });
  it("are five lines of Python and valid JSON in curl", () => {
    const lines = pythonSnippet(input)
      .split("\n")
      .filter((line) => line !== "");
    expect(lines).toHaveLength(5);
    const body = /-d '(.*)'$/.exec(curlSnippet(input))?.[1] ?? "";
    expect(JSON.parse(body)).toMatchObject({ prediction: { class: "approve", score: 0.82 } });
  });
});

describe("themes", () => {
  it("follow the choice, then the system", () => {
    expect(resolveTheme("hc-light", true, false)).toBe("hc-light");
    expect(resolveTheme("system", true, false)).toBe("dark");
    expect(resolveTheme("system", false, true)).toBe("hc-light");
  });
});
