export { DashboardsPage as SettingsLayout, DashboardsPage as KeysPage, DashboardsPage as RetentionPage, DashboardsPage as SystemPage, DashboardsPage as AppearancePage } from "../dashboards";
