export { FairnessPage } from "./page";
