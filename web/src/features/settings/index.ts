export { AppearancePage } from "./appearance";
export { KeysPage } from "./keys";
export { SettingsLayout } from "./layout";
export { RetentionPage } from "./retention";
export { SystemPage } from "./system";
