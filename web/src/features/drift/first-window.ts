// The window shown first.

import type { Deployment } from "../../api";
import { toRfc3339 } from "../../lib/time";
import type { Range, RangeText } from "../../lib/time";

/**
 * The window shown when the URL has none: the usual one when there are events before it to compare
 * with, else the later half of all events.
 */
export function firstWindow(
  fallback: RangeText,
  range: Range | null,
  deployment: Pick<Deployment, "first_event" | "last_event">,
): RangeText {
  const { first_event: first, last_event: last } = deployment;
  if (range === null || first === null || last === null || first < range.from || last <= first) {
    return fallback;
  }
  const middle = first + Math.floor((last - first) / 2);
  return { from: toRfc3339(middle), to: toRfc3339(last + 1) };
}
