// Which of the four themes is on: the person's choice, or what the system asks for.

import { useSyncExternalStore } from "react";
import { preferences, subscribePreferences } from "../lib/preferences";
import type { ThemeChoice } from "../lib/preferences";

export type ThemeMode = Exclude<ThemeChoice, "system">;

const QUERIES = ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"] as const;

function matches(query: string): boolean {
  return typeof window.matchMedia === "function" && window.matchMedia(query).matches;
}

export function resolveTheme(choice: ThemeChoice, dark: boolean, contrast: boolean): ThemeMode {
  if (choice !== "system") {
    return choice;
  }
  const base = dark ? "dark" : "light";
  return contrast ? `hc-${base}` : base;
}

export function themeMode(): ThemeMode {
  return resolveTheme(preferences().theme, matches(QUERIES[0]), matches(QUERIES[1]));
}

function subscribe(listener: () => void): () => void {
  const stop = subscribePreferences(listener);
  const lists =
    typeof window.matchMedia === "function" ? QUERIES.map((query) => window.matchMedia(query)) : [];
  for (const list of lists) {
    list.addEventListener("change", listener);
  }
  return () => {
    stop();
    for (const list of lists) {
      list.removeEventListener("change", listener);
    }
  };
}

/** Re-renders when the theme changes: for what is painted, not styled (canvases). */
export function useThemeMode(): ThemeMode {
  return useSyncExternalStore(subscribe, themeMode);
}

/** Writes the theme on the document and keeps it there. Called once, before the first render. */
export function startTheme(): void {
  const apply = (): void => {
    document.documentElement.dataset["theme"] = themeMode();
  };
  apply();
  subscribe(apply);
}
