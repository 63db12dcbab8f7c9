// The browser tests. They need a running server with demo data and its unused sign-in link:
//
//   node tests/e2e/run.mjs BASE_URL SIGNIN_URL [--screenshots DIR] [--only WORD]
//
// Prints one line per test and `N passed, N failed` at the end; exits 1 when one failed.

import { openBrowser } from "./browser.mjs";
import { journeys, signIn } from "./journeys.mjs";
import { api } from "./reading.mjs";
import { accessibility, narrow, pagesOf, screenshots } from "./surfaces.mjs";

const options = new Map();
const places = [];
for (let at = 2; at < process.argv.length; at += 1) {
  const word = process.argv[at];
  if (word.startsWith("--")) {
    options.set(word.slice(2), process.argv[(at += 1)]);
  } else {
    places.push(word);
  }
}
const [baseText, link] = places;
const known = new Set(["screenshots", "only"]);
const unknown = [...options.keys()].filter((name) => !known.has(name));
if (link === undefined || unknown.length > 0) {
  console.error(
    "usage: node tests/e2e/run.mjs BASE_URL SIGNIN_URL [--screenshots DIR] [--only WORD]",
  );
  process.exit(2);
}
const base = baseText.replace(/\/$/, "");
const only = options.get("only");

const counts = { passed: 0, failed: 0 };
async function test(name, body) {
  const started = Date.now();
  try {
    await body();
    counts.passed += 1;
    console.log(`ok    ${name} (${Date.now() - started} ms)`);
  } catch (error) {
    counts.failed += 1;
    console.log(
      `FAIL  ${name}\n      ${String(error.message).split("\n").join("\n      ")}`,
    );
  }
}

const browser = await openBrowser();
const problems = [];
try {
  const state = await signIn({ test, browser, base, link, problems });
  if (state === undefined) {
    throw new Error("without a session nothing else can be tested");
  }
  const context = await browser.newContext({ storageState: state });
  const page = await context.newPage();
  await page.goto(base);
  const { body } = await api(page, "/v1/deployments");
  await context.close();
  const pages = pagesOf(body.deployments);
  const parts = { journeys, accessibility, narrow };
  for (const [name, part] of Object.entries(parts)) {
    if (only === undefined || name.includes(only)) {
      await part({ test, browser, base, state, problems, pages });
    }
  }
  const folder = options.get("screenshots");
  if (folder !== undefined) {
    await screenshots({ test, browser, base, state, problems, pages, folder });
  }
  await test("no page threw, logged an error or broke its Content-Security-Policy", () => {
    if (problems.length > 0) {
      throw new Error([...new Set(problems)].slice(0, 10).join("\n"));
    }
  });
} catch (error) {
  counts.failed += 1;
  console.log(`FAIL  ${error.message}`);
} finally {
  await browser.close();
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 ? 0 : 1);
