"""Performance without labels from outside: calibrated, weighted and modelled estimates, their grades, labels that are late or not random."""

from __future__ import annotations

import csv
import io
import json
import math
import random
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from run import Test
    from tests.harness.server import Answer

START = datetime(2024, 8, 1, tzinfo=timezone.utc)
REFERENCE = "2024-08-01T00:00:00Z/2024-08-05T00:00:00Z"
WINDOW = {"from": "2024-08-05T00:00:00Z", "to": "2024-08-17T00:00:00Z"}
DAYS, PER_DAY, LEARNED_DAYS = 16, 800, 4


def instant(day: float) -> str:
    """A time so many days after the start."""
    return (START + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def logistic(x: float) -> float:
    """1 / (1 + e^-x)."""
    return 1 / (1 + math.exp(-x))


def send(test: Test, events: list[dict[str, Any]], labels: list[dict[str, Any]]) -> None:
    """Sends both and waits until they are visible."""
    test.server.post_lines("/v1/ingest/metrics", [json.dumps(one).encode() for one in events])
    last = test.server.post_lines("/v1/labels", [json.dumps(one).encode() for one in labels])[2]
    test.server.get("/v1/metrics/query", metric="count", deployment_id=events[0]["deployment_id"], min_seq=last)


def fill(test: Test) -> None:
    """Scores that are too sure and know half of what matters; the other half moves. Labels take a day or two."""
    random_ = random.Random(20261128)
    events, labels = [], []
    for day in range(DAYS):
        for i in range(PER_DAY):
            known, unknown = random_.gauss(0, 1), random_.gauss(max(0, day - LEARNED_DAYS) / 12, 1)
            score, at, name = logistic(2 * known + 0.5), day + i / PER_DAY, f"c{day}-{i}"
            events.append({"deployment_id": "credit", "model_version": "v1", "request_id": name, "timestamp": instant(at), "features": {
                "known": known, "unknown": unknown, "noise": random_.random(), "kind": random_.choice("abc")},
                "prediction": {"class": "yes" if score >= 0.5 else "no", "score": score}})
            labels.append({"deployment_id": "credit", "request_id": name, "label_ts": instant(at + random_.expovariate(1)),
                           "label": "yes" if random_.random() < logistic(known + unknown) else "no"})
    send(test, events, labels)


def report(test: Test, deployment: str = "credit", **query: Any) -> Answer:
    """The report of a deployment."""
    return test.server.request("GET", f"/v1/deployments/{deployment}/estimates", **{"reference": REFERENCE, "step": "1d", **WINDOW, **query})


def grades(answer: dict[str, Any], metric: str) -> dict[str, dict[str, Any]]:
    """The grades of a metric by method."""
    return {one["method"]: one for of in answer["metrics"] if of["metric"] == metric for one in of["grades"]}


def reports(test: Test) -> None:
    """Raw is wrong, calibrated better, weighted right; grades say so; all of it agrees with the metrics of the same names."""
    answer = report(test).json()
    test.check("estimates, learned from the labelled reference", answer["reference_labelled"] == LEARNED_DAYS * PER_DAY == answer["reference_sample"], answer)
    calibration = answer["calibration"][0]
    test.check("estimates, calibration helps", calibration["used"] and calibration["error_after"] < calibration["error_before"] / 2, calibration)
    values = [block["value"] for block in calibration["blocks"]]
    test.check("estimates, calibration ascends", values == sorted(values) and sum(block["n"] for block in calibration["blocks"]) == calibration["n"], values)
    of = grades(answer, "precision")
    test.check("estimates, weights correct for what moved", of["weighted"]["error"] < 0.5 * of["calibrated"]["error"] and of["weighted"]["windows"] == 12, of)
    of = grades(answer, "accuracy")
    test.check("estimates, raw is wrong and known to be", of["raw"]["bias"] > 0.08 and of["raw"]["coverage"] < 0.2 and of["weighted"]["coverage"] > 0.7, of)
    best = {one["metric"]: one["best"] for one in answer["metrics"]}
    test.check("estimates, the best is the one with the least error", all(
        best[name] == min(grades(answer, name).values(), key=lambda one: one["error"])["method"] for name in best), best)
    metrics = test.server.get("/v1/metrics/query", metric=[name for one in best for name in (f"est_{one}", one)], deployment_id="credit", step="1d", ci=0.95, **WINDOW)
    asked = {one["metric"]: one["series"] for one in metrics["results"]}
    for one in answer["metrics"]:
        raw = [point["estimates"]["raw"]["value"] for point in one["series"]]
        tolerance = 1e-3 if one["metric"] == "roc_auc" else 1e-12  # Scores of one cell are tied there.
        test.check(f"estimates, raw {one['metric']} is est_{one['metric']}", all(
            abs(mine - theirs["value"]) < tolerance for mine, theirs in zip(raw, asked["est_" + one["metric"]])), raw)
        test.check(f"estimates, realised {one['metric']}", [(point["ts"], point["realised"]["value"], point["realised"]["ci"]) for point in one["series"]]
                   == [(theirs["ts"], theirs["value"], theirs["ci"]) for theirs in asked[one["metric"]]], one["series"][0])
    shifted = [bucket["shifted"] for bucket in answer["buckets"]]
    test.check("estimates, the column that moved is named", "feature.unknown" in shifted[-1] and "feature.noise" not in shifted[-1], shifted)
    test.check("estimates, weights cost rows", answer["buckets"][-1]["reference_rows"] < 0.7 * answer["reference_sample"], answer["buckets"][-1])
    last = answer["metrics"][0]["series"]
    test.check("estimates, bands are recalibrated by windows before", "recalibrated" not in last[4]["estimates"]["raw"]
               and [point["estimates"]["raw"]["recalibrated"]["windows"] for point in last[5:]] == [5, 6, 7, 8, 9, 10, 11], last[5])
    band = last[-1]["estimates"]["raw"]["recalibrated"]
    test.check("estimates, the recalibrated band holds", band["ci"][0] <= last[-1]["realised"]["value"] <= band["ci"][1] and band["factor"] > 2
               and abs(band["level"] - 11 / 12) < 1e-9, band)
    test.check("estimates, the same again", report(test).json() == answer)
    rows = list(csv.DictReader(io.StringIO(report(test, format="csv").body.decode())))
    test.check("estimates, CSV is the report", len(rows) == 12 * 6 * 5 and [float(row["value"]) for row in rows if (row["metric"], row["method"]) == ("f1", "weighted")]
               == [point["estimates"]["weighted"]["value"] for one in answer["metrics"] if one["metric"] == "f1" for point in one["series"]], rows[0])
    one = report(test, metric="est_f1,accuracy", filter='kind = "a"', model_version="v1", ci=0.8).json()
    test.check("estimates, metrics can be chosen, rows filtered", [of["metric"] for of in one["metrics"]] == ["f1", "accuracy"] and one["confidence"] == 0.8
               and one["reference_labelled"] < 1_300 and one["filter"] == 'kind = "a"', one)
    test.server.request("POST", "/v1/deployments/credit/references", {"name": "first", "from": REFERENCE[:20], "to": REFERENCE[21:]})
    made = report(test, reference="first").json()
    test.check("estimates, a made reference is the events it was made of", made["metrics"] == answer["metrics"] and made["calibration"] == answer["calibration"]
               and made["reference"]["name"] == "first", made["reference"])
    part = test.server.request("POST", "/v1/deployments/credit/references", {"name": "part", "to": REFERENCE[21:], "filter": 'kind = "a"'}).json()
    test.check("estimates, with its own filter", report(test, reference="part", filter='kind = "b"').json()["reference_labelled"] == part["rows"] < 1_300, part)
    whole = test.server.request("GET", "/v1/deployments/credit/estimates", reference=REFERENCE).json()
    test.check("estimates, a window that holds the reference is not graded", whole["buckets"][0]["in_reference"] and whole["metrics"][0]["grades"][0]["windows"] == 0, whole)


def late_labels(test: Test) -> None:
    """As of the last day: what is complete is graded, what is not has a completeness and a final interval."""
    now = "2024-08-17T00:00:00Z"
    answer = report(test, as_of=now, metric="accuracy").json()
    truth = [1 - sum(math.exp(-(16 - day - (i + 0.5) / 50)) for i in range(50)) / 50 for day in range(4, 16)]
    told = [bucket["completeness"] for bucket in answer["buckets"]]
    test.check("labels, completeness is that of the delays", all(abs(one - of) < 0.03 for one, of in zip(told, truth)), (told, truth))
    test.check("labels, its interval holds it", sum(bucket["completeness_ci"][0] - 1e-3 <= of <= bucket["completeness_ci"][1] + 1e-3
               for bucket, of in zip(answer["buckets"], truth)) >= 10, answer["buckets"])
    test.check("labels, so is the share expected", all(abs(bucket["share"] - bucket["share_expected"]) < 0.06 for bucket in answer["buckets"]), answer["buckets"])
    test.check("labels, median delay", abs(answer["labels"]["delay_s"]["p50"] / 86_400 - math.log(2)) < 0.05, answer["labels"])
    complete = [bucket["complete"] for bucket in answer["buckets"]]
    test.check("labels, young windows are not complete and not graded", complete[:8] == [True] * 8 and not any(complete[-2:])
               and grades(answer, "accuracy")["raw"]["windows"] == sum(complete), complete)
    later = report(test, metric="accuracy").json()["metrics"][0]["series"]
    now_known = answer["metrics"][0]["series"]
    held = [point["realised"]["final_ci"][0] <= end["realised"]["value"] <= point["realised"]["final_ci"][1] for point, end in zip(now_known, later)]
    test.check("labels, final values lie where they were foretold", sum(held) >= 11, held)
    width = [point["realised"]["final_ci"][1] - point["realised"]["final_ci"][0] for point in now_known]
    test.check("labels, less is open of older windows", width[0] < 0.2 * width[-1] and all(
        end["realised"]["final_ci"][0] == end["realised"]["value"] for end in later), width)
    before = report(test, as_of="2024-07-01T00:00:00Z", metric="accuracy").json()
    test.check("labels, before there were any", before["labels"]["share_finally"] is None and before["buckets"][0]["completeness"] is None
               and before["metrics"][0]["series"][0]["realised"]["reason"] == "no labels" and not before["calibration"][0]["used"], before["labels"])


def selected_labels(test: Test) -> None:
    """Labels that come to low scores above all are warned of, and weighed."""
    random_ = random.Random(11)
    events, labels, right = [], [], 0
    for i in range(8_000):
        score, name = random_.random(), f"s{i}"
        events.append({"deployment_id": "fraud", "model_version": "v1", "request_id": name, "timestamp": instant(i / 1_000), "features": {"x": random_.random()},
                       "prediction": {"class": "yes" if score >= 0.5 else "no", "score": score}})
        label = random_.random() < score
        right += label == (score >= 0.5) if i >= 4_000 else 0
        if random_.random() < (0.9 if abs(score - 0.5) > 0.35 else 0.2):
            labels.append({"deployment_id": "fraud", "request_id": name, "label": "yes" if label else "no", "label_ts": instant(i / 1_000 + 0.01)})
    send(test, events, labels)
    answer = report(test, "fraud", to="2024-08-09T00:00:00Z", step="4d").json()
    biased = {column["column"]: column["biased"] for column in answer["labels"]["columns"]}
    test.check("labels, what decides them is named", biased == {"score": True, "feature.x": False} and answer["labels"]["random"] is False
               and "warning" in answer["labels"], answer["labels"])
    point = answer["metrics"][0]["series"][0]
    test.check("labels, the realised value is of a selection, the weighted one is not", abs(point["realised"]["value"] - right / 4_000) > 0.08
               and abs(point["realised_weighted"]["value"] - right / 4_000) < 0.04, point)
    test.check("labels, as many as come", abs(answer["labels"]["share_finally"] - 0.41) < 0.03, answer["labels"])
    missing = next(i for i in range(100) if f"s{i}" not in {one["request_id"] for one in labels})
    send(test, events[:1], [{"deployment_id": "fraud", "request_id": f"s{missing}", "label": "yes"}])
    test.check("labels, a late one of the reference is learned from", report(test, "fraud", step="4d").json()["reference_labelled"]
               == answer["reference_labelled"] + 1, answer["reference_labelled"])
    honest = report(test, as_of="2024-08-17T00:00:00Z").json()["labels"]
    test.check("labels, no warning without cause", honest["random"] is True and "warning" not in honest, honest)
    whole = report(test).json()["labels"]
    test.check("labels, all labelled is no question", whole["random"] is None and whole["columns"] == [], whole)


def regressions(test: Test) -> None:
    """The loss grows with a feature that moves: the model foretells it, the reference's mean does not."""
    random_ = random.Random(12)
    events, labels = [], []
    for i in range(9_000):
        day = i / 1_000
        x = random_.gauss(0 if day < 4 else 0.25 * (day - 4), 1)
        value, name = random_.uniform(5, 15), f"r{i}"
        events.append({"deployment_id": "demand", "model_version": "v1", "request_id": name, "timestamp": instant(day), "prediction": {"value": value},
                       "features": {"x": x, "place": random_.choice("abcd")}})
        labels.append({"deployment_id": "demand", "request_id": name, "label": value + random_.gauss(0, math.exp(0.5 * x)), "label_ts": instant(day + 0.1)})
    send(test, events, labels)
    answer = report(test, "demand", to="2024-08-10T00:00:00Z", step="6h").json()
    for name in ("mae", "rmse"):
        of = grades(answer, name)
        test.check(f"losses, {name} is foretold", of["loss_model"]["error"] < 0.6 * of["reference"]["error"] and of["loss_model"]["coverage"] >= 0.8
                   and of["loss_model"]["windows"] == 20, of)
    mae, rmse = ({point["ts"]: point["estimates"]["loss_model"]["value"] for point in one["series"]} for one in answer["metrics"] if one["metric"] in ("mae", "rmse"))
    test.check("losses, rmse is above mae", all(rmse[ts] > mae[ts] for ts in mae), rmse)
    test.check("losses, what was learned is told", [one["loss"] for one in answer["loss_models"]] == ["absolute", "squared", "relative"]
               and answer["loss_models"][0]["trees"] > 0 and answer["loss_models"][0]["explained"] > 0.1, answer["loss_models"])
    few = report(test, "demand", reference="2024-08-01T00:00:00Z/2024-08-01T00:30:00Z", metric="mae").json()
    test.check("losses, a small reference says so", few["metrics"][0]["series"][0]["estimates"]["loss_model"]["reason"] == "the reference has too few values", few["metrics"])


def many_classes(test: Test) -> None:
    """Three classes, one against the rest each."""
    random_ = random.Random(13)
    events, labels = [], []
    for i in range(6_000):
        raw, name = [math.exp(random_.gauss(0, 1)) for _ in "abc"], f"m{i}"
        scores = {name_: one / sum(raw) for name_, one in zip("abc", raw)}
        label = random_.choices("abc", [one ** 0.5 for one in raw])[0]  # Less sure than the scores.
        events.append({"deployment_id": "topics", "model_version": "v1", "request_id": name, "timestamp": instant(i / 600), "prediction": {
            "class": max(scores, key=lambda one: scores[one]), "scores": scores}, "features": {"x": random_.random()}})
        labels.append({"deployment_id": "topics", "request_id": name, "label": {"class": label}, "label_ts": instant(i / 600 + 0.1)})
    send(test, events, labels)
    answer = report(test, "topics", to="2024-08-11T00:00:00Z").json()
    test.check("classes, each is calibrated", [one["class"] for one in answer["calibration"]] == ["a", "b", "c"] and all(one["used"] for one in answer["calibration"]), answer)
    weighted = {one["metric"]: one["series"][0]["realised_weighted"] for one in answer["metrics"]}
    test.check("classes, weighted where it can be", abs(weighted["accuracy"]["value"] - answer["metrics"][0]["series"][0]["realised"]["value"]) < 1e-9
               and weighted["f1"]["reason"] == "weighted only for two classes", weighted)
    for name in ("accuracy", "f1", "precision", "recall"):
        of = grades(answer, name)
        test.check(f"classes, {name}", of["raw"]["bias"] > 0.05 and abs(of["calibrated"]["bias"]) < 0.02 and of["calibrated"]["windows"] == 6, of)


def empty_handed(test: Test) -> None:
    """What is not there has a reason: scores, labels, a spread; numbers as large as there are."""
    def fill_with(name: str, predictions: list[dict[str, Any]], given: list[Any]) -> dict[str, Any]:
        events = [{"deployment_id": name, "model_version": "v", "request_id": f"e{i}", "timestamp": instant(i / 30), "prediction": one} for i, one in enumerate(predictions)]
        send(test, events, [{"deployment_id": name, "request_id": f"e{i}", "label": one} for i, one in enumerate(given)] or [{"deployment_id": name, "request_id": "none", "label": 1}])
        answer: dict[str, Any] = report(test, name, step="10d", to="2024-08-11T00:00:00Z").json()
        return answer

    def first(answer: dict[str, Any], metric: int = 0) -> dict[str, Any]:
        point: dict[str, Any] = answer["metrics"][metric]["series"][0]
        return point

    bare = fill_with("bare", [{"class": "abc"[i % 3]} for i in range(300)], ["abc"[i % 3] for i in range(300)])
    test.check("estimates, classes without scores", {one["reason"] for one in first(bare)["estimates"].values()} == {"no scores"} and first(bare)["realised"]["value"] == 1, bare)
    mute = fill_with("mute", [{"class": "yes", "score": 0.75} for _ in range(300)], [])
    test.check("estimates, nothing learned", first(mute)["estimates"]["weighted"]["value"] == 0.75 and first(mute)["realised"]["reason"] == "no labels"
               and first(mute)["realised_weighted"]["reason"] == "no labels" and mute["labels"]["share_finally"] is None, mute)
    sure = fill_with("sure", [{"class": "yes", "score": 1} for _ in range(300)], ["yes"] * 300)
    test.check("estimates, one class only", first(sure)["estimates"]["calibrated"]["value"] == 1 and first(sure, 5)["estimates"]["raw"]["reason"] == "one class only", sure)
    flat = fill_with("flat", [{"value": 2.0} for _ in range(300)], [0.0] * 300)
    test.check("estimates, losses that are all alike", [first(flat, i)["estimates"]["loss_model"]["value"] for i in range(3)] == [2, 4, 2]
               and first(flat, 3)["estimates"]["loss_model"]["reason"] == "the reference has too few values", flat)
    vast = fill_with("vast", [{"value": 1e300 if i % 2 else -1e300} for i in range(300)], [1e300] * 300)
    test.check("estimates, losses beyond all numbers", all(value is None or abs(value) < 1e301 for value in (
        one["value"] for i in range(4) for one in first(vast, i)["estimates"].values())), vast)


def refusals(test: Test) -> None:
    """Every wrong question says what is wrong with it."""
    ask, path = test.server.request, "/v1/deployments/credit/estimates"
    test.refused("estimates without a reference", ask("GET", path), 400, "invalid_argument", "/reference")
    test.refused("of an unknown reference", report(test, reference="nothing"), 404, "not_found", "/reference")
    rows = [{"features": {"known": i}, "score": 0.5, "label": {"class": "yes"}} for i in range(100)]
    ask("PUT", "/v1/deployments/credit/references/sent", rows)
    test.refused("of rows that were sent", report(test, reference="sent"), 400, "invalid_argument", "/reference")
    ask("POST", "/v1/deployments/fraud/references", {"name": "theirs", "deployment_id": "credit"})
    test.refused("of another deployment's events", report(test, "fraud", reference="theirs"), 400, "invalid_argument", "/reference")
    test.refused("of a metric of another task", report(test, metric="mae"), 400, "invalid_argument", "/metric")
    test.refused("of too many buckets", report(test, step="1m"), 422, "query_too_large", "/step")
    test.refused("in a format of no report", report(test, format="html"), 400, "invalid_argument", "/format")
    test.refused("of no confidence", report(test, ci=2), 400, "invalid_argument", "/ci")
    test.refused("of no such filter", report(test, filter="nope = 1"), 400, "invalid_argument", "/filter")
    test.refused("of no such deployment", report(test, "nobody"), 404, "not_found", "/deployment_id")
    ranking = {"deployment_id": "ranked", "model_version": "v", "request_id": "1", "prediction": {"ranking": [{"id": "a", "score": 1}]}}
    sequence = ask("POST", "/v1/ingest/metrics", ranking).headers["x-aiml042-seq"]
    ask("PUT", "/v1/deployments/ranked", {"task_type": "ranking"})
    test.refused("of a ranking", report(test, "ranked", min_seq=sequence), 400, "invalid_argument", "/deployment_id")
    other = ask("POST", "/v1/projects", {"name": "estimating"}).json()["key"]
    test.refused("of another project", ask("GET", path, key=other, reference=REFERENCE), 404, "not_found", "/deployment_id")


PARTS = (fill, reports, late_labels, selected_labels, regressions, many_classes, empty_handed, refusals)
