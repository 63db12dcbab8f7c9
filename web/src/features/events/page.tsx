// The event search: filter, list, peek.

import Button from "@mui/material/Button";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { ApiError, deploymentQuery, deploymentsQuery, eventsQuery } from "../../api";
import type { InferenceEvent } from "../../api";
import { EmptyState, Icon, IconAction, Notice, Pick } from "../../design";
import { usePageTitle } from "../../lib/page-title";
import { useShortcuts } from "../../lib/shortcuts";
import type { Shortcut } from "../../lib/shortcuts";
import { toRfc3339 } from "../../lib/time";
import { useView, useViewRange } from "../../lib/view";
import { FilterBox, TimeControls } from "../controls";
import { Detail } from "./detail";
import { EventList } from "./list";
import "./events.css";

export function EventsPage() {
  usePageTitle("Events");
  const [view, setView] = useView();
  const range = useViewRange({ from: "now-7d", to: "now" });
  const deployments = useQuery(deploymentsQuery());
  const detail = useQuery({
    ...deploymentQuery(view.deployment ?? ""),
    enabled: view.deployment !== undefined,
  });
  const order = view.order === "asc" ? "asc" : "desc";
  const found = useInfiniteQuery(
    eventsQuery({
      deployment_id: view.deployment,
      from: toRfc3339(Math.round(range.range.from)),
      to: toRfc3339(Math.round(range.range.to)),
      filter: view.filter,
      model_version: view.model_version,
      order,
    }),
  );
  const events = useMemo(
    () => found.data?.pages.flatMap((page) => page.events) ?? [],
    [found.data],
  );
  const filterError =
    found.error instanceof ApiError && view.filter !== undefined && found.error.status < 500
      ? found.error.message
      : null;
  const open = useCallback(
    (event: InferenceEvent) => setView({ peek: event.request_id }, { replace: true }),
    [setView],
  );
  const close = useCallback(() => setView({ peek: undefined }, { replace: true }), [setView]);
  const { fetchNextPage } = found;
  const onMore = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const at = events.findIndex((event) => event.request_id === view.peek);
  useListKeys(events, at, open, close);
  const peeked = events[at];
  const all = deployments.data ?? [];

  return (
    <div className="page events-page">
      <div className="page-head">
        <div>
          <h1>Events</h1>
          <p className="lead" role="status">
            {found.isPending
              ? "Loading…"
              : `${events.length.toLocaleString("en-US")}${found.hasNextPage ? " or more" : ""} in this range`}
            {" · "}
            <Link to="/dead-letters">Dead letters</Link>
          </p>
        </div>
        <div className="spacer" />
        <TimeControls view={range} />
      </div>
      <div className="controls" role="group" aria-label="What is shown">
        <Pick
          label="Deployment"
          value={view.deployment ?? ""}
          options={[
            { value: "", label: "all" },
            ...all.map(({ deployment_id: id }) => ({ value: id, label: id })),
          ]}
          onPick={(id) =>
            setView({
              deployment: id === "" ? undefined : id,
              model_version: undefined,
              peek: undefined,
            })
          }
        />
        {view.deployment === undefined || detail.data === undefined ? null : (
          <Pick
            label="Version"
            value={view.model_version ?? ""}
            options={[
              { value: "", label: "all" },
              ...detail.data.model_versions.map(({ model_version: version }) => ({
                value: version,
                label: version,
              })),
            ]}
            onPick={(version) => setView({ model_version: version === "" ? undefined : version })}
          />
        )}
        <Button
          startIcon={<Icon name={order === "desc" ? "down" : "up"} />}
          onClick={() => setView({ order: order === "desc" ? "asc" : undefined })}
        >
          {order === "desc" ? "Newest first" : "Oldest first"}
        </Button>
        <FilterBox
          deploymentId={view.deployment ?? null}
          columns={detail.data?.columns ?? []}
          value={view.filter ?? ""}
          onApply={(filter) => setView({ filter: filter === "" ? undefined : filter })}
          error={filterError}
        />
      </div>
      {found.isError && filterError === null ? (
        <Notice tone="bad">{found.error.message}</Notice>
      ) : null}
      {found.isSuccess && events.length === 0 ? (
        <div className="card">
          <EmptyState icon="inbox" title="No event matches">
            {view.filter === undefined
              ? "Nothing was sent in this range. Zoom out, or choose another deployment."
              : "Clear the filter or zoom out."}
          </EmptyState>
        </div>
      ) : (
        <div className={peeked === undefined ? "event-split" : "event-split peeking"}>
          <div className="card event-card">
            <EventList
              events={events}
              selected={view.peek}
              onOpen={open}
              more={found.hasNextPage}
              loading={found.isFetchingNextPage}
              onMore={onMore}
              showDeployment={view.deployment === undefined}
            />
            {found.hasNextPage ? (
              <div className="event-more">
                <Button onClick={onMore} disabled={found.isFetchingNextPage}>
                  {found.isFetchingNextPage ? "Loading…" : "Load more"}
                </Button>
              </div>
            ) : null}
          </div>
          {peeked === undefined ? null : (
            <aside className="card peek" aria-label={`Event ${peeked.request_id}`}>
              <header className="row">
                <h2 className="mono breakable">{peeked.request_id}</h2>
                <span className="spacer" />
                <Move events={events} at={at} open={open} />
                <IconAction icon="close" label="Close the event" onClick={close} />
              </header>
              <Detail requestId={peeked.request_id} deploymentId={peeked.deployment_id} />
              <p className="small">
                <Link
                  to="/events/$requestId"
                  params={{ requestId: peeked.request_id }}
                  search={{ deployment: peeked.deployment_id }}
                >
                  Open as a page
                </Link>
              </p>
            </aside>
          )}
        </div>
      )}
    </div>
  );
}

interface MoveProps {
  readonly events: readonly InferenceEvent[];
  readonly at: number;
  readonly open: (event: InferenceEvent) => void;
}

function Move({ events, at, open }: MoveProps) {
  const go = (to: number): void => {
    const event = events[to];
    if (event !== undefined) {
      open(event);
    }
  };
  return (
    <>
      <IconAction icon="up" label="Previous event (k)" onClick={() => go(at - 1)} />
      <IconAction icon="down" label="Next event (j)" onClick={() => go(at + 1)} />
    </>
  );
}

function useListKeys(
  events: readonly InferenceEvent[],
  at: number,
  open: (event: InferenceEvent) => void,
  close: () => void,
): void {
  useShortcuts(
    useMemo((): Shortcut[] => {
      const go = (to: number): void => {
        const event = events[Math.max(0, to)];
        if (event !== undefined) {
          open(event);
        }
      };
      return [
        { keys: "j", label: "Next event", group: "Lists", run: () => go(at + 1) },
        { keys: "k", label: "Previous event", group: "Lists", run: () => go(at - 1) },
        { keys: "esc", label: "Close the event", group: "Lists", run: close },
      ];
    }, [events, at, open, close]),
  );
}
