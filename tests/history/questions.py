"""The questions that are asked of both servers, and what simple metrics answer when they are computed from the history."""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Iterator, Optional

from history import BEGIN_US, CLASSES, DAY_US, DAYS, DEPLOYMENTS, Event, Item, Truth, moment_of, rfc3339

ANY = ["count", "error_rate", "label_coverage", "latency_mean", "latency_p95", "latency_p99"]
BINARY = ["accuracy", "precision", "recall", "f1", "specificity", "balanced_accuracy", "mcc", "kappa", "roc_auc", "pr_auc", "log_loss",
          "brier", "brier_skill", "ece", "mce", "ks_score"]
METRICS = {
    "churn": ANY + BINARY, "prüfung/ü 1": ANY + BINARY,
    "species": [*ANY, "accuracy", "balanced_accuracy", "precision", "recall", "f1", "mcc", "kappa", "log_loss", "brier", "ece"],
    "price": [*ANY, "mae", "mse", "rmse", "mape", "smape", "medae", "r2", "bias"],
}
METRICS["price.2"] = METRICS["price"]
POSITIVE = {"churn": "yes", "prüfung/ü 1": "true"}
DECLARED = {"churn": {"task_type": "binary", "positive_class": "yes"}, "prüfung/ü 1": {"task_type": "binary", "positive_class": "true"},
            "species": {"task_type": "multiclass"}, "price": {"task_type": "regression", "cohort_keys": ["region"]},
            "price.2": {"task_type": "regression"}}


def feature(event: Event, key: str) -> Any:
    """A feature of an event; None without it."""
    return event.item.get("features", {}).get(key)


def is_number(value: Any) -> bool:
    """A JSON number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# Filter text, and the same in Python.
FILTERS: list[tuple[str, Callable[[Event], bool]]] = [
    ('region = "EU"', lambda e: e.item.get("metadata", {}).get("region") == "EU"),
    ('region in ("NA", "APAC") and not (cohort = "ios")',
     lambda e: e.item.get("metadata", {}).get("region") in {"NA", "APAC"} and e.item["metadata"]["cohort"] != "ios"),
    ("age > 60", lambda e: is_number(feature(e, "age")) and feature(e, "age") > 60),
    ("age <= 30 or latency_ms >= 250", lambda e: (is_number(feature(e, "age")) and feature(e, "age") <= 30)
     or e.item.get("latency_ms", -1) >= 250),
    ("flag = true", lambda e: feature(e, "flag") is True),
    ('model_version != "v2"', lambda e: e.item["model_version"] != "v2"),
]


@dataclass
class Question:
    """Parameters of a metric query and the same selection in Python."""

    deployment: str
    parameters: Item
    begin: Optional[int] = None
    end: Optional[int] = None
    as_of: Optional[int] = None
    version: Optional[str] = None
    shadow: bool = False
    predicate: Callable[[Event], bool] = field(default=lambda _: True)
    recomputable: bool = True
    metrics: list[str] = field(default_factory=list)  # Empty: those of the deployment.

    def rows(self, events: Iterable[Event]) -> Iterator[Event]:
        """The events that are asked about."""
        for event in events:
            live = self.shadow or self.version is not None or not event.item.get("shadow")
            if (live and (self.begin is None or event.at >= self.begin) and (self.end is None or event.at < self.end)
                    and (self.version is None or event.item["model_version"] == self.version) and self.predicate(event)):
                yield event

    def query(self) -> Item:
        """All parameters of the request."""
        out = {"deployment_id": self.deployment, "metric": self.metrics or METRICS[self.deployment], **self.parameters}
        for name, at in (("from", self.begin), ("to", self.end), ("as_of", self.as_of)):
            if at is not None:
                out[name] = rfc3339(at)
        if self.version is not None:
            out["model_version"] = self.version
        if self.shadow:
            out["include_shadow"] = "true"
        return out


def draw(rng: random.Random, deployment: str) -> Question:
    """A question at random."""
    asked = Question(deployment, {})
    step = rng.choice((None, None, "1d", "6h", "1h", "7m", "90s"))
    if rng.random() < 0.8 or step is not None:
        length = {None: DAYS * DAY_US, "1d": 25 * DAY_US, "6h": 15 * DAY_US, "1h": 3 * DAY_US, "7m": DAY_US // 2, "90s": DAY_US // 16}[step]
        asked.begin = BEGIN_US - DAY_US + rng.randrange(DAYS) * DAY_US
        if rng.random() < 0.5:
            asked.begin += rng.randrange(DAY_US)
        asked.end = asked.begin + (length if rng.random() < 0.5 else rng.randrange(1, length))
    if step is not None:
        asked.parameters["step"] = step
    if rng.random() < 0.4:
        text, asked.predicate = rng.choice(FILTERS)
        asked.parameters["filter"] = text
    if rng.random() < 0.25:
        asked.version = rng.choice(("v1", "v2", "v3", "nothing"))
    if rng.random() < 0.3:
        asked.as_of = BEGIN_US + rng.randrange(DAYS * 2 * DAY_US)
    asked.shadow = rng.random() < 0.2
    if rng.random() < 0.3:
        asked.parameters["group_by"] = rng.choice((["region"], ["model_version"], ["region", "cohort"], ["flag"], ["amount"], ["age"]))
        asked.recomputable = asked.parameters["group_by"] in (["region"], ["model_version"])
    if rng.random() < 0.25:
        asked.parameters["ci"] = "0.95"
    if rng.random() < 0.2:
        asked.parameters["exact"] = "true"
    if rng.random() < 0.1 and asked.begin is not None:
        asked.parameters["compare"] = rng.choice(("offset:1d", "offset:7d", "model_version:v2"))
        asked.recomputable = False
    if deployment == "species" and rng.random() < 0.4:
        asked.parameters["average"] = rng.choice(("macro", "micro", "weighted", "none"))
        asked.recomputable = asked.recomputable and asked.parameters["average"] != "none"
    return asked


def fixed(deployment: str) -> Iterator[Question]:
    """What a dashboard asks."""
    begin, end = BEGIN_US - DAY_US, BEGIN_US + (DAYS + 1) * DAY_US
    yield Question(deployment, {})
    yield Question(deployment, {"exact": "true"}, shadow=True)
    yield Question(deployment, {"step": "1d", "ci": "0.95"}, begin, end)
    yield Question(deployment, {"step": "1h"}, begin, end)
    yield Question(deployment, {"step": "1d", "group_by": ["region"]}, begin, end)
    yield Question(deployment, {"group_by": ["model_version"]})
    yield Question(deployment, {}, as_of=BEGIN_US + DAYS * DAY_US)
    for text, predicate in FILTERS:
        yield Question(deployment, {"filter": text}, predicate=predicate)


# ---- recomputation -------------------------------------------------------------------------------------------------

def predicted(event: Event) -> Any:
    """The prediction member, a bare score included."""
    said = event.item.get("prediction", {})
    return said if isinstance(said, dict) else {"value": said}


def score_of(event: Event) -> Optional[float]:
    """The score, wherever it was given."""
    said = predicted(event)
    return said.get("score", event.item.get("score"))


def class_of(event: Event, deployment: str) -> Optional[str]:
    """The predicted class: as sent, else from the score or the largest of the scores."""
    said = predicted(event)
    if "class" in said:
        return str(said["class"])
    if deployment in POSITIVE:
        score = score_of(event)
        return None if score is None else (POSITIVE[deployment] if score >= 0.5 else "(negative)")
    if "scores" in said:
        return max(CLASSES, key=lambda name: said["scores"][name])
    return None


def label_class(event: Event, as_of: Optional[int]) -> Optional[str]:
    """Class of the label that counts."""
    label = event.label(as_of)
    label = label.get("class") if isinstance(label, dict) else label
    return None if label is None else {True: "true", False: "false"}.get(label, label) if isinstance(label, bool) else str(label)


def label_value(event: Event, as_of: Optional[int]) -> Optional[float]:
    """Value of the label that counts."""
    label = event.label(as_of)
    label = label.get("value") if isinstance(label, dict) else label
    return float(label) if is_number(label) else None


def ratio(above: float, below: float) -> Optional[float]:
    """A share; None of nothing."""
    return above / below if below else None


def recompute(metric: str, rows: list[Event], deployment: str, as_of: Optional[int]) -> Any:
    """The value of a simple metric over events; `Ellipsis` for one that is not simple."""
    if metric == "count":
        return len(rows)
    if metric == "error_rate":
        return ratio(sum("error_code" in e.item for e in rows), len(rows))
    if metric == "label_coverage":
        return ratio(sum(e.label(as_of) is not None for e in rows), len(rows))
    if metric == "mae":
        errors = [abs(predicted(e)["value"] - y) for e in rows if (y := label_value(e, as_of)) is not None and "value" in predicted(e)]
        return ratio(math.fsum(errors), len(errors))
    if metric not in {"accuracy", "precision", "recall", "brier"} or deployment.startswith("price"):
        return ...
    pairs = [(e, y) for e in rows if (y := label_class(e, as_of)) is not None]
    if metric == "accuracy":
        both = [(p, y) for e, y in pairs if (p := class_of(e, deployment)) is not None]
        positive = POSITIVE.get(deployment)
        hits = sum(p == y or (p == "(negative)" and y != positive) for p, y in both)
        return ratio(hits, len(both))
    if (positive := POSITIVE.get(deployment)) is None:
        return ...
    if metric == "brier":
        squares = [(s - (y == positive)) ** 2 for e, y in pairs if (s := score_of(e)) is not None]
        return ratio(math.fsum(squares), len(squares))
    both = [(p == positive, y == positive) for e, y in pairs if (p := class_of(e, deployment)) is not None]
    hits = sum(p and y for p, y in both)
    return ratio(hits, sum(p for p, _ in both) if metric == "precision" else sum(y for _, y in both))


def differences(asked: Question, answer: Item, truth: Truth) -> Iterator[str]:
    """Values of an answer that the history does not bear out."""
    rows = sorted(asked.rows(event for (name, _), event in truth.events.items() if name == asked.deployment), key=lambda event: event.at)
    key = asked.parameters.get("group_by", [None])[0]
    for result in answer["results"]:
        for group in result.get("groups", [result]):
            mine = rows if key is None else [e for e in rows if group_value(e, key) == group["by"][key]]
            series = group["series"]
            starts = [int(at_us(point["ts"])) for point in series]
            inside = 0
            times = [event.at for event in mine]
            cuts = [bisect_left(times, at) for at in starts] if "step" in asked.parameters else [0]
            for point, begin, end in zip(series, cuts, [*cuts[1:], len(mine)]):
                part = mine[begin:end]
                inside += len(part)
                want = recompute(result["metric"], part, asked.deployment, asked.as_of)
                got = None if point["value"] is None else float(point["value"])
                if want is ... or (want is None and got is None):
                    continue
                if want is None or got is None or abs(got - want) > 1e-12 * max(1.0, abs(want)):
                    yield f"{result['metric']} {group.get('by', '')} at {point['ts']}: got {got!r}, want {want!r}"
            if inside != len(mine):
                yield f"{result['metric']} {group.get('by', '')}: the buckets hold {inside} of {len(mine)} events"
        if key is not None and sum(len([e for e in rows if group_value(e, key) == g["by"][key]]) for g in result["groups"]) != len(rows):
            yield f"{result['metric']}: a group is missing"


def group_value(event: Event, key: str) -> Any:
    """What an event is grouped under."""
    return event.item["model_version"] if key == "model_version" else event.item.get("metadata", {}).get(key)


def at_us(text: str) -> int:
    """Microseconds of an RFC 3339 time in UTC."""
    return moment_of({"timestamp": text})


assert set(METRICS) == set(DEPLOYMENTS)
