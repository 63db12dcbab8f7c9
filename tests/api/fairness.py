"""Fairness from outside: groups, intersections, gaps over time, tables, and questions that are refused."""

from __future__ import annotations

import csv
import io
import json
import random
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from run import Test
    from tests.harness.server import Answer

PATH = "/v1/deployments/lending/fairness"


def fill(test: Test) -> None:
    """Decisions that favour one group, more so on the second day."""
    random_ = random.Random(6)
    events, labels = [], []
    for i in range(4_000):
        late, sex = i >= 2_000, random_.choice(["f", "m"])
        rate = (0.6 if sex == "m" else 0.5) if not late else (0.7 if sex == "m" else 0.3)
        yes = random_.random() < rate
        events.append({"deployment_id": "lending", "model_version": "v1", "request_id": f"l{i}", "timestamp": f"2024-06-0{1 + late}T{i % 24:02}:00:00Z",
                       "prediction": {"class": "yes" if yes else "no", "score": random_.uniform(0.5, 1) if yes else random_.uniform(0, 0.5)},
                       "metadata": {"sex": sex, **({"young": i % 2 == 0} if i % 10 else {}), "branch": i % 3, "rare": "r" if i < 7 else "s"}})
        labels.append({"deployment_id": "lending", "request_id": f"l{i}", "label": "yes" if random_.random() < 0.5 else "no"})
    test.server.post_lines("/v1/ingest/metrics", [json.dumps(one).encode() for one in events])
    last = test.server.post_lines("/v1/labels", [json.dumps(one).encode() for one in labels])[2]
    test.server.get("/v1/metrics/query", metric="count", deployment_id="lending", min_seq=last)


def report(test: Test, **query: Any) -> Answer:
    """The report of the deployment."""
    return test.server.request("GET", PATH, **query)


def reports(test: Test) -> None:
    """Groups add up, gaps name their groups, tables carry the same."""
    answer = report(test, by="sex").json()
    groups = {group["group"]: group for group in answer["groups"]}
    test.check("fairness, groups", set(groups) == {"f", "m"} and sum(group["n"] for group in groups.values()) == 4_000, groups)
    gaps = {gap["metric"]: gap for gap in answer["gaps"]}
    parity = gaps["demographic_parity_difference"]
    test.check("fairness, the gap is of its groups", parity["groups"] == ["m", "f"] and abs(
        parity["value"] - groups["m"]["selection_rate"]["value"] + groups["f"]["selection_rate"]["value"]) < 1e-12, parity)
    test.check("fairness, intervals hold values", all(gap["ci"][0] <= gap["value"] <= gap["ci"][1] for gap in gaps.values()), gaps)
    test.check("fairness, four fifths", answer["four_fifths"]["verdict"] == "below", answer["four_fifths"])
    both = report(test, by=["sex", "young"]).json()
    test.check("fairness, intersections", {tuple(group["by"].values()) for group in both["groups"]}
               == {(sex, young) for sex in ("f", "m") for young in ("true", "false", None)}, both["groups"])
    test.check("fairness, intersections add up", sum(group["n"] for group in both["groups"]) == 4_000)
    numbers = report(test, by="branch").json()
    test.check("fairness, numbers are groups", {group["group"] for group in numbers["groups"]} == {"0", "1", "2"}, numbers["groups"])
    rare = report(test, by="rare", min_n=8).json()
    test.check("fairness, small groups are told but not counted", [(group["group"], group["counted"]) for group in rare["groups"]]
               == [("s", True), ("r", False)] and rare["gaps"][0]["reason"].startswith("fewer than two groups"), rare)
    test.check("fairness, they count where min_n lets them", report(test, by="rare", min_n=7).json()["gaps"][0]["value"] is not None)
    table = list(csv.DictReader(io.StringIO(report(test, by="sex", format="csv").body.decode())))
    test.check("fairness, CSV is the report", {row["metric"]: float(row["value"]) for row in table if row["kind"] == "gap"}
               == {gap["metric"]: gap["value"] for gap in answer["gaps"]} and len(table) == 2 * 12 + len(gaps), table)
    female = groups["f"]
    test.check("fairness, calibration within groups", abs(female["calibration_difference"]["value"] - female["mean_score"]["value"]
               + female["base_rate"]["value"]) < 1e-12 and female["calibration_difference"]["ci"] is not None, female)
    strict = report(test, by="sex", threshold=0.9).json()
    test.check("fairness, the threshold decides", strict["threshold"] == 0.9 and all(
        group["selection_rate"]["value"] < 0.2 for group in strict["groups"]), strict)


def lineage(test: Test) -> None:
    """The report says what it was made from."""
    answer = report(test, by="sex", filter="branch < 2", ci=0.9, as_of="2100-01-01T00:00:00Z").json()
    test.check("fairness, what was asked", (answer["filter"], answer["confidence"], answer["as_of"], answer["include_shadow"])
               == ("branch < 2", 0.9, "2100-01-01T00:00:00Z", False), answer)
    events = sum(i % 3 < 2 for i in range(4_000))
    test.check("fairness, versions and labels", (answer["events"], answer["labelled"], answer["model_versions"])
               == (events, events, [{"model_version": "v1", "events": events, "label_coverage": 1}]), answer["model_versions"])
    test.check("fairness, the default threshold", (answer["threshold"], answer["threshold_source"]) == (0.5, "default"), answer)
    test.check("fairness, the asked one", report(test, by="sex", threshold=0.7).json()["threshold_source"] == "parameter")
    test.check("fairness, its making", answer["product_version"] == test.server.get("/v1/system")["version"] and answer["made_at"] > "2024", answer)
    told = {name for group in answer["groups"] for name in group if isinstance(group[name], dict)} - {"by"} | {gap["metric"] for gap in answer["gaps"]}
    test.check("fairness, a method of every number", {method["metric"] for method in answer["methods"]} == told, answer["methods"])
    before = report(test, by="sex", as_of="2000-01-01T00:00:00Z").json()
    test.check("fairness, before there were labels", before["labelled"] == 0 and not before["groups"] and
               all(gap["value"] is None and gap["reason"] for gap in before["gaps"]), before)
    exact = report(test, by="sex", exact="true").json()
    test.check("fairness, exact", exact["groups"] == report(test, by="sex").json()["groups"], exact)


class Page(HTMLParser):
    """Tags, attributes and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.texts = set[str](), set[str](), list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remembers the tag."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        """Remembers the text."""
        self.texts.append(data)


def page(test: Test) -> None:
    """The printable report has all numbers, and nothing in it is markup but its own."""
    evil = {"<script>alert(1)</script>": "</bdi></td><img src=x onerror=alert(2)>\u0007", "it's \"a\" & b": "\u202eabc"}
    name = "<b onload='x'>&amp;"
    events = [{"deployment_id": name, "model_version": f"v<i>{i % 2}", "request_id": f"e{i}", "prediction": {"class": "yes" if i % 3 else "no", "score": i / 200},
               "metadata": {key: value if i % 2 else "plain" for key, value in evil.items()}} for i in range(200)]
    test.server.post_lines("/v1/ingest/metrics", [json.dumps(one).encode() for one in events])
    last = test.server.post_lines("/v1/labels", [json.dumps({"deployment_id": name, "request_id": f"e{i}", "label": "yes" if i % 4 else "no"}).encode() for i in range(200)])[2]
    path = "/v1/deployments/%3Cb%20onload='x'%3E&amp%3B/fairness"
    query = {"by": list(evil), "min_n": 1, "min_seq": last, "filter": "model_version != \"<u>\""}
    answer = test.server.request("GET", path, format="html", **query)
    test.check("fairness, a page", answer.status == 200 and answer.headers["content-type"] == "text/html; charset=utf-8", answer)
    test.check("fairness, a page that may run nothing", answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'"), answer.headers)
    seen = Page(answer.body.decode())
    test.check("fairness, tags of its own only", seen.tags <= set("html head meta title style body main h1 dl dt dd br bdi p strong table caption thead tbody tr th td span div".split()), seen.tags)
    test.check("fairness, attributes of its own only", seen.attributes <= set("lang charset http-equiv content name scope class role aria-label tabindex".split()), seen.attributes)
    texts = set(seen.texts)
    missing = {name, "v<i>0", "v<i>1", "model_version != \"<u>\"", *evil} - texts
    test.check("fairness, data is there as text", not missing, missing)
    test.check("fairness, control characters are not", any("onerror=alert(2)>\ufffd / \u202eabc" in text for text in texts) and "\u0007" not in answer.body.decode(), texts)
    numbers = test.server.request("GET", path, **query).json()
    wanted = {f"{estimate['value']:.4f}" for group in numbers["groups"] for estimate in group.values() if isinstance(estimate, dict) and estimate.get("value") is not None}
    wanted |= {f"{gap['value']:.4f}" for gap in numbers["gaps"] if gap["value"] is not None}
    test.check("fairness, all numbers are on it", wanted <= texts, wanted - texts)
    test.check("fairness, nothing comes from elsewhere", b"http:" not in answer.body and b"https:" not in answer.body and b"url(" not in answer.body)


def separators(test: Test) -> None:
    """Groups are told apart whatever characters their values have; -0 is 0."""
    kinds = [{"a": "x\u001fy", "b": "z"}, {"a": "x", "b": "y\u001fz"}, {"a": "\u001e", "b": "\u001d>"}, {"b": "\u001d\u001e"}, {"a": 0, "b": -0.0}, {"a": -0.0, "b": 0}]
    events = [{"deployment_id": "odd", "model_version": "v", "request_id": f"o{i}", "prediction": {"class": "yes" if i % 2 else "no"}, "metadata": kinds[i % 6]} for i in range(60)]
    test.server.post_lines("/v1/ingest/metrics", [json.dumps(one).encode() for one in events])
    last = test.server.post_lines("/v1/labels", [json.dumps({"deployment_id": "odd", "request_id": f"o{i}", "label": "yes"}).encode() for i in range(60)])[2]
    answer = test.server.request("GET", "/v1/deployments/odd/fairness", by=["a", "b"], min_seq=last).json()
    seen = {(group["by"]["a"], group["by"]["b"]): group["n"] for group in answer["groups"]}
    test.check("fairness, separators in values", seen == {("x\u001fy", "z"): 10, ("x", "y\u001fz"): 10, ("\u001e", "\u001d>"): 10,
                                                         (None, "\u001d\u001e"): 10, ("0", "0"): 20}, seen)


def crowds(test: Test) -> None:
    """More groups than are told apart are refused in one line."""
    events = [{"deployment_id": "crowd", "model_version": "v", "request_id": f"c{i}", "prediction": {"class": "yes"}, "metadata": {"user": f"u{i}", "half": f"h{i % 5_000}"}}
              for i in range(10_001)]
    last = test.server.post_lines("/v1/ingest/metrics", [json.dumps(one).encode() for one in events])[2]
    many = test.server.request("GET", "/v1/deployments/crowd/fairness", by="user", min_seq=last)
    test.refused("fairness, 10,001 groups", many, 422, "query_too_large", "/by")
    test.check("fairness, the error says how many", "10000" in many.json()["detail"], many)
    last = test.server.post_lines("/v1/labels", [json.dumps({"deployment_id": "crowd", "request_id": f"c{i}", "label": "yes"}).encode() for i in range(10_001)])[2]
    halves = test.server.request("GET", "/v1/deployments/crowd/fairness", by="half", min_n=2, min_seq=last).json()
    gaps = {gap["metric"]: gap for gap in halves["gaps"]}
    test.check("fairness, 5,000 groups are listed", len(halves["groups"]) == 5_000)
    test.check("fairness, their gaps are refused", gaps["tpr_gap"]["reason"] == "more than 500 groups of min_n events", gaps["tpr_gap"])


def metrics(test: Test) -> None:
    """The same by name, in buckets and cohorts."""
    common: dict[str, Any] = {"deployment_id": "lending", "by": "sex", "ci": 0.95}
    series = test.server.get("/v1/metrics/query", metric="demographic_parity_difference", step="1d", **common)
    values = [point["value"] for point in series["series"]]
    test.check("fairness, the gap grows", len(values) == 2 and values[0] < 0.2 < 0.3 < values[1], series)
    test.check("fairness, points name their groups", all((point["groups"], point["groups_counted"]) == (["m", "f"], 2) for point in series["series"]), series)
    compared = test.server.get("/v1/metrics/query", metric="tpr_gap", compare="offset:1d", **{**common, "from": "2024-06-02T00:00:00Z", "to": "2024-06-03T00:00:00Z"})
    test.check("fairness, compared with the day before", all("groups" in side["series"][0] for side in (compared, compared["compare"])), compared)
    rows = list(csv.DictReader(io.StringIO(test.server.request("GET", "/v1/metrics/query", metric="demographic_parity_difference", step="1d", format="csv",
                                                               **common).body.decode())))
    test.check("fairness, as a table", [float(row["value"]) for row in rows] == values, rows)
    unlabelled = test.server.get("/v1/metrics/query", metric="tpr_gap", as_of="2000-01-01T00:00:00Z", **common)
    test.check("fairness, as of before the labels", unlabelled["series"][0]["reason"] == "no labels", unlabelled)
    exact = test.server.get("/v1/metrics/query", metric="subgroup_auc", exact="true", **common)
    test.check("fairness, exact AUCs", exact["definition"]["exact"] is True, exact)
    test.check("fairness, the definition names by and min_n", (series["definition"]["by"], series["definition"]["min_n"]) == (["sex"], 30), series)
    cohorts = test.server.get("/v1/metrics/query", metric=["tpr_gap", "worst_group", "subgroup_auc"], group_by="branch", **common)["results"]
    test.check("fairness, in cohorts", all(len(result["groups"]) == 3 for result in cohorts), cohorts)
    labelled = test.server.get("/v1/metrics/query", metric="tpr_gap", filter="branch = 9", **common)
    test.check("fairness, nothing has a reason", labelled["series"][0]["reason"] == "no labels", labelled)


def refusals(test: Test) -> None:
    """Every wrong question says what is wrong with it."""
    ask = test.server.request
    test.refused("fairness without by", report(test), 400, "invalid_argument", "/by")
    test.refused("fairness by nothing known", report(test, by="sexx"), 400, "invalid_argument", "/by")
    test.refused("fairness by four keys", report(test, by=["sex", "young", "branch", "rare"]), 400, "invalid_argument", "/by")
    for value in (0, -1, "x", 10**10):
        test.refused(f"min_n={value}", report(test, by="sex", min_n=value), 400, "invalid_argument", "/min_n")
    query = {"deployment_id": "lending"}
    test.refused("tpr_gap without by", ask("GET", "/v1/metrics/query", metric="tpr_gap", **query), 400, "invalid_argument", "/by")
    test.refused("by of count", ask("GET", "/v1/metrics/query", metric="count", by="sex", **query), 400, "invalid_argument", "/by")
    test.refused("min_n of count", ask("GET", "/v1/metrics/query", metric="count", min_n=3, **query), 400, "invalid_argument", "/min_n")
    test.refused("drift and fairness", ask("GET", "/v1/metrics/query", metric=["psi", "tpr_gap"], by="sex", reference="previous", **query), 400,
                 "invalid_argument", "/metric")
    test.refused("by of ndcg", ask("GET", "/v1/metrics/query", metric="ndcg@10", by="sex", **query), 400, "invalid_argument", "/by")
    test.refused("a format of no report", report(test, by="sex", format="pdf"), 400, "invalid_argument", "/format")
    classes = [{"deployment_id": "animals", "model_version": "v", "request_id": f"a{i}", "prediction": {"class": "abc"[i % 3]}, "metadata": {"sex": "f"}} for i in range(9)]
    ask("POST", "/v1/ingest/metrics", classes)
    sequence = ask("POST", "/v1/labels", [{"deployment_id": "animals", "request_id": f"a{i}", "label": "abc"[i % 3]} for i in range(9)]).headers["x-aiml042-seq"]
    several = ask("GET", "/v1/metrics/query", metric="tpr_gap", by="sex", deployment_id="animals", min_seq=sequence).json()
    test.check("fairness of many classes", several["series"][0]["reason"] == "does not fit the task type", several)
    regression = [{"deployment_id": "prices", "model_version": "v", "request_id": f"p{i}", "prediction": {"value": i}, "metadata": {"sex": "f"}} for i in range(3)]
    sequence = ask("POST", "/v1/ingest/metrics", regression).headers["x-aiml042-seq"]
    test.refused("fairness of a regression", ask("GET", "/v1/deployments/prices/fairness", by="sex", min_seq=sequence), 400, "invalid_argument", "/deployment_id")


PARTS = (fill, reports, lineage, page, separators, crowds, metrics, refusals)
