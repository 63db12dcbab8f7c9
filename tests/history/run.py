"""Random histories: whatever came in whatever order, through whatever restarts, answers equal a recomputation from raw.

A history of events, duplicates, labels (late, early, twice, never), replacements, questions in between, clean and hard
restarts and seals is played to a server. After each phase its answers must equal, bit for bit, those of a fresh server
that got the accepted items in another order and other batches; simple metrics are also computed here, to 1e-12.

    tests/history/run.py [--binary build/release/aiml042] [--seeds N] [--first SEED] [--large]
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, Optional
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.harness.server import Answer, Server  # noqa: E402
from history import DEPLOYMENTS, History, Item, Label, Truth  # noqa: E402
from questions import DECLARED, METRICS, Question, differences, draw, fixed  # noqa: E402

PHASES = 4
VOLATILE = {"as_of_seq", "seq", "arrival", "received_at", "arrived_at", "instance", "request"}
EVENTS, LABELS = "/v1/ingest/metrics", "/v1/labels"


class Checks:
    """Counts comparisons and prints the first that differ."""

    def __init__(self) -> None:
        self.passed = self.failed = 0
        self.story = ""

    def check(self, holds: bool, what: Callable[[], str]) -> bool:
        """One thing that must hold."""
        self.passed += holds
        self.failed += not holds
        if not holds and self.failed <= 25:
            print(f"  FAILED {self.story}: {what()[:1500]}", flush=True)
        return holds


def settings(rng: random.Random, approximate: bool) -> dict[str, str]:
    """How a server is run: what may not change any answer, and whether sketches are used."""
    return {"AIML042_STORAGE__SEAL_AGE_S": str(rng.choice((1, 1, 3, 3600))),
            "AIML042_QUERY__EXACT_ROWS_MAX": "0" if approximate else "262144",
            "AIML042_QUERY__CELL_MB": str(rng.choice((1, 256))), "AIML042_STORAGE__CACHE_MB": str(rng.choice((16, 512))),
            "AIML042_STORAGE__FREE_BYTES_MIN": "0"}


def send(server: Server, path: str, items: list[Item], rng: random.Random) -> Answer:
    """A batch as NDJSON or as an array."""
    if rng.random() < 0.5:
        body = b"\n".join(json.dumps(item).encode() for item in items)
        return server.request("POST", path, body, headers={"Content-Type": "application/x-ndjson"})
    return server.request("POST", path, items)


class Life:
    """The server that lives through the history."""

    def __init__(self, binary: str, seed: int, checks: Checks, large: bool) -> None:
        self.rng = random.Random(seed * 7919 + 1)
        self.approximate = seed % 2 == 1
        self.history = History(seed, label_times=seed % 3 != 0, large=large)
        self.sizes = (40, 2_000, 12_000, 12_000) if large else (1, 7, 40, 200)
        self.checks = checks
        self.server = Server(binary, environment=settings(self.rng, self.approximate)).start()
        self.sequence = 0
        # Asked again and again, so that what is remembered of sealed blocks has to be corrected.
        self.asked = [draw(self.rng, name) for name in DEPLOYMENTS for _ in range(3)]

    def restart(self, sig: int) -> None:
        """Ends the server one way or the other and starts it with other settings."""
        code = self.server.stop(sig)
        self.checks.check(code == (0 if sig == signal.SIGTERM else -9), lambda: f"exit {code} after signal {sig}")
        self.server.environment |= settings(self.rng, self.approximate)
        self.server.start()

    def post(self, path: str, items: list[Item], *, dies: bool = False) -> tuple[int, int]:
        """Sends a batch until it is acknowledged; with `dies` the server is killed meanwhile. (ingested, duplicates)."""
        if dies:
            sender = threading.Thread(target=quietly, args=(self.server, path, items, random.Random(1)))
            sender.start()
            time.sleep(self.rng.random() * 0.008)  # Any moment will do; nothing is waited for.
            self.restart(signal.SIGKILL)
            sender.join()
        answer = send(self.server, path, items, self.rng)
        if not self.checks.check(answer.status == 200 and not answer.json()["rejected"], lambda: f"POST {path}: {answer}"):
            raise RuntimeError("a batch was refused")
        self.sequence = max(self.sequence, int(answer.headers.get("x-aiml042-seq", "0")))
        return answer.json()["ingested"], answer.json()["duplicates"]

    def events(self, size: int, *, dies: bool = False) -> None:
        """A batch of events; the counts of the answer must be those of the history."""
        batch = self.history.events(size)
        ingested, duplicates = self.post(EVENTS, [item for item, _ in batch], dies=dies)
        want = self.history.truth.add_events(batch)
        self.checks.check((ingested, duplicates) == want or (dies and ingested + duplicates == len(batch)),
                          lambda: f"ingested, duplicates {(ingested, duplicates)}, want {want}")

    def labels(self, size: int, *, dies: bool = False) -> None:
        """A batch of labels. One that is sent again after a crash may be kept twice, to no effect."""
        batch = self.history.labels(size)
        self.post(LABELS, [one.item for one in batch], dies=dies)
        self.history.truth.add_labels(batch)

    def declare(self) -> None:
        """Says what a deployment is, in the middle of its life."""
        name = self.rng.choice(list(DEPLOYMENTS))
        answer = self.server.request("PUT", path_of(name), DECLARED[name])
        if self.checks.check(answer.status in {200, 201}, lambda: f"PUT {name}: {answer}"):
            self.history.truth.declared[name] = DECLARED[name]

    def ask(self, asked: Question) -> None:
        """A question in between, so that there is something remembered that has to be corrected."""
        answer = query(self.server, asked, min_seq=self.sequence)
        self.checks.check(answer.status in {200, 400, 404, 422}, lambda: f"{asked.query()}: {answer}")
        if answer.status == 200 and asked.recomputable and not self.approximate and asked.deployment in self.history.truth.declared:
            self.compare_with_history(asked, answer)

    def compare_with_history(self, asked: Question, answer: Answer) -> None:
        """An answer against what this program computes."""
        wrong = list(differences(asked, answer.json(), self.history.truth))
        self.checks.check(not wrong, lambda: f"{asked.query()}: {wrong[:4]}")

    def phase(self) -> None:
        """What happens between two comparisons."""
        rng = self.rng
        if rng.random() < 0.7:  # Seals everything.
            self.restart(signal.SIGTERM)
        for asked in self.asked:
            self.ask(asked)
        for _ in range(rng.randrange(10, 18)):
            draw_ = rng.random()
            if draw_ < 0.36:
                self.events(rng.choice(self.sizes), dies=rng.random() < 0.06)
            elif draw_ < 0.68:
                self.labels(rng.choice(self.sizes), dies=rng.random() < 0.06)
            elif draw_ < 0.90:
                self.ask(rng.choice(self.asked) if rng.random() < 0.3 else draw(rng, rng.choice(list(DEPLOYMENTS))))
            elif draw_ < 0.95:
                self.declare()
            else:
                self.restart(rng.choice((signal.SIGTERM, signal.SIGKILL)))
        self.history.phase += 1


def path_of(deployment: str) -> str:
    """The resource of a deployment."""
    return f"/v1/deployments/{quote(deployment, safe='')}"


def quietly(server: Server, path: str, items: list[Item], rng: random.Random) -> None:
    """A request whose answer may never come."""
    try:
        send(server, path, items, rng)
    except (OSError, http.client.HTTPException, ValueError):
        pass


def query(server: Server, asked: Question, **more: Any) -> Answer:
    """The answer to a question."""
    return server.request("GET", "/v1/metrics/query", **asked.query(), **more)


def stable(value: Any) -> Any:
    """An answer without what may differ: sequences, arrivals, ids of requests. Numbers stay the text they were."""
    if isinstance(value, dict):
        return {key: stable(inner) for key, inner in value.items() if key not in VOLATILE}
    return [stable(inner) for inner in value] if isinstance(value, list) else value


def parsed(answer: Answer) -> tuple[int, Any]:
    """Status and body of an answer, numbers as text."""
    body = stable(json.loads(answer.body, parse_float=str, parse_int=str))
    if answer.status >= 400:
        body.pop("request_id", None)
    return answer.status, body


def first_difference(left: Any, right: Any, at: str = "") -> str:
    """Where two answers part."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(left.keys() | right.keys()):
            if left.get(key) != right.get(key):
                return first_difference(left.get(key), right.get(key), f"{at}/{key}")
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)) and len(left) == len(right):
        for i, (a, b) in enumerate(zip(left, right)):
            if a != b:
                return first_difference(a, b, f"{at}/{i}")
    return f"at {at}: {str(left)[:300]} against {str(right)[:300]}"


def rebuild(binary: str, truth: Truth, rng: random.Random, approximate: bool) -> Server:
    """A new server with the accepted items in another order and cut. Labels of one id keep their order."""
    server = Server(binary, environment=settings(rng, approximate)).start()
    turns: list[tuple[str, str]] = [(EVENTS, str(i)) for i in range(len(truth.events))]
    labels: dict[str, list[Label]] = {}
    for one in truth.labels:
        labels.setdefault(one.item["request_id"], []).append(one)
        turns.append((LABELS, one.item["request_id"]))
    rng.shuffle(turns)
    waiting = {request: iter(items) for request, items in labels.items()}
    events = [event.item for event in truth.events.values()]
    rng.shuffle(events)
    iterator = iter(events)
    declared = list(truth.declared.items())
    while turns:
        if declared and rng.random() < 0.2:
            name, settings_ = declared.pop()
            server.request("PUT", path_of(name), settings_)
        path, size = turns[-1][0], rng.choice((3, 50, 500, 1000) if len(turns) < 20_000 else (5_000, 20_000))
        part, rest = turns[-size:], turns[:-size]
        mine = [turn for turn in part if turn[0] == path]
        turns = rest + [turn for turn in part if turn[0] != path]
        items = [next(iterator) if path == EVENTS else next(waiting[request]).item for _, request in mine]
        answer = send(server, path, items, rng)
        if answer.status != 200 or answer.json()["ingested"] != len(items):
            raise RuntimeError(f"the fresh server refuses: {answer}")
    for name, settings_ in declared:
        server.request("PUT", path_of(name), settings_)
    return server


def events_of(server: Server, deployment: str) -> Optional[list[tuple[str, Any]]]:
    """All events of a deployment as shown, by id; None when it is not known."""
    found: list[tuple[str, Any]] = []
    cursor: Optional[str] = None
    while True:
        answer = server.request("GET", "/v1/events", deployment_id=deployment, limit=1000, **({"cursor": cursor} if cursor else {}))
        if answer.status == 404:
            return None
        _, page = parsed(answer)
        found += [(event["request_id"], event) for event in page["events"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return sorted(found, key=lambda one: one[0])


def compare(life: Life, fresh: Server, rng: random.Random) -> None:
    """Everything both servers say."""
    checks, truth = life.checks, life.history.truth
    latest = fresh.get("/v1/system")["seq"]
    fresh.request("GET", "/v1/events", min_seq=latest, limit=1)
    for deployment in DEPLOYMENTS:
        extra = ["label_delay_p50"] if life.history.label_times else []
        questions = list(fixed(deployment)) + [draw(rng, deployment) for _ in range(8)] + [q for q in life.asked if q.deployment == deployment]
        for asked in questions:
            asked.metrics = [*METRICS[deployment], *extra]
            new = query(fresh, asked)
            left, right = parsed(query(life.server, asked, min_seq=life.sequence)), parsed(new)
            checks.check(left == right, lambda: f"{asked.query()}: {first_difference(left, right)}")
            if new.status == 200 and asked.recomputable and not life.approximate and deployment in truth.declared:
                life.compare_with_history(asked, new)
        left_events, right_events = events_of(life.server, deployment), events_of(fresh, deployment)
        if life.history.label_times:
            checks.check(left_events == right_events, lambda: f"events of {deployment}: {first_difference(left_events, right_events)}")
        shown = sorted(key for name, key in truth.events if name == deployment)
        checks.check([key for key, _ in left_events or []] == shown, lambda: f"{deployment} shows {len(left_events or [])} of {len(shown)} events")


def play(binary: str, seed: int, checks: Checks, large: bool) -> None:
    """One history from its begin to `verify`."""
    life = Life(binary, seed, checks, large)
    fresh: Optional[Server] = None
    try:
        for phase in range(PHASES):
            checks.story = f"seed {seed}, phase {phase}"
            life.phase()
            if phase % 2 == 1:
                fresh = rebuild(binary, life.history.truth, life.rng, life.approximate)
                compare(life, fresh, life.rng)
                fresh.__exit__()
                fresh = None
        life.restart(signal.SIGTERM)
        checks.check(life.server.stop() == 0, lambda: "the last stop is not clean")
        done = subprocess.run([binary, "verify", "--data-dir", life.server.folder], capture_output=True, text=True, check=False)
        checks.check(done.returncode == 0, lambda: f"verify: {done.stdout[-400:]}")
    finally:
        if fresh is not None:
            fresh.__exit__()
        life.server.__exit__()


def main() -> int:
    """Plays the histories; exit code 1 when an answer differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="build/release/aiml042")
    parser.add_argument("--seeds", type=int, default=6, help="how many histories")
    parser.add_argument("--first", type=int, default=1, help="seed of the first")
    parser.add_argument("--large", action="store_true", help="ten thousands of events a batch, most of them on one day")
    options = parser.parse_args()
    checks = Checks()
    for seed in range(options.first, options.first + options.seeds):
        begin, before = time.monotonic(), checks.failed
        try:
            play(options.binary, seed, checks, options.large)
        except (RuntimeError, OSError, http.client.HTTPException) as error:
            checks.check(False, lambda error=error: repr(error))  # type: ignore[misc]
        print(f"seed {seed}: {checks.failed - before} differ ({time.monotonic() - begin:.1f} s)", flush=True)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
