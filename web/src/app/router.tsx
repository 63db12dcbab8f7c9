// The routes. Every page is its own chunk; the view state of all of them is validated here.

import {
  Outlet,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import type { QueryClient } from "@tanstack/react-query";
import { ApiError, sessionQuery } from "../api";
import { parseSearch, stringifySearch, validateView } from "../lib/search";
import { NotFound, PageError, PagePending } from "./error";
import { Shell } from "./shell";

interface RouterContext {
  readonly queries: QueryClient;
}

const root = createRootRouteWithContext<RouterContext>()({
  validateSearch: validateView,
  component: Outlet,
  notFoundComponent: NotFound,
});

const signin = createRoute({
  getParentRoute: () => root,
  path: "/signin",
  component: lazyRouteComponent(() => import("../features/signin"), "SignInPage"),
});

/** Everything behind the sign-in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.query({ ...sessionQuery(), staleTime: "static" });
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        const next = location.href === "/" ? {} : { next: location.href };
        throw redirect({ to: "/signin", search: next });
      }
      throw error;
    }
  },
  component: Shell,
  errorComponent: PageError,
});

const home = createRoute({
  getParentRoute: () => inside,
  path: "/",
  component: lazyRouteComponent(() => import("../features/overview"), "OverviewPage"),
});
const dashboards = createRoute({
  getParentRoute: () => inside,
  path: "/dashboards",
  component: lazyRouteComponent(() => import("../features/dashboards"), "DashboardsPage"),
});
const dashboard = createRoute({
  getParentRoute: () => inside,
  path: "/dashboards/$deployment",
  component: lazyRouteComponent(() => import("../features/dashboards"), "DashboardPage"),
});
const drift = createRoute({
  getParentRoute: () => inside,
  path: "/drift/$deployment",
  component: lazyRouteComponent(() => import("../features/drift"), "DriftPage"),
});
const fairness = createRoute({
  getParentRoute: () => inside,
  path: "/fairness/$deployment",
  component: lazyRouteComponent(() => import("../features/fairness"), "FairnessPage"),
});
const calibration = createRoute({
  getParentRoute: () => inside,
  path: "/calibration/$deployment",
  component: lazyRouteComponent(() => import("../features/calibration"), "CalibrationPage"),
});
const explorer = createRoute({
  getParentRoute: () => inside,
  path: "/explorer/$deployment",
  component: lazyRouteComponent(() => import("../features/explorer"), "ExplorerPage"),
});
const events = createRoute({
  getParentRoute: () => inside,
  path: "/events",
  component: lazyRouteComponent(() => import("../features/events"), "EventsPage"),
});
const deadLetters = createRoute({
  getParentRoute: () => inside,
  path: "/dead-letters",
  component: lazyRouteComponent(() => import("../features/events"), "DeadLettersPage"),
});
const event = createRoute({
  getParentRoute: () => inside,
  path: "/events/$requestId",
  component: lazyRouteComponent(() => import("../features/events"), "EventPage"),
});
const start = createRoute({
  getParentRoute: () => inside,
  path: "/start",
  component: lazyRouteComponent(() => import("../features/onboarding"), "StartPage"),
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  component: lazyRouteComponent(() => import("../features/settings"), "SettingsLayout"),
});
const settingsHome = createRoute({
  getParentRoute: () => settings,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/settings/keys" });
  },
});
const keys = createRoute({
  getParentRoute: () => settings,
  path: "/keys",
  component: lazyRouteComponent(() => import("../features/settings"), "KeysPage"),
});
const retention = createRoute({
  getParentRoute: () => settings,
  path: "/retention",
  component: lazyRouteComponent(() => import("../features/settings"), "RetentionPage"),
});
const system = createRoute({
  getParentRoute: () => settings,
  path: "/system",
  component: lazyRouteComponent(() => import("../features/settings"), "SystemPage"),
});
const appearance = createRoute({
  getParentRoute: () => settings,
  path: "/appearance",
  component: lazyRouteComponent(() => import("../features/settings"), "AppearancePage"),
});

const tree = root.addChildren([
  signin,
  inside.addChildren([
    home,
    dashboards,
    dashboard,
    drift,
    fairness,
    calibration,
    explorer,
    events,
    deadLetters,
    event,
    start,
    settings.addChildren([settingsHome, keys, retention, system, appearance]),
  ]),
]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultPendingComponent: PagePending,
    defaultErrorComponent: PageError,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
