import { afterEach, expect, it, vi } from "vitest";
import { setPreferences } from "../../src/lib/preferences";
import { handleShortcut, registerShortcuts } from "../../src/lib/shortcuts";
import type { Shortcut } from "../../src/lib/shortcuts";

afterEach(() => setPreferences({ shortcuts: true }));

const shortcut = (keys: string, run: () => void): Shortcut => ({
  keys,
  label: keys,
  group: "Everywhere",
  run,
});
function press(key: string, target: Element = document.body, at = 0, more = {}): boolean {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  Object.defineProperty(event, "target", { value: target });
  return handleShortcut(event, at);
}

it("runs single keys and sequences, and forgets a late second key", () => {
  const [single, sequence] = [vi.fn(), vi.fn()];
  const stop = registerShortcuts([shortcut("?", single), shortcut("g d", sequence)]);
  expect(press("?")).toBe(true);
  press("g", document.body, 100);
  expect(press("d", document.body, 500)).toBe(true);
  press("g", document.body, 1000);
  expect(press("d", document.body, 9000)).toBe(false);
  expect(single).toHaveBeenCalledOnce();
  expect(sequence).toHaveBeenCalledOnce();
  stop();
  expect(press("?")).toBe(false);
});

it("leaves typing, dialogs, modifiers and the off switch alone", () => {
  const run = vi.fn();
  const stop = registerShortcuts([shortcut("j", run)]);
  const dialog = document.createElement("div");
  dialog.setAttribute("role", "dialog");
  const button = document.createElement("button");
  dialog.append(button);
  press("j", document.createElement("input"));
  press("j", button);
  press("j", document.body, 0, { ctrlKey: true });
  setPreferences({ shortcuts: false });
  press("j");
  expect(run).not.toHaveBeenCalled();
  stop();
});

it("lets the page on top win", () => {
  const [under, over] = [vi.fn(), vi.fn()];
  const stopUnder = registerShortcuts([shortcut("j", under)]);
  const stopOver = registerShortcuts([shortcut("j", over)]);
  press("j");
  stopOver();
  press("j");
  stopUnder();
  expect(over).toHaveBeenCalledOnce();
  expect(under).toHaveBeenCalledOnce();
});
