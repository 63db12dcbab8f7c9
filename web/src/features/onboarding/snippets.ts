// What a person pastes to send the first event.

export interface SnippetInput {
  readonly endpoint: string;
  readonly key: string;
  readonly deployment: string;
}

/** The SDK's call as the requirements document shows it. */
export function pythonSnippet({ endpoint, key, deployment }: SnippetInput): string {
  return [
    "from aiml042.client import MonitoringClient",
    "",
    `client = MonitoringClient(api_key="${key}", endpoint="${endpoint}")`,
    `client.log_inference(deployment_id="${deployment}", model_version="v1", request_id="req-1",`,
    '                     prediction={"class": "approve", "score": 0.82},',
    '                     features={"age": 42, "region": "NA"}, latency_ms=45)',
  ].join("\n");
}

export function curlSnippet({ endpoint, key, deployment }: SnippetInput): string {
  const event = {
    deployment_id: deployment,
    model_version: "v1",
    request_id: "req-1",
    prediction: { class: "approve", score: 0.82 },
    features: { age: 42, region: "NA" },
    latency_ms: 45,
  };
  return [
    `curl -sS ${endpoint}/v1/ingest/metrics \\`,
    `  -H 'Authorization: Bearer ${key}' \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d '${JSON.stringify(event)}'`,
  ].join("\n");
}

export function labelSnippet({ endpoint, key, deployment }: SnippetInput): string {
  const label = { deployment_id: deployment, request_id: "req-1", label: { class: "approve" } };
  return [
    `curl -sS ${endpoint}/v1/labels \\`,
    `  -H 'Authorization: Bearer ${key}' \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d '${JSON.stringify(label)}'`,
  ].join("\n");
}
