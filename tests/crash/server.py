"""The whole server: killed under load with repeats and racing twins, and (mode torn) stripped of what it never synced.

Every id is acknowledged, refused or in doubt. After each restart every acknowledged event must be there once, with the
content that was sent and its acknowledged label, and nothing that was never sent; at the end `aiml042 verify` is clean.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Optional

from score import Score
from torn import Shim

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
from tests.harness.server import ADMIN_KEY, Server  # noqa: E402

WRITERS = 4
EVERYTHING = {"from": "2020-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z"}
HEADERS = {"Authorization": f"Bearer {ADMIN_KEY}", "Content-Type": "application/x-ndjson"}


def event_of(name: str) -> dict[str, Any]:
    """The event with that id; its content follows from the id, so that a torn one shows."""
    number = sum(name.encode()) * 7919 % 1000
    return {"deployment_id": "crash", "model_version": "v1", "request_id": name, "timestamp": 1_700_000_000_000 + number * 3_600_000,
            "prediction": {"class": "yes" if number % 2 else "no", "score": number / 1000}, "features": {"number": number}}


class Ledger:
    """What was sent, acknowledged and labelled, over all lives of the server."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()
        self.labelled: dict[str, str] = {}
        self.next = 0

    def names(self, count: int, rng: random.Random) -> list[str]:
        """Ids for a batch: mostly new ones, some sent before."""
        with self.lock:
            old = [] if not self.acknowledged or rng.random() > 0.3 else rng.sample(sorted(self.acknowledged)[:500], 1)
            fresh = [f"id-{self.next + i:08d}" for i in range(count)]
            self.next += count
            self.sent.update(fresh)
            return fresh + old


def post(connection: http.client.HTTPConnection, path: str, items: list[dict[str, Any]]) -> Optional[dict[str, Any]]:
    """The answer of a 200; None for anything in doubt or refused."""
    connection.request("POST", path, body="\n".join(json.dumps(item) for item in items), headers=HEADERS)
    response = connection.getresponse()
    answer = json.loads(response.read())
    return answer if response.status == 200 else None


def write(server: Server, ledger: Ledger, rng: random.Random, failures: list[str]) -> None:
    """One writer, until the server is gone."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
    twin = http.client.HTTPConnection(server.host, server.port, timeout=30)
    try:
        while True:
            names = ledger.names(rng.randint(1, 50), rng)
            items = [event_of(name) for name in names]
            racing = None
            if rng.random() < 0.05:  # The same ids on another connection at the same time.
                racing = threading.Thread(target=send_quietly, args=(twin, items))
                racing.start()
            answer = post(connection, "/v1/ingest/metrics", items)
            if racing is not None:
                racing.join()
            if answer is None:
                continue
            if answer["ingested"] + answer["duplicates"] != len(items):
                failures.append(f"{answer} for {len(items)} items")
            with ledger.lock:
                ledger.acknowledged.update(names)
            labels = {name: rng.choice(("yes", "no")) for name in names[:3] if name not in ledger.labelled}
            sent = [{"request_id": name, "deployment_id": "crash", "label": {"class": value}} for name, value in labels.items()]
            if sent and post(connection, "/v1/labels", sent) is not None:
                with ledger.lock:
                    ledger.labelled.update(labels)
    except (OSError, http.client.HTTPException, ValueError):
        pass  # Killed: what had no answer is in doubt.


def send_quietly(connection: http.client.HTTPConnection, items: list[dict[str, Any]]) -> None:
    """The twin: its answer does not matter."""
    try:
        post(connection, "/v1/ingest/metrics", items)
    except (OSError, http.client.HTTPException, ValueError):
        connection.close()


def read_back(server: Server, ledger: Ledger, score: Score, story: str) -> None:
    """Every event of the store against the ledger."""
    stored: dict[str, dict[str, Any]] = {}
    twice = torn = 0
    cursor: Optional[str] = None
    known = [one["deployment_id"] for one in server.get("/v1/deployments")["deployments"]]
    score.check("crash" in known or not ledger.acknowledged, f"{story}: the deployment is lost with everything in it")
    if "crash" not in known:
        return
    while True:
        page = server.get("/v1/events", deployment_id="crash", limit=1000, **({"cursor": cursor} if cursor else {}))
        for event in page["events"]:
            twice += event["request_id"] in stored
            sent = event_of(event["request_id"])
            torn += event["prediction"] != sent["prediction"] or event["features"] != sent["features"]
            stored[event["request_id"]] = event
        cursor = page["next_cursor"]
        if cursor is None:
            break
    lost = ledger.acknowledged - stored.keys()
    unlabelled = [name for name, value in ledger.labelled.items() if stored.get(name, {}).get("label") != {"class": value}]
    count = server.get("/v1/metrics/query", metric="count", deployment_id="crash", **EVERYTHING)["series"][0]["value"]
    score.check(not lost, f"{story}: {len(lost)} acknowledged events lost, such as {sorted(lost)[:3]}")
    score.check(twice == 0 and count == len(stored), f"{story}: {twice} stored twice, count says {count} of {len(stored)}")
    score.check(not stored.keys() - ledger.sent, f"{story}: events that were never sent")
    score.check(torn == 0, f"{story}: {torn} events with other content than was sent")
    score.check(not unlabelled, f"{story}: {len(unlabelled)} acknowledged labels lost, such as {unlabelled[:3]}")


def run_partial(args: argparse.Namespace, score: Score) -> None:
    """Kills while some days are sealed and others are not: what is not sealed must come back from the log.

    One steady sender moves on to a new day ten times a second, so that at every seal some days are old enough and the
    newest are not.
    """
    for cycle in range(args.cycles):
        with Server(args.binary, environment={"AIML042_STORAGE__SEAL_AGE_S": "3"}) as server:
            connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
            acknowledged, begin = 0, time.monotonic()
            while (elapsed := time.monotonic() - begin) < 13:
                day = int(elapsed * 10)
                items = [{"deployment_id": "crash", "model_version": "v1", "request_id": f"{cycle}-{acknowledged}-{i}",
                          "timestamp": 1_600_000_000_000 + day * 86_400_000 + i, "prediction": {"score": 0.5}} for i in range(20)]
                answer = post(connection, "/v1/ingest/metrics", items)
                acknowledged += answer["ingested"] if answer else 0
            server.stop(signal.SIGKILL)
            server.start()
            found = server.get("/v1/metrics/query", metric="count", deployment_id="crash")["series"][0]["value"]
            score.check(found == acknowledged, f"cycle {cycle}: {acknowledged} acknowledged, {found} found")
            score.add(cycles=1, acknowledged=acknowledged)


def run(args: argparse.Namespace, rng: random.Random, score: Score) -> None:
    """Kill cycles on one data directory; every fifth cycle reads everything back."""
    if args.mode == "partial":
        run_partial(args, score)
        return
    folder = tempfile.mkdtemp(prefix="aiml042-crash-")
    shim = Shim() if args.mode == "torn" else None
    ledger = Ledger()
    failures: list[str] = []
    try:
        for cycle in range(args.cycles + 1):
            environment = {"AIML042_STORAGE__SEAL_AGE_S": str(rng.choice((1, 60)))}
            if shim:
                environment |= shim.environment(folder, direct=rng.random() < 0.5)
            server = Server(args.binary, folder=folder, environment=environment).start()
            last = cycle == args.cycles
            if last or (cycle % 5 == 0 and cycle > 0):
                read_back(server, ledger, score, f"cycle {cycle}")
            if last:
                score.check(server.stop() == 0, "the last stop is not clean")
                break
            enough = len(ledger.acknowledged) + rng.choice((1, 50, 500, 2000))
            writers = [threading.Thread(target=write, args=(server, ledger, random.Random(rng.getrandbits(32)), failures))
                       for _ in range(WRITERS)]
            for writer in writers:
                writer.start()
            until = time.monotonic() + 20
            while len(ledger.acknowledged) < enough and time.monotonic() < until and any(w.is_alive() for w in writers):
                writers[0].join(0.01)
            server.stop(signal.SIGKILL)
            for writer in writers:
                writer.join()
            score.add(cycles=1)
            if shim:
                undone = shim.power_cut(folder, rng)
                score.add(sectors_lost=undone.sectors)
        done = subprocess.run([args.binary, "verify", "--data-dir", folder], capture_output=True, text=True, check=False)
        score.check(done.returncode == 0, f"verify: {done.stdout[-400:]}")
        score.check(not failures, f"answers that do not add up: {failures[:3]}")
        score.add(acknowledged=len(ledger.acknowledged), labels=len(ledger.labelled), sent=len(ledger.sent))
    finally:
        if shim:
            shim.close()
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
            Path(folder + ".log").unlink(missing_ok=True)
