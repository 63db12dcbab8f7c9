import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(cleanup);

// jsdom lays nothing out: elements get a size, canvases and media queries are silent.
class Observer {
  private readonly callback: ResizeObserverCallback;
  constructor(callback: ResizeObserverCallback) {
    this.callback = callback;
  }
  observe(target: Element): void {
    const contentRect = { width: 400, height: 200 } as DOMRectReadOnly;
    this.callback([{ target, contentRect } as ResizeObserverEntry], this);
  }
  unobserve(): void {
    // nothing is watched
  }
  disconnect(): void {
    // nothing is watched
  }
}
window.ResizeObserver = Observer;
window.matchMedia = (media) =>
  Object.assign(new EventTarget(), {
    matches: false,
    media,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
  });

// A condition is waited for as long as a busy machine may need, not for a second.
configure({ asyncUtilTimeout: 20_000 });
