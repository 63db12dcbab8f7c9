// A stand-in for the server while the page is developed: node only, no dependencies.
//
//   AIML042_DEMO_REPLAYS=<folder of replays> node dev/mock-server.mjs [--port 8142] [--dist dist]
//
// Answers every route the page uses, with the strict Content-Security-Policy of the product, from
// the demo replays in memory. Not fast, not durable, not a reference for any number.

import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describeColumns, describeDeployment, fieldOf, loadDeployments } from "./mock-data.mjs";
import { parseFilter } from "./mock-filter.mjs";
import { catalog, compute, pairs, reliability } from "./mock-metrics.mjs";

const args = process.argv.slice(2);
const option = (name, fallback) => {
  const at = args.indexOf(`--${name}`);
  return at < 0 ? fallback : args[at + 1];
};
const here = fileURLToPath(new URL(".", import.meta.url));
const port = Number(option("port", "8142"));
const dist = option("dist", join(here, "..", "dist"));
const started = Date.now();
const deployments = loadDeployments(process.env.AIML042_DEMO_REPLAYS);
const signInToken = randomBytes(12).toString("hex");
let linkUsed = false;
const sessions = new Set();
const keys = [];
const retention = { days: null, bytes: null };
const deadLetters = [
  {
    id: "dl-1",
    received_at: new Date(started - 3_600_000).toISOString(),
    kind: "event",
    code: "missing_prediction",
    detail: "the event carries neither prediction nor score, and no error_code",
    pointer: "/prediction",
    item: '{"deployment_id":"flight_delay","model_version":"delay_lr_v1","request_id":"x-1"}',
    replayed: false,
  },
];
let seq = [...deployments.values()].reduce((sum, d) => sum + d.events.length, 0);

class Problem extends Error {
  constructor(status, code, detail, pointer) {
    super(detail);
    Object.assign(this, { status, code, detail, pointer });
  }
}

const UNIT_MS = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5, M: 2592e6, y: 31536e6 };
const parseTime = (text, fallback) => {
  if (text === null || text === undefined || text === "") return fallback;
  if (/^\d+$/.test(text)) return Number(text);
  const relative = /^now(?:-(\d+)([smhdwMy]))?$/.exec(text);
  if (relative !== null) {
    return Date.now() - (relative[1] === undefined ? 0 : relative[1] * UNIT_MS[relative[2]]);
  }
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new Problem(400, "bad_time", `cannot read the time ${text}`);
  return at;
};
const parseSpan = (text) => {
  const match = /^(\d+)(s|m|h|d|w|M|y)$/.exec(text);
  if (match === null) throw new Problem(400, "bad_span", `cannot read the time span ${text}`);
  return Number(match[1]) * UNIT_MS[match[2]];
};
const rfc = (ms) => new Date(ms).toISOString().replace(".000Z", "Z");

function find(id) {
  const deployment = deployments.get(id);
  if (deployment === undefined) {
    throw new Problem(404, "unknown_deployment", `there is no deployment ${id}`);
  }
  return deployment;
}
function rangeOf(query) {
  const to = parseTime(query.get("to"), Date.now());
  const window = query.get("window");
  const from = window !== null ? to - parseSpan(window) : parseTime(query.get("from"), 0);
  return { from, to };
}
function select(deployment, query, { from, to }) {
  let keep;
  try {
    keep = parseFilter(query.get("filter"), fieldOf);
  } catch (error) {
    throw new Problem(400, "bad_filter", error.message, "/filter");
  }
  const version = query.get("model_version");
  return deployment.events.filter(
    (e) =>
      e.ts >= from && e.ts < to && (version === null || e.model_version === version) && keep(e),
  );
}
function seriesOf(metric, deployment, events, { from, to }, step) {
  if (step === null) {
    return [{ ts: rfc(from), ...compute(metric, deployment, events, (to - from) / 1000) }];
  }
  const buckets = new Map();
  for (const event of events) {
    const start = Math.floor(event.ts / step) * step;
    const bucket = buckets.get(start);
    if (bucket === undefined) buckets.set(start, [event]);
    else bucket.push(event);
  }
  const series = [];
  for (let at = Math.floor(from / step) * step; at < to; at += step) {
    series.push({
      ts: rfc(at),
      ...compute(metric, deployment, buckets.get(at) ?? [], step / 1000),
    });
    if (series.length > 5000) throw new Problem(422, "too_many_buckets", "more than 5000 buckets");
  }
  return series;
}
function groupsOf(metric, deployment, events, range, step, by) {
  const groups = new Map();
  for (const event of events) {
    const values = by.map((key) => fieldOf(event, key));
    const name = JSON.stringify(values);
    const group = groups.get(name) ?? { values, events: [] };
    group.events.push(event);
    groups.set(name, group);
  }
  return [...groups.values()]
    .sort((a, b) => b.events.length - a.events.length)
    .slice(0, 50)
    .map((group) => ({
      by: Object.fromEntries(by.map((key, index) => [key, group.values[index]])),
      series: seriesOf(metric, deployment, group.events, range, step),
    }));
}
function metricsQuery(query) {
  const metrics = query.getAll("metric");
  const deployment = find(query.get("deployment_id"));
  const range = rangeOf(query);
  const step = query.get("step") === null ? null : parseSpan(query.get("step"));
  const by = query.getAll("group_by").flatMap((text) => text.split(","));
  const events = select(deployment, query, range);
  const results = metrics.map((metric) => {
    const known = catalog.find((one) => one.name === metric);
    if (known === undefined) {
      throw new Problem(400, "unknown_metric", `there is no metric ${metric}`, "/metric");
    }
    const result = {
      metric,
      deployment_id: deployment.deployment_id,
      ...(by.length === 0
        ? { series: seriesOf(metric, deployment, events, range, step) }
        : { groups: groupsOf(metric, deployment, events, range, step, by) }),
      slices: {},
      definition: { metric, formula: known.formula, exact: true, source: "" },
    };
    const compare = query.get("compare");
    if (compare !== null)
      result.compare = comparison(metric, deployment, query, range, step, compare);
    return result;
  });
  return metrics.length === 1 ? { ...results[0], as_of_seq: seq } : { results, as_of_seq: seq };
}
function comparison(metric, deployment, query, range, step, compare) {
  const [kind, value] = [
    compare.slice(0, compare.indexOf(":")),
    compare.slice(compare.indexOf(":") + 1),
  ];
  const other = new URLSearchParams(query);
  let shift = 0;
  if (kind === "offset") shift = parseSpan(value);
  else other.set("model_version", value);
  const moved = { from: range.from - shift, to: range.to - shift };
  const series = seriesOf(metric, deployment, select(deployment, other, moved), moved, step);
  return {
    kind,
    value,
    series: series.map((point) => ({ ...point, ts: rfc(Date.parse(point.ts) + shift) })),
  };
}
function toCsv(answer) {
  const lines = [];
  const results = answer.results ?? [answer];
  const keys = Object.keys(results[0].groups?.[0]?.by ?? {});
  lines.push(["ts", "metric", ...keys, "value", "n", "ci_lo", "ci_hi", "reason"].join(","));
  const add = (metric, by, series) => {
    for (const p of series) {
      const cells = [p.ts, metric, ...by, p.value ?? "", p.n, p.ci?.[0] ?? "", p.ci?.[1] ?? ""];
      lines.push([...cells, p.reason ?? ""].join(","));
    }
  };
  for (const result of results) {
    if (result.series) add(result.metric, [], result.series);
    for (const group of result.groups ?? []) {
      add(result.metric, Object.values(group.by), group.series);
    }
  }
  return `${lines.join("\r\n")}\r\n`;
}
function curves(query) {
  const deployment = find(query.get("deployment_id"));
  const events = select(deployment, query, rangeOf(query));
  const rows = pairs(deployment, events);
  const curve = query.get("curve");
  const base = { curve, deployment_id: deployment.deployment_id, n: rows.length, points: [] };
  if (rows.length === 0) return { ...base, reason: "no labels" };
  const bins = Number(query.get("bins") ?? 20);
  if (curve === "reliability") {
    return { ...base, points: reliability(rows, Number(query.get("bins") ?? 10)) };
  }
  if (curve === "confusion") {
    const names = [...new Set(rows.flatMap((r) => [r.actual, r.predicted]))].sort();
    const matrix = names.map((a) =>
      names.map((p) => rows.filter((r) => r.actual === a && r.predicted === p).length),
    );
    return { ...base, classes: names, matrix };
  }
  if (curve === "score_distribution") {
    const cells = Array.from({ length: bins }, (_, i) => ({
      lo: i / bins,
      hi: (i + 1) / bins,
      n_positive: 0,
      n_negative: 0,
      n_unlabelled: 0,
    }));
    for (const event of events) {
      const score = fieldOf(event, "score");
      if (score === null) continue;
      const cell = cells[Math.min(bins - 1, Math.floor(score * bins))];
      const label = event.labels[event.labels.length - 1]?.label;
      if (label === undefined) cell.n_unlabelled += 1;
      else if (label.class === deployment.positive_class) cell.n_positive += 1;
      else cell.n_negative += 1;
    }
    return { ...base, n: events.length, points: cells };
  }
  if (curve === "residuals") {
    const errors = rows.map((r) => r.p - r.y);
    const lo = Math.min(...errors);
    const width = (Math.max(...errors) - lo) / bins || 1;
    const counts = new Array(bins).fill(0);
    for (const e of errors) counts[Math.min(bins - 1, Math.floor((e - lo) / width))] += 1;
    return {
      ...base,
      points: counts.map((n, i) => ({ lo: lo + i * width, hi: lo + (i + 1) * width, n })),
    };
  }
  const positives = rows.filter((r) => r.y === 1).length;
  if (positives === 0 || positives === rows.length) return { ...base, reason: "one class only" };
  const points = [];
  for (let i = 0; i <= 100; i += 1) {
    const t = 1 - i / 100;
    const above = rows.filter((r) => r.s >= t);
    const tp = above.filter((r) => r.y === 1).length;
    if (curve === "roc") {
      points.push({
        fpr: (above.length - tp) / (rows.length - positives),
        tpr: tp / positives,
        threshold: t,
      });
    } else if (above.length > 0) {
      points.push({ recall: tp / positives, precision: tp / above.length, threshold: t });
    }
  }
  return { ...base, points };
}
function eventOut(event) {
  const { ts: _ts, received, labels, seq: number, ...sent } = event;
  const last = labels[labels.length - 1];
  return {
    ...sent,
    ...(last === undefined ? {} : { label: last.label, label_ts: rfc(last.ts) }),
    received_at: rfc(received),
    seq: number,
  };
}
function listEvents(query) {
  const id = query.get("deployment_id");
  const sources = id === null ? [...deployments.values()] : [find(id)];
  let rows = sources.flatMap((d) => select(d, query, rangeOf(query)));
  const direction = query.get("order") === "asc" ? 1 : -1;
  rows = rows.sort((a, b) => direction * (a.ts - b.ts));
  const limit = Math.min(1000, Number(query.get("limit") ?? 100));
  const start = Number(query.get("cursor") ?? 0);
  const next = start + limit < rows.length ? String(start + limit) : null;
  return { events: rows.slice(start, start + limit).map(eventOut), next_cursor: next };
}
function ingest(body, kind) {
  const items = Array.isArray(body) ? body : [body];
  const rejected = [];
  let ingested = 0;
  for (const [index, item] of items.entries()) {
    if (kind === "event" && item.prediction === undefined && item.score === undefined) {
      const problem = {
        code: "missing_prediction",
        detail: "no prediction",
        pointer: "/prediction",
      };
      rejected.push({ index, ...problem });
      deadLetters.unshift({
        id: `dl-${deadLetters.length + 1}`,
        received_at: rfc(Date.now()),
        kind,
        ...problem,
        item: JSON.stringify(item),
        replayed: false,
      });
      continue;
    }
    seq += 1;
    ingested += 1;
    if (kind === "event") addEvent(item);
    else {
      const event = [...deployments.values()].map((d) => d.byId.get(item.request_id)).find(Boolean);
      event?.labels.push({ label: item.label, ts: Date.now(), received: Date.now(), seq });
    }
  }
  return { status: "ok", ingested, duplicates: 0, rejected };
}
function addEvent(item) {
  const now = Date.now();
  const deployment = deployments.get(item.deployment_id) ?? {
    deployment_id: item.deployment_id,
    task_type: item.prediction?.value === undefined ? "binary" : "regression",
    task_type_source: "inferred",
    positive_class: null,
    threshold: null,
    cohort_keys: [],
    events: [],
    byId: new Map(),
  };
  deployments.set(item.deployment_id, deployment);
  const ts = item.timestamp === undefined ? now : parseTime(String(item.timestamp), now);
  const event = { ...item, ts, timestamp: rfc(ts), received: now, seq, labels: [] };
  deployment.events.push(event);
  deployment.byId.set(item.request_id, event);
}
const sessionAnswer = () => ({
  project: { project_id: "prj_default", name: "default" },
  scopes: ["ingest:write", "metrics:read", "admin"],
  version: "0.1.0",
  demo: deployments.size > 0,
});

function route(method, path, query, body) {
  const is = (m, p) => method === m && path === p;
  if (is("GET", "/v1/session")) return sessionAnswer();
  if (is("GET", "/v1/projects")) {
    return { projects: [{ project_id: "prj_default", name: "default", created_at: rfc(started) }] };
  }
  if (is("GET", "/v1/deployments")) {
    const list = [...deployments.values()].map((d) => describeDeployment(d));
    return { deployments: list, next_cursor: null };
  }
  if (is("GET", "/v1/metrics/catalog")) return { metrics: catalog };
  if (is("GET", "/v1/metrics/query")) return metricsQuery(query);
  if (is("GET", "/v1/metrics/curves")) return curves(query);
  if (is("GET", "/v1/events")) return listEvents(query);
  if (is("POST", "/v1/ingest/metrics")) return ingest(body, "event");
  if (is("POST", "/v1/labels")) return ingest(body, "label");
  if (is("GET", "/v1/dead-letters")) return { dead_letters: deadLetters, next_cursor: null };
  if (is("GET", "/v1/keys")) return { keys: keys.map(({ key: _key, ...rest }) => rest) };
  if (is("POST", "/v1/keys")) {
    const key = `aiml_${randomBytes(20).toString("base64url")}`;
    const made = {
      key_id: `key_${keys.length + 1}`,
      name: body.name,
      scopes: body.scopes,
      prefix: key.slice(0, 9),
      created_at: rfc(Date.now()),
      last_used_at: null,
      expires_at: body.expires_at ?? null,
      revoked: false,
      key,
    };
    keys.push(made);
    return [201, made];
  }
  if (is("GET", "/v1/system")) {
    const all = [...deployments.values()].map((d) => describeDeployment(d));
    return {
      version: "0.1.0",
      started_at: rfc(started),
      uptime_s: (Date.now() - started) / 1000,
      seq,
      events: all.reduce((sum, d) => sum + d.events, 0),
      labels: all.reduce((sum, d) => sum + d.labels, 0),
      disk_bytes: 18_400_000,
      disk_free_bytes: 210_000_000_000,
      log_bytes: 9_100_000,
      memory_bytes: process.memoryUsage().rss,
      ingest_rate: 1.4,
      dead_letters: deadLetters.length,
    };
  }
  let match = /^\/v1\/projects\/[^/]+\/retention$/.exec(path);
  if (match !== null) return method === "PUT" ? Object.assign(retention, body) : retention;
  match = /^\/v1\/keys\/([^/]+)$/.exec(path);
  if (match !== null && method === "DELETE") {
    const key = keys.find((one) => one.key_id === match[1]);
    if (key !== undefined) key.revoked = true;
    return [204, null];
  }
  match = /^\/v1\/dead-letters\/([^/]+)\/replay$/.exec(path);
  if (match !== null && method === "POST") {
    const letter = deadLetters.find((one) => one.id === match[1]);
    const answer = ingest(body ?? JSON.parse(letter.item), letter.kind);
    if (answer.ingested > 0) letter.replayed = true;
    return answer;
  }
  match = /^\/v1\/deployments\/([^/]+)(\/values)?$/.exec(path);
  if (match !== null) {
    const deployment = find(decodeURIComponent(match[1]));
    if (method === "PUT") Object.assign(deployment, body, { task_type_source: "declared" });
    if (match[2] === undefined) {
      return { ...describeDeployment(deployment), columns: describeColumns(deployment) };
    }
    const column = query.get("column");
    const counts = new Map();
    for (const event of deployment.events) {
      const value = fieldOf(event, column);
      if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const values = [...counts].sort((a, b) => b[1] - a[1]).map(([value, n]) => ({ value, n }));
    return { column, values: values.slice(0, Number(query.get("limit") ?? 50)) };
  }
  match = /^\/v1\/events\/([^/]+)$/.exec(path);
  if (match !== null) {
    const id = decodeURIComponent(match[1]);
    const event = [...deployments.values()].map((d) => d.byId.get(id)).find(Boolean);
    if (event === undefined) throw new Problem(404, "unknown_event", `there is no event ${id}`);
    const labels = event.labels.map((l) => ({
      label: l.label,
      label_ts: rfc(l.ts),
      source: l.source ?? null,
      received_at: rfc(l.received),
      seq: l.seq,
    }));
    return { ...eventOut(event), labels };
  }
  throw new Problem(404, "not_found", `no route ${method} ${path}`);
}

const TYPES = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
function serveFile(path, response) {
  const file = join(dist, normalize(path));
  if (path.startsWith("/assets/") && existsSync(file)) {
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "cache-control": "public, max-age=31536000, immutable",
    });
    response.end(readFileSync(file));
    return;
  }
  const nonce = randomBytes(16).toString("base64");
  const shell = join(dist, "index.html");
  const page = existsSync(shell) ? readFileSync(shell, "utf8") : "run npm run build first";
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self'",
      `style-src 'self' 'nonce-${nonce}'`,
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join("; "),
  });
  response.end(page.replaceAll("__CSP_NONCE__", nonce));
}

function handle(request, response, raw) {
  const url = new URL(request.url, "http://localhost");
  const requestId = randomBytes(8).toString("hex");
  const send = (status, body, headers = {}) => {
    const text = body === null ? "" : JSON.stringify(body);
    response.writeHead(status, {
      "content-type": status >= 400 ? "application/problem+json" : "application/json",
      "x-request-id": requestId,
      ...headers,
    });
    response.end(text);
  };
  try {
    if (url.pathname === "/openapi.json") {
      return send(200, { openapi: "3.1.0", info: { title: "mock", version: "0" }, paths: {} });
    }
    if (!url.pathname.startsWith("/v1/")) return serveFile(url.pathname, response);
    const body = raw === "" ? undefined : JSON.parse(raw);
    const cookie = /aiml042_session=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
    if (url.pathname === "/v1/session" && request.method === "POST") {
      const linked = body.token === signInToken && !linkUsed;
      linkUsed ||= linked;
      if (!linked && !String(body.key ?? "").startsWith("aiml_")) {
        throw new Problem(401, "bad_token", "this sign-in link was used already or is not ours");
      }
      const id = randomBytes(16).toString("hex");
      sessions.add(id);
      const flags = "HttpOnly; SameSite=Strict; Path=/";
      return send(200, sessionAnswer(), { "set-cookie": `aiml042_session=${id}; ${flags}` });
    }
    const bearer = request.headers.authorization?.startsWith("Bearer aiml_") === true;
    if (!sessions.has(cookie) && !bearer) {
      throw new Problem(401, "signed_out", "sign in first");
    }
    if (url.pathname === "/v1/session" && request.method === "DELETE") {
      sessions.delete(cookie);
      return send(204, null);
    }
    const unsafe = request.method !== "GET";
    if (unsafe && !bearer && request.headers["x-aiml042-csrf"] !== "1") {
      throw new Problem(403, "csrf", "the header X-Aiml042-Csrf is missing");
    }
    const answer = route(request.method, url.pathname, url.searchParams, body);
    if (url.searchParams.get("format") === "csv") {
      response.writeHead(200, { "content-type": "text/csv", "x-request-id": requestId });
      return response.end(toCsv(answer));
    }
    return Array.isArray(answer) ? send(answer[0], answer[1]) : send(200, answer);
  } catch (error) {
    const status = error.status ?? 500;
    return send(status, {
      type: "about:blank",
      title: status === 401 ? "Unauthorized" : "Request failed",
      status,
      code: error.code ?? "internal",
      detail: error.detail ?? String(error.stack),
      ...(error.pointer === undefined ? {} : { pointer: error.pointer }),
      request_id: requestId,
    });
  }
}

createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => handle(request, response, Buffer.concat(chunks).toString("utf8")));
}).listen(port, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${port}/signin#token=${signInToken}\n`);
});
