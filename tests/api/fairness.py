"""Fairness from outside: groups, intersections, gaps over time, tables, and questions that are refused."""

from __future__ import annotations

import csv
import io
import json
import random
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
               == {gap["metric"]: gap["value"] for gap in answer["gaps"]} and len(table) == 2 * 9 + len(gaps), table)
    strict = report(test, by="sex", threshold=0.9).json()
    test.check("fairness, the threshold decides", strict["threshold"] == 0.9 and all(
        group["selection_rate"]["value"] < 0.2 for group in strict["groups"]), strict)


def metrics(test: Test) -> None:
    """The same by name, in buckets and cohorts."""
    common: dict[str, Any] = {"deployment_id": "lending", "by": "sex", "ci": 0.95}
    series = test.server.get("/v1/metrics/query", metric="demographic_parity_difference", step="1d", **common)
    values = [point["value"] for point in series["series"]]
    test.check("fairness, the gap grows", len(values) == 2 and values[0] < 0.2 < 0.3 < values[1], series)
    test.check("fairness, points name their groups", all(point["groups"] == ["m", "f"] for point in series["series"]), series)
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
    regression = [{"deployment_id": "prices", "model_version": "v", "request_id": f"p{i}", "prediction": {"value": i}, "metadata": {"sex": "f"}} for i in range(3)]
    sequence = ask("POST", "/v1/ingest/metrics", regression).headers["x-aiml042-seq"]
    test.refused("fairness of a regression", ask("GET", "/v1/deployments/prices/fairness", by="sex", min_seq=sequence), 400, "invalid_argument", "/deployment_id")


PARTS = (fill, reports, metrics, refusals)
