// The mock server's data: the demo replays, moved in time so that their last event is "now".
//
// Reads `events.ndjson.gz` and `labels.ndjson.gz` of each folder in AIML042_DEMO_REPLAYS.
// Latency and a second model version are invented here (the replays carry neither), so that every
// panel has something to draw during development. Nothing of this reaches the product.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const DAY_MS = 86_400_000;

function readNdjson(file) {
  return gunzipSync(readFileSync(file))
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** A number in [0, 1) that depends on nothing but `text`. */
export function hashUnit(text) {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  }
  return ((hash >>> 8) % 100_000) / 100_000;
}

function loadReplay(folder, now) {
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  const events = readNdjson(join(folder, "events.ndjson.gz"));
  const last = Date.parse(events[events.length - 1].timestamp);
  const shift = Math.ceil((now - last) / 60_000) * 60_000 - 60_000;
  const byId = new Map();
  const split = events.length * 0.7;
  let seq = 0;
  for (const [index, event] of events.entries()) {
    seq += 1;
    event.ts = Date.parse(event.timestamp) + shift;
    event.timestamp = new Date(event.ts).toISOString().replace(".000Z", "Z");
    event.received = event.ts + 800;
    event.seq = seq;
    event.labels = [];
    if (manifest.name === "flights") {
      const unit = hashUnit(event.request_id);
      event.latency_ms = Number((4 + 30 * unit ** 4 + (index % 500 === 0 ? 120 : 0)).toFixed(3));
      if (unit > 0.998) {
        event.error_code = "timeout";
      }
      if (index > split && unit > 0.4) {
        event.model_version = "delay_lr_v2";
      }
    }
    byId.set(event.request_id, event);
  }
  for (const label of readNdjson(join(folder, "labels.ndjson.gz"))) {
    const event = byId.get(label.request_id);
    const ts = Date.parse(label.label_ts) + shift;
    if (event !== undefined && ts <= now) {
      seq += 1;
      event.labels.push({ label: label.label, ts, source: label.source, received: ts, seq });
    }
  }
  return {
    deployment_id: manifest.deployment_id,
    task_type: manifest.task,
    task_type_source: "inferred",
    positive_class: manifest.positive_class,
    threshold: null,
    cohort_keys: manifest.metadata,
    events,
    byId,
  };
}

/** All deployments by id. Empty when `replays` names no folder. */
export function loadDeployments(replays, now = Date.now()) {
  const deployments = new Map();
  if (replays === undefined || !existsSync(replays)) {
    return deployments;
  }
  for (const name of readdirSync(replays).sort()) {
    const deployment = loadReplay(join(replays, name), now);
    deployments.set(deployment.deployment_id, deployment);
  }
  return deployments;
}

/** The value behind a name: prefixed, or metadata, then feature, then system. */
export function fieldOf(event, name) {
  if (name.startsWith("metadata.")) {
    return event.metadata?.[name.slice(9)] ?? null;
  }
  if (name.startsWith("feature.")) {
    return event.features?.[name.slice(8)] ?? null;
  }
  const sent = event.metadata?.[name] ?? event.features?.[name];
  if (sent !== undefined) {
    return sent;
  }
  const prediction = event.prediction;
  const label = event.labels[event.labels.length - 1]?.label;
  switch (name) {
    case "score":
      return scoreOf(event);
    case "predicted_class":
      return prediction?.class ?? null;
    case "label":
      return label?.class ?? label?.value ?? null;
    default:
      return event[name] ?? null;
  }
}

export function scoreOf(event) {
  return event.score ?? event.prediction?.score ?? null;
}

/** What GET /v1/deployments answers for one deployment. */
export function describeDeployment(deployment, now = Date.now()) {
  const { events } = deployment;
  const labelled = events.filter((event) => event.labels.length > 0).length;
  const versions = new Map();
  for (const event of events) {
    const seen = versions.get(event.model_version) ?? { events: 0, first: event.ts, last: 0 };
    seen.events += 1;
    seen.last = event.ts;
    versions.set(event.model_version, seen);
  }
  const recent = events.filter((event) => event.ts > now - DAY_MS);
  const errors = recent.filter((event) => event.error_code !== undefined).length;
  const latencies = recent
    .map((event) => event.latency_ms)
    .filter((value) => value !== undefined)
    .sort((a, b) => a - b);
  const coverage = events.length === 0 ? null : labelled / events.length;
  const quiet = recent.length === 0;
  const health = quiet ? "quiet" : errors > 0 ? "warn" : "ok";
  const reason = quiet
    ? "no events in the last 24 hours"
    : errors > 0
      ? `${errors} errors in the last 24 hours`
      : "events arrive, no errors in the last 24 hours";
  return {
    deployment_id: deployment.deployment_id,
    task_type: deployment.task_type,
    task_type_source: deployment.task_type_source,
    positive_class: deployment.positive_class,
    threshold: deployment.threshold,
    cohort_keys: deployment.cohort_keys,
    events: events.length,
    labels: labelled,
    label_coverage: coverage,
    first_event: events.length === 0 ? null : events[0].timestamp,
    last_event: events.length === 0 ? null : events[events.length - 1].timestamp,
    model_versions: [...versions].map(([version, seen]) => ({
      model_version: version,
      events: seen.events,
      first_event: new Date(seen.first).toISOString(),
      last_event: new Date(seen.last).toISOString(),
    })),
    events_per_minute: recent.length / 1440,
    errors_24h: errors,
    latency_p95_ms: latencies.length === 0 ? null : latencies[Math.floor(latencies.length * 0.95)],
    health,
    health_reason: reason,
  };
}

/** The columns seen in a deployment, with a few examples of each. */
export function describeColumns(deployment) {
  const columns = new Map();
  const note = (name, role, value) => {
    const column = columns.get(name) ?? { name, role, values: new Map(), present: 0 };
    if (value !== null && value !== undefined) {
      column.present += 1;
      column.values.set(value, (column.values.get(value) ?? 0) + 1);
    }
    columns.set(name, column);
  };
  for (const event of deployment.events) {
    for (const [name, value] of Object.entries(event.metadata ?? {})) {
      note(name, "metadata", value);
    }
    for (const [name, value] of Object.entries(event.features ?? {})) {
      if (event.metadata?.[name] === undefined) {
        note(name, "feature", value);
      }
    }
    note("model_version", "system", event.model_version);
    if (event.latency_ms !== undefined) {
      note("latency_ms", "system", event.latency_ms);
    }
  }
  return [...columns.values()].map((column) => {
    const examples = [...column.values.keys()].slice(0, 5);
    const kind = typeof examples[0];
    return {
      name: column.name,
      role: column.role,
      type: kind === "number" ? "number" : kind === "boolean" ? "bool" : "string",
      distinct: column.values.size,
      missing_rate: 1 - column.present / deployment.events.length,
      examples,
    };
  });
}
