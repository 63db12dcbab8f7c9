export { Chart } from "./chart";
export { DataTable } from "./data-table";
export {
  ConfusionMatrix,
  Histogram,
  LineCurve,
  ReliabilityDiagram,
  SCORE_CLASSES,
  ScoreDistribution,
  Sparkline,
} from "./draw/curves";
export { DRIFT_SIDES, DriftBars } from "./draw/drift";
export * from "./prepare/curves";
export * from "./prepare/drift";
export * from "./prepare/frame";
export * from "./prepare/time-series";
