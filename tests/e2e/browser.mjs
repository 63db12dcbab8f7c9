// Chromium, signed in: what every browser test starts from.
//
// The node packages are those of web/package.json; the browser is Debian's (or AIML042_CHROMIUM).

import { createRequire } from "node:module";

const require = createRequire(
  new URL("../../web/package.json", import.meta.url),
);
const { chromium } = require("playwright-core");
export const { AxeBuilder } = require("@axe-core/playwright");

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const THEMES = ["light", "dark", "hc-light", "hc-dark"];

/** Messages that are the browser's echo of an answer a test provoked on purpose. */
const EXPECTED =
  /Failed to load resource: the server responded with a status of 4\d\d/;

export async function openBrowser() {
  return chromium.launch({
    executablePath: process.env["AIML042_CHROMIUM"] ?? "/usr/bin/chromium",
    args: FLAGS,
  });
}

/** A context with the preferences set and, given a state, signed in. Problems of its pages go to `problems`. */
export async function newContext(
  browser,
  { state, theme = "light", width = 1440, height = 900, problems },
) {
  const context = await browser.newContext({
    viewport: { width, height },
    timezoneId: "UTC",
    reducedMotion: "reduce",
    acceptDownloads: true,
    ...(state === undefined ? {} : { storageState: state }),
  });
  await context.addInitScript((chosen) => {
    // The blank page before the first one has no storage.
    if (
      location.protocol !== "about:" &&
      localStorage.getItem("aiml042.preferences") === null
    ) {
      localStorage.setItem(
        "aiml042.preferences",
        JSON.stringify({ theme: chosen, zone: "utc" }),
      );
    }
  }, theme);
  context.on("page", (page) => {
    page.on("pageerror", (error) =>
      problems.push(`${page.url()}: ${error.message}`),
    );
    page.on("console", (message) => {
      const text = message.text();
      if (message.type() === "error" && !EXPECTED.test(text)) {
        problems.push(`${page.url()}: ${text}`);
      }
    });
  });
  return context;
}

/** Waits until the page asked for everything it wants and drew it. */
export async function settled(page) {
  await page.waitForFunction(() => document.querySelector("h1") !== null);
  await page.waitForLoadState("networkidle");
  await page.waitForFunction(
    () => document.querySelector("main .skeleton, main .stale") === null,
  );
}

/** Scrolls through, so that deferred sections mount, and returns to the top. */
export async function unfold(page) {
  await settled(page);
  for (let at = 0; ; at += 500) {
    const end = await page.evaluate((y) => {
      window.scrollTo(0, y);
      return document.documentElement.scrollHeight - window.innerHeight;
    }, at);
    await page.evaluate(
      () =>
        new Promise((done) =>
          requestAnimationFrame(() => requestAnimationFrame(done)),
        ),
    );
    if (at >= end) {
      break;
    }
  }
  await settled(page);
  await page.evaluate(() => window.scrollTo(0, 0));
}
