// Every change the page asks for.

import { call, callEmpty } from "./client";
import * as d from "./decoders";

/** Signs in with the one-time token of the printed link, or with an API key. */
export function signIn(proof: { token: string } | { key: string }): Promise<d.Session> {
  return call(d.Session, "/v1/session", { method: "POST", body: proof });
}

export function signOut(): Promise<void> {
  return callEmpty("/v1/session", { method: "DELETE" });
}

export interface KeyRequest {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expires_at?: string;
}

export function createKey(request: KeyRequest): Promise<d.NewApiKey> {
  return call(d.NewApiKey, "/v1/keys", { method: "POST", body: request });
}

export function revokeKey(id: string): Promise<void> {
  return callEmpty(`/v1/keys/${encodeURIComponent(id)}`, { method: "DELETE" });
}

export function putRetention(projectId: string, retention: d.Retention): Promise<d.Retention> {
  return call(d.Retention, `/v1/projects/${encodeURIComponent(projectId)}/retention`, {
    method: "PUT",
    body: retention,
  });
}

/** Ingests a refused item again, as it is or corrected. */
export function replayDeadLetter(id: string, corrected?: unknown): Promise<d.IngestAnswer> {
  return call(d.IngestAnswer, `/v1/dead-letters/${encodeURIComponent(id)}/replay`, {
    method: "POST",
    ...(corrected === undefined ? {} : { body: corrected }),
  });
}

export interface Declaration {
  readonly task_type: string;
  readonly positive_class?: d.Scalar;
  readonly threshold?: number;
  readonly cohort_keys?: readonly string[];
}

/** Says what cannot be seen from the events: task, positive class, threshold, cohort keys. */
export function declareDeployment(id: string, declaration: Declaration): Promise<void> {
  return callEmpty(`/v1/deployments/${encodeURIComponent(id)}`, {
    method: "PUT",
    body: declaration,
  });
}

export interface FreezeRequest {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly model_version?: string;
  readonly filter?: string;
}

/** Keeps every column of a window of events as a reference. */
export function freezeReference(id: string, request: FreezeRequest): Promise<d.StoredReference> {
  return call(d.StoredReference, `/v1/deployments/${encodeURIComponent(id)}/references`, {
    method: "POST",
    body: request,
  });
}
