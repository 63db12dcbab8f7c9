export { OverviewPage } from "./page";
