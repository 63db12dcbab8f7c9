// What a window is compared with: choices and words.

import type { StoredReference } from "../../api";
import { formatInstant } from "../../lib/time";
import type { TimeZone } from "../../lib/time";

export const PREVIOUS = "previous";
const FIXED = [
  { value: PREVIOUS, label: "the window before" },
  { value: "previous:7d", label: "the 7 days before" },
  { value: "previous:30d", label: "the 30 days before" },
  { value: "weeks:4", label: "same hours, last 4 weeks" },
] as const;

export interface ReferenceChoice {
  readonly value: string;
  readonly label: string;
}

/** "2026-01-01T00:00:00Z/2026-02-01T00:00:00Z" in words, null when it is no window. */
export function windowWords(reference: string, zone: TimeZone): string | null {
  const [from, to] = reference.split("/").map((edge) => Date.parse(edge));
  return from === undefined || to === undefined || Number.isNaN(from) || Number.isNaN(to)
    ? null
    : `${formatInstant(from, zone, "minute")} to ${formatInstant(to, zone, "minute")}`;
}

/** Every choice of the picker; the chosen one is among them whatever it is. */
export function referenceChoices(
  chosen: string,
  stored: readonly StoredReference[],
  zone: TimeZone,
): ReferenceChoice[] {
  const newest = new Map<string, number>();
  for (const { name, version } of stored) {
    newest.set(name, Math.max(version, newest.get(name) ?? 0));
  }
  const all: ReferenceChoice[] = [...FIXED];
  for (const { name, version } of stored) {
    if (version === newest.get(name)) {
      all.push({ value: name, label: `${name} (version ${version})` });
    } else {
      all.push({ value: `${name}@${version}`, label: `${name}, version ${version}` });
    }
  }
  if (!all.some(({ value }) => value === chosen)) {
    all.push({ value: chosen, label: windowWords(chosen, zone) ?? chosen });
  }
  return all;
}
