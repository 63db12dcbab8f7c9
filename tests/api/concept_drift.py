"""Concept drift from outside: detectors fire where their rules, stated here again, do; events and labels come in any order."""

from __future__ import annotations

import math
import random
import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from run import Test
    from tests.harness.server import Answer

START = datetime(2024, 6, 1, tzinfo=timezone.utc)
EVENTS = 4_000
CHANGED = 2_500  # The first event of the second concept.


def instant(i: int) -> str:
    """The time of event i, a minute after the one before."""
    return (START + timedelta(minutes=i)).strftime("%Y-%m-%dT%H:%M:%SZ")


def wrongs() -> list[bool]:
    """Which events are predicted wrongly: one in ten, then one in three."""
    random_ = random.Random(21)
    return [random_.random() < (0.1 if i < CHANGED else 0.33) for i in range(EVENTS)]


def ddm(errors: list[bool]) -> tuple[list[int], list[tuple[int, int, bool]]]:
    """Where it fires, and its warning zones: entered, left, and whether a change ended them."""
    fired, zones, begin, entered = [], [], 0, None
    low = (math.inf, 0.0, 0.0)
    for i in range(len(errors)):
        n = i + 1 - begin
        if n <= 30:
            continue
        p = sum(errors[begin:i + 1]) / n
        s = math.sqrt(p * (1 - p) / n)
        low = min(low, (p + s, p, s)) if p + s <= low[0] else low
        change, warning = p + s > low[1] + 3 * low[2], p + s > low[1] + 2 * low[2]
        if entered is not None and (change or not warning):
            zones.append((entered, i, change))
            entered = None
        elif warning and not change and entered is None:
            entered = i
        if change:
            fired.append(i)
            begin, low = i + 1, (math.inf, 0.0, 0.0)
    return fired, zones


def page_hinkley(errors: list[bool]) -> list[int]:
    """Where it fires."""
    fired, n, mean, total = [], 0, 0.0, 0.0
    for i, error in enumerate(errors):
        n += 1
        mean += (error - mean) / n
        total = max(0.0, 0.9999 * total + error - mean - 0.005)
        if n + 1 >= 30 and total >= 50:
            fired.append(i)
            n, mean, total = 0, 0.0, 0.0
    return fired


def fill(test: Test) -> None:
    """A classifier and a regression whose errors grow; sent shuffled, labels in another order; a few without one."""
    random_ = random.Random(2)
    wrong = wrongs()
    order = list(range(EVENTS))
    for name in ("classes", "values"):
        classes = name == "classes"
        random_.shuffle(order)
        events = [{"deployment_id": name, "model_version": "v1" if i % 2 else "v2", "request_id": f"r{i}", "timestamp": instant(i),
                   "prediction": {"class": "yes", "score": 0.9} if classes else {"value": 1.0 + 5 * wrong[i]}} for i in order]
        test.server.post_lines("/v1/ingest/metrics", [json.dumps(one).encode() for one in events])
        random_.shuffle(order)
        labels = [{"deployment_id": name, "request_id": f"r{i}", "label": ("no" if wrong[i] else "yes") if classes else 1.0 + i % 7 / 100}
                  for i in order if i % 50 != 13]
        last = test.server.post_lines("/v1/labels", [json.dumps(one).encode() for one in labels])[2]
        test.server.get("/v1/metrics/query", metric="count", deployment_id=name, min_seq=last)


def report(test: Test, name: str, **query: Any) -> Answer:
    """The report of a deployment."""
    return test.server.request("GET", f"/v1/deployments/{name}/concept-drift", **query)


def detectors(test: Test) -> None:
    """Each fires at the event where it must, whatever order events came in."""
    labelled = [i for i in range(EVENTS) if i % 50 != 13]
    wrong = wrongs()
    errors = [wrong[i] for i in labelled]
    answer = report(test, "classes").json()
    found = {one["detector"]: one for one in answer["detectors"]}
    test.check("concept drift, labelled events count", (answer["events"], answer["error"], list(found))
               == (len(labelled), "wrong_class", ["ddm", "adwin", "page_hinkley", "kswin"]), answer)
    test.check("concept drift, mean error", abs(answer["mean_error"] - sum(errors) / len(errors)) < 1e-12, answer["mean_error"])
    fired, zones = ddm(errors)
    places = {"ddm": fired, "page_hinkley": page_hinkley(errors)}
    for name, indexes in places.items():
        seen = [(one["index"], one["request_id"], one["ts"]) for one in found[name]["changes"]]
        want = [(i, f"r{labelled[i]}", instant(labelled[i])) for i in indexes]
        test.check(f"concept drift, {name} fires where it must", seen == want and len(want) > 0, (seen, want))
    seen_zones = [(one["from"], one["to"], one["became_change"]) for one in found["ddm"]["warnings"]]
    test.check("concept drift, warning zones", seen_zones[:len(zones)] == [(instant(labelled[a]), instant(labelled[b]), c) for a, b, c in zones]
               and len(seen_zones) - len(zones) in {0, 1}, (seen_zones, zones))
    changes = found["adwin"]["changes"]
    test.check("concept drift, adwin sees the rise after it", 1 <= len(changes) <= 6 and changes[0]["direction"] == "up"
               and CHANGED <= labelled[changes[0]["index"]] <= CHANGED + 300 and changes[0]["before"] < 0.15 < changes[0]["after"], changes)
    one = report(test, "classes", detector="ddm").json()["detectors"]
    test.check("concept drift, detectors can be chosen", one == [found["ddm"]], one)
    still = report(test, "classes", to=instant(CHANGED), detector="adwin,page_hinkley").json()
    test.check("concept drift, the window counts", still["events"] == sum(i < CHANGED for i in labelled)
               and all(not one["changes"] for one in still["detectors"]), still)
    half = report(test, "classes", model_version="v1").json()
    test.check("concept drift, the version counts", half["events"] == sum(i % 2 for i in labelled), half["events"])


def values(test: Test) -> None:
    """A regression's absolute errors; ddm is not for them."""
    answer = report(test, "values").json()
    found = {one["detector"]: one for one in answer["detectors"]}
    test.check("concept drift of values", (answer["error"], list(found)) == ("absolute_error", ["adwin", "page_hinkley", "kswin"])
               and found["adwin"]["changes"][0]["direction"] == "up", answer)
    before = found["page_hinkley"]["changes"]
    labels = [{"deployment_id": "values", "request_id": f"r{i}", "label": 1.0 + 5 * wrong} for i, wrong in enumerate(wrongs())]
    last = test.server.post_lines("/v1/labels", [json.dumps(one).encode() for one in labels])[2]
    after = report(test, "values", min_seq=last).json()
    test.check("later labels take the change away", before and after["events"] == EVENTS and after["mean_error"] == 0
               and all(not one["changes"] for one in after["detectors"]), (before, after))


def refusals(test: Test) -> None:
    """Every wrong question says what is wrong with it."""
    test.refused("unknown detector", report(test, "classes", detector="adwn"), 400, "invalid_argument", "/detector")
    test.refused("ddm of values", report(test, "values", detector="ddm"), 400, "invalid_argument", "/detector")
    test.refused("unknown deployment", report(test, "nobody"), 404, "not_found", "/deployment_id")
    test.refused("empty window", report(test, "classes", **{"from": instant(5), "to": instant(5)}), 400, "invalid_argument", "/from")
    ranking = {"deployment_id": "ranks", "model_version": "v", "request_id": "r", "prediction": {"ranking": [{"id": "a", "score": 1}]}}
    sequence = test.server.request("POST", "/v1/ingest/metrics", ranking).headers["x-aiml042-seq"]
    test.refused("rankings", report(test, "ranks", min_seq=sequence), 400, "invalid_argument", "/deployment_id")
    empty = report(test, "classes", **{"from": "2030-01-01T00:00:00Z"}).json()
    test.check("concept drift of nothing", (empty["events"], empty["mean_error"]) == (0, None) and "reason" in empty, empty)


PARTS = (fill, detectors, values, refusals)
