export { DashboardsPage as EventsPage, DashboardsPage as DeadLettersPage, DashboardsPage as EventPage } from "../dashboards";
