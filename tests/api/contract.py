"""What routes really answer is what /openapi.json says they do: status, media type, and every member of every body.

A schema's object is closed here unless it says otherwise: an answer's member that the document does not name is a fault.
"""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any, Optional

from tests.harness.server import ADMIN_KEY, Server

if TYPE_CHECKING:
    from run import Test
    from tests.harness.server import Answer

NAMES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def is_of(value: object, name: str) -> bool:
    """Whether a value is of a JSON type."""
    if name in {"number", "integer"}:
        return not isinstance(value, bool) and isinstance(value, (int, float)) and (name == "number" or value == int(value))
    return isinstance(value, NAMES[name])


class Document:
    """An OpenAPI document that says what is wrong with an answer."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def faults(self, value: Any, schema: dict[str, Any], at: str = "") -> list[str]:
        """Where a value is not what a schema says, each with its place."""
        if "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        known = {"type", "required", "properties", "additionalProperties", "items", "enum", "oneOf", "format", "description",
                 "minimum", "maximum"}
        if unknown := set(schema) - known:
            return [f"{at}: the schema has {unknown}, which this test does not know"]
        types = schema.get("type", [])
        types = [types] if isinstance(types, str) else types
        if types and not any(is_of(value, name) for name in types):
            return [f"{at}: {json.dumps(value)[:60]} is no {' or '.join(types)}"]
        if "enum" in schema and value not in schema["enum"]:
            return [f"{at}: {value!r} is none of {schema['enum']}"]
        if "oneOf" in schema and sum(not self.faults(value, one, at) for one in schema["oneOf"]) != 1:
            return [f"{at}: {json.dumps(value)[:60]} is not one of the kinds"]
        if schema.get("format") == "date-time" and isinstance(value, str) and INSTANT.fullmatch(value) is None:
            return [f"{at}: {value!r} is no time"]
        if isinstance(value, list):
            return [fault for i, item in enumerate(value) for fault in self.faults(item, schema.get("items", {}), f"{at}/{i}")]
        return self.member_faults(value, schema, at) if isinstance(value, dict) and types else []

    def member_faults(self, value: dict[str, Any], schema: dict[str, Any], at: str) -> list[str]:
        """The same of an object's members."""
        found = [f"{at}/{name}: is missing" for name in schema.get("required", []) if name not in value]
        others = schema.get("additionalProperties", False)
        for name, member in value.items():
            if name in schema.get("properties", {}):
                found += self.faults(member, schema["properties"][name], f"{at}/{name}")
            elif others is False:
                found.append(f"{at}/{name}: is not in the document")
            elif others is not True:
                found += self.faults(member, others, f"{at}/{name}")
        return found

    def answer_faults(self, method: str, pattern: str, answer: Answer) -> list[str]:
        """What is wrong with an answer of a route."""
        responses = self.document["paths"][pattern][method.lower()]["responses"]
        documented = responses.get(str(answer.status)) or (responses.get("2XX") if answer.status < 300 else responses["default"])
        if documented is None:
            return [f"status {answer.status} is not in the document"]
        if "content" not in documented:
            return ["a body where the document has none"] if answer.body else []
        media = answer.headers["content-type"].partition(";")[0]
        if media not in documented["content"]:
            return [f"media type {media} is not in the document"]
        schema = documented["content"][media]["schema"]
        return self.faults(answer.json() if media.endswith("json") else answer.body.decode(), schema)


class Routes:
    """Asks routes, checks each answer, and remembers which were seen to succeed."""

    def __init__(self, test: Test, server: Server) -> None:
        self.test, self.server = test, server
        self.document = Document(server.get("/openapi.json"))
        self.seen: set[tuple[str, str]] = set()

    def ask(self, method: str, pattern: str, body: Any = None, *, status: int = 200, path: Optional[dict[str, str]] = None,
            key: Optional[str] = ADMIN_KEY, **query: Any) -> Any:
        """One request; the JSON of its answer, if it is JSON."""
        filled = pattern.format(**(path or {}))
        answer = self.server.request(method, filled, body, key=key, **query)
        faults = self.document.answer_faults(method, pattern, answer)
        self.test.check(f"contract, {method} {filled} {query or ''}", answer.status == status and not faults, (answer.status, faults, answer))
        if answer.status < 300:
            self.seen.add((method, pattern))
        return answer.json() if answer.body and "json" in answer.headers["content-type"] else None


def events() -> list[dict[str, Any]]:
    """Events of every task, with every field that an event may have."""
    full = {"model_version": "v1", "features": {"age": 3.5, "plan": "gold", "vip": True}, "metadata": {"region": "EU"}, "latency_ms": 12,
            "attributions": {"age": 0.1}, "embeddings": {"e": [1, 2]}, "prompt_version": "p1", "experiment": {"id": "x", "variant": "B"},
            "llm": {"prompt": "a", "response": "b", "input_tokens": 3, "output_tokens": 4, "cost_usd": 0.1}}
    kinds: dict[str, list[dict[str, Any]]] = {
        "binary": [{"class": "yes", "score": 0.8}, {"class": "no", "score": 0.3}],
        "multi": [{"class": "a", "scores": {"a": 0.5, "b": 0.3, "c": 0.2}}, {"class": "b", "scores": {"a": 0.1, "b": 0.8, "c": 0.1}}],
        "value": [{"value": 1.5}, {"value": 2}], "quantile": [{"quantiles": {"0.1": 1, "0.9": 3}}] * 2,
        "rank": [{"ranking": [{"id": "d1", "score": 2}, {"id": "d2", "score": 1}]}] * 2, "text": [{"text": "hello"}] * 2,
        "policy": [{"action": "a", "propensity": 0.5}] * 2}
    return [{**full, "deployment_id": kind, "request_id": f"{kind} {i}", "trace_id": f"t{i}", "prediction": prediction,
             "timestamp": f"2024-03-01T00:{i:02}:00Z"} for kind, two in kinds.items() for i, prediction in enumerate(two * 5)]


def labels() -> list[dict[str, Any]]:
    """A label of every kind for them."""
    kinds: dict[str, list[Any]] = {"binary": ["yes", "no", "no"], "multi": ["a", "c"], "value": [2.5, {"value": 1}], "quantile": [2],
                                   "rank": [{"relevance": {"d1": 1, "d3": 2}}], "policy": [{"reward": 1}]}
    return [{"deployment_id": kind, "request_id": f"{kind} {i}", "label": given[i % len(given)], "source": "crm"}
            for kind, given in kinds.items() for i in range(10)]


def questions(routes: Routes) -> None:
    """Reads of what is stored, in all the forms that change the answer's shape."""
    common: dict[str, Any] = {"deployment_id": "binary", "ci": 0.95}
    routes.ask("GET", "/v1/metrics/query", **common, metric=["count", "recall", "roc_auc", "ece", "lift@10%", "fbeta"], step="5m",
               window="1h", to="2024-03-01T01:00:00Z", average="none", compare="offset:1h", as_of="now", allow_partial="true", beta=2, bins=5)
    routes.ask("GET", "/v1/metrics/query", **common, metric="recall", group_by=["region", "vip", "age"], threshold=0.4, average="none",
               compare="model_version:v2", model_version="v1", filter="age > 1")
    routes.ask("GET", "/v1/metrics/query", **common, metric="count", model_version="v9")
    for kind, metric in (("multi", ["accuracy", "top_k_accuracy@2", "ece"]), ("value", ["mae", "roc_auc"]), ("rank", ["ndcg@10"]),
                         ("quantile", ["coverage", "pinball@0.1"]), ("text", ["count", "latency_p95"])):
        routes.ask("GET", "/v1/metrics/query", deployment_id=kind, metric=metric)
    routes.ask("GET", "/v1/metrics/query", **common, metric="count", format="csv")
    routes.ask("GET", "/v1/metrics/query", **common, metric="acuracy", status=422)
    for curve, kind in (("reliability", "binary"), ("confusion", "multi"), ("score_distribution", "binary"), ("roc", "binary"), ("pr", "binary"), ("thresholds", "binary"),
                        ("residuals", "value"), ("residuals", "binary")):
        routes.ask("GET", "/v1/metrics/curves", deployment_id=kind, curve=curve, allow_partial="true")
    routes.ask("GET", "/v1/metrics/catalog")
    drift(routes)
    routes.ask("GET", "/v1/events", limit=1000)
    routes.ask("GET", "/v1/events", limit=1, format="csv")
    routes.ask("GET", "/v1/events", deployment_id="binary", model_version="v9")
    for kind in ("binary", "multi", "value", "quantile", "rank", "text", "policy"):
        routes.ask("GET", "/v1/events/{request_id}", path={"request_id": f"{kind}%201"}, deployment_id=kind)
        routes.ask("GET", "/v1/deployments/{deployment_id}", path={"deployment_id": kind})
    routes.ask("GET", "/v1/events/{request_id}", path={"request_id": "nobody"}, status=404)
    routes.ask("GET", "/v1/deployments")
    for column in ("region", "age", "vip", "model_version"):
        routes.ask("GET", "/v1/deployments/{deployment_id}/values", path={"deployment_id": "binary"}, column=column)
    routes.ask("GET", "/v1/models/{model_version_id}/performance", path={"model_version_id": "v1"})


def drift(routes: Routes) -> None:
    """Drift, against windows and references that are made."""
    whole, path = "2024-02-01T00:00:00Z/2024-04-01T00:00:00Z", {"deployment_id": "binary"}
    one = {**path, "name": "base"}
    for feature, metric in (("age", ["psi", "ks", "psi_debiased", "missing_rate"]), ("plan", ["psi", "new_category_rate", "ks"])):
        routes.ask("GET", "/v1/metrics/query", deployment_id="binary", metric=metric, feature=feature, reference=whole, ci=0.95)
    for reference in (whole, "previous:1h"):
        routes.ask("GET", "/v1/deployments/{deployment_id}/drift", path=path, reference=reference)
    routes.ask("GET", "/v1/deployments/{deployment_id}/drift", path=path, reference=whole, format="csv")
    routes.ask("GET", "/v1/deployments/{deployment_id}/drift", path=path, reference="none", status=404)
    routes.ask("POST", "/v1/deployments/{deployment_id}/references", {"name": "base", "model_version": "v1", "filter": "age > 1"}, path=path, status=201)
    routes.ask("PUT", "/v1/deployments/{deployment_id}/references/{name}", [{"features": {"age": 1}}], path=one, status=201)
    routes.ask("GET", "/v1/deployments/{deployment_id}/references", path=path)
    routes.ask("GET", "/v1/deployments/{deployment_id}/drift", path=path, reference="base@1")
    routes.ask("DELETE", "/v1/deployments/{deployment_id}/references/{name}", path=one, status=204)
    routes.ask("GET", "/v1/deployments/{deployment_id}/fairness", path=path, by=["region", "vip"], min_n=1, threshold=0.4, as_of="now", filter="age > 1")
    routes.ask("GET", "/v1/deployments/{deployment_id}/fairness", path=path, by="region", format="csv")
    routes.ask("GET", "/v1/metrics/query", deployment_id="binary", metric=["tpr_gap", "worst_group", "bpsn_auc"], by="vip", min_n=1, ci=0.9)


def administration(routes: Routes) -> None:
    """Keys, projects, sessions, declarations, dead letters, the system."""
    key = routes.ask("POST", "/v1/keys", {"name": "k", "scopes": ["metrics:read"], "expires_at": "2099-01-01T00:00:00Z"}, status=201)
    routes.ask("GET", "/v1/keys", limit=1)
    routes.ask("DELETE", "/v1/keys/{key_id}", path=key, status=204)
    project = routes.ask("POST", "/v1/projects", {"name": "second"}, status=201)
    routes.ask("GET", "/v1/projects")
    own = {"project_id": routes.ask("GET", "/v1/session")["project"]["project_id"]}
    routes.ask("PUT", "/v1/projects/{project_id}/retention", {"days": 30}, path=own)
    routes.ask("GET", "/v1/projects/{project_id}/retention", path=own)
    routes.ask("PUT", "/v1/deployments/{deployment_id}", {"threshold": 0.4}, path={"deployment_id": "binary"})
    routes.ask("PUT", "/v1/deployments/{deployment_id}", {"threshold": 4}, path={"deployment_id": "binary"}, status=422)
    refused = {"deployment_id": "binary", "request_id": "late"}
    routes.ask("POST", "/v1/ingest/metrics", refused, status=422)
    routes.ask("POST", "/v1/ingest/metrics", [], status=422)
    routes.ask("POST", "/v1/labels", {"trace_id": "t", "label": 1}, status=422)
    until = time.monotonic() + 10  # Letters are written behind the answer.
    while len(kept := routes.ask("GET", "/v1/dead-letters")["dead_letters"]) < 2 and time.monotonic() < until:
        pass
    letter = next({"id": one["id"]} for one in kept if one["kind"] == "label")
    routes.ask("GET", "/v1/dead-letters/{id}", path=letter)
    routes.ask("POST", "/v1/dead-letters/{id}/replay", path=letter, status=422)
    routes.ask("POST", "/v1/dead-letters/{id}/replay", {"request_id": "binary 1", "deployment_id": "binary", "label": "yes"}, path=letter)
    routes.ask("DELETE", "/v1/dead-letters/{id}", path=letter, status=204)
    routes.ask("POST", "/v1/session", {"key": ADMIN_KEY}, key=None)
    routes.ask("POST", "/v1/session", {"key": "aiml_" + "0" * 32}, key=None, status=401)
    routes.ask("DELETE", "/v1/session", status=204)
    for path in ("/healthz", "/readyz", "/openapi.json", "/metrics", "/v1/system"):
        routes.ask("GET", path)
    routes.ask("GET", "/v1/system", key=project["key"])
    routes.ask("GET", "/metrics", key=project["key"], status=403)
    routes.ask("POST", "/v1/system/clock/confirm")


def contract(test: Test) -> None:
    """Every route of the document, on a server of its own."""
    with Server(test.server.binary) as server:
        routes = Routes(test, server)
        routes.ask("POST", "/v1/ingest/metrics", events())
        given = server.request("POST", "/v1/labels", labels())
        routes.ask("POST", "/v1/labels", labels())
        routes.ask("GET", "/v1/metrics/query", metric="count", deployment_id="binary", min_seq=given.headers["x-aiml042-seq"])
        questions(routes)
        administration(routes)
        documented = {(method.upper(), pattern) for pattern, methods in routes.document.document["paths"].items() for method in methods}
        test.check("contract, every route was seen to succeed", routes.seen == documented, documented ^ routes.seen)
        broken = Document({"components": {"schemas": {}}})
        schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
        test.check("contract, the test sees what is wrong", [len(broken.faults(value, schema)) for value in ({"a": 1}, {"a": 1.5}, {"a": 1, "b": 2}, {})]
                   == [0, 1, 1, 1])


PARTS = (contract,)
