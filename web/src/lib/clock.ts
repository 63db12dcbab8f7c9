// The page's one idea of "now". It stands still between refreshes, so that every panel of a view
// asks for the same instants and the same query is asked once.

import { useSyncExternalStore } from "react";

let now = Date.now();
const listeners = new Set<() => void>();

export function pageNow(): number {
  return now;
}

/** Moves the page to the present: every relative range is resolved again. */
export function advance(to = Date.now()): void {
  now = to;
  for (const listener of listeners) {
    listener();
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useNow(): number {
  return useSyncExternalStore(subscribe, pageNow);
}
