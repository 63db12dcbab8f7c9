// Reading and writing the view state in the URL, and what follows from it: the range and the step.

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useNow } from "./clock";
import { useZone } from "./preferences";
import type { ViewSearch } from "./search";
import { effectiveStep, isRelative, resolveRange, spanMs } from "./time";
import type { Range, RangeText } from "./time";

export type ViewPatch = { [K in keyof ViewSearch]?: ViewSearch[K] | undefined };
export type SetView = (patch: ViewPatch, how?: { readonly replace?: boolean }) => void;

export function useView(): readonly [ViewSearch, SetView] {
  const view: ViewSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const setView: SetView = useCallback(
    (patch, how) => {
      void navigate({
        to: ".",
        search: (before: ViewSearch) => {
          const after = Object.entries({ ...before, ...patch }).filter(
            ([, value]) => value !== undefined && value.length > 0,
          );
          return Object.fromEntries(after);
        },
        replace: how?.replace ?? false,
      });
    },
    [navigate],
  );
  return [view, setView];
}

export interface ViewRange {
  /** As written, for people and for the URL. */
  readonly text: RangeText;
  /** As instants, shared by every query of the page until the next refresh. */
  readonly range: Range;
  readonly step: string;
  readonly relative: boolean;
  /** False when the URL's range could not be read and the fallback is shown instead. */
  readonly valid: boolean;
}

/** The range of the URL, or `fallback` where the URL has none. */
export function useViewRange(fallback: RangeText): ViewRange {
  const [view] = useView();
  const now = useNow();
  const zone = useZone();
  const from = view.from ?? fallback.from;
  const to = view.to ?? (view.from === undefined ? fallback.to : "now");
  const wished = view.step;
  const { from: fallbackFrom, to: fallbackTo } = fallback;
  return useMemo(() => {
    const wanted: RangeText = { from, to };
    const resolved = resolveRange(wanted, now, zone);
    const text = resolved === null ? { from: fallbackFrom, to: fallbackTo } : wanted;
    const range = resolved ?? resolveRange(text, now, zone) ?? { from: now - 3_600_000, to: now };
    return {
      text,
      range,
      step: effectiveStep(wished, range),
      relative: isRelative(text),
      valid: resolved !== null,
    };
  }, [from, to, now, zone, wished, fallbackFrom, fallbackTo]);
}

const MIN_REFRESH_MS = 5000;
const MAX_REFRESH_MS = 300_000;

/** How often a relative range is asked again: when a pixel's worth of time has passed. */
export function refreshMs(wished: string | undefined, view: ViewRange): number | null {
  if (!view.relative || wished === "off") {
    return null;
  }
  const chosen = wished === undefined ? null : spanMs(wished);
  const derived = (view.range.to - view.range.from) / 600;
  return chosen ?? Math.min(MAX_REFRESH_MS, Math.max(MIN_REFRESH_MS, derived));
}
