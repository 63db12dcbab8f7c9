export * from "./controls";
export { Icon, Mark } from "./icons";
export type { IconName } from "./icons";
export { useNear } from "./use-near";
export { theme } from "./theme";
export { resolveTheme, startTheme, useThemeMode } from "./theme-mode";
export type { ThemeMode } from "./theme-mode";
