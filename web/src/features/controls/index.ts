export { FilterBox } from "./filter-box";
export { TimeControls } from "./time-controls";
