// What a person does with the page, from signing in to revoking a key.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { analysis } from "./analysis.mjs";
import { newContext, settled, unfold } from "./browser.mjs";
import { api, parseCsv } from "./reading.mjs";

const run = promisify(execFile);

/** The last answer of the metrics query that carried `metric` with a step. */
function watchMetrics(page) {
  const answers = [];
  page.on("response", (response) => {
    if (response.url().includes("/v1/metrics/query?") && response.ok()) {
      answers.push(response);
    }
  });
  return (metric) =>
    answers.findLast((one) => {
      const query = new URL(one.url()).searchParams;
      return query.getAll("metric").includes(metric) && query.has("step");
    });
}

export async function signIn({ test, browser, base, link, problems }) {
  const context = await newContext(browser, { problems });
  const page = await context.newPage();
  let state;
  await test("a stranger is led to the sign-in, and back afterwards", async () => {
    await page.goto(`${base}/dashboards`);
    await page.waitForURL(/\/signin\?next=/);
    // The page's chunk may come after its address.
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  });
  await test("the one-time link signs in and leaves no token in the address", async () => {
    await page.goto(link);
    await page.waitForURL((url) => url.pathname === "/");
    assert.equal(new URL(page.url()).hash, "");
    // The session only: what the page keeps in this browser (the theme) is each test's own.
    state = { cookies: (await context.storageState()).cookies, origins: [] };
    assert.ok(
      state.cookies.some(
        (cookie) => cookie.httpOnly && cookie.sameSite === "Strict",
      ),
    );
  });
  await test("the link works once", async () => {
    const other = await newContext(browser, { problems });
    const second = await other.newPage();
    await second.goto(link);
    await second.getByRole("alert").waitFor();
    assert.match(await second.getByRole("alert").innerText(), /works once/);
    await other.close();
  });
  await context.close();
  return state;
}

export async function journeys({ test, browser, base, state, problems }) {
  const context = await newContext(browser, { state, problems });
  const page = await context.newPage();
  const answered = watchMetrics(page);
  const { body } = await (async () => {
    await page.goto(base);
    await settled(page);
    return api(page, "/v1/deployments");
  })();
  const deployments = body.deployments;
  const binary = deployments
    .filter((one) => one.task_type === "binary")
    .sort((a, b) => b.events - a.events)[0];

  // The one with the most keys that people are grouped by.
  const cohorts = deployments
    .filter((one) => one.task_type === "binary")
    .sort((a, b) => b.cohort_keys.length - a.cohort_keys.length)[0];

  await test("the project home shows every deployment with its health", async () => {
    for (const { deployment_id: id } of deployments) {
      const tile = page.locator("article.tile", { hasText: id });
      await tile.waitFor();
      assert.match(await tile.innerText(), /Events\n[\d.,KM]+/);
    }
  });

  await test("a tile leads to the dashboard of its deployment", async () => {
    await page
      .getByRole("link", { name: binary.deployment_id, exact: true })
      .click();
    await page.waitForURL(new RegExp(`/dashboards/${binary.deployment_id}`));
    await settled(page);
    assert.equal(await page.locator("h1").innerText(), binary.deployment_id);
    const focused = await page.evaluate(() => document.activeElement?.id);
    assert.equal(focused, "main", "the focus follows the page change");
    assert.match(await page.title(), new RegExp(`^${binary.deployment_id} · `));
  });

  await test("every chart has a summary, a table and a CSV", async () => {
    await unfold(page);
    const charts = await page.locator("figure[data-chart]").all();
    assert.ok(charts.length >= 12, `${charts.length} charts`);
    for (const chart of charts) {
      const id = await chart.getAttribute("data-chart");
      assert.ok(
        (await chart.locator("figcaption").textContent()).length > 20,
        `${id}: summary`,
      );
      await chart.getByRole("button", { name: /as a table/ }).click();
      assert.ok((await chart.locator("tbody tr").count()) > 0, `${id}: table`);
      await chart.getByRole("button", { name: /as a chart/ }).click();
      assert.equal(
        await chart.getByRole("button", { name: /as CSV/ }).count(),
        1,
        `${id}: CSV`,
      );
      assert.equal(
        await chart.getByRole("button", { name: /^About/ }).count(),
        1,
        `${id}: about`,
      );
    }
  });

  await test("the range is chosen from the list and kept in the address", async () => {
    await page.locator(".range-button").click();
    await page.getByRole("button", { name: "Last 30 days" }).click();
    await page.waitForURL(/from=now-30d/);
    await settled(page);
    assert.match(
      await page.locator(".range-button").innerText(),
      /Last 30 days/,
    );
    await page.getByRole("button", { name: "Pause live updates" }).click();
    await page.waitForURL(/refresh=off/);
  });

  await test("a range is typed in Grafana's grammar, and a bad one is refused", async () => {
    await page.locator(".range-button").click();
    const from = page.getByLabel("From");
    await from.fill("now-nonsense");
    assert.ok(await page.getByRole("button", { name: "Apply" }).isDisabled());
    await from.fill("now-14d/d");
    await page.getByRole("button", { name: "Apply" }).click();
    await page.waitForURL(/from=now-14d%2Fd/);
    await settled(page);
  });

  await test("the step changes the buckets", async () => {
    await page.getByLabel("Step").selectOption("1d");
    await page.waitForURL(/step=1d/);
    await settled(page);
    const answer = await (await answered("accuracy")).json();
    const series = answer.results.find(
      (one) => one.metric === "accuracy",
    ).series;
    assert.ok(
      series.length >= 14 && series.length <= 16,
      `${series.length} daily buckets`,
    );
  });

  await test("a cohort is filtered with suggestions from the data", async () => {
    const detail = (await api(page, `/v1/deployments/${binary.deployment_id}`))
      .body;
    const column = detail.columns.find(
      (one) => one.role === "metadata" && one.type === "string",
    );
    const box = page.getByRole("combobox", { name: "Cohort filter" });
    await page.keyboard.press("/");
    await box.pressSequentially(column.name.slice(0, 3));
    const options = page.locator('[role="listbox"] [role="option"]');
    await options.filter({ hasText: column.name }).first().waitFor();
    await box.fill(`${column.name} = `);
    await options.filter({ hasText: "events" }).first().waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Enter");
    await page.waitForURL(/filter=/);
    await settled(page);
    const query = new URL((await answered("accuracy")).url()).searchParams;
    assert.match(query.get("filter"), new RegExp(`^${column.name} = "`));
    const whole = new URLSearchParams(query);
    whole.delete("step");
    whole.delete("metric");
    whole.append("metric", "count");
    const filtered = (await api(page, `/v1/metrics/query?${whole}`)).body
      .series[0].value;
    whole.delete("filter");
    const all = (await api(page, `/v1/metrics/query?${whole}`)).body.series[0]
      .value;
    assert.ok(filtered > 0 && filtered < all, `${filtered} of ${all} events`);
  });

  await test("the CSV carries exactly the API's numbers", async () => {
    const answer = await (await answered("accuracy")).json();
    const series = answer.results.find(
      (one) => one.metric === "accuracy",
    ).series;
    const started = page.waitForEvent("download");
    await page
      .getByRole("button", { name: "Download Accuracy as CSV" })
      .click();
    const rows = parseCsv(await readFile(await (await started).path(), "utf8"));
    assert.equal(rows.length, series.length);
    for (const [at, point] of series.entries()) {
      const row = rows[at];
      assert.equal(Date.parse(row.ts), Date.parse(point.ts));
      const number = (text) =>
        text === "" || text === undefined ? null : Number(text);
      assert.equal(number(row.accuracy), point.value, `value at ${point.ts}`);
      assert.equal(number(row.accuracy_n), point.n, `n at ${point.ts}`);
      assert.equal(
        number(row.accuracy_ci_lo),
        point.ci?.[0] ?? null,
        `low at ${point.ts}`,
      );
      assert.equal(
        number(row.accuracy_ci_hi),
        point.ci?.[1] ?? null,
        `high at ${point.ts}`,
      );
    }
  });

  await test("a reload shows the same view", async () => {
    const before = page.url();
    const total = await page.locator(".total-value").first().innerText();
    await page.reload();
    await settled(page);
    assert.equal(page.url(), before);
    await page
      .locator(".total-value")
      .first()
      .filter({ hasText: total })
      .waitFor();
  });

  await test("a filter that cannot be read is explained at the box", async () => {
    const box = page.getByRole("combobox", { name: "Cohort filter" });
    await box.fill("origin = = 3");
    await page.keyboard.press("Escape");
    await box.press("Enter");
    const alert = page.locator(".filter-error");
    await alert.filter({ hasText: /.+/ }).waitFor();
    assert.equal(await box.getAttribute("aria-invalid"), "true");
    await page.getByRole("button", { name: "Clear the filter" }).click();
    await page.waitForURL((url) => !url.searchParams.has("filter"));
    await settled(page);
  });

  await test("comparing draws a second, dashed line and says the difference", async () => {
    await page.getByLabel("Compare with").selectOption("previous");
    await page.waitForURL(/compare=previous/);
    await settled(page);
    const legend = page.locator('figure[data-chart="accuracy"] .legend li');
    await legend.nth(1).waitFor();
    assert.equal(await legend.count(), 2);
    assert.ok((await page.locator(".total-change").count()) > 0);
    await page.getByLabel("Compare with").selectOption("");
  });

  await test("grouping draws one line per cohort", async () => {
    await page.getByRole("button", { name: /Group by/ }).click();
    const item = page.getByRole("menuitemcheckbox").first();
    const name = await item.innerText();
    await item.click();
    await page.keyboard.press("Escape");
    await page.waitForURL(/group_by=/);
    await settled(page);
    assert.ok(
      new URL(page.url()).searchParams.getAll("group_by").includes(name.trim()),
    );
    await unfold(page);
    const legend = page.locator('figure[data-chart="accuracy"] .legend li');
    await legend.nth(1).waitFor();
  });

  await drift({ test, page, base, deployment: binary });
  await analysis({ test, page, base, deployment: cohorts });
  await events({ test, page, base, deployment: binary });
  await deadLetters({ test, page, base });
  await keyboard({ test, page, base, deployment: binary });
  await keysAndFirstEvent({ test, page, base });
  await context.close();
}

async function drift({ test, page, base, deployment }) {
  const id = deployment.deployment_id;
  const answers = [];
  page.on("response", (response) => {
    if (response.url().includes(`/v1/deployments/${id}/drift?`) && response.ok()) {
      answers.push(response);
    }
  });
  const report = async () => (await answers.at(-1)).json();
  const name = `e2e_${Date.now().toString(36)}`;

  await test("the dashboard leads to drift, which says what drifted in a sentence", async () => {
    await page.goto(`${base}/dashboards/${id}?from=now-7d&to=now&refresh=off`);
    await settled(page);
    await page.getByRole("link", { name: "Drift", exact: true }).click();
    await page.waitForURL(/\/drift\/[^?]+\?.*from=now-7d/);
    await settled(page);
    const { summary, columns } = await report();
    const said = await page.locator(".verdict h2").innerText();
    assert.ok(
      said.startsWith(`${summary.drifted || "None"} of ${summary.columns} columns drifted`),
      said,
    );
    const cards = page.locator(".drift-card");
    assert.equal(await cards.count(), columns.length);
    assert.deepEqual(
      await cards.evaluateAll((all) => all.map((one) => one.dataset.column)),
      columns.map((one) => one.column),
    );
  });

  await test("a fixed window is compared with, and kept in the address", async () => {
    await page.getByLabel("Compare with").selectOption("fixed-window");
    await page.getByRole("textbox", { name: "Start" }).fill("now-30d/d");
    await page.getByRole("textbox", { name: "End" }).fill("now-14d/d");
    await page.getByRole("button", { name: "Compare", exact: true }).click();
    await page.waitForURL(/reference=/);
    await settled(page);
    const chosen = new URL(page.url()).searchParams.get("reference");
    const { reference } = await report();
    assert.equal(reference.kind, "window");
    assert.deepEqual(
      chosen.split("/").map(Date.parse),
      [reference.windows[0].from, reference.windows[0].to].map(Date.parse),
    );
  });

  await test("a column opens with every statistic, the API's own numbers", async () => {
    const column = (await report()).columns.find((one) => one.ks !== null && one.ks !== undefined);
    await page.getByRole("button", { name: column.column, exact: true }).click();
    await page.waitForURL(/column=/);
    const dialog = page.getByRole("dialog", { name: column.column });
    await dialog.waitFor();
    const started = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "Statistics as CSV" }).click();
    const rows = parseCsv(await readFile(await (await started).path(), "utf8"));
    for (const statistic of ["psi_debiased", "psi", "ks", "wasserstein"]) {
      const row = rows.find((one) => one.statistic === statistic);
      assert.equal(Number(row.value), column[statistic], statistic);
    }
    await page.keyboard.press("Escape");
    await page.waitForURL((url) => !url.searchParams.has("column"));
  });

  await test("the report's CSV carries exactly the API's numbers", async () => {
    const { columns } = await report();
    const started = page.waitForEvent("download");
    await page.getByRole("button", { name: "Report as CSV" }).click();
    const rows = parseCsv(await readFile(await (await started).path(), "utf8"));
    assert.equal(rows.length, columns.length);
    for (const [at, column] of columns.entries()) {
      assert.equal(rows[at].column, column.column);
      assert.equal(rows[at].verdict, column.verdict);
      assert.equal(Number(rows[at].psi_debiased), column.psi_debiased);
      assert.equal(Number(rows[at].ci_hi), column.ci[1]);
    }
  });

  await test("columns are found by verdict and name", async () => {
    const { columns } = await report();
    const last = columns.at(-1).column;
    await page.getByLabel("Find a column").fill(last);
    await page.waitForURL(/find=/);
    await page.waitForFunction(() => document.querySelectorAll(".drift-card").length === 1);
    await page.getByLabel("Find a column").fill("no such column");
    await page.getByText("No column fits").waitFor();
    await page.getByRole("button", { name: "Show all columns" }).click();
    await page.waitForURL((url) => !url.searchParams.has("find"));
  });

  await test("a window frozen as a reference is compared with from then on", async () => {
    await page.getByRole("button", { name: "Freeze this window" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill(name);
    await page.getByRole("button", { name: "Freeze", exact: true }).click();
    await page.waitForURL(new RegExp(`reference=${name}`));
    await settled(page);
    const { reference, summary } = await report();
    assert.equal(reference.name, name);
    assert.equal(summary.drifted, 0, "a window has not drifted from itself");
    const picked = page.getByLabel("Compare with");
    await picked.locator("option", { hasText: `${name} (version 1)` }).waitFor({ state: "attached" });
    assert.equal(await picked.inputValue(), name);
  });

  await test("a reference without rows is said, with what to do", async () => {
    await page.goto(
      `${base}/drift/${id}?refresh=off&reference=2001-01-01T00:00:00Z/2001-01-02T00:00:00Z`,
    );
    await page.getByText("The reference has no rows").waitFor();
    await page.goto(`${base}/drift/${id}?refresh=off&reference=no-such-name`);
    await page.getByRole("alert").filter({ hasText: /.+/ }).first().waitFor();
  });
}

async function events({ test, page, base, deployment }) {
  await test("events are listed, loaded on, and opened in a peek", async () => {
    await page.goto(
      `${base}/events?deployment=${deployment.deployment_id}&from=now-1y&refresh=off`,
    );
    await settled(page);
    const rows = page.locator("tr[aria-rowindex]");
    await rows.first().waitFor();
    assert.ok((await rows.count()) < 80, "only the visible rows exist");
    const asked = page.waitForResponse((one) => one.url().includes("cursor="));
    await page
      .locator(".event-rows")
      .evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await asked;
    await page.locator(".event-rows").evaluate((box) => box.scrollTo(0, 0));
    await page.keyboard.press("j");
    await page.waitForURL(/peek=/);
    const peek = page.locator(".peek");
    const first = await peek.locator("h2").innerText();
    await page.keyboard.press("j");
    await page.waitForFunction(
      (id) => document.querySelector(".peek h2")?.textContent !== id,
      first,
    );
    await page.keyboard.press("k");
    await peek.locator("h2", { hasText: first }).waitFor();
    await peek.getByText("Prediction", { exact: true }).waitFor();
    const id = await peek.locator("h2").innerText();
    const { body } = await api(
      page,
      `/v1/events/${id}?deployment_id=${deployment.deployment_id}`,
    );
    assert.ok((await peek.innerText()).includes(body.model_version));
    await page.keyboard.press("Escape");
    await page.waitForURL((url) => !url.searchParams.has("peek"));
  });
  await test("an event has a page of its own with its label history", async () => {
    const list = await api(
      page,
      `/v1/events?deployment_id=${deployment.deployment_id}&filter=${encodeURIComponent("label is not null")}&limit=1`,
    );
    const id = list.body.events[0].request_id;
    await page.goto(
      `${base}/events/${id}?deployment=${deployment.deployment_id}`,
    );
    await page.getByRole("heading", { name: "Label history" }).waitFor();
    assert.equal(await page.locator("h1").innerText(), id);
  });
}

async function deadLetters({ test, page, base }) {
  const deployment = `e2e_dead_${Date.now().toString(36)}`;
  const poison = {
    deployment_id: deployment,
    model_version: "v1",
    request_id: "poison",
    prediction: { score: 0.5 },
    latency_ms: -7,
  };
  await test("a refused item is listed with its reason and the field", async () => {
    const status = await page.evaluate(async (item) => {
      const answer = await fetch("/v1/ingest/metrics", {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "X-Aiml042-Csrf": "1",
        },
        body: JSON.stringify(item),
      });
      return answer.status;
    }, poison);
    assert.equal(status, 422);
    await page.goto(`${base}/events`);
    await page.getByRole("link", { name: "Dead letters" }).click();
    await page.waitForURL(/\/dead-letters$/);
    const letter = page.locator("details.letter", { hasText: "event" }).first();
    await letter.locator("summary").click();
    await letter.getByText("/latency_ms").waitFor();
    assert.deepEqual(
      JSON.parse(await letter.getByLabel("Item").inputValue()),
      poison,
    );
  });
  await test("as it was it is refused again; corrected it is taken, and says so", async () => {
    const letter = page.locator("details.letter").first();
    await letter.getByRole("button", { name: "Send again" }).click();
    await letter.getByText("Refused again").waitFor();
    await letter
      .getByLabel("Item")
      .fill(JSON.stringify({ ...poison, latency_ms: 7 }));
    await letter.getByRole("button", { name: "Send again" }).click();
    await letter.getByText("Taken.").waitFor();
    await letter.locator("summary").getByText("sent again").waitFor();
    const { body } = await api(
      page,
      `/v1/events/poison?deployment_id=${deployment}`,
    );
    assert.equal(body.latency_ms, 7);
    await page.reload();
    await page
      .locator("details.letter summary")
      .first()
      .getByText("sent again")
      .waitFor();
    assert.equal(
      await page.locator("details.letter", { hasText: "poison" }).count(),
      1,
      "a second refusal is no second letter",
    );
  });
}

async function keyboard({ test, page, base, deployment }) {
  await test("the first Tab is the skip link, and it works", async () => {
    await page.goto(base);
    await settled(page);
    await page.keyboard.press("Tab");
    assert.equal(
      await page.evaluate(() => document.activeElement?.textContent),
      "Skip to the content",
    );
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "main");
  });
  await test("letters lead to the sections, and ? shows them", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("e");
    await page.waitForURL(/\/events/);
    await page.keyboard.press("?");
    const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await sheet.waitFor();
    assert.match(await sheet.innerText(), /Go to Dashboards/);
    await page.keyboard.press("Escape");
    await sheet.waitFor({ state: "hidden" });
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await page.waitForURL(/\/dashboards$/);
  });
  await test("a time chart is read with the arrow keys and opened as events", async () => {
    await page.goto(
      `${base}/dashboards/${deployment.deployment_id}?refresh=off`,
    );
    await settled(page);
    const chart = page.locator('figure[data-chart="accuracy"]');
    await chart.getByRole("application").focus();
    await page.keyboard.press("End");
    const said = chart.locator('[role="status"]');
    await page.waitForFunction(
      () =>
        document.querySelector('figure[data-chart="accuracy"] [role="status"]')
          ?.textContent !== "",
    );
    const last = await said.textContent();
    await page.keyboard.press("ArrowLeft");
    await page.waitForFunction(
      (text) =>
        document.querySelector('figure[data-chart="accuracy"] [role="status"]')
          ?.textContent !== text,
      last,
    );
    assert.match(await said.textContent(), /^\d{4}-\d\d-\d\d \d\d:\d\d: /);
    await page.keyboard.press("t");
    await chart.getByRole("table").waitFor();
    await chart.getByRole("button", { name: /as a chart/ }).click();
    await chart.getByRole("application").focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/events\?deployment=/);
  });
  await test("dragging over a time chart zooms into it", async () => {
    await page.goto(
      `${base}/dashboards/${deployment.deployment_id}?from=now-30d&to=now&refresh=off`,
    );
    await settled(page);
    const box = await page
      .locator('figure[data-chart="accuracy"] .u-over')
      .boundingBox();
    await page.mouse.move(box.x + box.width * 0.3, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/from=\d{4}-/);
  });
}

async function keysAndFirstEvent({ test, page, base }) {
  const name = `e2e_${Date.now().toString(36)}`;
  await test("the wizard's own curl command turns it into the dashboard", async () => {
    await page.goto(`${base}/start`);
    await settled(page);
    await page.getByLabel("Deployment").fill(name);
    await page.getByRole("button", { name: "Create a key" }).click();
    await page.getByText("It is shown once").waitFor();
    await page.getByRole("tab", { name: "Python" }).focus();
    await page.keyboard.press("ArrowRight");
    const command = await page
      .getByLabel("curl snippet", { exact: true })
      .innerText();
    assert.ok(!command.includes("YOUR_KEY"));
    await run("bash", ["-c", command]);
    await page.waitForURL(new RegExp(`/dashboards/${name}`));
    await page.locator("h1", { hasText: name }).waitFor();
  });
  await test("a key is listed without its secret and can be revoked", async () => {
    await page.goto(`${base}/settings/keys`);
    const row = page.locator("tr", { hasText: `first key of ${name}` });
    await row.getByRole("button", { name: /^Revoke/ }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: "Revoke" })
      .click();
    await row.getByText("revoked").waitFor();
  });
  await test("a new key is shown once", async () => {
    await page.getByRole("button", { name: "New key" }).click();
    await page.getByLabel("Name").fill(`${name} reader`);
    await page.getByLabel(/metrics:read/).check();
    await page.getByRole("button", { name: "Create" }).click();
    const secret = await page
      .getByLabel("API key", { exact: true })
      .innerText();
    assert.ok(secret.length > 20);
    await page.getByRole("button", { name: "I have it" }).click();
    await page.locator("tr", { hasText: `${name} reader` }).waitFor();
    assert.ok(!(await page.content()).includes(secret), "the secret is gone");
    const row = page.locator("tr", { hasText: `${name} reader` });
    await row.getByRole("button", { name: /^Revoke/ }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: "Revoke" })
      .click();
    await row.getByText("revoked").waitFor();
  });
  await test("retention and system are shown", async () => {
    await page.goto(`${base}/settings/retention`);
    await page.getByLabel("Days").waitFor();
    await page.goto(`${base}/settings/system`);
    await page.getByText("Last sequence").waitFor();
  });
  await test("the theme is kept", async () => {
    await page.goto(`${base}/settings/appearance`);
    await page.getByLabel("Dark", { exact: true }).check();
    await page.reload();
    await settled(page);
    assert.equal(
      await page.evaluate(() => document.documentElement.dataset.theme),
      "dark",
    );
  });
}
