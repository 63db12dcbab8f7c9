// Keyboard shortcuts: one listener, a list of what the page on screen answers to.
//
// A key is written as people read it: `?`, `/`, `j`, or a sequence with a space, `g d`. Shortcuts
// are ignored while typing and while a dialog is open, and can be turned off in the settings.

import { useEffect, useSyncExternalStore } from "react";
import { preferences } from "./preferences";

export interface Shortcut {
  readonly keys: string;
  readonly label: string;
  readonly group: "Everywhere" | "Time" | "Lists" | "Panels";
  readonly run: () => void;
}

const SEQUENCE_MS = 1200;
let active: readonly (readonly Shortcut[])[] = [];
let flat: readonly Shortcut[] = [];
const listeners = new Set<() => void>();
let pending: { key: string; at: number } | null = null;

function publish(next: readonly (readonly Shortcut[])[]): void {
  active = next;
  flat = next.flat();
  for (const listener of listeners) {
    listener();
  }
}

/** Adds shortcuts until the returned function is called. Later ones win over earlier ones. */
export function registerShortcuts(shortcuts: readonly Shortcut[]): () => void {
  publish([...active, shortcuts]);
  return () => publish(active.filter((one) => one !== shortcuts));
}

export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  useEffect(() => registerShortcuts(shortcuts), [shortcuts]);
}

export function useActiveShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => flat,
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName) ||
      target.closest(
        "[role=dialog],[role=menu],[role=listbox],[role=presentation].MuiModal-root",
      ) !== null)
  );
}

const NAMES: Record<string, string> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  Escape: "esc",
  Enter: "enter",
};

/** Runs the shortcut that `event` completes. Returns whether one ran. */
export function handleShortcut(event: KeyboardEvent, at = Date.now()): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) {
    return false;
  }
  if (!preferences().shortcuts || isTyping(event.target)) {
    pending = null;
    return false;
  }
  const key = NAMES[event.key] ?? event.key;
  const started = pending !== null && at - pending.at < SEQUENCE_MS ? pending.key : null;
  pending = null;
  const wanted = started === null ? key : `${started} ${key}`;
  const found = flat.findLast((one) => one.keys === wanted);
  if (found !== undefined) {
    event.preventDefault();
    found.run();
    return true;
  }
  if (started === null && flat.some((one) => one.keys.startsWith(`${key} `))) {
    pending = { key, at };
  }
  return false;
}

/** Starts listening on the document. Returns the way to stop. */
export function listenForShortcuts(): () => void {
  const onKey = (event: KeyboardEvent): void => {
    handleShortcut(event);
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
