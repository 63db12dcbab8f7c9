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
export { IntervalMark } from "./draw/interval-mark";
export { IntervalPlot, intervalsHeight } from "./draw/intervals";
export { ShareBars } from "./draw/share-bars";
export * from "./prepare/curves";
export * from "./prepare/frame";
export * from "./prepare/intervals";
export * from "./prepare/shares";
export * from "./prepare/time-series";
