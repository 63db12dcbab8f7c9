// The pages of one deployment; the window, version and cohort go along from one to the other.

import { Link } from "@tanstack/react-router";
import { useView } from "../../lib/view";
import type { ViewSearch } from "../../lib/search";
import "./controls.css";

export const VIEW_PAGES = [
  { to: "/dashboards/$deployment", label: "Performance", key: "performance" },
  { to: "/drift/$deployment", label: "Drift", key: "drift" },
  { to: "/fairness/$deployment", label: "Fairness", key: "fairness" },
  { to: "/calibration/$deployment", label: "Calibration", key: "calibration" },
  { to: "/explorer/$deployment", label: "Explorer", key: "explorer" },
] as const;
export type ViewKey = (typeof VIEW_PAGES)[number]["key"];

/** What every page of a deployment understands. */
export function sharedView(view: ViewSearch): ViewSearch {
  const { from, to, refresh, filter, model_version } = view;
  return Object.fromEntries(
    Object.entries({ from, to, refresh, filter, model_version }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

export interface ViewTabsProps {
  readonly deployment: string;
  readonly here: ViewKey;
}

export function ViewTabs({ deployment, here }: ViewTabsProps) {
  const [view] = useView();
  return (
    <nav className="view-tabs" aria-label={`Pages of ${deployment}`}>
      {VIEW_PAGES.map(({ to, label, key }) => (
        <Link
          key={key}
          to={to}
          params={{ deployment }}
          search={sharedView(view)}
          activeOptions={{ exact: true, includeSearch: false }}
          aria-current={key === here ? "page" : undefined}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
