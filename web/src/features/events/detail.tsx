// Everything known of one event: in the peek panel and on its own page.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiError, eventQuery } from "../../api";
import type { EventDetail } from "../../api";
import { EmptyState, Notice, StatusTag } from "../../design";
import { useZone } from "../../lib/preferences";
import { formatNumber } from "../../lib/numbers";
import { formatInstant } from "../../lib/time";
import type { TimeZone } from "../../lib/time";
import { outcomeWords, scoreOf, verdictOf } from "./words";

interface DetailProps {
  readonly requestId: string;
  readonly deploymentId: string | undefined;
}

const when = (text: string | null, zone: TimeZone): string =>
  text === null ? "–" : formatInstant(Date.parse(text), zone, "second");

export function Detail({ requestId, deploymentId }: DetailProps) {
  const zone = useZone();
  const event = useQuery(eventQuery(requestId, deploymentId));
  if (event.isError) {
    return event.error instanceof ApiError && event.error.status === 404 ? (
      <EmptyState icon="search" title="There is no such event">
        It may be older than the retention, or of another deployment.
      </EmptyState>
    ) : (
      <Notice tone="bad">{event.error.message}</Notice>
    );
  }
  if (event.data === undefined) {
    return <div className="skeleton" style={{ height: 220 }} role="status" aria-label="Loading" />;
  }
  return <Known event={event.data} zone={zone} />;
}

function Known({ event, zone }: { readonly event: EventDetail; readonly zone: TimeZone }) {
  const score = scoreOf(event);
  const verdict = verdictOf(event);
  return (
    <div className="detail">
      <dl className="facts">
        <Fact name="Time">{when(event.timestamp, zone)}</Fact>
        <Fact name="Deployment">{event.deployment_id}</Fact>
        <Fact name="Model version">{event.model_version}</Fact>
        {event.error_code === null ? null : (
          <Fact name="Error">
            <StatusTag tone="bad">{event.error_code}</StatusTag>
          </Fact>
        )}
        <Fact name="Prediction">
          <strong>{outcomeWords(event.prediction)}</strong>
          {score === null ? null : <span className="muted"> score {formatNumber(score)}</span>}
        </Fact>
        <Fact name="Label">
          {event.labels.length === 0 ? (
            <span className="muted">none yet</span>
          ) : (
            <span className="row">
              <strong>{outcomeWords(event.label)}</strong>
              {verdict === "right" ? <StatusTag tone="ok">right</StatusTag> : null}
              {verdict === "wrong" ? <StatusTag tone="bad">wrong</StatusTag> : null}
            </span>
          )}
        </Fact>
        {event.latency_ms === null ? null : (
          <Fact name="Latency">{formatNumber(event.latency_ms)} ms</Fact>
        )}
        {event.prompt_version === null ? null : (
          <Fact name="Prompt version">{event.prompt_version}</Fact>
        )}
        <Fact name="Received">{when(event.received_at, zone)}</Fact>
        {event.seq === null ? null : (
          <Fact name="Sequence">{event.seq.toLocaleString("en-US")}</Fact>
        )}
      </dl>
      <Scalars title="Features" values={event.features} />
      <Scalars title="Metadata" values={event.metadata} />
      <Labels event={event} zone={zone} />
    </div>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface ScalarsProps {
  readonly title: string;
  readonly values: Readonly<Record<string, string | number | boolean | null>> | null;
}

function Scalars({ title, values }: ScalarsProps) {
  const entries = Object.entries(values ?? {});
  if (entries.length === 0) {
    return null;
  }
  return (
    <section>
      <h3>{title}</h3>
      <dl className="facts tight">
        {entries.map(([name, value]) => (
          <Fact key={name} name={name}>
            {value === null ? <span className="muted">null</span> : String(value)}
          </Fact>
        ))}
      </dl>
    </section>
  );
}

/** All labels ever sent for the event; the last one counts. */
function Labels({ event, zone }: { readonly event: EventDetail; readonly zone: TimeZone }) {
  if (event.labels.length === 0) {
    return null;
  }
  return (
    <section>
      <h3>Label history</h3>
      <ol className="history">
        {event.labels.map((one, index) => (
          <li key={`${one.seq ?? index}`}>
            <strong>{outcomeWords(one.label)}</strong>
            {index === event.labels.length - 1 ? <span className="tag accent">counts</span> : null}
            <span className="muted small">
              true since {when(one.label_ts, zone)} · received {when(one.received_at, zone)}
              {one.source === null ? "" : ` · from ${one.source}`}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
