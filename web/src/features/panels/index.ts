export { CURVE_HEIGHT, CurvePanel } from "./curve-panel";
export { GroupBy, groupable } from "./group-by";
export { IntervalPanel } from "./interval-panel";
export { MetricPanels } from "./metric-panels";
export { Section } from "./section";
export { MAX_GROUPS, compareName, groupName, metricModel } from "./series";
export type { PanelContext } from "./series";
export { Totals } from "./totals";
export { Verdict } from "./verdict";
