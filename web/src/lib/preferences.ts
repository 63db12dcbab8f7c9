// What one person prefers in this browser. Kept in localStorage; everything else is in the URL.

import { useSyncExternalStore } from "react";
import * as v from "valibot";
import type { TimeZone } from "./time";

export const THEME_CHOICES = ["system", "light", "dark", "hc-light", "hc-dark"] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];

const Preferences = v.object({
  theme: v.optional(v.fallback(v.picklist(THEME_CHOICES), "system"), "system"),
  zone: v.optional(v.fallback(v.picklist(["browser", "utc"]), "browser"), "browser"),
  /** Single-letter shortcuts; WCAG 2.1.4 asks that they can be turned off. */
  shortcuts: v.optional(v.fallback(v.boolean(), true), true),
});
export type Preferences = v.InferOutput<typeof Preferences>;

const KEY = "aiml042.preferences";
const listeners = new Set<() => void>();

function load(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return v.parse(v.fallback(Preferences, v.parse(Preferences, {})), stored);
  } catch {
    // Storage is blocked or holds something else: the defaults serve.
    return v.parse(Preferences, {});
  }
}

let current = load();

export function preferences(): Preferences {
  return current;
}

export function setPreferences(patch: Partial<Preferences>): void {
  current = { ...current, ...patch };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Blocked storage: the choice lasts until the page is left.
  }
  for (const listener of listeners) {
    listener();
  }
}

export function subscribePreferences(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribePreferences, preferences);
}

export function useZone(): TimeZone {
  return usePreferences().zone;
}
