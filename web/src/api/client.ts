// The one way this page speaks to the server.

import * as v from "valibot";

// Of an ingest request of which nothing was taken, code and detail are the first refusal's.
const Problem = v.object({
  title: v.optional(v.string(), "Request failed"),
  code: v.optional(v.string(), "unknown"),
  detail: v.optional(v.string()),
  pointer: v.optional(v.string()),
  request_id: v.optional(v.string()),
});

/** An answer that is not 2xx (RFC 9457), or no answer at all (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly pointer: string | null;
  readonly requestId: string | null;
  readonly retryAfterS: number | null;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { pointer?: string; requestId?: string; retryAfterS?: number } = {},
  ) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.pointer = more.pointer ?? null;
    this.requestId = more.requestId ?? null;
    this.retryAfterS = more.retryAfterS ?? null;
  }
}

/** What is wrong with the filter, told where it was typed; null for every other error. */
export function filterProblem(error: Error | null): string | null {
  return error instanceof ApiError && error.pointer === "/filter" ? error.message : null;
}

export type QueryValue = string | number | readonly string[] | null | undefined;
export type QueryParams = Readonly<Record<string, QueryValue>>;

/** `null`, `undefined` and the empty string are left out; lists are repeated. */
export function writeQuery(params: QueryParams): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (Array.isArray(value)) {
      for (const item of value as readonly string[]) {
        search.append(key, item);
      }
    } else if (value !== null && value !== undefined && value !== "") {
      search.append(key, String(value));
    }
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

async function problemOf(response: Response): Promise<ApiError> {
  const retry = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfterS = Number.isFinite(retry) ? { retryAfterS: retry } : {};
  const body: unknown = await response.json().catch(() => null);
  const parsed = v.safeParse(Problem, body);
  if (!parsed.success) {
    const text = `the server answered ${response.status} ${response.statusText}`.trim();
    return new ApiError(response.status, "unreadable", text, retryAfterS);
  }
  const { title, code, detail, pointer, request_id: requestId } = parsed.output;
  return new ApiError(response.status, code, detail ?? title, {
    ...(pointer === undefined ? {} : { pointer }),
    ...(requestId === undefined ? {} : { requestId }),
    ...retryAfterS,
  });
}

export interface CallOptions {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly query?: QueryParams;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

async function send(path: string, options: CallOptions): Promise<Response> {
  const { method = "GET", query = {}, body, signal } = options;
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") {
    headers["x-aiml042-csrf"] = "1";
  }
  if (body !== undefined) {
    headers["content-type"] = "application/json";
  }
  let response: Response;
  try {
    response = await fetch(`${path}${writeQuery(query)}`, {
      method,
      headers,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") {
      throw error;
    }
    throw new ApiError(0, "unreachable", "the server did not answer; it may be restarting");
  }
  if (!response.ok) {
    throw await problemOf(response);
  }
  return response;
}

/** Sends a request and decodes the answer; a shape we do not know is an error, never a guess. */
export async function call<S extends v.GenericSchema>(
  schema: S,
  path: string,
  options: CallOptions = {},
): Promise<v.InferOutput<S>> {
  const response = await send(path, options);
  const body: unknown = await response.json();
  const parsed = v.safeParse(schema, body);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    const where = v.getDotPath(issue) ?? "the answer";
    throw new ApiError(response.status, "unexpected_answer", `${path}: ${where}: ${issue.message}`);
  }
  return parsed.output;
}

/** For answers without a body. */
export async function callEmpty(path: string, options: CallOptions): Promise<void> {
  await send(path, options);
}
