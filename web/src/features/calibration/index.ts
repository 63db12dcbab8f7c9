export { CalibrationPage } from "./page";
