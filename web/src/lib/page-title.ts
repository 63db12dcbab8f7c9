// The name of the page on screen: in the browser's tab and history, and announced when it changes.

import { useEffect, useSyncExternalStore } from "react";

let current = "";
const listeners = new Set<() => void>();

function publish(title: string): void {
  current = title;
  for (const listener of listeners) {
    listener();
  }
}

export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · aiml042`;
    publish(title);
  }, [title]);
}

export function useAnnouncedTitle(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
