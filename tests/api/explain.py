"""Explanations from outside: the planted cohort is named, numbers are those of the events, parts sum to the whole, bad questions are refused."""

from __future__ import annotations

import csv
import io
import json
import math
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from run import Test
    from tests.harness.server import Answer

PATH = "/v1/deployments/explained/explain"
FIRST = "2024-06-01T00:00:00Z/2024-06-02T00:00:00Z"
DAY = {"from": "2024-06-02T00:00:00Z", "to": "2024-06-03T00:00:00Z"}
COUNT = 12_000
EVENTS: list[dict[str, Any]] = []
LABELS: dict[str, str] = {}


def draw(i: int, random_: random.Random, *, late: bool) -> dict[str, Any]:
    """One event; on the second day predictions for old web customers of the east are wrong most of the time, and more customers are vip."""
    age = random_.randrange(18, 90)
    region, channel = random_.choice(["north", "east", "south", "west, far"]), random_.choice(["web", "app", None])
    features: dict[str, Any] = {"age": age, "region": region, "noise": random_.gauss(0, 1), "vip": random_.random() < (0.4 if late else 0.1)}
    if i % 7:
        features["income"] = round(random_.lognormvariate(10, 1))
    name = f"{int(late)}-{i}"
    wrong = 0.7 if late and region == "east" and channel == "web" and age >= 54 else 0.4 if features["vip"] else 0.1
    label = random_.choice(["yes", "no"])
    predicted = label if random_.random() > wrong else "no" if label == "yes" else "yes"
    if i % 10:
        LABELS[name] = label
    metadata = {"user": name} if channel is None else {"user": name, "channel": channel}
    return {"deployment_id": "explained", "model_version": "v2" if i % 2 else "v1", "request_id": name, "features": features, "metadata": metadata,
            "timestamp": f"2024-06-0{1 + late}T{i % 24:02}:00:00Z", "prediction": {"class": predicted, "score": 0.9 if predicted == "yes" else 0.2},
            "latency_ms": random_.expovariate(1 / 40)}


def fill(test: Test) -> None:
    """Two days of events, most of them labelled."""
    random_ = random.Random(17)
    EVENTS.extend(draw(i, random_, late=late) for late in (False, True) for i in range(COUNT))
    test.server.post_lines("/v1/ingest/metrics", [json.dumps(one).encode() for one in EVENTS])
    labels = [{"deployment_id": "explained", "request_id": name, "label": label} for name, label in LABELS.items()]
    last = test.server.post_lines("/v1/labels", [json.dumps(one).encode() for one in labels])[2]
    test.server.get("/v1/metrics/query", metric="count", deployment_id="explained", min_seq=last)


def explain(test: Test, **query: Any) -> Answer:
    """Why a metric of the second day is not what it was on the first."""
    asked = {"metric": "accuracy", "reference": FIRST, **DAY, **query}
    return test.server.request("GET", PATH, **{name: value for name, value in asked.items() if value is not None})


def value_of(event: dict[str, Any], column: str) -> Any:
    """A column of an event, as a condition names it."""
    scope, _, name = column.partition(".")
    return event["features" if scope == "feature" else "metadata"].get(name) if name else event.get(column)


def holds(event: dict[str, Any], where: list[dict[str, Any]]) -> bool:
    """Whether an event meets all conditions."""
    for one in where:
        value = value_of(event, one["column"])
        if one.get("missing"):
            fits = value is None
        elif "equals" in one:
            fits = value == one["equals"]
        else:
            fits = value is not None and one.get("from", -math.inf) <= value < one.get("below", math.inf)
        if not fits:
            return False
    return True


def hit(event: dict[str, Any]) -> tuple[float, float]:
    """What an event adds to accuracy."""
    label = LABELS.get(event["request_id"])
    return (0.0, 0.0) if label is None else (float(label == event["prediction"]["class"]), 1.0)


def f1(event: dict[str, Any]) -> tuple[float, float]:
    """What an event adds to F1 of "yes"."""
    label, predicted = LABELS.get(event["request_id"]), event["prediction"]["class"]
    if label is None:
        return 0.0, 0.0
    found = float(label == predicted == "yes")
    return 2 * found, 2 * found + float(label != predicted)


def latency(event: dict[str, Any]) -> tuple[float, float]:
    """What an event adds to the mean latency."""
    return event["latency_ms"], 1.0


def parts_of(answer: dict[str, Any], adds: Callable[[dict[str, Any]], tuple[float, float]]) -> list[dict[str, Any]]:
    """The cohorts and the rest, recomputed from the events: rate and mix as E. M. Kitagawa (1955) defines them."""
    cohorts = [cohort["where"] for cohort in answer["cohorts"]]
    sums = [[[0, 0.0, 0.0], [0, 0.0, 0.0]] for _ in range(len(cohorts) + 1)]
    for event in EVENTS:
        part, whole = adds(event)
        if part == whole == 0:
            continue
        at = next((i for i, where in enumerate(cohorts) if holds(event, where)), len(cohorts))
        side = sums[at][int(event["request_id"][0])]
        side[0] += 1
        side[1] += part
        side[2] += whole
    whole = [sum(one[side][2] for one in sums) for side in (0, 1)]
    total = [sum(one[side][1] for one in sums) / whole[side] for side in (0, 1)]
    out = []
    for before, after in sums:
        weights = [side[2] / all_ for side, all_ in zip((before, after), whole, strict=True)]
        values = [side[1] / side[2] if side[2] else None for side in (before, after)]
        rate = 0.0 if None in values else sum(weights) / 2 * (values[1] - values[0])
        change = after[1] / whole[1] - before[1] / whole[0] - (weights[1] - weights[0]) * sum(total) / 2
        out.append({"n": [before[0], after[0]], "values": values, "weights": weights, "rate": rate, "mix": change - rate, "change": change})
    return out


def near(a: float | None, b: float | None) -> bool:
    """Equal but for rounding."""
    return a is None is b or (a is not None and b is not None and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12))


def agrees(test: Test, name: str, answer: dict[str, Any], adds: Callable[[dict[str, Any]], tuple[float, float]]) -> None:
    """Every number of an answer is that of the events."""
    wanted = parts_of(answer, adds)
    for want, part in zip(wanted, [*answer["cohorts"], answer["rest"]], strict=True):
        sides = (part["baseline"], part["current"])
        right = [side["n"] for side in sides] == want["n"] and all(near(part[key], want[key]) for key in ("rate", "mix", "change"))
        right = right and all(near(side["value"], value) and near(side["weight"], weight)
                              for side, value, weight in zip(sides, want["values"], want["weights"], strict=True))
        test.check(f"explain, {name}: numbers are those of the events", right, (want, part))
    parts = [*answer["cohorts"], answer["rest"]]
    test.check(f"explain, {name}: parts sum to the change", near(sum(part["change"] for part in parts), answer["change"])
               and near(answer["rate"] + answer["mix"], answer["change"]) and near(sum(part["share"] for part in parts), 1.0), answer)
    test.check(f"explain, {name}: so do those of each dimension", all(near(one["rate"] + one["mix"], answer["change"]) for one in answer["dimensions"]),
               answer["dimensions"])


def explanations(test: Test) -> None:
    """The planted causes are found, ids are passed over, numbers are right."""
    answer = explain(test).json()
    found = {json.dumps(cohort["where"], sort_keys=True): cohort for cohort in answer["cohorts"]}
    planted = [cohort for cohort in answer["cohorts"] if {one["column"] for one in cohort["where"]} >= {"feature.region", "metadata.channel"}]
    test.check("explain, the planted cohort is named", len(planted) == 1 and planted[0]["rate"] < -0.01 and planted[0]["q_value"] < 1e-6
               and abs(planted[0]["mix"]) < 0.004, found)
    vip = [cohort for cohort in answer["cohorts"] if cohort["where"] == [{"column": "feature.vip", "equals": True}]]
    test.check("explain, the grown cohort is named, as mix", len(vip) == 1 and vip[0]["mix"] < -0.03 and abs(vip[0]["rate"]) < 0.01, found)
    test.check("explain, nothing else is", len(answer["cohorts"]) == 2, found)
    test.check("explain, ids are passed over", answer["skipped"] == [{"column": "metadata.user", "reason": "too many values"}], answer["skipped"])
    agrees(test, "accuracy", answer, hit)
    agrees(test, "f1", explain(test, metric="f1").json(), f1)
    agrees(test, "latency_mean", explain(test, metric="latency_mean").json(), latency)
    value = test.server.get("/v1/metrics/query", metric="accuracy", deployment_id="explained", **DAY)["series"][0]["value"]
    test.check("explain, the value is the metric's", near(answer["values"]["current"]["value"], value), (answer["values"], value))
    cohort = answer["cohorts"][0]
    alone = test.server.get("/v1/metrics/query", metric="accuracy", deployment_id="explained", filter=cohort["filter"], **DAY)["series"][0]
    test.check("explain, a cohort's filter selects it", alone["n"] == cohort["current"]["n"] and near(alone["value"], cohort["current"]["value"]),
               (alone, cohort))
    test.check("explain, the same question has the same answer", explain(test).json() == answer)
    quiet = explain(test, metric="latency_mean").json()
    test.check("explain, what did not move has no cohorts", quiet["cohorts"] == [] and quiet["share_of_rows_read"] == 1, quiet)


def forms(test: Test) -> None:
    """Versions, dimensions, tables, limits of the search."""
    versions = explain(test, metric="latency_mean", reference=None, compare="model_version:v1", model_version="v2").json()
    test.check("explain, versions", versions["baseline"]["kind"] == "model_version" and versions["values"]["baseline"]["n"] == COUNT / 2
               and all(one["column"] != "model_version" for one in versions["dimensions"]), versions)
    offset = explain(test, reference=None, compare="offset:1d").json()
    whole = explain(test).json()
    test.check("explain, an offset is a window", offset["cohorts"] == whole["cohorts"] and offset["change"] == whole["change"], offset)
    test.check("explain, previous too", explain(test, reference="previous").json()["cohorts"] == whole["cohorts"])
    one = explain(test, dimension="noise,region").json()
    test.check("explain, dimensions can be chosen", {part["column"] for part in one["dimensions"]} == {"noise", "region"}, one["dimensions"])
    short = explain(test, max_conditions=1, max_cohorts=1).json()
    test.check("explain, limits are kept", len(short["cohorts"]) == 1 and len(short["cohorts"][0]["where"]) == 1, short)
    rows = list(csv.DictReader(io.StringIO(explain(test, format="csv").body.decode())))
    test.check("explain, CSV is the report", [row["filter"] for row in rows[:2]] == [cohort["filter"] for cohort in whole["cohorts"]]
               and [row["kind"] for row in rows] == ["cohort", "cohort", "rest", "all"]
               and near(float(rows[-1]["change"]), whole["change"]) and float(rows[-1]["share"]) == 1.0, rows)
    empty = explain(test, **{"from": "2030-01-01T00:00:00Z", "to": "2030-01-02T00:00:00Z"}).json()
    test.check("explain, nothing to explain says so", empty["change"] is None and empty["ci"] is None and empty["cohorts"] == [] and "reason" in empty, empty)
    swapped = explain(test, reference=f"{DAY['from']}/{DAY['to']}", **{"from": FIRST[:20], "to": FIRST[21:]}).json()
    test.check("explain, the other way round is the negative", near(swapped["change"], -whole["change"]), swapped)


def refusals(test: Test) -> None:
    """Every wrong question says what is wrong with it."""
    for query, pointer in (({"metric": "roc_auc"}, "/metric"), ({"metric": "count"}, "/metric"), ({"metric": "precision", "average": "macro"}, "/average"),
                           ({"reference": None}, "/reference"), ({"compare": "offset:1d"}, "/reference"), ({"reference": None, "compare": "day"}, "/compare"),
                           ({"dimension": "regoin"}, "/dimension"), ({"max_conditions": 4}, "/max_conditions"), ({"max_cohorts": 0}, "/max_cohorts"),
                           ({"alpha": 0}, "/alpha"), ({"min_n": 0}, "/min_n"), ({"filter": "age >"}, "/filter"), ({"beta": 2}, "/beta")):
        answer = explain(test, **query)
        test.check(f"explain {query} is refused", answer.status == 400 and answer.json()["pointer"] == pointer, answer)
    unknown = explain(test, metric="acuracy")
    test.check("explain, nearest metrics are offered", unknown.status == 422 and "accuracy" in unknown.json()["detail"], unknown)
    no_metric = test.server.request("GET", PATH, reference="previous")
    test.check("explain, a metric is needed", no_metric.status == 400 and no_metric.json()["pointer"] == "/metric", no_metric)
    made = test.server.request("POST", "/v1/deployments/explained/references", {"name": "frozen"})
    test.check("explain, made references have no rows", made.status == 201
               and explain(test, reference="frozen").json()["detail"].startswith("a made reference keeps distributions"), made)
    missing = test.server.request("GET", "/v1/deployments/explaned/explain", metric="accuracy", reference="previous")
    test.check("explain, unknown deployment", missing.status == 404 and "explained" in missing.json()["detail"], missing)


PARTS = (fill, explanations, forms, refusals)
