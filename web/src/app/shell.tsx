// The frame around every page: skip link, navigation, account, shortcuts.

import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import type { RefObject } from "react";
import { sessionQuery, signOut } from "../api";
import { Icon, IconAction, Mark } from "../design";
import type { IconName } from "../design";
import { useAnnouncedTitle } from "../lib/page-title";
import { setPreferences, usePreferences } from "../lib/preferences";
import type { ThemeChoice } from "../lib/preferences";
import { listenForShortcuts, useShortcuts } from "../lib/shortcuts";
import type { Shortcut } from "../lib/shortcuts";
import { ShortcutSheet } from "./shortcut-sheet";
import "./shell.css";

const SECTIONS = [
  { to: "/", label: "Projects", icon: "home", key: "g h" },
  { to: "/dashboards", label: "Dashboards", icon: "dashboard", key: "g d" },
  { to: "/events", label: "Events", icon: "events", key: "g e" },
  { to: "/settings/keys", label: "Settings", icon: "settings", key: "g s" },
] as const satisfies readonly { to: string; label: string; icon: IconName; key: string }[];

/** The pages that belong to a section of the rail without its address. */
const WITHIN: readonly (readonly [string, string])[] = [
  ["/dead-letters", "/events"],
  ["/drift", "/dashboards"],
  ["/fairness", "/dashboards"],
  ["/calibration", "/dashboards"],
  ["/explorer", "/dashboards"],
];

function isHere(to: string, path: string): boolean {
  const base = to.startsWith("/settings") ? "/settings" : to;
  const here = WITHIN.find(([page]) => path.startsWith(page))?.[1] ?? path;
  return base === "/" ? here === "/" || here === "/start" : here.startsWith(base);
}

/** After a page change the focus goes to the start of the new page, as a page load would do. */
function usePageFocus(path: string, main: RefObject<HTMLElement | null>): void {
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    main.current?.focus({ preventScroll: true });
  }, [path, main]);
}

export function Shell() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const navigate = useNavigate();
  const main = useRef<HTMLElement>(null);
  const [menu, setMenu] = useState(false);
  const [sheet, setSheet] = useState(false);
  const title = useAnnouncedTitle();
  usePageFocus(path, main);
  useEffect(listenForShortcuts, []);
  useShortcuts(
    useMemo((): Shortcut[] => {
      const go = SECTIONS.map(({ to, label, key }) => ({
        keys: key,
        label: `Go to ${label}`,
        group: "Everywhere" as const,
        run: () => void navigate({ to }),
      }));
      return [
        { keys: "?", label: "This sheet", group: "Everywhere", run: () => setSheet(true) },
        ...go,
      ];
    }, [navigate]),
  );
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <aside className={menu ? "rail open" : "rail"}>
        <div className="rail-top">
          <Link to="/" className="brand" aria-label="aiml042, start">
            <Mark size={26} />
            <span>aiml042</span>
          </Link>
          <button
            type="button"
            className="rail-menu"
            aria-expanded={menu}
            aria-controls="sections"
            onClick={() => setMenu(!menu)}
          >
            <Icon name={menu ? "close" : "menu"} size={20} />
            <span className="visually-hidden">Menu</span>
          </button>
        </div>
        <div className="rail-body" id="sections">
          <nav aria-label="Sections">
            <ul>
              {SECTIONS.map(({ to, label, icon }) => (
                <li key={to}>
                  <Link
                    to={to}
                    className="rail-link"
                    aria-current={isHere(to, path) ? "page" : undefined}
                    onClick={() => setMenu(false)}
                  >
                    <Icon name={icon} size={18} />
                    {label}
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
          <div className="spacer" />
          <Account onHelp={() => setSheet(true)} />
        </div>
      </aside>
      <main id="main" ref={main} tabIndex={-1}>
        <Outlet />
      </main>
      <p className="visually-hidden" role="status">
        {title}
      </p>
      <ShortcutSheet open={sheet} onClose={() => setSheet(false)} />
    </div>
  );
}

const THEMES: readonly { readonly value: ThemeChoice; readonly label: string }[] = [
  { value: "system", label: "Like the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "hc-light", label: "Light, high contrast" },
  { value: "hc-dark", label: "Dark, high contrast" },
];

function Account({ onHelp }: { readonly onHelp: () => void }) {
  const { data: session } = useSuspenseQuery(sessionQuery());
  const { theme } = usePreferences();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLDivElement>(null);
  const leave = async (): Promise<void> => {
    await signOut();
    queries.clear();
    await navigate({ to: "/signin" });
  };
  return (
    <div className="account" ref={anchor}>
      <div className="account-name">
        <span className="account-project" title={session.project.project_id}>
          {session.project.name}
        </span>
        <span className="muted small">
          {session.demo ? "demo · " : ""}v{session.version}
        </span>
      </div>
      <div className="account-actions">
        <IconAction icon="sun" label="Theme" onClick={() => setOpen(true)} />
        <IconAction icon="help" label="Keyboard shortcuts" onClick={onHelp} />
        <IconAction icon="signOut" label="Sign out" onClick={() => void leave()} />
      </div>
      <Menu
        open={open}
        onClose={() => setOpen(false)}
        anchorEl={() => anchor.current}
        slotProps={{ list: { "aria-label": "Theme" } }}
      >
        {THEMES.map(({ value, label }) => (
          <MenuItem
            key={value}
            selected={theme === value}
            onClick={() => {
              setPreferences({ theme: value });
              setOpen(false);
            }}
          >
            {label}
          </MenuItem>
        ))}
      </Menu>
    </div>
  );
}
