"""Random histories: what a client sends to a server over weeks, in minutes, and what is then true of it.

`History` draws batches of events and labels from a seeded generator and keeps, in `truth`, which events were accepted
(the first of each id) and which labels each of them has, in the order of their acknowledgement.
"""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Optional

Item = dict[str, Any]

DAY_US = 86_400_000_000
BEGIN_US = 1_759_276_800_000_000  # 2025-10-01T00:00:00Z
DAYS = 20
FAR_US = (915_148_799_999_999, 1_362_096_000_000_000)  # 1998-12-31 and 2013-03-01.
# Deployments and the prefix of their ids: the two that predict prices share theirs.
DEPLOYMENTS = {"churn": "c", "price": "p", "price.2": "p", "species": "s", "prüfung/ü 1": "u"}
CLASSES = ("cat", "dog", "hen")


def rfc3339(us: int) -> str:
    """The moment as text, to the microsecond."""
    return (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=us)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Label:
    """One acknowledged label; `at` is None where the client did not say when."""

    item: Item
    at: Optional[int]
    sequence: int = 0


@dataclass
class Event:
    """One accepted event with the time it is about and its labels, oldest acknowledgement first."""

    item: Item
    at: int
    labels: list[Label] = field(default_factory=list)

    def label(self, as_of: Optional[int]) -> Any:
        """The label that counts at `as_of`, as it was sent; None without one."""
        known = [one for one in self.labels if as_of is None or (one.at is not None and one.at <= as_of)]
        return known[-1].item["label"] if known else None


class Truth:
    """What was accepted: the first event of each id, and every label, in order."""

    def __init__(self) -> None:
        self.events: dict[tuple[str, str], Event] = {}
        self.labels: list[Label] = []
        self.waiting: dict[tuple[str, str], list[Label]] = {}
        self.declared: dict[str, Item] = {}

    def add_events(self, items: list[tuple[Item, int]]) -> tuple[int, int]:
        """Takes events as the server should; (accepted, duplicates)."""
        accepted = 0
        for item, at in items:
            key = (item["deployment_id"], item["request_id"])
            if key in self.events:
                continue
            accepted += 1
            event = self.events[key] = Event(item, at)
            early = self.waiting.get(key, []) + self.waiting.get(("", key[1]), [])
            event.labels = sorted(early, key=lambda one: one.sequence)
        return accepted, len(items) - accepted

    def add_labels(self, labels: list[Label]) -> None:
        """Takes labels: each goes to every event it names, those that come later included."""
        for one in labels:
            one.sequence = len(self.labels)
            self.labels.append(one)
            deployment, request = one.item.get("deployment_id", ""), one.item["request_id"]
            self.waiting.setdefault((deployment, request), []).append(one)
            for name in [deployment] if deployment else DEPLOYMENTS:
                if (name, request) in self.events:
                    self.events[name, request].labels.append(one)


class History:
    """Draws what happens next."""

    def __init__(self, seed: int, *, label_times: bool, large: bool) -> None:
        self.rng = random.Random(seed)
        self.truth = Truth()
        self.phase = 0
        self.large = large  # Most events on one day, so that blocks are full and are merged.
        self.label_times = label_times  # Whether every label says when it was known.
        self.next = dict.fromkeys(DEPLOYMENTS.values(), 0)

    def moment(self) -> int:
        """A time: mostly within some weeks, often on the same days, now and then at the edge of a day or far off."""
        rng = self.rng
        draw = rng.random()
        if draw < 0.01:
            return rng.choice(FAR_US)
        if self.large and draw < 0.8:
            return BEGIN_US + 5 * DAY_US + rng.randrange(DAY_US)
        day = BEGIN_US + DAY_US * (rng.randrange(DAYS) if draw < 0.6 else min(DAYS - 1, self.phase * 3 + rng.randrange(2)))
        if draw > 0.95:
            return day + rng.choice((0, -1, 1, DAY_US - 1, 3_600_000_000, 3_600_000_000 - 1))
        return day + rng.randrange(DAY_US)

    def request_id(self, deployment: str) -> str:
        """An id, mostly new; or one that may have been used, by this deployment or another of its prefix."""
        prefix = DEPLOYMENTS[deployment]
        if self.rng.random() < 0.1:
            return id_of(prefix, self.rng.randrange(self.next[prefix] + 100))
        self.next[prefix] += 1
        return id_of(prefix, self.next[prefix])

    def features(self) -> Item:
        """Features that come, go and change their type from phase to phase."""
        rng, out = self.rng, dict[str, Any]()
        if rng.random() < 0.9:
            out["age"] = rng.choice((rng.randrange(18, 90), round(rng.random() * 90, 3), None if self.phase else 40))
        if rng.random() < 0.7:
            kinds: tuple[Any, ...] = (rng.random(), f"a{rng.randrange(5)}", rng.random() < 0.5, None, -1e300, "")
            out["amount"] = kinds[(self.phase + (rng.random() < 0.2)) % len(kinds)]
        if self.phase >= 1 and rng.random() < 0.5:
            out[f"new_{self.phase}"] = rng.choice((1, 2.5, "text", True))
        if rng.random() < 0.5:
            out["flag"] = rng.random() < 0.3
        return out

    def prediction(self, deployment: str) -> Item:
        """What the model said: everything it says, or only a part."""
        rng = self.rng
        score = rng.choice((round(rng.random(), 3), rng.random(), 0.5, 0.0, 1.0))
        if deployment.startswith("price"):
            value = rng.choice((rng.gauss(100, 30), float(rng.randrange(-5, 5)), 1e-7, round(rng.random() * 1e6, 2)))
            return {"prediction": rng.choice((value, {"value": value}))}
        if deployment == "species":
            parts = [rng.random() for _ in CLASSES]
            scores = {name: part / sum(parts) for name, part in zip(CLASSES, parts)}
            full: Item = {"class": rng.choice(CLASSES), "scores": scores}
            return {"prediction": rng.choice((full, full, {"scores": scores}, {"class": full["class"]}))}
        yes, no = ("yes", "no") if deployment == "churn" else ("true", "false")
        full = {"class": yes if score >= 0.45 else no, "score": score}
        return {"prediction": full} if rng.random() < 0.8 else rng.choice(({"score": score}, {"prediction": {"score": score}}))

    def event(self) -> tuple[Item, int]:
        """One event and its time."""
        rng, deployment = self.rng, self.rng.choice(list(DEPLOYMENTS))
        at = self.moment()
        millis = rng.random() < 0.3
        at = at // 1000 * 1000 if millis else at
        item: Item = {"deployment_id": deployment, "model_version": rng.choice(("v1", "v2") if self.phase < 2 else ("v2", "v3", "v4")),
                      "request_id": self.request_id(deployment), "timestamp": at // 1000 if millis else rfc3339(at)}
        if rng.random() < 0.04:
            item["error_code"] = rng.choice(("timeout", "oom"))
        if "error_code" not in item or rng.random() < 0.5:
            item |= self.prediction(deployment)
        if rng.random() < 0.85:
            item["features"] = self.features()
        if rng.random() < 0.9:
            item["metadata"] = {"region": rng.choice(("EU", "NA", "APAC")), "cohort": rng.choice(("web", "ios"))}
        if rng.random() < 0.8:
            item["latency_ms"] = rng.choice((rng.randrange(500), round(rng.expovariate(0.02), 2), 0))
        if rng.random() < 0.06:
            item["shadow"] = True
        return item, at

    def events(self, size: int) -> list[tuple[Item, int]]:
        """A batch: new events, repeats of old ones (also with other content) and twins within the batch."""
        batch = [self.event() for _ in range(size)]
        known = list(self.truth.events.values())
        for _ in range(min(size // 10, 100)):
            again = copy.deepcopy(self.rng.choice(known).item if known and self.rng.random() < 0.7 else self.rng.choice(batch)[0])
            if self.rng.random() < 0.5:
                again["model_version"], again["latency_ms"] = "other", 99_999
                again["timestamp"] = rfc3339(self.moment())
            batch.insert(self.rng.randrange(len(batch) + 1), (again, 0))
        return [(item, at or moment_of(item)) for item, at in batch]

    def labels(self, size: int) -> list[Label]:
        """A batch of labels."""
        known = list(self.truth.events)
        return [self.label(known) for _ in range(size)]

    def label(self, known: list[tuple[str, str]]) -> Label:
        """A label: of a known event, of one that is yet to come, or of none; with or without deployment and time."""
        rng = self.rng
        draw = rng.random()
        if draw < 0.8 and known:
            deployment, request = rng.choice(known)
        else:
            deployment = rng.choice(list(DEPLOYMENTS))
            request = id_of(DEPLOYMENTS[deployment], self.next[DEPLOYMENTS[deployment]] + rng.randrange(200))
        value: Any
        if deployment.startswith("price"):
            value = rng.choice((rng.gauss(100, 30), rng.randrange(-3, 3), 0))
            value = rng.choice((value, {"value": value}))
        elif deployment == "species":
            value = rng.choice(({"class": rng.choice(CLASSES)}, rng.choice(CLASSES)))
        elif deployment == "churn":
            value = {"class": rng.choice(("yes", "no"))}
        else:
            value = rng.random() < 0.4
        item: Item = {"request_id": request, "label": value}
        if rng.random() < 0.85:
            item["deployment_id"] = deployment
        at = None
        if self.label_times or rng.random() < 0.7:
            at = BEGIN_US + rng.randrange(DAYS * 2 * DAY_US)
            item["label_ts"] = rfc3339(at)
        if rng.random() < 0.2:
            item["source"] = "review"
        return Label(item, at)


def id_of(prefix: str, number: int) -> str:
    """The number as an id; some are awkward."""
    return f"{prefix}-{number:06d}" if number % 11 else f'{prefix}ä"{number}\\'


def moment_of(item: Item) -> int:
    """Microseconds of the timestamp of an event."""
    stamp = item["timestamp"]
    if isinstance(stamp, int):
        return stamp * 1000
    parsed = datetime.fromisoformat(stamp.replace("Z", "+00:00")) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (parsed.days * 86_400 + parsed.seconds) * 1_000_000 + parsed.microseconds
