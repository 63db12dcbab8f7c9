// The rows: a real table of which only the visible part exists, loaded page by page.

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { InferenceEvent } from "../../api";
import { StatusTag } from "../../design";
import { useZone } from "../../lib/preferences";
import { formatNumber, orDash } from "../../lib/numbers";
import { formatInstant } from "../../lib/time";
import { outcomeWords, scoreOf, verdictOf } from "./words";

const ROW = 37;
const AHEAD_ROWS = 15;

export interface EventListProps {
  readonly events: readonly InferenceEvent[];
  readonly selected: string | undefined;
  readonly onOpen: (event: InferenceEvent) => void;
  readonly more: boolean;
  readonly loading: boolean;
  readonly onMore: () => void;
  readonly showDeployment: boolean;
}

const COLUMNS = [
  "Time",
  "Deployment",
  "Version",
  "Request",
  "Prediction",
  "Score",
  "Label",
  "Latency",
] as const;

export function EventList(props: EventListProps) {
  const { events, selected, onOpen, more, loading, onMore, showDeployment } = props;
  const box = useRef<HTMLDivElement>(null);
  const zone = useZone();
  // Its functions stay in this component, as the library asks.
  // eslint-disable-next-line react-hooks/incompatible-library
  const rows = useVirtualizer({
    count: events.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: AHEAD_ROWS,
  });
  const items = rows.getVirtualItems();
  const lastShown = items[items.length - 1]?.index ?? 0;
  useEffect(() => {
    if (more && !loading && lastShown >= events.length - AHEAD_ROWS) {
      onMore();
    }
  }, [more, loading, lastShown, events.length, onMore]);
  const at = events.findIndex((event) => event.request_id === selected);
  useEffect(() => {
    if (at >= 0) {
      rows.scrollToIndex(at);
    }
    // Only a change of the selection scrolls; loading more rows must not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selected]);

  const before = items[0]?.start ?? 0;
  const after = rows.getTotalSize() - (items[items.length - 1]?.end ?? 0);
  const columns = COLUMNS.filter((name) => showDeployment || name !== "Deployment");
  return (
    <div className="event-rows" ref={box} tabIndex={0} role="region" aria-label="Event rows">
      <table className="data-table" aria-rowcount={more ? -1 : events.length + 1}>
        <thead>
          <tr>
            {columns.map((name) => (
              <th
                key={name}
                scope="col"
                className={name === "Score" || name === "Latency" ? "right" : ""}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 ? (
            <tr aria-hidden="true">
              <td colSpan={columns.length} style={{ height: before, padding: 0 }} />
            </tr>
          ) : null}
          {items.map((item) => {
            const event = events[item.index];
            if (event === undefined) {
              return null;
            }
            const on = event.request_id === selected;
            const verdict = verdictOf(event);
            return (
              <tr
                key={`${event.deployment_id}/${event.request_id}`}
                aria-rowindex={item.index + 2}
                aria-selected={on}
                className={on ? "on" : ""}
                onClick={() => onOpen(event)}
              >
                <td className="num nowrap">
                  {formatInstant(Date.parse(event.timestamp), zone, "second")}
                </td>
                {showDeployment ? <td>{event.deployment_id}</td> : null}
                <td className="mono">{event.model_version}</td>
                <td>
                  <button
                    type="button"
                    className="link-button mono"
                    aria-expanded={on}
                    onClick={(click) => {
                      click.stopPropagation();
                      onOpen(event);
                    }}
                  >
                    {event.request_id}
                  </button>
                </td>
                <td>
                  {event.error_code === null ? (
                    outcomeWords(event.prediction)
                  ) : (
                    <StatusTag tone="bad">{event.error_code}</StatusTag>
                  )}
                </td>
                <td className="right">{orDash(scoreOf(event), formatNumber)}</td>
                <td>
                  {verdict === "wrong" ? (
                    <StatusTag tone="bad">{outcomeWords(event.label)}</StatusTag>
                  ) : verdict === "right" ? (
                    <StatusTag tone="ok">{outcomeWords(event.label)}</StatusTag>
                  ) : (
                    outcomeWords(event.label)
                  )}
                </td>
                <td className="right nowrap">
                  {orDash(event.latency_ms, (value) => `${formatNumber(value)} ms`)}
                </td>
              </tr>
            );
          })}
          {after > 0 ? (
            <tr aria-hidden="true">
              <td colSpan={columns.length} style={{ height: after, padding: 0 }} />
            </tr>
          ) : null}
        </tbody>
      </table>
    </div>
  );
}
