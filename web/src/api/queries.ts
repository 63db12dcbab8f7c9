// Every question the page asks, with its key. Keys start with the resource, so that a change can
// invalidate by prefix.

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type * as v from "valibot";
import { ApiError, call, writeQuery } from "./client";
import * as d from "./decoders";

/** A 4xx answer will be the same next time; everything else is worth one more try. */
export function retryPolicy(failures: number, error: Error): boolean {
  const final = error instanceof ApiError && error.status >= 400 && error.status < 500;
  return !final && failures < 2;
}

export const sessionQuery = () =>
  queryOptions({
    queryKey: ["session"],
    queryFn: ({ signal }) => call(d.Session, "/v1/session", { signal }),
    staleTime: 300_000,
    retry: retryPolicy,
  });

export const deploymentsQuery = () =>
  queryOptions({
    queryKey: ["deployments"],
    queryFn: async ({ signal }) => {
      const all: d.Deployment[] = [];
      let cursor: string | null = null;
      do {
        const page: v.InferOutput<typeof d.Deployments> = await call(
          d.Deployments,
          "/v1/deployments",
          { query: { cursor, limit: 1000 }, signal },
        );
        all.push(...page.deployments);
        cursor = page.next_cursor;
      } while (cursor !== null);
      return all;
    },
    staleTime: 5000,
    placeholderData: keepPreviousData,
  });

export const deploymentQuery = (id: string) =>
  queryOptions({
    queryKey: ["deployments", id],
    queryFn: ({ signal }) =>
      call(d.DeploymentDetail, `/v1/deployments/${encodeURIComponent(id)}`, { signal }),
    staleTime: 30_000,
  });

export const valuesQuery = (id: string, column: string | null) =>
  queryOptions({
    queryKey: ["deployments", id, "values", column],
    queryFn: ({ signal }) =>
      call(d.ColumnValues, `/v1/deployments/${encodeURIComponent(id)}/values`, {
        query: { column, limit: 50 },
        signal,
      }),
    staleTime: 60_000,
    enabled: column !== null && column !== "",
    retry: false,
  });

export const catalogQuery = () =>
  queryOptions({
    queryKey: ["catalog"],
    queryFn: async ({ signal }) =>
      new Map(
        (await call(d.Catalog, "/v1/metrics/catalog", { signal })).metrics.map((metric) => [
          metric.name,
          metric,
        ]),
      ),
    staleTime: Infinity,
  });
export type Catalog = ReadonlyMap<string, d.CatalogMetric>;

/** Which events a number is about. */
export interface Selection {
  readonly deployment_id: string;
  readonly from: string;
  readonly to: string;
  readonly filter?: string | undefined;
  readonly model_version?: string | undefined;
}

export interface MetricsParams extends Selection {
  readonly metric: readonly string[];
  readonly step?: string | undefined;
  readonly group_by?: readonly string[] | undefined;
  readonly compare?: string | undefined;
  /** For drift metrics: the column, and what it is compared with. */
  readonly feature?: string | undefined;
  readonly reference?: string | undefined;
  /** For fairness metrics: the protected keys, and the smallest group that counts. */
  readonly by?: readonly string[] | undefined;
  readonly min_n?: string | undefined;
  /** Decision = score >= threshold instead of the class that was sent. */
  readonly threshold?: string | undefined;
  /** For calibration metrics: how scores are put together. */
  readonly bins?: string | undefined;
  readonly binning?: string | undefined;
  /** For metrics at a rank, such as lift, and at a quantile. */
  readonly k?: string | undefined;
  readonly quantile?: string | undefined;
}

/** In lists of keys a comma is between two of them, so one inside a name needs backticks. */
function keysOf(names: readonly string[] | undefined): readonly string[] | undefined {
  return names?.map((name) => (name.includes(",") ? `\`${name}\`` : name));
}

export const metricsQuery = (params: MetricsParams) =>
  queryOptions({
    queryKey: ["metrics", params],
    queryFn: ({ signal }) =>
      call(d.MetricsAnswer, "/v1/metrics/query", {
        query: {
          ...params,
          group_by: keysOf(params.group_by),
          by: keysOf(params.by),
          ci: "0.95",
        },
        signal,
      }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
    retry: retryPolicy,
  });

export interface DriftParams extends Selection {
  readonly reference: string;
  readonly margin?: string | undefined;
  readonly alpha?: string | undefined;
}

/** The verdict of every column. */
export const driftQuery = ({ deployment_id: id, ...params }: DriftParams) =>
  queryOptions({
    queryKey: ["drift", id, params],
    queryFn: ({ signal }) =>
      call(d.DriftReport, `/v1/deployments/${encodeURIComponent(id)}/drift`, {
        query: params,
        signal,
      }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
    retry: retryPolicy,
  });

/** The references that were made of a deployment. */
export const referencesQuery = (id: string) =>
  queryOptions({
    queryKey: ["references", id],
    queryFn: async ({ signal }) =>
      (
        await call(d.StoredReferences, `/v1/deployments/${encodeURIComponent(id)}/references`, {
          signal,
        })
      ).references,
    staleTime: 30_000,
    retry: retryPolicy,
  });

export interface FairnessParams extends Selection {
  readonly by: readonly string[];
  readonly min_n?: string | undefined;
  readonly threshold?: string | undefined;
}

function fairnessPath(id: string): string {
  return `/v1/deployments/${encodeURIComponent(id)}/fairness`;
}

/** Rates of groups and the gaps between them. */
export const fairnessQuery = ({ deployment_id: id, ...params }: FairnessParams) =>
  queryOptions({
    queryKey: ["fairness", id, params],
    queryFn: ({ signal }) =>
      call(d.FairnessReport, fairnessPath(id), {
        query: { ...params, by: keysOf(params.by) },
        signal,
      }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
    retry: retryPolicy,
  });

/** The same report as a file of the server's own making. */
export function fairnessFile(
  { deployment_id: id, ...params }: FairnessParams,
  format: "html" | "json" | "csv",
): string {
  return `${fairnessPath(id)}${writeQuery({ ...params, by: keysOf(params.by), format })}`;
}

export interface ExplainParams extends Selection {
  readonly metric: string;
  /** One of the two: what is compared with. */
  readonly reference?: string | undefined;
  readonly compare?: string | undefined;
  readonly threshold?: string | undefined;
}

/** Which cohorts account for a change. */
export const explainQuery = ({ deployment_id: id, ...params }: ExplainParams) =>
  queryOptions({
    queryKey: ["explain", id, params],
    queryFn: ({ signal }) =>
      call(d.Explanation, `/v1/deployments/${encodeURIComponent(id)}/explain`, {
        query: params,
        signal,
      }),
    staleTime: Infinity,
    gcTime: 60_000,
    retry: retryPolicy,
  });

const CURVES = {
  reliability: d.ReliabilityCurve,
  confusion: d.ConfusionCurve,
  score_distribution: d.ScoreCurve,
  residuals: d.ResidualCurve,
  roc: d.RocCurve,
  pr: d.PrCurve,
} as const;
export type CurveName = keyof typeof CURVES;

export interface Binning {
  readonly bins?: string | undefined;
  readonly binning?: string | undefined;
}

export const curveQuery = <C extends CurveName>(
  curve: C,
  selection: Selection,
  binning: Binning = {},
) =>
  queryOptions({
    queryKey: ["curves", curve, selection, binning],
    queryFn: ({ signal }): Promise<v.InferOutput<(typeof CURVES)[C]>> =>
      call(CURVES[curve], "/v1/metrics/curves", {
        query: { curve, ...selection, ...binning },
        signal,
      }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
    retry: retryPolicy,
  });

export interface EventsParams {
  readonly deployment_id?: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly filter?: string | undefined;
  readonly model_version?: string | undefined;
  readonly order: "asc" | "desc";
}

export const EVENTS_PAGE = 100;

export const eventsQuery = (params: EventsParams) =>
  infiniteQueryOptions({
    queryKey: ["events", params],
    queryFn: ({ pageParam, signal }) =>
      call(d.EventPage, "/v1/events", {
        query: { ...params, limit: EVENTS_PAGE, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
    retry: retryPolicy,
  });

export const eventQuery = (requestId: string, deploymentId: string | undefined) =>
  queryOptions({
    queryKey: ["events", "one", requestId, deploymentId ?? null],
    queryFn: ({ signal }) =>
      call(d.EventDetail, `/v1/events/${encodeURIComponent(requestId)}`, {
        query: { deployment_id: deploymentId },
        signal,
      }),
    staleTime: 10_000,
    retry: retryPolicy,
  });

export const deadLettersQuery = () =>
  infiniteQueryOptions({
    queryKey: ["dead-letters"],
    queryFn: ({ pageParam, signal }) =>
      call(d.DeadLetters, "/v1/dead-letters", { query: { limit: 50, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    retry: retryPolicy,
  });

/** The newest refused item, for the wizard. */
export const lastRejectedQuery = () =>
  queryOptions({
    queryKey: ["dead-letters", "last"],
    queryFn: async ({ signal }) =>
      (await call(d.DeadLetters, "/v1/dead-letters", { query: { limit: 1 }, signal }))
        .dead_letters[0] ?? null,
  });

export const keysQuery = () =>
  queryOptions({
    queryKey: ["keys"],
    queryFn: async ({ signal }) =>
      (await call(d.ApiKeys, "/v1/keys", { query: { limit: 1000 }, signal })).keys,
    retry: retryPolicy,
  });

export const systemQuery = () =>
  queryOptions({
    queryKey: ["system"],
    queryFn: ({ signal }) => call(d.System, "/v1/system", { signal }),
    refetchInterval: 5000,
    retry: retryPolicy,
  });

export const retentionQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["retention", projectId],
    queryFn: ({ signal }) =>
      call(d.Retention, `/v1/projects/${encodeURIComponent(projectId)}/retention`, { signal }),
    retry: retryPolicy,
  });
