"""Rankings against their reference answers: replays of events, and TREC runs with NIST judgements.

Reference answers are trec_eval's: per query and as means. A TREC run becomes one event per topic, its qrels the labels.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any, Callable, Optional

from tests.harness.server import Server

CUTS = (1, 3, 5, 10, 20, 100)
MEASURES = ("ndcg", "ndcg_exp", "map", "mrr", "recall", "precision", "hit_rate")
NAMES = [f"{measure}@{k}" for k in CUTS for measure in MEASURES] + ["ndcg", "map", "mrr"]
AT_ONCE = 30  # Metrics of one request.
TREC = {  # Name in trec_eval's output → ours.
    "map": "map", "recip_rank": "mrr", "ndcg": "ndcg",
    **{f"{theirs}_{k}": f"{ours}@{k}" for k in (5, 10, 15, 20, 30, 100, 200)
       for theirs, ours in (("P", "precision"), ("recall", "recall"), ("ndcg_cut", "ndcg"), ("map_cut", "map"))},
    **{f"success_{k}": f"hit_rate@{k}" for k in (1, 5, 10)},
}
TREC_DIGITS = 5.1e-5  # It prints four decimals.

Compare = Callable[[str, Optional[float], Optional[float], float], None]


def ask(server: Server, deployment: str, names: list[str], **query: Any) -> dict[str, dict[str, Any]]:
    """The point of each metric."""
    out: dict[str, dict[str, Any]] = {}
    for begin in range(0, len(names), AT_ONCE):
        part = names[begin:begin + AT_ONCE]
        answer = server.get("/v1/metrics/query", metric=part, deployment_id=deployment, exact="true", **query)
        out.update({result["metric"]: result["series"][0] for result in (answer["results"] if len(part) > 1 else [answer])})
    return out


def compare_mean(server: Server, deployment: str, what: str, expected: dict[str, Any], compare: Compare, **query: Any) -> None:
    """Means over queries, and how many they are of."""
    names = [name for name in NAMES if name in expected]
    for name, point in ask(server, deployment, names, **query).items():
        compare(f"{deployment} {what} {name}", point["value"], expected[name], 1e-9)
        if "n_queries" in expected:
            compare(f"{deployment} {what} {name} n", point["n"], expected["n_queries"], 0.0)


def compare_queries(server: Server, deployment: str, per_query: dict[str, Any], id_of: Callable[[str], str], compare: Compare) -> None:
    """Each query by itself."""
    for query, expected in per_query.items():
        compare_mean(server, deployment, query, expected, compare, filter=f'request_id = "{id_of(query)}"')


def compare_replay(server: Server, reference: dict[str, Any], compare: Compare) -> None:
    """A replay whose reference answers are of rankings; its events and labels were sent."""
    deployment = reference["deployment_id"]
    if "mean" in reference:
        compare_mean(server, deployment, "all", reference["mean"], compare)
        compare_queries(server, deployment, reference["per_query"], lambda query: f"{reference['replay']}-{query}", compare)
    for version in reference.get("by_model_version", []):
        name = version["model_version"]
        compare_mean(server, deployment, name, version["mean"], compare, model_version=name)
        compare_queries(server, deployment, version.get("per_query", {}), lambda query, name=name: f"{deployment}-{name}-q{query}", compare)
    for one in reference.get("slices", []):
        compare_mean(server, deployment, f"{one['model_version']} {one['key']}={one['value']}", one["metrics"], compare,
                     model_version=one["model_version"], filter=f"{one['key']} = {json.dumps(one['value'])}")


def read_columns(path: Path) -> list[list[str]]:
    """Lines of a TREC file as their words."""
    data = path.read_bytes()
    return [line.split() for line in (gzip.decompress(data) if path.suffix == ".gz" else data).decode().splitlines() if line]


def send_run(server: Server, deployment: str, run: str, results: Path, qrels: Path) -> int:
    """One run's topics as events with their judgements as labels; the sequence after which they show."""
    rankings: dict[str, list[dict[str, Any]]] = {}
    for topic, _, document, _, score, *_ in read_columns(results):
        rankings.setdefault(topic, []).append({"id": document, "score": float(score)})
    judged: dict[str, dict[str, int]] = {}
    for topic, _, document, grade in read_columns(qrels):
        judged.setdefault(topic, {})[document] = int(grade)
    base = {"deployment_id": deployment}
    events = [json.dumps({**base, "model_version": run, "request_id": f"{run}-{topic}", "timestamp": "2024-01-01T00:00:00Z",
                          "prediction": {"ranking": ranking}}).encode() for topic, ranking in rankings.items()]
    labels = [json.dumps({**base, "request_id": f"{run}-{topic}", "label": {"relevance": judged[topic]},
                          "label_ts": "2024-01-02T00:00:00Z"}).encode() for topic in rankings if topic in judged]
    server.post_lines("/v1/ingest/metrics", events)
    return server.post_lines("/v1/labels", labels)[2]


def declare(server: Server, deployment: str) -> None:
    """A deployment that ranks."""
    answer = server.request("PUT", f"/v1/deployments/{deployment}", {"task_type": "ranking"})
    if answer.status not in {200, 201}:
        raise RuntimeError(f"declaring {deployment} failed: {answer}")


def run_robust(server: Server, folder: Path, compare: Compare) -> None:
    """TREC Robust 2003: real runs, judgements 0, 1, 2."""
    declare(server, "robust03")
    reference = json.loads(gzip.decompress((folder / "reference.json.gz").read_bytes()))
    for run, expected in reference["runs"].items():
        sequence = send_run(server, "robust03", run, folder / f"run.{run}.txt.gz", folder / "qrels.txt.gz")
        server.get("/v1/metrics/query", metric="count", deployment_id="robust03", min_seq=sequence, window="1h", timeout="30s")
        compare_mean(server, "robust03", run, expected["mean"], compare, model_version=run)
        compare_queries(server, "robust03", expected.get("per_query", {}), lambda query, run=run: f"{run}-{query}", compare)


def run_trec_eval(server: Server, folder: Path, compare: Compare) -> None:
    """trec_eval's own test: what it prints per topic and for all."""
    declare(server, "trec_eval")
    sequence = send_run(server, "trec_eval", "test", folder / "results.test", folder / "qrels.test")
    server.get("/v1/metrics/query", metric="count", deployment_id="trec_eval", min_seq=sequence, window="1h", timeout="30s")
    expected: dict[str, dict[str, float]] = {}
    for name, topic, value in read_columns(folder / "out.test.aq"):
        if name in TREC:
            expected.setdefault(topic, {})[TREC[name]] = float(value)
    for topic, values in expected.items():
        query = {} if topic == "all" else {"filter": f'request_id = "test-{topic}"'}
        for name, point in ask(server, "trec_eval", list(values), **query).items():
            compare(f"trec_eval {topic} {name}", point["value"], values[name], TREC_DIGITS)
