// Holds the page to its budget: gzip bytes of the JavaScript each route must load first.
//
// First route: the entry with everything it imports statically. Lazy routes: what each adds to it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const FIRST_ROUTE_KIB = 250;
const LAZY_ROUTE_KIB = 150;

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const manifest = JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8"));

function closure(name, seen = new Set()) {
  if (!seen.has(name)) {
    seen.add(name);
    for (const next of manifest[name].imports ?? []) closure(next, seen);
  }
  return seen;
}
const gzipKib = (names) =>
  [...names]
    .map((name) => manifest[name].file)
    .filter((file) => file.endsWith(".js"))
    .reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file)), { level: 9 }).length, 0) /
  1024;

const entry = Object.keys(manifest).find((name) => manifest[name].isEntry);
const home = Object.keys(manifest).find((name) => name.includes("features/overview"));
const first = closure(entry);
if (home !== undefined) closure(home, first);
const rows = [["first route", gzipKib(first), FIRST_ROUTE_KIB]];
for (const name of Object.keys(manifest)) {
  if (manifest[name].isDynamicEntry === true && !first.has(name)) {
    const added = [...closure(name)].filter((one) => !first.has(one));
    rows.push([name, gzipKib(added), LAZY_ROUTE_KIB]);
  }
}
let failed = false;
for (const [name, kib, limit] of rows) {
  const over = kib > limit;
  failed ||= over;
  console.log(
    `${over ? "OVER" : "ok  "} ${kib.toFixed(1).padStart(7)} of ${limit} KiB gz  ${name}`,
  );
}
process.exit(failed ? 1 : 0);
