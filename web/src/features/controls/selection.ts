// The part of the URL that says which events a page is about, ready for queries.

import { useMemo } from "react";
import type { Deployment, Selection } from "../../api";
import { pageNow } from "../../lib/clock";
import type { ViewSearch } from "../../lib/search";
import { fittingRange, previousPeriod, toRfc3339 } from "../../lib/time";
import type { Range, RangeText } from "../../lib/time";

export function selectionOf(deploymentId: string, range: Range, view: ViewSearch): Selection {
  return {
    deployment_id: deploymentId,
    from: toRfc3339(Math.round(range.from)),
    to: toRfc3339(Math.round(range.to)),
    filter: view.filter,
    model_version: view.model_version,
  };
}

/** The `compare` of the API for the one in the URL; nothing is compared while grouping. */
export function comparisonOf(view: ViewSearch, range: Range): string | undefined {
  if (view.compare === undefined || (view.group_by ?? []).length > 0) {
    return undefined;
  }
  return view.compare === "previous" ? previousPeriod(range) : view.compare;
}

/** The range shown when the URL has none; chosen once per deployment, so that it does not drift. */
export function useFallbackRange(deployment: Deployment | undefined): RangeText {
  const id = deployment?.deployment_id;
  return useMemo(
    () =>
      deployment === undefined
        ? { from: "now-24h", to: "now" }
        : fittingRange(deployment.events, deployment.first_event, deployment.last_event, pageNow()),
    // Later counts of the same deployment must not move the range under the reader.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [id],
  );
}
