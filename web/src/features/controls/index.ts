export { DeploymentPage } from "./deployment-page";
export { FilterBox } from "./filter-box";
export { SENT_ROLES, firstKeys } from "./keys";
export { PageFrame } from "./page-frame";
export { PREVIOUS, referenceChoices, windowWords } from "./reference";
export { comparisonOf, selectionOf, useFallbackRange } from "./selection";
export { TimeControls } from "./time-controls";
export { VersionPick } from "./version-pick";
export { VIEW_PAGES, ViewTabs, sharedView } from "./view-tabs";
