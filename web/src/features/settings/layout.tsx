import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import "./settings.css";

const TABS = [
  { to: "/settings/keys", label: "API keys" },
  { to: "/settings/retention", label: "Retention" },
  { to: "/settings/system", label: "System" },
  { to: "/settings/appearance", label: "Appearance" },
] as const;

export function SettingsLayout() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <div className="page settings">
      <nav aria-label="Settings" className="setting-tabs">
        {TABS.map(({ to, label }) => (
          <Link key={to} to={to} aria-current={path === to ? "page" : undefined}>
            {label}
          </Link>
        ))}
      </nav>
      <Outlet />
    </div>
  );
}
