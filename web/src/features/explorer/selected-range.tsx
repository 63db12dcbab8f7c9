// The part of the range that was marked in the chart: what the metric is in it, and the pages that
// can be opened on it.

import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { metricsQuery } from "../../api";
import type { DeploymentDetail, MetricsParams } from "../../api";
import { pointWords } from "../../charts";
import { Icon } from "../../design";
import { useZone } from "../../lib/preferences";
import { formatInstant, toRfc3339 } from "../../lib/time";
import type { Range } from "../../lib/time";
import { useView } from "../../lib/view";
import { VIEW_PAGES, sharedView } from "../controls";
import type { Told } from "./words";

/** "from/to" of the URL as instants; null when it is no range. */
export function readSelected(text: string | undefined): Range | null {
  const [from, to] = (text ?? "").split("/").map((edge) => Date.parse(edge));
  return from === undefined || to === undefined || !(from < to) ? null : { from, to };
}

export function writeSelected({ from, to }: Range): string {
  return `${toRfc3339(Math.floor(from))}/${toRfc3339(Math.ceil(to))}`;
}

export interface SelectedRangeProps {
  readonly deployment: DeploymentDetail;
  readonly selected: Range;
  /** The question of the page, without its range, step and groups. */
  readonly question: MetricsParams;
  readonly told: Told;
}

export function SelectedRange({ deployment, selected, question, told }: SelectedRangeProps) {
  const [view, setView] = useView();
  const zone = useZone();
  const [from = "", to = ""] = writeSelected(selected).split("/");
  const inside = useQuery(metricsQuery({ ...question, from, to }));
  const search = { ...sharedView(view), from, to };
  const params = { deployment: deployment.deployment_id };
  const { title, format } = told;
  const point = inside.data?.[0]?.series?.[0];
  const pages = VIEW_PAGES.filter(({ key }) => key !== "explorer");
  return (
    <section className="card card-pad explorer-selected" aria-label="Selected range">
      <div className="row wrap">
        <h2>
          {formatInstant(selected.from, zone, "minute")} to{" "}
          {formatInstant(selected.to, zone, "minute")}
        </h2>
        <div className="spacer" />
        <Button
          onClick={() => setView({ from, to, selected: undefined })}
          startIcon={<Icon name="search" size={16} />}
        >
          Zoom in
        </Button>
        <Button
          onClick={() => setView({ selected: undefined })}
          startIcon={<Icon name="close" size={16} />}
        >
          Clear
        </Button>
      </div>
      <p className="num" aria-live="polite">
        {title} in it: {inside.isError ? inside.error.message : null}
        {inside.data === undefined ? null : <strong>{pointWords(point, format)}</strong>}
      </p>
      <nav className="row wrap" aria-label="Open the selected range">
        <span className="muted">Open it in</span>
        {pages.map(({ to: page, label, key }) => (
          <Link key={key} to={page} params={params} search={search}>
            {label}
          </Link>
        ))}
        <Link to="/events" search={{ ...search, deployment: deployment.deployment_id }}>
          Events
        </Link>
      </nav>
    </section>
  );
}
