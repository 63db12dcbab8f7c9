// What holds on every page: accessibility in all themes, contrast on canvases, narrow screens, pictures.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AxeBuilder, THEMES, newContext, settled, unfold } from "./browser.mjs";
import { canvasContrast } from "./contrast.mjs";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
const TEXT_CONTRAST = 4.5;
const LINE_CONTRAST = 3;

/** So many days ago, in whole hours. */
function days(count) {
  const hour = 3_600_000;
  const at = Math.floor(Date.now() / hour) * hour - count * 24 * hour;
  return new Date(at).toISOString();
}

/** Every page by name; `deployments` is what the server has. */
export function pagesOf(deployments) {
  const first = (task) =>
    deployments
      .filter((one) => one.task_type === task)
      .sort((a, b) => b.events - a.events)[0];
  const binary = first("binary");
  const regression = first("regression");
  const grouped = deployments
    .filter((one) => one.task_type === "binary")
    .sort((a, b) => b.cohort_keys.length - a.cohort_keys.length)[0];
  const by = grouped.cohort_keys[0];
  return [
    ["home", "/"],
    ["dashboards", "/dashboards"],
    ["dashboard-binary", `/dashboards/${binary.deployment_id}`],
    [
      "dashboard-compare",
      `/dashboards/${binary.deployment_id}?compare=previous`,
    ],
    ...(regression === undefined
      ? []
      : [["dashboard-regression", `/dashboards/${regression.deployment_id}`]]),
    ["drift", `/drift/${binary.deployment_id}?margin=0.05`],
    [
      "drift-column",
      `/drift/${binary.deployment_id}?column=score&refresh=off`,
    ],
    ["fairness", `/fairness/${grouped.deployment_id}?min_n=5000&from=now-30d`],
    [
      "calibration",
      `/calibration/${grouped.deployment_id}?from=now-30d&group_by=${by}`,
    ],
    [
      "explorer",
      `/explorer/${grouped.deployment_id}?from=now-7d&step=1d&selected=${days(3)}/${days(2)}`,
    ],
    [
      "explorer-groups",
      `/explorer/${grouped.deployment_id}?from=now-7d&show=groups&group_by=${by}&compare=offset:7d`,
    ],
    ["events", `/events?deployment=${binary.deployment_id}&from=now-1y`],
    ["dead-letters", "/dead-letters"],
    ["start", "/start"],
    ["settings-keys", "/settings/keys"],
    ["settings-retention", "/settings/retention"],
    ["settings-system", "/settings/system"],
    ["settings-appearance", "/settings/appearance"],
  ];
}

function tell(violations) {
  return violations
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map((node) => node.html.slice(0, 140))
          .join(" | ")}`,
    )
    .join("\n");
}

export async function accessibility({
  test,
  browser,
  base,
  state,
  problems,
  pages,
}) {
  for (const theme of THEMES) {
    const context = await newContext(browser, { state, theme, problems });
    const page = await context.newPage();
    for (const [name, path] of pages) {
      await test(`axe finds nothing: ${name}, ${theme}`, async () => {
        await page.goto(base + path);
        await unfold(page);
        const shown = await page.evaluate(() => document.documentElement.dataset.theme);
        assert.equal(shown, theme);
        const { violations } = await new AxeBuilder({ page })
          .withTags(TAGS)
          .analyze();
        assert.equal(violations.length, 0, tell(violations));
      });
      if (name === "dashboard-compare") {
        await test(`canvases can be read: ${theme}`, async () => {
          const found = await page.evaluate(canvasContrast);
          assert.ok(found.length >= 6, `${found.length} canvases`);
          for (const { chart, yText, xText, line } of found) {
            assert.ok(
              yText >= TEXT_CONTRAST,
              `${chart}: value axis ${yText.toFixed(2)}`,
            );
            assert.ok(
              xText >= TEXT_CONTRAST,
              `${chart}: time axis ${xText.toFixed(2)}`,
            );
            assert.ok(
              line >= LINE_CONTRAST,
              `${chart}: lines ${line.toFixed(2)}`,
            );
          }
        });
      }
    }
    await test(`axe finds nothing in open dialogs and menus: ${theme}`, async () => {
      await page.goto(
        base + pages.find(([name]) => name === "dashboard-binary")[1],
      );
      await settled(page);
      await page.locator(".range-button").click();
      await page.getByRole("dialog").waitFor();
      const range = await new AxeBuilder({ page }).withTags(TAGS).analyze();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await page.getByRole("button", { name: /Group by/ }).click();
      await page.getByRole("menu").waitFor();
      const menu = await new AxeBuilder({ page }).withTags(TAGS).analyze();
      await page.keyboard.press("Escape");
      const violations = [...range.violations, ...menu.violations];
      assert.equal(violations.length, 0, tell(violations));
    });
    await context.close();
  }
}

export async function narrow({ test, browser, base, state, problems, pages }) {
  for (const width of [390, 320]) {
    const context = await newContext(browser, {
      state,
      problems,
      width,
      height: 844,
    });
    const page = await context.newPage();
    for (const [name, path] of pages) {
      await test(`no sideways scrolling at ${width} px: ${name}`, async () => {
        await page.goto(base + path);
        await unfold(page);
        const { full, wide } = await page.evaluate(
          (limit) => ({
            full: document.documentElement.scrollWidth,
            wide: [...document.querySelectorAll("main *")]
              .filter((one) => one.getBoundingClientRect().right > limit + 1)
              .slice(0, 3)
              .map((one) => one.outerHTML.slice(0, 120)),
          }),
          width,
        );
        assert.ok(full <= width, `${full} px wide: ${wide.join(" | ")}`);
      });
    }
    if (width === 390) {
      await test("the menu opens on a narrow screen", async () => {
        await page.goto(base);
        await settled(page);
        await page.getByRole("button", { name: "Menu" }).click();
        await page.getByRole("link", { name: "Events", exact: true }).click();
        await page.waitForURL(/\/events/);
      });
    }
    await context.close();
  }
}

const SIZES = [
  [1440, 900],
  [390, 844],
];

export async function screenshots({
  test,
  browser,
  base,
  state,
  problems,
  pages,
  folder,
}) {
  await mkdir(folder, { recursive: true });
  for (const theme of ["light", "dark"]) {
    for (const [width, height] of SIZES) {
      const context = await newContext(browser, {
        state,
        theme,
        problems,
        width,
        height,
      });
      const page = await context.newPage();
      await test(`screenshots: ${theme}, ${width}x${height}`, async () => {
        for (const [name, path] of pages) {
          await page.goto(base + path);
          await unfold(page);
          await page.screenshot({
            path: join(folder, `${name}-${theme}-${width}.png`),
          });
        }
      });
      await context.close();
    }
  }
}
