"""Drift from outside: references are frozen, versioned and a project's own; reports tell what moved; bad questions are refused."""

from __future__ import annotations

import csv
import io
import json
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from run import Test
    from tests.harness.server import Answer

PATH = "/v1/deployments/moving"
FIRST, SECOND = "2024-05-01T00:00:00Z/2024-05-02T00:00:00Z", {"from": "2024-05-02T00:00:00Z", "to": "2024-05-03T00:00:00Z"}


def event(i: int, random_: random.Random, *, late: bool) -> dict[str, Any]:
    """One event; the second day's `moved` is shifted, its `plan` has a new value, its `gone` is mostly missing."""
    features: dict[str, Any] = {"still": random_.gauss(0, 1), "moved": random_.gauss(1 if late else 0, 1), "flag": random_.random() < 0.5,
                                "plan": "new" if late and i % 5 == 0 else random_.choice(["gold", "iron"]), "mixed": "x" if late and i % 2 else 3}
    if not late or i % 3 == 0:
        features["gone"] = random_.random()
    return {"deployment_id": "moving", "model_version": "v1", "request_id": f"{int(late)}-{i}", "features": features,
            "timestamp": f"2024-05-0{1 + late}T{i % 24:02}:00:00Z", "prediction": {"class": "yes" if i % 2 else "no", "score": random_.random()}}


def fill(test: Test) -> None:
    """Two days of events; labels of the first."""
    random_ = random.Random(5)
    events = [event(i, random_, late=late) for late in (False, True) for i in range(2_000)]
    sent = test.server.post_lines("/v1/ingest/metrics", [json.dumps(one).encode() for one in events])
    labels = [{"deployment_id": "moving", "request_id": f"0-{i}", "label": "yes"} for i in range(500)]
    last = test.server.post_lines("/v1/labels", [json.dumps(one).encode() for one in labels])[2]
    test.server.get("/v1/metrics/query", metric="count", deployment_id="moving", min_seq=max(last, sent[2]))


def report(test: Test, **query: Any) -> Answer:
    """The report of the second day."""
    return test.server.request("GET", PATH + "/drift", **{**SECOND, **query})


def reports(test: Test) -> None:
    """What moved is named, what did not is not; tables carry the same."""
    answer = report(test, reference=FIRST).json()
    columns = {column["column"]: column for column in answer["columns"]}
    verdicts = {name: column["verdict"] for name, column in columns.items()}
    test.check("drift, moved columns are named", {name for name, verdict in verdicts.items() if verdict == "drifted"}
               == {"feature.moved", "feature.plan", "feature.gone", "feature.mixed"}, verdicts)
    test.check("drift, drifted ones come first", [column["verdict"] for column in answer["columns"][:4]] == ["drifted"] * 4, verdicts)
    test.check("drift, still columns are unchanged", {verdicts[name] for name in ("feature.still", "feature.flag", "score", "prediction")}
               == {"unchanged"}, verdicts)
    test.check("drift, no labels on the second day", columns["label"].get("reason") == "no values", columns["label"])
    test.check("drift, new category", columns["feature.plan"]["new_category_rate"] == 0.2, columns["feature.plan"])
    test.check("drift, another type", columns["feature.mixed"]["other_type_rate"] == {"reference": 0.0, "current": 0.5}, columns["feature.mixed"])
    test.check("drift, no column has another type mostly", all(column["kind"] == column["current_kind"] for column in columns.values()), columns)
    text = report(test, reference=FIRST, filter='timestamp < "2024-05-02T00:00:00Z" or mixed = "x"', column="mixed").json()["columns"][0]
    test.check("drift, a column of another type says so", (text["kind"], text["current_kind"], text["verdict"], text["n_current"])
               == ("numeric", "categorical", "drifted", 0), text)
    test.check("drift, missing", abs(columns["feature.gone"]["missing_rate"]["current"] - 0.6665) < 1e-3, columns["feature.gone"])
    table = list(csv.DictReader(io.StringIO(report(test, reference=FIRST, format="csv").body.decode())))
    test.check("drift, CSV is the report", [(row["column"], row["verdict"], float(row["psi"]) if row["psi"] else None) for row in table]
               == [(column["column"], column["verdict"], column["psi"]) for column in answer["columns"]], table)
    one = report(test, reference=FIRST, column=["moved", "score"]).json()["columns"]
    test.check("drift, columns can be chosen", [column["column"] for column in one] == ["moved", "score"], one)
    test.check("drift, the window before is the first day", report(test, reference="previous").json()["columns"]
               == report(test, reference="previous:1d").json()["columns"] == answer["columns"])
    strict = report(test, reference=FIRST, margin=5).json()["summary"]
    test.check("drift, the margin plays a part", strict["drifted"] == 3, strict)
    never = report(test, reference=FIRST, margin=50, share_step=1).json()["summary"]
    test.check("drift, so does the step of a share", never["drifted"] == 0 and never["cannot_tell"] < 9, never)
    cohort = report(test, reference=FIRST, filter='plan = "gold"').json()["columns"]
    test.check("drift, a filter is of both sides", all(column["n_reference"] < 1_200 for column in cohort), cohort)
    series = test.server.get("/v1/metrics/query", metric=["psi_debiased", "ks"], deployment_id="moving", feature="moved", reference=FIRST,
                             step="6h", ci=0.95, **SECOND)["results"]
    test.check("drift, metrics come in buckets", all(len(result["series"]) == 4 for result in series)
               and all(point["value"] > 0.1 and point["p_value"] < 1e-6 for result in series for point in result["series"]), series)
    test.check("drift, the definition names what it compares", (series[0]["definition"]["column"], series[0]["definition"]["reference"]["windows"],
               series[0]["definition"]["reference"]["n"]) == ("feature.moved", [{"from": FIRST[:20], "to": FIRST[21:]}], 2_000), series[0]["definition"])


def compat(test: Test) -> None:
    """Other monitors' verdicts stand beside ours, and change none of it."""
    peers = ["evidently", "nannyml", "azure", "sagemaker", "whylogs"]
    plain = report(test, reference=FIRST).json()
    test.check("drift, nothing of others unasked", "compat" not in plain and all("compat" not in column for column in plain["columns"]), plain)
    answer = report(test, reference=FIRST, compat=peers).json()
    test.check("drift, the verdicts are ours as before", [column["verdict"] for column in answer["columns"]]
               == [column["verdict"] for column in plain["columns"]], answer)
    columns = {column["column"]: {one["peer"]: one for one in column["compat"]} for column in answer["columns"]}
    test.check("drift, every column has every peer", all(list(column) == peers for column in columns.values()), columns)
    methods = {peer: one["method"] for peer, one in columns["feature.moved"].items()}
    test.check("drift, peers use their own methods", methods == {"evidently": "wasserstein", "nannyml": "jensen_shannon",
               "azure": "JensenShannonDistance", "sagemaker": "linf_robust", "whylogs": "ks"}, methods)
    test.check("drift, all see a standard deviation", all(one["verdict"] == "drift" and one["agrees"] for one in columns["feature.moved"].values()), columns)
    test.check("drift, texts are tested as texts", columns["feature.plan"]["whylogs"]["value"] == 0 and "statistic" not in
               columns["feature.plan"]["whylogs"]["others"], columns["feature.plan"])
    gone = columns["feature.gone"]["evidently"]
    test.check("drift, missing values are in no peer's number", gone["verdict"] == "no_drift" and not gone["agrees"] and "missing" in gone["why"], gone)
    test.check("drift, a peer without values says so", columns["label"]["azure"] == {"peer": "azure", "value": None, "verdict": "none",
               "reason": "no values"}, columns["label"])
    summary = {one["peer"]: one for one in answer["compat"]}
    drifted = {peer: sum(column[peer]["verdict"] == "drift" for column in columns.values()) for peer in peers}
    test.check("drift, peers are summed up", {peer: one["drifted"] for peer, one in summary.items()} == drifted
               and summary["evidently"]["dataset_drift"] == (2 * drifted["evidently"] >= summary["evidently"]["columns"])
               and "dataset_drift" not in summary["azure"], summary)
    table = list(csv.DictReader(io.StringIO(report(test, reference=FIRST, compat="azure,nannyml,azure", format="csv").body.decode())))
    test.check("drift, CSV has the peers", [row["nannyml_verdict"] for row in table] == [columns[row["column"]]["nannyml"]["verdict"] for row in table]
               and [name for name in table[0] if name.startswith("azure")] == ["azure_method", "azure_value", "azure_threshold", "azure_verdict"], table[0])


def references(test: Test) -> None:
    """Made ones answer like their window, for good; each making is a version."""
    day = {"from": FIRST[:20], "to": FIRST[21:]}
    made = test.server.request("POST", PATH + "/references", {"name": "day.1", **day})
    test.check("reference is made", made.status == 201 and made.json()["version"] == 1 and made.json()["rows"] == 2_000, made)
    want = report(test, reference=FIRST).json()["columns"]
    test.check("reference answers like its window", report(test, reference="day.1").json()["columns"] == want)
    again = test.server.request("POST", PATH + "/references", {"name": "day.1", "from": SECOND["from"], "filter": 'plan = "gold"'})
    test.check("reference gets a version", again.status == 201 and again.json()["version"] == 2, again)
    test.check("the version asked for counts", report(test, reference="day.1@1").json()["columns"] == want
               and report(test, reference="day.1").json()["reference"]["version"] == 2)
    late = {**event(9, random.Random(1), late=False), "request_id": "late", "features": {"moved": 99.0}}
    sequence = test.server.request("POST", "/v1/ingest/metrics", late).headers["x-aiml042-seq"]
    test.check("a late event does not move what is frozen", report(test, reference="day.1@1", min_seq=sequence).json()["columns"] == want)
    test.check("it moves the window", report(test, reference=FIRST, min_seq=sequence).json()["columns"] != want)
    rows = [{"features": {"moved": i / 500 - 2, "plan": "gold"}, "score": 0.5, "label": {"class": "yes"}} for i in range(2_000)]
    lines = "\n".join(json.dumps(row) for row in rows).encode()
    sent = test.server.request("PUT", PATH + "/references/training", lines, headers={"Content-Type": "application/x-ndjson"})
    test.check("rows are uploaded", sent.status == 201 and sent.json()["rows"] == 2_000 and sent.json()["source"] == {"kind": "rows"}, sent)
    columns = {column["column"]: column for column in report(test, reference="training").json()["columns"]}
    test.check("rows are a reference", columns["feature.moved"]["n_reference"] == 2_000 and columns["feature.moved"]["verdict"] == "drifted", columns)
    test.check("a column they do not have says so", columns["feature.still"].get("reason") == "no values in the reference", columns)
    before = report(test, reference="day.1@1").json()["columns"]
    test.server.stop()
    test.server.start()
    test.check("references outlive a restart", report(test, reference="day.1@1").json()["columns"] == before)
    listed = test.server.get(PATH + "/references")["references"]
    test.check("references are listed", [(one["name"], one["version"]) for one in listed] == [("day.1", 1), ("day.1", 2), ("training", 1)], listed)
    test.check("one version is deleted", test.server.request("DELETE", PATH + "/references/day.1", version=2).status == 204)
    test.check("the one before is the latest", report(test, reference="day.1").json()["reference"]["version"] == 1)


def isolation(test: Test) -> None:
    """Another project has no references of this one and cannot delete them."""
    other = test.server.request("POST", "/v1/projects", {"name": "drifting"}).json()["key"]
    seen = test.server.request("GET", PATH + "/references", key=other)
    test.check("references of another project are not seen", seen.status == 200 and seen.json() == {"references": []}, seen)
    test.refused("nor deleted", test.server.request("DELETE", PATH + "/references/day.1", key=other), 404, "not_found", "/name")
    test.refused("nor is its drift", test.server.request("GET", PATH + "/drift", key=other, reference="day.1"), 404, "not_found", "/deployment_id")
    reader = test.server.request("POST", "/v1/keys", {"name": "r", "scopes": ["metrics:read"]}).json()["key"]
    answer = test.server.request("POST", PATH + "/references", {"name": "x"}, key=reader)
    test.check("making needs admin", answer.status == 403, answer)


def refusals(test: Test) -> None:
    """Every wrong question says what is wrong with it."""
    for reference in ("", "yesterday:1d", "previous:", "previous:0d", "weeks:0", "weeks:53", "weeks:x", "weeks", "a/b", "day.1@0", "day.1@x",
                      "../etc", "2024-05-02T00:00:00Z/2024-05-01T00:00:00Z"):
        test.refused(f"reference={reference}", report(test, reference=reference), 400, "invalid_argument", "/reference")
    test.refused("unknown reference", report(test, reference="day.2"), 404, "not_found", "/reference")
    test.refused("unknown version", report(test, reference="day.1@7"), 404, "not_found", "/reference")
    test.refused("unknown column", report(test, reference=FIRST, column="mowed"), 400, "invalid_argument", "/feature")
    test.refused("weeks of a month", report(test, reference="weeks:4", **{"from": "2024-01-01T00:00:00Z"}), 400, "invalid_argument", "/reference")
    for name, value in (("alpha", 0), ("alpha", 1), ("margin", 0), ("margin", -1), ("ci", 1), ("share_step", 0), ("share_step", 2)):
        test.refused(f"{name}={value}", report(test, reference=FIRST, **{name: value}), 400, "invalid_argument", f"/{name}")
    test.refused("unknown peer", report(test, reference=FIRST, compat="deepchecks"), 400, "invalid_argument", "/compat")
    query = {"deployment_id": "moving", **SECOND}
    ask = test.server.request
    test.refused("psi without a reference", ask("GET", "/v1/metrics/query", metric="psi", feature="moved", **query), 400, "invalid_argument", "/reference")
    test.refused("psi in groups", ask("GET", "/v1/metrics/query", metric="psi", reference=FIRST, group_by="plan", **query), 400, "invalid_argument", "/group_by")
    test.refused("feature of count", ask("GET", "/v1/metrics/query", metric="count", feature="moved", **query), 400, "invalid_argument", "/feature")
    test.refused("reference of count", ask("GET", "/v1/metrics/query", metric="count", reference=FIRST, **query), 400, "invalid_argument", "/reference")
    test.refused("attributions without a reference", ask("GET", "/v1/metrics/query", metric="attribution_drift", **query), 400, "invalid_argument", "/reference")
    test.refused("attributions of a feature", ask("GET", "/v1/metrics/query", metric="attribution_drift", feature="moved", reference=FIRST, **query),
                 400, "invalid_argument", "/feature")
    test.refused("attributions beside psi", ask("GET", "/v1/metrics/query", metric=["attribution_drift", "psi"], reference=FIRST, **query),
                 400, "invalid_argument", "/metric")
    none = ask("GET", "/v1/metrics/query", metric="attribution_drift", reference=FIRST, **query).json()["series"][0]
    test.check("attribution drift without any says why not", none["value"] is None and none["reason"] == "no attributions", none)
    ks = ask("GET", "/v1/metrics/query", metric="ks", feature="plan", reference=FIRST, **query).json()["series"][0]
    test.check("ks of texts says why not", ks["value"] is None and ks["reason"] == "not a numeric column", ks)
    for body, pointer in (({}, "/name"), ({"name": "a b"}, "/name"), ({"name": "previous"}, "/name"), ({"name": "x" * 65}, "/name"),
                          ({"name": "x", "rows": 3}, "/rows"), ({"name": "x", "from": "2030-01-01T00:00:00Z"}, "/from")):
        answer = ask("POST", PATH + "/references", body)
        test.check(f"making {body}", answer.status in {400, 422} and answer.json().get("pointer") == pointer, answer)
    upload = {"headers": {"Content-Type": "application/x-ndjson"}}
    for body, code in ((b"", "invalid_field"), (b"[1]", "invalid_field"), (b'{"features":{"a":[1]}}', "invalid_field"), (b'{"fetures":{}}', "unknown_field"),
                       (b"{", "malformed_json")):
        answer = ask("PUT", PATH + "/references/bad", body, **upload)
        test.check(f"uploading {body!r}", answer.status in {400, 422} and answer.json()["code"] == code, answer)
    listed = ask("GET", PATH + "/references").json()["references"]
    test.check("nothing bad was kept", {one["name"] for one in listed} == {"day.1", "training"}, listed)


PARTS = (fill, reports, compat, references, isolation, refusals)
