export { ExplorerPage } from "./page";
