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
export * from "./prepare/curves";
export * from "./prepare/frame";
export * from "./prepare/time-series";
