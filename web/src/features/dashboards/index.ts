export { DashboardsPage } from "./list";
export { DashboardPage } from "./page";
