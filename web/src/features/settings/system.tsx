import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { systemQuery } from "../../api";
import type { System } from "../../api";
import { Notice } from "../../design";
import { useZone } from "../../lib/preferences";
import { formatBytes, formatDuration, formatNumber, orDash } from "../../lib/numbers";
import { usePageTitle } from "../../lib/page-title";
import { formatInstant } from "../../lib/time";

const whole = (value: number): string => value.toLocaleString("en-US");

export function SystemPage() {
  usePageTitle("System");
  const system = useQuery(systemQuery());
  return (
    <>
      <div>
        <h1>System</h1>
        <p className="lead muted">
          The server, and what it holds of this project, every five seconds.
        </p>
      </div>
      {system.isError ? <Notice tone="bad">{system.error.message}</Notice> : null}
      {system.data === undefined ? (
        <div className="skeleton" style={{ height: 220 }} role="status" aria-label="Loading" />
      ) : (
        <Facts system={system.data} />
      )}
      <p className="small muted">
        {system.data === undefined || system.data.disk_bytes === null ? null : (
          <>
            The same and more for Prometheus at <a href="/metrics">/metrics</a>.{" "}
          </>
        )}
        Liveness at <a href="/healthz">/healthz</a>, readiness at <a href="/readyz">/readyz</a>.
      </p>
    </>
  );
}

/** What is the server's is told to the first project only. */
function serverFacts(system: System): readonly (readonly [string, string])[] {
  return system.disk_bytes === null
    ? []
    : [
        ["Arriving now", orDash(system.ingest_rate, (value) => `${formatNumber(value)} / s`)],
        ["Memory", orDash(system.memory_bytes, formatBytes)],
        ["Data on disk", formatBytes(system.disk_bytes)],
        ["Log on disk", orDash(system.log_bytes, formatBytes)],
        ["Disk free", orDash(system.disk_free_bytes, formatBytes)],
      ];
}

function Facts({ system }: { readonly system: System }) {
  const zone = useZone();
  const facts: readonly (readonly [string, string, string?])[] = [
    ["Version", system.version],
    [
      "Up for",
      orDash(system.uptime_s, formatDuration),
      system.started_at === null ? "" : `since ${formatInstant(system.started_at, zone, "minute")}`,
    ],
    ["Events", orDash(system.events, whole)],
    ["Labels", orDash(system.labels, whole)],
    ["Last sequence", orDash(system.seq, whole)],
    ...serverFacts(system),
  ];
  return (
    <dl className="system-grid">
      {facts.map(([name, value, note]) => (
        <div key={name} className="card card-pad">
          <dt>{name}</dt>
          <dd className="system-value num">{value}</dd>
          {note === undefined || note === "" ? null : <dd className="muted small num">{note}</dd>}
        </div>
      ))}
      <div className="card card-pad">
        <dt>Dead letters</dt>
        <dd className="system-value num">{orDash(system.dead_letters, whole)}</dd>
        <dd className="small">
          <Link to="/dead-letters">Look</Link>
        </dd>
      </div>
    </dl>
  );
}
