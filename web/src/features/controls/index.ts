export { DeploymentPage } from "./deployment-page";
export { FilterBox } from "./filter-box";
export { PageFrame } from "./page-frame";
export { comparisonOf, selectionOf, useFallbackRange } from "./selection";
export { TimeControls } from "./time-controls";
export { VersionPick } from "./version-pick";
export { ViewTabs, sharedView } from "./view-tabs";
