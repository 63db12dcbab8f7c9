"""Estimates without labels against the same formulas restated here, on real replays.

Confidence-based estimation: scores counted in cells, made monotone by pooling adjacent violators, then NannyML's sums
over rows (TP = sum of p where positive is predicted ...). The loss of a regressor: a replay dealt out anew in time, so
that buckets differ in what is asked and in nothing else, and the realised values must lie where they were foretold.
"""

from __future__ import annotations

import json
import math
import random
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

from tests.harness.server import Server

Compare = Callable[..., None]
Row = tuple[float, bool, bool]  # Score, predicted positive, labelled positive.
SIDE = 20 * 32
REPLAYS = {"adult_income", "california_high_value", "compas_two_year", "elec2", "governors_win"}


def cell_of(score: float) -> int:
    """32 cells per power of two of min(s, 1 - s), down to 2^-20."""
    upper = score >= 0.5
    part, exponent = math.frexp(1.0 - score if upper else score)
    index = 0 if part == 0 or exponent < -20 else min(SIDE - 1, (exponent + 20) * 32 + int((part - 0.5) * 64))
    return 2 * SIDE - 1 - index if upper else index


def isotonic(rows: list[Row]) -> Callable[[float], float]:
    """The monotone map from scores to shares of positives, by cells."""
    cells: dict[int, list[Row]] = {}
    for row in rows:
        cells.setdefault(cell_of(row[0]), []).append(row)
    blocks: list[list[float]] = []  # First x, last x, positives, rows.
    for _, of in sorted(cells.items()):
        mean = math.fsum(row[0] for row in of) / len(of)
        blocks.append([mean, mean, sum(row[2] for row in of), len(of)])
        while len(blocks) > 1 and blocks[-2][2] * blocks[-1][3] >= blocks[-1][2] * blocks[-2][3]:
            last = blocks.pop()
            blocks[-1] = [blocks[-1][0], last[1], blocks[-1][2] + last[2], blocks[-1][3] + last[3]]

    def at(score: float) -> float:
        before = None
        for first, last, positives, count in blocks:
            if score < first and before is not None:
                along = (score - before[0]) / (first - before[0])
                return before[1] + along * (positives / count - before[1])
            if score <= last:
                return positives / count
            before = (last, positives / count)
        assert before is not None
        return before[1]

    return at


def expected(rows: list[Row], at: Callable[[float], float]) -> dict[str, float | None]:
    """Metrics of the expected confusion matrix, and the area under the curve with rows of a cell tied."""
    cells: dict[int, list[Row]] = {}
    for row in rows:
        cells.setdefault(cell_of(row[0]), []).append(row)
    tp = fp = fn = tn = won = negatives_below = 0.0
    for _, of in sorted(cells.items()):
        mean = math.fsum(row[0] for row in of) / len(of)
        here = [0.0, 0.0]
        for score, predicted, _ in of:
            p = at(mean if at is not identity else score)
            here = [here[0] + p, here[1] + 1 - p]
            tp, fp = (tp + p, fp + 1 - p) if predicted else (tp, fp)
            fn, tn = (fn, tn) if predicted else (fn + p, tn + 1 - p)
        won += here[0] * (negatives_below + here[1] / 2)
        negatives_below += here[1]
    ratio = lambda part, whole: part / whole if whole > 0 else None  # noqa: E731
    return {"accuracy": ratio(tp + tn, len(rows)), "precision": ratio(tp, tp + fp), "recall": ratio(tp, tp + fn), "specificity": ratio(tn, tn + fp),
            "f1": ratio(2 * tp, 2 * tp + fp + fn), "roc_auc": ratio(won, (tp + fn) * (fp + tn))}


def identity(score: float) -> float:
    """Scores as they are."""
    return score


def compare_binary(server: Server, deployment: str, positive: str, events: list[bytes], labels: list[bytes], compare: Compare) -> None:
    """Ten windows after a third of the replay, learned from that third."""
    classes = {one["request_id"]: str(one["label"]["class"] if isinstance(one["label"], dict) else one["label"]) for one in map(json.loads, labels)}
    rows: list[tuple[str, Row]] = []
    for one in map(json.loads, events):
        prediction = one["prediction"]
        if one["request_id"] in classes and not one.get("shadow"):
            rows.append((one["timestamp"], (prediction["score"], str(prediction["class"]) == positive, classes[one["request_id"]] == positive)))
    rows.sort(key=lambda row: row[0])
    edges = [rows[len(rows) // 3 + (len(rows) - len(rows) // 3 - 1) * i // 10][0] for i in range(11)]
    learned = [row for time, row in rows if time < edges[0]]
    maps = {"raw": identity, "calibrated": isotonic(learned)}
    for begin, end in zip(edges, edges[1:]):
        window = [row for time, row in rows if begin <= time < end]
        answer = server.get(f"/v1/deployments/{deployment}/estimates", reference=f"{rows[0][0]}/{edges[0]}", **{"from": begin, "to": end})
        calibration = answer["calibration"][0]
        compare(f"{deployment} rows learned from", calibration["n"], len(learned))
        for method, at in maps.items():
            want = expected(window, at if method == "raw" or calibration["used"] else identity)
            for metric in answer["metrics"]:
                point = metric["series"][0]
                compare(f"{deployment} {begin} {method} {metric['metric']}", point["estimates"][method]["value"], want[metric["metric"]])


def compare_losses(server: Server, events: list[bytes], labels: list[bytes], compare: Compare) -> None:
    """Bike rentals dealt out anew: a random half to learn from, the other half in buckets of warmer and warmer hours."""
    values = {one["request_id"]: one["label"]["value"] if isinstance(one["label"], dict) else one["label"] for one in map(json.loads, labels)}
    rows = [one for one in map(json.loads, events) if one["request_id"] in values and not one.get("shadow")]
    random.Random(20261128).shuffle(rows)
    half = len(rows) // 2
    rows[half:] = sorted(rows[half:], key=lambda one: one["features"]["temp"])
    start = datetime(2020, 1, 1, tzinfo=timezone.utc)
    sent: tuple[list[bytes], list[bytes]] = ([], [])
    for i, one in enumerate(rows):
        time = (start + timedelta(minutes=i)).strftime("%Y-%m-%dT%H:%M:%SZ")
        sent[0].append(json.dumps({**one, "deployment_id": "bikes_dealt", "timestamp": time}).encode())
        sent[1].append(json.dumps({"deployment_id": "bikes_dealt", "request_id": one["request_id"], "label": values[one["request_id"]], "label_ts": time}).encode())
    server.post_lines("/v1/ingest/metrics", sent[0])
    last = server.post_lines("/v1/labels", sent[1])[2]
    middle = (start + timedelta(minutes=half)).strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = server.get("/v1/deployments/bikes_dealt/estimates", reference=f"2020-01-01T00:00:00Z/{middle}", step="4h", min_seq=last, **{"from": middle})
    for metric in answer["metrics"]:
        grades = {one["method"]: one for one in metric["grades"]}
        model, mean = grades["loss_model"], grades["reference"]
        compare(f"bikes dealt out {metric['metric']}: the model is nearer than the mean: {grades}", model["error"] < mean["error"], True)
        compare(f"bikes dealt out {metric['metric']}: bands hold: {grades}", model["coverage"] >= 0.85, True)
