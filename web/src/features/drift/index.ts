export { DriftPage } from "./page";
