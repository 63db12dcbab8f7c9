// The keys that people are grouped by.

import type { Column, DeploymentDetail } from "../../api";

/** What the sender says of an event, as against what the server adds. */
export const SENT_ROLES = ["metadata", "feature"];

/** The columns that groups can be made of. */
function protectable(columns: readonly Column[]): readonly Column[] {
  return columns.filter((column) => SENT_ROLES.includes(column.role));
}

/** The key compared by when the URL has none: the first declared one, else the first text column. */
export function firstKeys(deployment: DeploymentDetail): readonly string[] {
  const declared = deployment.cohort_keys[0];
  const found =
    declared ?? protectable(deployment.columns).find((one) => one.type === "string")?.name;
  return found === undefined ? [] : [found];
}
