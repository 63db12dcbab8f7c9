// What a person does on the pages of fairness, calibration and exploring.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { settled, unfold } from "./browser.mjs";
import { api, parseCsv } from "./reading.mjs";

/** The latest good answer whose address has all of `words`. */
function watch(page, ...words) {
  const answers = [];
  page.on("response", (response) => {
    if (response.ok() && words.every((word) => response.url().includes(word))) {
      answers.push(response);
    }
  });
  return async () => (await answers.at(-1)).json();
}

/** The select with this label. */
function pick(page, label) {
  return page
    .locator("label.pick", { has: page.getByText(label, { exact: true }) })
    .locator("select");
}

async function saved(page, press) {
  const started = page.waitForEvent("download");
  await press();
  return readFile(await (await started).path(), "utf8");
}

export async function analysis({ test, page, base, deployment }) {
  const id = deployment.deployment_id;
  const keys = deployment.cohort_keys;
  await fairness({ test, page, base, id, keys });
  await calibration({ test, page, base, id, keys });
  await explorer({ test, page, base, id, keys });
  await nothing({ test, page, base, id });
}

async function fairness({ test, page, base, id, keys }) {
  const report = watch(page, `/v1/deployments/${id}/fairness?`);

  await test("the tabs lead to fairness with the same window, and its verdict is the server's", async () => {
    await page.goto(`${base}/dashboards/${id}?from=now-7d&to=now&refresh=off`);
    await settled(page);
    await page.getByRole("link", { name: "Fairness", exact: true }).click();
    await page.waitForURL(/\/fairness\/[^?]+\?.*from=now-7d/);
    await settled(page);
    const { by, gaps, four_fifths: rule } = await report();
    assert.deepEqual(by, [keys[0]]);
    const ratio = gaps.find((gap) => gap.metric === "demographic_parity_ratio");
    const said = await page.locator(".verdict h2").innerText();
    assert.ok(said.startsWith(`${ratio.groups[1]} gets the decision`), said);
    assert.ok(said.includes(ratio.groups[0]), said);
    const ending = {
      below: ": below four fifths.",
      not_below: ": not below four fifths.",
      cannot_tell: "cannot be told yet.",
    };
    assert.ok(said.endsWith(ending[rule.verdict]), said);
  });

  await test("groups can be intersections, and the small ones stand apart", async () => {
    await page.getByRole("button", { name: /Compare by/ }).click();
    await page.getByRole("menuitemcheckbox", { name: keys[1] }).click();
    await page.keyboard.press("Escape");
    await page.waitForURL((url) => url.searchParams.getAll("by").length === 2);
    await pick(page, "Smallest group").selectOption("500");
    await page.waitForURL(/min_n=500/);
    await settled(page);
    const { groups } = await report();
    const small = groups.filter((group) => !group.counted);
    assert.ok(small.length > 0 && small.length < groups.length);
    const chart = page.locator('figure[data-chart="selection_rate"]');
    await chart
      .locator("svg")
      .getByText(`fewer than 500 events (${small.length})`)
      .waitFor();
    await page
      .getByText(`${small.length} with fewer than 500 events apart`)
      .waitFor();
  });

  await test("every mark is read with the keys, and its table has the server's digits", async () => {
    const { groups, methods } = await report();
    const order = [
      ...groups.filter((group) => group.counted),
      ...groups.filter((group) => !group.counted),
    ];
    const chart = page.locator('figure[data-chart="tpr"]');
    await chart.getByRole("application").focus();
    await page.keyboard.press("Home");
    await chart
      .locator('[role="status"]', { hasText: order[0].group })
      .waitFor();
    const text = await saved(page, () =>
      chart.getByRole("button", { name: /as CSV/ }).click(),
    );
    const rows = parseCsv(text);
    assert.equal(rows.length, groups.length);
    for (const [at, group] of order.entries()) {
      assert.equal(rows[at].group, group.group);
      assert.equal(Number(rows[at].value), group.tpr.value);
      assert.equal(Number(rows[at].ci_hi), group.tpr.ci[1]);
      assert.equal(Number(rows[at].n), group.tpr.n);
      assert.equal(rows[at].counted, group.counted ? "yes" : "no");
    }
    await chart.getByRole("button", { name: /^About/ }).click();
    const about = page.getByRole("dialog", {
      name: "About True positive rate",
    });
    const method = methods.find((one) => one.metric === "tpr");
    await about.getByText(method.formula).waitFor();
    await page.keyboard.press("Escape");
    await about.waitFor({ state: "hidden" });
  });

  await test("the report comes as a page, JSON and CSV of the same question", async () => {
    const text = await saved(page, () =>
      page.getByRole("link", { name: "CSV", exact: true }).click(),
    );
    const { groups } = await report();
    assert.match(text, /^kind,group,metric,value,n/);
    assert.ok(groups.every(({ group }) => text.includes(group)));
    const json = await saved(page, () =>
      page.getByRole("link", { name: "JSON", exact: true }).click(),
    );
    assert.deepEqual(JSON.parse(json).by, keys.slice(0, 2));
    const opened = page.context().waitForEvent("page");
    await page.getByRole("link", { name: "Report to print" }).click();
    const printed = await opened;
    await printed.getByRole("heading", { name: `Fairness of ${id}` }).waitFor();
    await printed.close();
  });

  await test("a group opens as a cohort of its performance", async () => {
    const { groups } = await report();
    const first = groups.find((group) => group.counted);
    const chart = page.locator('figure[data-chart="accuracy"]');
    await chart.getByRole("application").focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/dashboards\//);
    const filter = new URL(page.url()).searchParams.get("filter");
    assert.equal(
      filter,
      Object.entries(first.by)
        .map(([key, value]) => `${key} = "${value}"`)
        .join(" and "),
    );
    await settled(page);
  });
}

async function calibration({ test, page, base, id, keys }) {
  const answer = watch(page, "/v1/metrics/query?", "metric=brier_uncertainty");

  await test("calibration is told as a test against chance, with slope and intercept", async () => {
    await page.goto(`${base}/calibration/${id}?from=now-30d&refresh=off`);
    await settled(page);
    const { results } = await answer();
    const point = (metric) =>
      results.find((one) => one.metric === metric).series[0];
    const said = await page.locator(".verdict h2").innerText();
    const { p_value: p } = point("ece");
    assert.ok(
      said.includes(
        p < 0.05 ? "more than chance explains" : "no more than chance explains",
      ),
      `${said} (p ${p})`,
    );
    const [low, high] = point("calibration_slope").ci;
    const facts = await page.locator(".verdict dl").innerText();
    assert.match(
      facts,
      low <= 1 && 1 <= high ? /1 fits/ : /the scores are too/,
    );
    await page.locator('figure[data-chart="brier_parts"]').waitFor();
  });

  await test("other bins make another diagram, and the address keeps them", async () => {
    await pick(page, "Bins").selectOption("20");
    await page.waitForURL(/bins=20/);
    await settled(page);
    const chart = page.locator('figure[data-chart="reliability"]');
    const text = await saved(page, () =>
      chart.getByRole("button", { name: /as CSV/ }).click(),
    );
    assert.equal(parseCsv(text).length, 20);
    const { results } = await answer();
    assert.equal(results[0].definition.bins, 20);
  });

  await test("each cohort has its numbers and its diagram", async () => {
    await page.getByRole("button", { name: /Cohorts by/ }).click();
    await page
      .getByRole("menuitemcheckbox", { name: keys[0], exact: true })
      .click();
    await page.keyboard.press("Escape");
    await page.waitForURL(/group_by=/);
    await unfold(page);
    const chart = page.locator('figure[data-chart="cohorts:ece"]');
    const rows = parseCsv(
      await saved(page, () =>
        chart.getByRole("button", { name: /as CSV/ }).click(),
      ),
    );
    assert.ok(rows.length >= 2);
    for (const { cohort } of rows) {
      await page
        .locator(`figure[data-chart="reliability:${cohort}"]`)
        .waitFor();
    }
    assert.ok(
      rows.every((row) => Number(row.p_value) >= 0 && Number(row.p_value) <= 1),
    );
  });
}

async function explorer({ test, page, base, id, keys }) {
  const answer = watch(page, "/v1/metrics/query?", "group_by=");

  await test("any metric is shown by any dimension, and its CSV has the server's digits", async () => {
    await page.goto(`${base}/explorer/${id}?from=now-30d&step=1d&refresh=off`);
    await settled(page);
    await pick(page, "Metric").selectOption({ label: "Log-loss" });
    await page.waitForURL(/metric=log_loss/);
    await pick(page, "Show").selectOption("groups");
    await page.getByRole("button", { name: /Group by/ }).click();
    await page
      .getByRole("menuitemcheckbox", { name: keys[0], exact: true })
      .click();
    await page.keyboard.press("Escape");
    await page.waitForURL(/group_by=/);
    await settled(page);
    const { groups } = await answer();
    const rows = parseCsv(
      await saved(page, () =>
        page.getByRole("button", { name: "All values as CSV" }).click(),
      ),
    );
    assert.equal(rows.length, groups.length);
    for (const group of groups) {
      const row = rows.find((one) => one[keys[0]] === group.by[keys[0]]);
      assert.equal(Number(row.value), group.series[0].value);
      assert.equal(Number(row.n), group.series[0].n);
    }
  });

  await test("groups are compared with an earlier time, each with its own mark", async () => {
    await pick(page, "Compare with").selectOption("offset:7d");
    await page.waitForURL(/compare=offset/);
    await settled(page);
    const { groups } = await answer();
    const chart = page.locator('figure[data-chart="groups"]');
    await chart.locator(".legend li", { hasText: "7d earlier" }).waitFor();
    const rows = parseCsv(
      await saved(page, () =>
        page.getByRole("button", { name: "All values as CSV" }).click(),
      ),
    );
    for (const group of groups) {
      const row = rows.find((one) => one[keys[0]] === group.by[keys[0]]);
      assert.equal(Number(row.compare), group.compare.series[0].value);
    }
  });

  await test("a group is followed over time", async () => {
    const chart = page.locator('figure[data-chart="groups"]');
    await chart.getByRole("application").focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await page.waitForURL(
      (url) => url.searchParams.has("filter") && !url.searchParams.has("show"),
    );
    await settled(page);
    await page.locator('figure[data-chart="over_time"]').waitFor();
  });

  await test("a change is explained by cohorts, as the API tells it", async () => {
    await page.goto(
      `${base}/explorer/${id}?from=now-7d&step=1d&refresh=off&metric=accuracy`,
    );
    await settled(page);
    const explained = page.waitForResponse((response) =>
      response.url().includes("/explain?"),
    );
    await page.getByRole("button", { name: "Why did it move?" }).click();
    await page.waitForURL(/why=yes/);
    const told = await (await explained).json();
    await page.locator('figure[data-chart="why"]').waitFor();
    await page.getByText("Against", { exact: true }).waitFor();
    await page.getByRole("heading", { name: / went from / }).waitFor();
    const rows = parseCsv(
      await saved(page, () =>
        page
          .locator('figure[data-chart="why"]')
          .getByRole("button", { name: /CSV/ })
          .click(),
      ),
    );
    const parts = [...told.cohorts, told.rest];
    assert.deepEqual(
      rows.map((row) => Number(row.value)),
      parts.map((part) => part.change),
    );
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await page.getByRole("button", { name: "Why did it move?" }).waitFor();
  });

  await test("a part of the range is marked by dragging, and opened on the other pages", async () => {
    await page.goto(`${base}/explorer/${id}?from=now-30d&step=1d&refresh=off`);
    await settled(page);
    const box = await page
      .locator('figure[data-chart="over_time"] .u-over')
      .boundingBox();
    await page.mouse.move(box.x + box.width * 0.3, box.y + 80);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 80, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/selected=/);
    const [from, to] = new URL(page.url()).searchParams
      .get("selected")
      .split("/");
    assert.ok(Date.parse(from) < Date.parse(to));
    const strip = page.getByRole("region", { name: "Selected range" });
    await strip.getByText(/, n [\d,]+$/).waitFor();
    await strip.getByRole("link", { name: "Fairness" }).click();
    await page.waitForURL(/\/fairness\//);
    const query = new URL(page.url()).searchParams;
    assert.deepEqual([query.get("from"), query.get("to")], [from, to]);
    await settled(page);
  });

  await test("the same is done with the keys alone", async () => {
    await page.goto(`${base}/explorer/${id}?from=now-30d&step=1d&refresh=off`);
    await settled(page);
    const chart = page.locator('figure[data-chart="over_time"]');
    await chart.getByRole("application").focus();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("s");
    await chart
      .locator('[role="status"]', { hasText: "the selection starts here" })
      .waitFor();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("s");
    await page.waitForURL(/selected=/);
    const [from, to] = new URL(page.url()).searchParams
      .get("selected")
      .split("/");
    assert.equal(Date.parse(to) - Date.parse(from), 3 * 86_400_000);
    await page.getByRole("button", { name: "Zoom in" }).click();
    await page.waitForURL((url) => url.searchParams.get("from") === from);
    await settled(page);
  });

  await test("metrics that need a rank, a column or keys are asked for with them", async () => {
    await page.goto(
      `${base}/explorer/${id}?from=now-7d&step=1d&refresh=off&metric=lift@k`,
    );
    await settled(page);
    await page.getByLabel("k", { exact: true }).fill("20%");
    await page.keyboard.press("Enter");
    await page.waitForURL(/k=20/);
    await page.getByRole("heading", { name: /\(20%\)/ }).waitFor();
    await pick(page, "Metric").selectOption({
      label: "Population stability index",
    });
    await pick(page, "Column").waitFor();
    await settled(page);
    assert.equal(
      await page.getByRole("alert").filter({ hasText: /.+/ }).count(),
      0,
    );
    await pick(page, "Metric").selectOption({
      label: "True positive rate gap",
    });
    await page.getByRole("button", { name: /Compare by/ }).waitFor();
    await settled(page);
    assert.equal(
      await page.getByRole("alert").filter({ hasText: /.+/ }).count(),
      0,
    );
  });
}

async function nothing({ test, page, base, id }) {
  const empty = "from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z&refresh=off";
  await test("pages without anything to show say so, and what to do", async () => {
    await page.goto(`${base}/fairness/${id}?${empty}`);
    await page.getByText("No events in this range").waitFor();
    await page.goto(`${base}/calibration/${id}?${empty}`);
    await page
      .getByRole("heading", { name: /Calibration cannot be told/ })
      .waitFor();
    await page.goto(`${base}/explorer/${id}?${empty}&group_by=model_version`);
    await page.getByText("No events in this range").waitFor();
    await page.goto(`${base}/explorer/${id}?metric=no_such_metric`);
    await page.getByText("There is no such metric").waitFor();
    const { body } = await api(page, "/v1/deployments");
    const other = body.deployments.find(
      (one) => one.task_type === "regression",
    );
    await page.goto(`${base}/fairness/${other.deployment_id}`);
    await page.getByText("Fairness is about binary decisions").waitFor();
    await page.goto(`${base}/calibration/${other.deployment_id}`);
    await page
      .getByText("Calibration is about probabilities of classes")
      .waitFor();
  });
  await test("a filter or key that the server refuses is explained", async () => {
    await page.goto(`${base}/explorer/${id}?filter=age+%3D+%3D+3&refresh=off`);
    await page.locator(".filter-error").filter({ hasText: /.+/ }).waitFor();
    await page.goto(`${base}/fairness/${id}?by=no_such_key&refresh=off`);
    await page.getByRole("alert").filter({ hasText: "no_such_key" }).waitFor();
  });
}
