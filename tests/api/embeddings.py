"""Drift of embeddings from outside: vectors are compared as columns are, by report and metric; references keep them."""

from __future__ import annotations

import csv
import io
import json
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from run import Test

PATH = "/v1/deployments/vectors"
FIRST, SECOND = "2024-05-01T00:00:00Z/2024-05-02T00:00:00Z", {"from": "2024-05-02T00:00:00Z", "to": "2024-05-03T00:00:00Z"}
QUOTED = 'embedding.a "b"'


def event(i: int, random_: random.Random, *, late: bool) -> dict[str, Any]:
    """Three embeddings: one still, one turned on the second day, one that is mostly missing then."""
    still = [random_.gauss(1, 1) for _ in range(6)]
    vectors: dict[str, Any] = {"still": still, "turned": [random_.gauss(2 * (k == late), 1) for k in range(6)]}
    if not late or i % 4 == 0:
        vectors['a "b"'] = [1.0, 2.0, 3.0] if i % 2 else [float(i), 2.0, 1.0]
    if i % 10 == 0:
        vectors["still"] = still[:3]
    return {"deployment_id": "vectors", "model_version": "v1", "request_id": f"{int(late)}-{i}", "embeddings": vectors,
            "timestamp": f"2024-05-0{1 + late}T{i % 24:02}:00:00Z", "prediction": {"class": "yes", "score": random_.random()}}


def fill(test: Test) -> None:
    """Two days of events, and a reference made of the first."""
    random_ = random.Random(9)
    events = [event(i, random_, late=late) for late in (False, True) for i in range(720)]
    sent = test.server.post_lines("/v1/ingest/metrics", [json.dumps(one).encode() for one in events])
    test.server.get("/v1/metrics/query", metric="count", deployment_id="vectors", min_seq=sent[2])
    made = test.server.request("POST", PATH + "/references", {"name": "kept", "from": FIRST[:20], "to": FIRST[21:]})
    test.check("a reference keeps vectors", made.status == 201 and made.json()["rows"] == 720, made)


def report(test: Test, **query: Any) -> dict[str, dict[str, Any]]:
    """The second day's columns by name."""
    return {one["column"]: one for one in test.server.get(PATH + "/drift", **{"reference": FIRST, **SECOND, **query})["columns"]}


def reports(test: Test) -> None:
    """What turned is named, what did not is not."""
    columns = report(test)
    still, turned = columns["embedding.still"], columns["embedding.turned"]
    test.check("embeddings are columns", set(columns) == {"score", "prediction", "embedding.still", "embedding.turned", QUOTED}, columns)
    test.check("a turned embedding drifted", turned["verdict"] == "drifted" and turned["cosine_shift"] > 0.5 and turned["mmd_p_value"] < 1e-3
               and turned["domain_auc"] > 0.9 and turned["p_adjusted"] < 0.01 and turned["kind"] == "embedding", turned)
    test.check("a still one did not", still["verdict"] != "drifted" and still["cosine_shift"] < 0.02 and still["mmd_p_value"] > 0.01, still)
    test.check("vectors of another length are counted beside", (still["n_reference"], still["n_current"], still["length"]) == (648, 648, 6)
               and still["other_length_rate"] == {"reference": 0.1, "current": 0.1}, still)
    test.check("missing vectors are counted", columns[QUOTED]["missing_rate"] == {"reference": 0.0, "current": 0.75}, columns)
    test.check("a made reference answers like its window", report(test, reference="kept") == columns)
    table = list(csv.DictReader(io.StringIO(test.server.request("GET", PATH + "/drift", format="csv", reference=FIRST, **SECOND).body.decode())))
    test.check("embeddings, CSV is the report", {row["column"]: float(row["mmd"]) for row in table if row["mmd"]}
               == {name: one["mmd"] for name, one in columns.items() if "mmd" in one}, table)
    wide = report(test, embedding_margin=0.999)["embedding.turned"]
    test.check("the margin of embeddings plays a part", wide["verdict"] == "unchanged", wide)


def metrics(test: Test) -> None:
    """The report's numbers, as metrics and in buckets."""
    turned = report(test)["embedding.turned"]
    query = {"deployment_id": "vectors", "metric": ["cosine_shift", "mmd"], "feature": "turned", "reference": FIRST, **SECOND}
    results = test.server.get("/v1/metrics/query", **query)["results"]
    test.check("metrics of embeddings are those of the report", [one["series"][0]["value"] for one in results] == [turned["cosine_shift"], turned["mmd"]]
               and results[1]["series"][0]["p_value"] == turned["mmd_p_value"], results)
    definition = results[0]["definition"]
    test.check("the definition names the vectors", (definition["column"], definition["column_kind"], definition["reference"]["length"],
               definition["reference"]["n"]) == ("embedding.turned", "embedding", 6, 720), definition)
    series = test.server.get("/v1/metrics/query", **{**query, "step": "6h", "reference": "kept"})["results"][1]["series"]
    test.check("embeddings come in buckets", len(series) == 4 and all(point["value"] > 0.1 and point["n"] == 180 for point in series), series)
    for name, value, status, code, pointer in (
            ("step", "10m", 422, "query_too_large", "/step"), ("feature", "turnd", 400, "invalid_argument", "/feature"),
            ("feature", "", 400, "invalid_argument", "/feature"), ("group_by", "model_version", 400, "invalid_argument", "/group_by"),
            ("metric", ["mmd", "psi"], 400, "invalid_argument", "/metric"), ("by", "model_version", 400, "invalid_argument", "/by"),
            ("reference", "nobody", 404, "not_found", "/reference")):
        test.refused(f"embeddings, {name}={value}", test.server.request("GET", "/v1/metrics/query", **{**query, name: value}), status, code, pointer)
    del query["reference"]
    test.refused("mmd without a reference", test.server.request("GET", "/v1/metrics/query", **query), 400, "invalid_argument", "/reference")


def uploads(test: Test) -> None:
    """Rows may have vectors; bad ones are refused whole."""
    random_ = random.Random(3)
    rows = [{"embeddings": {"turned": [random_.gauss(2 * (k == 1), 1) for k in range(6)]}} for _ in range(600)]
    upload = {"headers": {"Content-Type": "application/x-ndjson"}}
    sent = test.server.request("PUT", PATH + "/references/rows", "\n".join(map(json.dumps, rows)).encode(), **upload)
    test.check("vectors are uploaded", sent.status == 201 and sent.json()["rows"] == 600, sent)
    columns = report(test, reference="rows", column=["embedding.turned", "embedding.still"])
    test.check("uploaded vectors are a reference", columns["embedding.turned"]["verdict"] != "drifted"
               and columns["embedding.turned"]["n_reference"] == 600, columns)
    test.check("an embedding that they do not have says so", columns["embedding.still"].get("reason") == "no values in the reference", columns)
    for bad in ('{"embeddings":{"a":[1,"x"]}}', '{"embeddings":{"a":3}}'):
        answer = test.server.request("PUT", PATH + "/references/bad", bad.encode(), **upload)
        test.check(f"uploading {bad}", answer.status in {400, 422} and answer.json()["code"] == "invalid_field", answer)


PARTS = (fill, reports, metrics, uploads)
