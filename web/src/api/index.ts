export { ApiError } from "./client";
export * from "./commands";
export * from "./queries";
export type {
  ApiKey,
  CatalogMetric,
  Column,
  ConfusionCurve,
  DeadLetter,
  Definition,
  Deployment,
  DeploymentDetail,
  EventDetail,
  InferenceEvent,
  IngestAnswer,
  MetricResult,
  NewApiKey,
  Point,
  PrCurve,
  ReliabilityCurve,
  ResidualCurve,
  Retention,
  RocCurve,
  Scalar,
  ScoreCurve,
  Session,
  System,
} from "./decoders";
