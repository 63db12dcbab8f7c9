export { StartPage } from "./page";
