export { FilterBox } from "./filter-box";
export { comparisonOf, selectionOf, useFallbackRange } from "./selection";
export { TimeControls } from "./time-controls";
