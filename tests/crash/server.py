"""The whole server under fire: four writers, repeats, racing twins, labels; every answer is held against it."""

from __future__ import annotations

import argparse
import http.client
import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import Any, Optional

from score import Score
from small_disk import SmallDisk
from torn import Shim

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness.server import ADMIN_KEY, Server  # noqa: E402

DEPLOYMENT = "crash"
WRITERS = 4
EXIT_LOG_FAILED = 70
FAULTS = ("EIO", "ENOSPC", "SHORT", "KILL")
FULL_READ_EVERY = 20
HEADERS = {"Authorization": f"Bearer {ADMIN_KEY}", "Content-Type": "application/x-ndjson"}


def score_of(name: str) -> float:
    """What an event of this id says: follows from the id, so that a mix-up shows."""
    return random.Random(name).randrange(1, 1000) / 1000


class Oracle:
    """What was sent and what was answered, over the whole life of a data directory."""

    def __init__(self, score: Score) -> None:
        self.score = score
        self.lock = threading.Lock()
        self.last = 0
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()
        self.refused: set[str] = set()
        self.recent: list[str] = []  # Acknowledged or in doubt since the last read-back.
        self.labels: dict[str, str] = {}
        self.labels_in_doubt: dict[str, set[str]] = {}

    def new_names(self, count: int) -> list[str]:
        """Ids not used before."""
        with self.lock:
            names = [f"e{self.last + i + 1}" for i in range(count)]
            self.last += count
            self.sent.update(names)
            self.recent.extend(names)
        return names

    def some_sent(self, rng: random.Random, count: int) -> list[str]:
        """Ids sent before, acknowledged or not."""
        with self.lock:
            return [f"e{rng.randint(1, self.last)}" for _ in range(count)] if self.last else []


class Writer(threading.Thread):
    """One client: sends batches until the server is gone or enough was sent."""

    def __init__(self, load: Load, seed: int) -> None:
        super().__init__()
        self.load, self.oracle, self.score = load, load.oracle, load.oracle.score
        self.rng = random.Random(seed)
        self.connection: Optional[http.client.HTTPConnection] = None

    def run(self) -> None:
        """Until told to stop; a broken connection ends it."""
        while not self.load.stopping.is_set():
            try:
                if self.rng.random() < 0.2:
                    self._labels()
                else:
                    self._events()
            except (OSError, http.client.HTTPException):
                if self.connection is not None:
                    self.connection.close()
                    self.connection = None
                if self.load.dead():
                    return

    def _post(self, path: str, items: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.load.server.host, self.load.server.port, timeout=30)
        body = "\n".join(json.dumps(item) for item in items).encode()
        self.connection.request("POST", path, body=body, headers=HEADERS)
        response = self.connection.getresponse()
        answer = json.loads(response.read())
        self.load.answered(response.status, str(answer.get("code", "")))
        return response.status, answer

    def _events(self) -> None:
        names = self.oracle.new_names(self.rng.choice((1, 1, 5, 20, 50)))
        repeats = self.oracle.some_sent(self.rng, 1 + len(names) // 10) if self.rng.random() < 0.5 else []
        batch = names + repeats
        if self.rng.random() < 0.05:
            # Twins: another connection sends the same at the same time.
            twin = threading.Thread(target=self._twin, args=(list(batch),))
            twin.start()
            self._send(batch)
            twin.join()
        else:
            self._send(batch)

    def _twin(self, batch: list[str]) -> None:
        twin = Writer(self.load, self.rng.getrandbits(32))
        try:
            twin._send(batch)
        except (OSError, http.client.HTTPException):
            pass
        if twin.connection is not None:
            twin.connection.close()

    def _send(self, batch: list[str]) -> None:
        with self.oracle.lock:
            known = sum(name in self.oracle.acknowledged for name in batch)
        status, answer = self._post("/v1/ingest/metrics", [
            {"deployment_id": DEPLOYMENT, "model_version": "v1", "request_id": name,
             "prediction": {"class": "yes", "score": score_of(name)}, "features": {"x": len(name), "name": name},
             "metadata": {"cohort": name[-1]}} for name in batch])
        if status == 200:
            rejected = {entry["index"] for entry in answer["rejected"]}
            self.score.check(answer["ingested"] + answer["duplicates"] + len(rejected) == len(batch),
                             f"an answer does not add up: {answer} for {len(batch)}")
            self.score.check(answer["duplicates"] >= known, f"{known} repeats, but {answer}")
            with self.oracle.lock:
                self.oracle.acknowledged.update(n for i, n in enumerate(batch) if i not in rejected)
                self.oracle.refused.update(n for i, n in enumerate(batch) if i in rejected)
            self.score.add(events_acknowledged=answer["ingested"], duplicates=answer["duplicates"])
        else:
            # 4xx promises that nothing of it is stored; 5xx promises nothing.
            self.score.check(status >= 500 or status == 429, f"unexpected {status} {answer}")

    def _labels(self) -> None:
        with self.oracle.lock:
            names = self.rng.sample(self.oracle.recent, min(len(self.oracle.recent), self.rng.randint(1, 10)))
            # The order of two labels of one event on two connections is nobody's promise: one writer per event.
            names = [name for name in names if int(name[1:]) % WRITERS == self.load.writers.index(self)]
            wanted = {name: self.rng.choice(("yes", "no")) for name in names}
            for name, label in wanted.items():
                self.oracle.labels_in_doubt.setdefault(name, set()).add(label)
        if not wanted:
            return
        status, answer = self._post("/v1/labels", [
            {"deployment_id": DEPLOYMENT, "request_id": name, "label": {"class": label}}
            for name, label in wanted.items()])
        if status == 200 and self.score.check(not answer["rejected"], f"a label was rejected: {answer}"):
            with self.oracle.lock:
                for name, label in wanted.items():
                    self.oracle.labels[name] = label
                    self.oracle.labels_in_doubt.pop(name, None)
            self.score.add(labels_acknowledged=len(wanted))


class Load:
    """The writers on one running server."""

    def __init__(self, oracle: Oracle, running: Server, rng: random.Random) -> None:
        self.oracle, self.server = oracle, running
        self.stopping = threading.Event()
        self.said = threading.Condition()
        self.codes: Counter[str] = Counter()
        self.writers: list[Writer] = []
        self.writers += [Writer(self, rng.getrandbits(32)) for _ in range(WRITERS)]
        for writer in self.writers:
            writer.start()

    def answered(self, status: int, code: str) -> None:
        """Called by the writers for each answer."""
        with self.said:
            self.codes["ok" if status == 200 else code] += 1
            self.said.notify_all()

    def dead(self) -> bool:
        """Whether the server process has ended."""
        assert self.server.process is not None
        return self.server.process.poll() is not None

    def wait_for(self, code: str, count: int, timeout_s: float) -> bool:
        """Waits for so many more answers of a kind; False at the timeout or when the server has ended."""
        with self.said:
            goal = self.codes[code] + count
            for _ in range(int(timeout_s / 0.05)):
                if self.codes[code] >= goal or self.dead():
                    break
                self.said.wait(0.05)
            return self.codes[code] >= goal

    def join(self) -> None:
        """Stops the writers."""
        self.stopping.set()
        for writer in self.writers:
            writer.join()


def start(args: argparse.Namespace, folder: str, environment: Optional[dict[str, str]] = None) -> Server:
    """The server on `folder`, with small sizes so that seals and merges happen too."""
    return Server(args.binary, folder=folder,
                  environment={"AIML042_STORAGE__SEAL_AGE_S": "1", "AIML042_STORAGE__FREE_BYTES_MIN": "0",
                               **(environment or {})}).start()


def pages(running: Server) -> list[dict[str, Any]]:
    """Every stored event."""
    events: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = running.get("/v1/events", deployment_id=DEPLOYMENT, limit=1000, **cursor)
        events += page["events"]
        if not page["next_cursor"]:
            return events
        cursor = {"cursor": page["next_cursor"]}


def verify(oracle: Oracle, running: Server, story: str, full: bool) -> None:
    """Reads back what was sent and judges it; nothing else may be writing."""
    score = oracle.score
    if full:
        events = pages(running)
        names = [event["request_id"] for event in events]
        twice = [name for name, n in Counter(names).items() if n > 1]
        score.check(not twice, f"{story}: stored twice: {twice[:3]}")
        found = {event["request_id"]: event for event in events}
        asked = oracle.sent
        oracle.recent = oracle.recent[-200:]
        phantom = [name for name in found if name not in oracle.sent]
        score.check(not phantom, f"{story}: stored but never sent: {phantom[:3]}")
        count = running.get("/v1/metrics/query", metric="count", deployment_id=DEPLOYMENT, **{"from": 0})
        value = count["series"][0]["value"] if count["series"] else 0
        score.check((value or 0) == len(found), f"{story}: count says {value}, {len(found)} are stored")
    else:
        asked = set(oracle.recent[-60:])
        found = {}
        for name in asked:
            answer = running.request("GET", f"/v1/events/{name}", deployment_id=DEPLOYMENT)
            if answer.status == 200:
                found[name] = answer.json()
            else:
                score.check(answer.status == 404, f"{story}: {name}: {answer}")
    lost = [name for name in asked if name in oracle.acknowledged and name not in found]
    score.check(not lost, f"{story}: {len(lost)} acknowledged events lost, such as {lost[:3]}")
    refused = [name for name in found if name in oracle.refused and name not in oracle.acknowledged]
    score.check(not refused, f"{story}: refused but stored: {refused[:3]}")
    torn = [n for n, e in found.items() if e["prediction"]["score"] != score_of(n) or e["features"]["name"] != n]
    score.check(not torn, f"{story}: stored with other content: {torn[:3]}")
    unlabelled = [name for name, label in oracle.labels.items() if name in found and
                  found[name].get("label", {}).get("class") not in {label} | oracle.labels_in_doubt.get(name, set())]
    score.check(not unlabelled, f"{story}: {len(unlabelled)} acknowledged labels not joined, such as {unlabelled[:3]}")
    # What was in doubt and is there has been read: it must stay.
    oracle.acknowledged.update(found)
    score.add(read_backs=1, events_read=len(found))


def verify_command(args: argparse.Namespace, folder: str, score: Score, story: str) -> None:
    """`aiml042 verify` finds nothing wrong."""
    done = subprocess.run([args.binary, "verify", "--data-dir", folder], capture_output=True, check=False)
    score.check(done.returncode == 0, f"{story}: verify exits {done.returncode}: {(done.stdout + done.stderr)[-300:]!r}")


def check_and_stop(oracle: Oracle, args: argparse.Namespace, folder: str, story: str, full: bool) -> None:
    """A start without faults, the read-back, an orderly stop and now and then `verify`."""
    running = start(args, folder)
    verify(oracle, running, story, full)
    oracle.score.check(running.stop() == 0, f"{story}: an orderly stop does not exit 0")
    if full:
        verify_command(args, folder, oracle.score, story)


def crashes(oracle: Oracle, args: argparse.Namespace, folder: str, rng: random.Random, power: bool) -> None:
    """SIGKILL under load, with `power` also the loss of what was not synced."""
    shim = Shim() if power else None
    try:
        for cycle in range(args.cycles):
            story = f"cycle {cycle}"
            environment = shim.environment(folder, direct=rng.random() < 0.5) if shim else {}
            running = start(args, folder, environment)
            load = Load(oracle, running, rng)
            load.wait_for("ok", rng.choice((1, 10, 40, 150)), 30)
            assert running.process is not None
            died = running.process.poll()
            oracle.score.check(died is None, f"{story}: the server ended by itself: {died}")
            running.stop(9)
            load.join()
            if shim:
                undone = shim.power_cut(folder, rng)
                oracle.score.add(sectors_lost=undone.sectors, sectors_kept=undone.kept, sizes_lost=undone.sizes)
            oracle.score.add(cycles=1, answers=sum(load.codes.values()))
            last = cycle == args.cycles - 1
            check_and_stop(oracle, args, folder, story, last or cycle % FULL_READ_EVERY == FULL_READ_EVERY - 1)
    finally:
        if shim:
            shim.close()


def faults(oracle: Oracle, args: argparse.Namespace, folder: str, rng: random.Random) -> None:
    """The Nth call on a file of the log (or of anything, every third time) fails, falls short or kills."""
    shim = Shim()
    try:
        for cycle in range(args.cycles):
            fault, n = rng.choice(FAULTS), int(rng.expovariate(1 / 60)) + 1
            only = None if cycle % 3 == 0 else "/log/"
            story = f"cycle {cycle}: {fault} at call {n} on {only or 'any file'}"
            environment = shim.environment(folder, fail=f"all:{n}:{fault}", only=only, direct=rng.random() < 0.5)
            try:
                running = start(args, folder, environment)
            except RuntimeError:
                oracle.score.add(faults_at_start=1)  # It said so and did not start.
            else:
                load = Load(oracle, running, rng)
                load.wait_for("ok", 120, 20)
                if not load.dead():
                    running.stop(9)
                load.join()
                assert running.process is not None
                code = running.process.wait()
                oracle.score.check(code in (EXIT_LOG_FAILED, -9), f"{story}: exit {code}")
                oracle.score.add(**{f"exits_{code}": 1}, answers=sum(load.codes.values()))
            shim.power_cut(folder, rng)
            oracle.score.add(cycles=1, **{f"faults_{fault}": 1})
            check_and_stop(oracle, args, folder, story, cycle % 10 == 9 or cycle == args.cycles - 1)
    finally:
        shim.close()


def full_disk(args: argparse.Namespace, score: Score, rng: random.Random) -> None:
    """The disk fills up, ingest is refused while queries work, space comes back, ingest goes on."""
    with SmallDisk(512) as disk:
        if disk.kind is None:
            print("skipped: neither a loop mount nor a tmpfs may be made here")
            return
        score.title += f" ({disk.kind})"
        oracle = Oracle(score)
        for cycle in range(args.cycles):
            story = f"cycle {cycle}"
            running = start(args, disk.data, {"AIML042_STORAGE__FREE_BYTES_MIN": str(32 << 20)})
            load = Load(oracle, running, rng)
            score.check(load.wait_for("ok", 20, 30), f"{story}: no answers on a disk with room")
            disk.fill(8 << 20)
            score.check(load.wait_for("disk_full", 5, 30), f"{story}: a full disk is never refused")
            score.check(running.request("GET", "/v1/metrics/query", metric="count", deployment_id=DEPLOYMENT).status
                        == 200, f"{story}: queries stop on a full disk")
            disk.free()
            score.check(load.wait_for("ok", 20, 30), f"{story}: does not recover by itself")
            running.stop(9 if rng.random() < 0.5 else 15)
            load.join()
            score.add(cycles=1, answers=sum(load.codes.values()))
            check_and_stop(oracle, args, disk.data, story, True)


def run(args: argparse.Namespace, rng: random.Random, score: Score) -> None:
    """All modes against the real server."""
    if args.mode == "full":
        full_disk(args, score, rng)
        return
    parent = tempfile.mkdtemp(prefix="aiml042-crash-")
    folder = str(Path(parent) / "data")
    Path(folder).mkdir(mode=0o700)
    oracle = Oracle(score)
    try:
        if args.mode == "nth":
            faults(oracle, args, folder, rng)
        else:
            crashes(oracle, args, folder, rng, args.mode == "torn")
    finally:
        if args.keep or score.failures:
            print(f"left behind: {parent}")
        else:
            shutil.rmtree(parent, ignore_errors=True)
