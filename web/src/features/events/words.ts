// Predictions and labels in the words of a table cell.

import type { InferenceEvent } from "../../api";
import { formatNumber } from "../../lib/numbers";

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function plain(value: unknown): string {
  if (typeof value === "number") {
    return formatNumber(value);
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** `{class, score}`, `{value}`, a bare number…: the part a person looks for. */
export function outcomeWords(outcome: unknown): string {
  if (outcome === undefined || outcome === null) {
    return "–";
  }
  if (!isRecord(outcome)) {
    return Array.isArray(outcome) ? JSON.stringify(outcome) : plain(outcome);
  }
  for (const key of ["class", "value", "action", "reward"]) {
    const found = outcome[key];
    if (typeof found === "string" || typeof found === "number" || typeof found === "boolean") {
      return plain(found);
    }
  }
  return JSON.stringify(outcome);
}

export function scoreOf(event: InferenceEvent): number | null {
  if (event.score !== null) {
    return event.score;
  }
  const score = isRecord(event.prediction) ? event.prediction["score"] : undefined;
  return typeof score === "number" ? score : null;
}

export type Verdict = "right" | "wrong" | "unlabelled" | "none";

/** Whether the predicted class came true; `none` where that has no yes or no. */
export function verdictOf(event: InferenceEvent): Verdict {
  const predicted = isRecord(event.prediction) ? event.prediction["class"] : undefined;
  if (predicted === undefined) {
    return "none";
  }
  if (event.label === undefined || event.label === null) {
    return "unlabelled";
  }
  const actual = isRecord(event.label) ? event.label["class"] : event.label;
  return actual === undefined ? "none" : plain(actual) === plain(predicted) ? "right" : "wrong";
}
