// The shapes of the server's answers, checked where they enter the page. Fields the page does not
// use are not named here and are dropped.

import * as v from "valibot";

const nullable = <S extends v.GenericSchema>(schema: S) => v.optional(v.nullable(schema), null);
const number = nullable(v.number());
const text = nullable(v.string());
const instant = nullable(
  v.pipe(
    v.string(),
    v.transform((value) => Date.parse(value)),
  ),
);

export const Scalar = v.union([v.string(), v.number(), v.boolean()]);
export type Scalar = v.InferOutput<typeof Scalar>;

export const Session = v.object({
  project: v.object({ project_id: v.string(), name: v.string() }),
  scopes: v.array(v.string()),
  version: v.string(),
  demo: v.optional(v.boolean(), false),
});
export type Session = v.InferOutput<typeof Session>;

const ModelVersion = v.object({
  model_version: v.string(),
  events: v.number(),
  first_event: instant,
  last_event: instant,
});

export const Deployment = v.object({
  deployment_id: v.string(),
  task_type: v.optional(v.nullable(v.string()), "unknown"),
  task_type_source: v.optional(v.string(), "inferred"),
  positive_class: v.optional(v.nullable(Scalar), null),
  threshold: number,
  cohort_keys: v.optional(v.array(v.string()), []),
  events: v.number(),
  labels: v.number(),
  label_coverage: number,
  first_event: instant,
  last_event: instant,
  model_versions: v.optional(v.array(ModelVersion), []),
  events_per_minute: number,
  errors_24h: number,
  latency_p95_ms: number,
  health: v.optional(v.string(), "unknown"),
  health_reason: v.optional(v.string(), ""),
});
export type Deployment = v.InferOutput<typeof Deployment>;

export const Deployments = v.object({
  deployments: v.array(Deployment),
  next_cursor: text,
});

const Column = v.object({
  name: v.string(),
  role: v.string(),
  type: v.string(),
  distinct: number,
  missing_rate: number,
  examples: v.optional(v.array(v.nullable(Scalar)), []),
});
export type Column = v.InferOutput<typeof Column>;

export const DeploymentDetail = v.object({
  ...Deployment.entries,
  columns: v.optional(v.array(Column), []),
});
export type DeploymentDetail = v.InferOutput<typeof DeploymentDetail>;

export const ColumnValues = v.object({
  column: v.string(),
  values: v.array(v.object({ value: Scalar, n: v.number() })),
});
export type ColumnValues = v.InferOutput<typeof ColumnValues>;

const CatalogMetric = v.object({
  name: v.string(),
  family: v.string(),
  title: v.string(),
  unit: v.optional(v.nullable(v.string()), ""),
  range: v.optional(v.array(v.nullable(v.number())), [null, null]),
  better: v.optional(v.string(), "none"),
  task_types: v.optional(v.array(v.string()), []),
  needs: v.optional(v.array(v.string()), []),
  formula: v.optional(v.nullable(v.string()), ""),
  /** A ratio over events, so that a change of it can be split by cohort. */
  explainable: v.optional(v.boolean(), false),
  /** The k or quantile that the metric takes. */
  parameter: v.optional(
    v.nullable(
      v.object({
        name: v.string(),
        accepts: v.optional(v.string(), ""),
        required: v.optional(v.boolean(), false),
      }),
    ),
    null,
  ),
});
export type CatalogMetric = v.InferOutput<typeof CatalogMetric>;
export const Catalog = v.object({ metrics: v.array(CatalogMetric) });

const Interval = v.tuple([v.number(), v.number()]);

const Point = v.object({
  ts: v.string(),
  value: v.nullable(v.number()),
  n: v.optional(v.number(), 0),
  ci: v.optional(v.nullable(Interval), null),
  p_value: number,
  reason: text,
});
export type Point = v.InferOutput<typeof Point>;

/** What the server says about how a number was made; shown to people, so kept as it came. */
const Definition = v.optional(v.record(v.string(), v.unknown()), {});
export type Definition = v.InferOutput<typeof Definition>;

const Comparison = v.optional(
  v.nullable(
    v.object({ kind: v.string(), value: v.string(), series: v.optional(v.array(Point), []) }),
  ),
  null,
);

const MetricResult = v.object({
  metric: v.string(),
  series: v.optional(v.array(Point)),
  groups: v.optional(
    v.array(
      v.object({
        by: v.record(v.string(), v.nullable(Scalar)),
        series: v.array(Point),
        compare: v.optional(Comparison),
      }),
    ),
  ),
  compare: Comparison,
  definition: Definition,
});
export type MetricResult = v.InferOutput<typeof MetricResult>;

/** One metric answers bare, several answer in `results`; the page always sees a list. */
export const MetricsAnswer = v.pipe(
  v.union([v.object({ results: v.array(MetricResult) }), MetricResult]),
  v.transform((answer) => ("results" in answer ? answer.results : [answer])),
);

const curveBase = { n: v.optional(v.number(), 0), reason: text };

export const ReliabilityCurve = v.object({
  ...curveBase,
  points: v.array(
    v.object({
      lo: v.number(),
      hi: v.number(),
      n: v.number(),
      mean_score: number,
      positive_rate: number,
      ci: v.optional(v.nullable(Interval), null),
    }),
  ),
});
export type ReliabilityCurve = v.InferOutput<typeof ReliabilityCurve>;

export const ConfusionCurve = v.object({
  ...curveBase,
  classes: v.optional(v.array(v.pipe(Scalar, v.transform(String))), []),
  matrix: v.optional(v.array(v.array(v.number())), []),
});
export type ConfusionCurve = v.InferOutput<typeof ConfusionCurve>;

export const ScoreCurve = v.object({
  ...curveBase,
  points: v.array(
    v.object({
      lo: v.number(),
      hi: v.number(),
      n_positive: v.number(),
      n_negative: v.number(),
      n_unlabelled: v.optional(v.number(), 0),
    }),
  ),
});
export type ScoreCurve = v.InferOutput<typeof ScoreCurve>;

export const ResidualCurve = v.object({
  ...curveBase,
  points: v.array(v.object({ lo: v.number(), hi: v.number(), n: v.number() })),
});
export type ResidualCurve = v.InferOutput<typeof ResidualCurve>;

export const RocCurve = v.object({
  ...curveBase,
  points: v.array(v.object({ fpr: v.number(), tpr: v.number(), threshold: number })),
});
export type RocCurve = v.InferOutput<typeof RocCurve>;

export const PrCurve = v.object({
  ...curveBase,
  points: v.array(v.object({ recall: v.number(), precision: v.number(), threshold: number })),
});
export type PrCurve = v.InferOutput<typeof PrCurve>;

const scalars = v.optional(v.nullable(v.record(v.string(), v.nullable(Scalar))), {});

const EventEntries = {
  deployment_id: v.string(),
  model_version: v.string(),
  request_id: v.string(),
  timestamp: v.string(),
  received_at: text,
  seq: number,
  prediction: v.optional(v.unknown()),
  score: number,
  label: v.optional(v.unknown()),
  label_ts: text,
  features: scalars,
  metadata: scalars,
  latency_ms: number,
  error_code: text,
  prompt_version: text,
};
export const InferenceEvent = v.object(EventEntries);
export type InferenceEvent = v.InferOutput<typeof InferenceEvent>;

export const EventPage = v.object({ events: v.array(InferenceEvent), next_cursor: text });
export type EventPage = v.InferOutput<typeof EventPage>;

export const EventDetail = v.object({
  ...EventEntries,
  labels: v.optional(
    v.array(
      v.object({
        label: v.unknown(),
        label_ts: text,
        source: text,
        received_at: text,
        seq: number,
      }),
    ),
    [],
  ),
});
export type EventDetail = v.InferOutput<typeof EventDetail>;

export const DeadLetter = v.object({
  id: v.pipe(v.union([v.string(), v.number()]), v.transform(String)),
  received_at: v.string(),
  kind: v.string(),
  code: v.string(),
  detail: v.optional(v.string(), ""),
  pointer: text,
  item: v.string(),
  replayed: v.optional(v.boolean(), false),
});
export type DeadLetter = v.InferOutput<typeof DeadLetter>;
export const DeadLetters = v.object({ dead_letters: v.array(DeadLetter), next_cursor: text });

export const IngestAnswer = v.object({
  ingested: v.number(),
  duplicates: v.optional(v.number(), 0),
  rejected: v.optional(
    v.array(v.object({ index: v.number(), code: v.string(), detail: v.optional(v.string(), "") })),
    [],
  ),
});
export type IngestAnswer = v.InferOutput<typeof IngestAnswer>;

const ApiKeyEntries = {
  key_id: v.string(),
  name: v.string(),
  scopes: v.array(v.string()),
  prefix: v.optional(v.string(), ""),
  created_at: instant,
  last_used_at: instant,
  expires_at: instant,
  revoked: v.optional(v.boolean(), false),
};
export const ApiKey = v.object(ApiKeyEntries);
export type ApiKey = v.InferOutput<typeof ApiKey>;
export const ApiKeys = v.object({ keys: v.array(ApiKey) });
/** The only answer that ever carries the secret. */
export const NewApiKey = v.object({ ...ApiKeyEntries, key: v.string() });
export type NewApiKey = v.InferOutput<typeof NewApiKey>;

export const Retention = v.object({ days: number, bytes: number });
export type Retention = v.InferOutput<typeof Retention>;

export const System = v.object({
  version: v.string(),
  started_at: instant,
  uptime_s: number,
  seq: number,
  events: number,
  labels: number,
  disk_bytes: number,
  disk_free_bytes: number,
  log_bytes: number,
  memory_bytes: number,
  ingest_rate: number,
  dead_letters: number,
});
export type System = v.InferOutput<typeof System>;

const BothSides = v.optional(v.object({ reference: number, current: number }), {
  reference: null,
  current: null,
});

const DriftBin = v.object({
  above: number,
  up_to: number,
  category: text,
  new: v.optional(v.boolean(), false),
  /** How many rarer categories are put together here. */
  others: number,
  reference: number,
  current: number,
});
export type DriftBin = v.InferOutput<typeof DriftBin>;

const DriftColumn = v.object({
  column: v.string(),
  verdict: v.picklist(["drifted", "unchanged", "cannot_tell"]),
  kind: text,
  n_reference: v.optional(v.number(), 0),
  n_current: v.optional(v.number(), 0),
  psi_debiased: number,
  ci: v.optional(v.nullable(Interval), null),
  p_value: number,
  p_adjusted: number,
  share_changed: v.optional(v.boolean(), false),
  rows_needed: number,
  reason: text,
  importance: number,
  psi: number,
  kl: number,
  js: number,
  js_distance: number,
  hellinger: number,
  tvd: number,
  chi2: number,
  chi2_p_value: number,
  ks: number,
  ks_p_value: number,
  wasserstein: number,
  wasserstein_scaled: number,
  energy: number,
  mann_whitney: number,
  mann_whitney_p_value: number,
  missing_rate: BothSides,
  other_type_rate: BothSides,
  new_category_rate: number,
  bins: v.optional(v.array(DriftBin), []),
});
export type DriftColumn = v.InferOutput<typeof DriftColumn>;

export const DriftReport = v.object({
  from: v.string(),
  to: v.string(),
  reference: v.object({
    kind: v.string(),
    name: text,
    version: number,
    windows: v.optional(v.array(v.object({ from: v.string(), to: v.string() })), []),
  }),
  alpha: v.number(),
  margin: v.number(),
  share_step: v.number(),
  confidence: v.number(),
  columns: v.array(DriftColumn),
});
export type DriftReport = v.InferOutput<typeof DriftReport>;

export const StoredReference = v.object({
  name: v.string(),
  version: v.number(),
  created_at: v.string(),
  rows: v.number(),
});
export type StoredReference = v.InferOutput<typeof StoredReference>;
export const StoredReferences = v.object({ references: v.array(StoredReference) });

const Estimate = v.object({
  value: number,
  n: v.optional(v.number(), 0),
  ci: v.optional(v.nullable(Interval), null),
  p_value: number,
  reason: text,
});
export type Estimate = v.InferOutput<typeof Estimate>;

const ExplainedSide = v.object({ value: number, n: v.number(), weight: number });

const ExplainedPart = v.object({
  baseline: ExplainedSide,
  current: ExplainedSide,
  rate: number,
  mix: number,
  change: number,
  share: number,
  lift: number,
});
export type ExplainedPart = v.InferOutput<typeof ExplainedPart>;

const ExplainedCohort = v.object({
  ...ExplainedPart.entries,
  filter: v.string(),
  where: v.array(
    v.object({
      column: v.string(),
      missing: v.optional(v.boolean(), false),
      equals: v.optional(v.nullable(v.union([v.string(), v.number(), v.boolean()])), null),
      from: number,
      below: number,
    }),
  ),
  ci: Interval,
  p_value: v.number(),
  q_value: v.number(),
});
export type ExplainedCohort = v.InferOutput<typeof ExplainedCohort>;

export const Explanation = v.object({
  metric: v.string(),
  from: v.string(),
  to: v.string(),
  values: v.object({ baseline: ExplainedSide, current: ExplainedSide }),
  change: number,
  ci: v.nullable(Interval),
  reason: text,
  rate: number,
  mix: number,
  cohorts: v.array(ExplainedCohort),
  rest: ExplainedPart,
  skipped: v.array(v.object({ column: v.string(), reason: v.string() })),
  alpha: v.number(),
  share_of_rows_read: v.number(),
  definition: Definition,
});
export type Explanation = v.InferOutput<typeof Explanation>;

const FairnessGroup = v.object({
  group: v.string(),
  by: v.record(v.string(), v.nullable(v.string())),
  n: v.number(),
  counted: v.boolean(),
  selection_rate: Estimate,
  tpr: Estimate,
  fpr: Estimate,
  ppv: Estimate,
  accuracy: Estimate,
  base_rate: Estimate,
  roc_auc: Estimate,
  bpsn_auc: Estimate,
  bnsp_auc: Estimate,
  mean_score: Estimate,
  calibration_difference: Estimate,
  ece: Estimate,
});
export type FairnessGroup = v.InferOutput<typeof FairnessGroup>;

const FairnessGap = v.object({
  metric: v.string(),
  ...Estimate.entries,
  groups_counted: v.optional(v.number(), 0),
  groups: v.optional(v.array(v.string()), []),
});
export type FairnessGap = v.InferOutput<typeof FairnessGap>;

export const FairnessReport = v.object({
  from: v.string(),
  to: v.string(),
  by: v.array(v.string()),
  min_n: v.number(),
  confidence: v.number(),
  positive_class: text,
  predicted_class: v.string(),
  threshold: number,
  threshold_source: text,
  events: v.number(),
  labelled: v.number(),
  model_versions: v.optional(
    v.array(v.object({ model_version: v.string(), events: v.number(), label_coverage: number })),
    [],
  ),
  groups: v.array(FairnessGroup),
  gaps: v.array(FairnessGap),
  four_fifths: v.object({
    limit: v.number(),
    verdict: v.picklist(["below", "not_below", "cannot_tell"]),
  }),
  methods: v.array(
    v.object({
      metric: v.string(),
      title: v.string(),
      formula: v.string(),
      interval: v.string(),
      source: v.string(),
    }),
  ),
});
export type FairnessReport = v.InferOutput<typeof FairnessReport>;
