"""The whole server with a disk that fills up (mode full) or calls that fail (mode nth), under load.

Full: writes must be refused with 503 `disk_full` and Retry-After, reads go on, and when space is given back the server
takes writes again by itself. Nth: the Nth write or sync of the log, the store, the ids or the catalog fails, falls short
or is the last. After each life every acknowledged event is there once; at the end `aiml042 verify` is clean.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Callable, Optional

from score import Score
from server import EVERYTHING, HEADERS, Ledger, event_of, read_back
from small_disk import SmallDisk
from torn import Shim

from tests.harness.server import Server  # server.py has put the root on the path.

WRITERS = 4
DISK_MIB = 640
EXIT_LOG_FAILED = 70
EXITS_AT_START = {1, 2}
FAULTS = ("EIO", "EIO", "ENOSPC", "SHORT", "KILL")
PLACES = ("/log/", "/log/", "/store/", "/ids/", "/catalog")
TAKEN = "taken"


class Load:
    """Writers that insist: a refused batch is sent again until it is taken. Some batches have a twin on another connection."""

    def __init__(self, server: Server, ledger: Ledger, rng: random.Random, *, padding: int, batches: Optional[int] = None) -> None:
        self.server, self.ledger, self.padding, self.batches = server, ledger, padding, batches
        self.said = threading.Condition()
        self.answers: Counter[str] = Counter()
        self.odd: list[str] = []
        self.stopping = False
        self.threads = [threading.Thread(target=self._write, args=(random.Random(rng.getrandbits(32)),)) for _ in range(WRITERS)]
        for thread in self.threads:
            thread.start()

    def wait_for(self, code: str, timeout_s: float) -> bool:
        """Waits for an answer of that kind that is yet to come."""
        with self.said:
            before = self.answers[code]
            self.said.wait_for(lambda: self.answers[code] > before or not any(t.is_alive() for t in self.threads), timeout_s)
            return self.answers[code] > before

    def stop(self) -> None:
        """Ends the writers, whose last batches are in doubt then."""
        with self.said:
            self.stopping = True
            self.said.notify_all()
        self.join()

    def join(self) -> None:
        """Waits for the writers."""
        for thread in self.threads:
            thread.join()

    def _write(self, rng: random.Random) -> None:
        connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=30)
        done = 0
        try:
            while not self.stopping and (self.batches is None or done < self.batches):
                names = self.ledger.names(rng.randint(1, 50), rng)
                done += 1
                if rng.random() < 0.3:
                    self._twins(names, rng)
                    continue
                while not self._send(connection, names, rng) and not self.stopping:
                    with self.said:
                        self.said.wait_for(lambda: self.stopping, 0.02)
        except (OSError, http.client.HTTPException, ValueError):
            pass  # The server is gone: what had no answer is in doubt.
        finally:
            with self.said:
                self.said.notify_all()

    def _twins(self, names: list[str], rng: random.Random) -> None:
        """Both send once. Whoever is told that the batch is there, as new or as known, must find it later."""
        def one() -> None:
            connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=30)
            try:
                self._send(connection, names, random.Random(0))
            except (OSError, http.client.HTTPException, ValueError):
                connection.close()

        others = [threading.Thread(target=one) for _ in range(rng.choice((1, 3)))]
        for other in others:
            other.start()
        one()
        for other in others:
            other.join()

    def _send(self, connection: http.client.HTTPConnection, names: list[str], rng: random.Random) -> bool:
        """Whether the batch was taken."""
        items = [event_of(name) | {"metadata": {"padding": rng.randbytes(self.padding // 2).hex()}} for name in names]
        connection.request("POST", "/v1/ingest/metrics", body="\n".join(json.dumps(item) for item in items), headers=HEADERS)
        response = connection.getresponse()
        answer = json.loads(response.read())
        if response.status == 200:
            with self.ledger.lock:
                self.ledger.acknowledged.update(names)
            if answer["ingested"] + answer["duplicates"] != len(items):
                self.odd.append(f"{answer} for {len(items)} items")
        elif response.status != 503 or not response.getheader("Retry-After"):
            self.odd.append(f"refused with {response.status} {answer}, Retry-After {response.getheader('Retry-After')}")
        with self.said:
            self.answers[TAKEN if response.status == 200 else answer["code"]] += 1
            self.said.notify_all()
        return response.status == 200


def count(server: Server) -> int:
    """Events that a query finds."""
    answer = server.get("/v1/metrics/query", metric="count", deployment_id="crash", timeout="30s",
                        min_seq=server.get("/v1/system")["seq"], **EVERYTHING)
    return int(answer["series"][0]["value"])


def verify(binary: str, folder: str, score: Score, story: str) -> None:
    """`aiml042 verify` on a folder that no server holds."""
    done = subprocess.run([binary, "verify", "--data-dir", folder], capture_output=True, text=True, check=False)
    score.check(done.returncode == 0, f"{story}: verify: {done.stdout[-400:]}")


def run_full(args: argparse.Namespace, rng: random.Random, score: Score) -> None:
    """Fills the disk under load, looks around, frees it; every other cycle with a kill while it is full."""
    with SmallDisk(DISK_MIB) as disk:
        if disk.kind is None:
            print("skipped: neither a loop mount nor a tmpfs may be made here")
            return
        score.title += f" ({disk.kind})"
        ledger = Ledger()
        for cycle in range(args.cycles):
            # Without a margin the disk is found full by the call that wants more of it.
            margin = (0, 48 << 20)[cycle % 2]
            environment = {"AIML042_STORAGE__FREE_BYTES_MIN": str(margin), "AIML042_STORAGE__SEAL_AGE_S": str(rng.choice((1, 60)))}
            server = Server(args.binary, folder=disk.data, environment=environment).start()
            full_cycle(server, disk, ledger, margin, f"cycle {cycle}", rng, score)
            server.stop(signal.SIGKILL if rng.random() < 0.5 else signal.SIGTERM)
            score.add(cycles=1)
        server = Server(args.binary, folder=disk.data, environment={"AIML042_STORAGE__FREE_BYTES_MIN": "0"}).start()
        read_back(server, ledger, score, "at the end")
        score.check(server.stop() == 0, "the last stop is not clean")
        verify(args.binary, disk.data, score, "at the end")
        score.add(acknowledged=len(ledger.acknowledged), sent=len(ledger.sent))


def run_zero(args: argparse.Namespace, rng: random.Random, score: Score) -> None:
    """Starts with no byte free: everything is there to be read and nothing is taken; without the reserve one line says why not."""
    for cycle in range(args.cycles):
        with SmallDisk(DISK_MIB, (("ext4", "tmpfs"), ("tmpfs",))[cycle % 2]) as disk:
            if disk.kind is None:
                print("skipped: neither a loop mount nor a tmpfs may be made here")
                return
            zero_cycle(args.binary, disk, signal.SIGKILL if cycle // 2 % 2 else signal.SIGTERM, f"cycle {cycle} ({disk.kind})", rng, score)
            score.add(cycles=1)


def zero_cycle(binary: str, disk: SmallDisk, end: signal.Signals, story: str, rng: random.Random, score: Score) -> None:
    """One file system, filled to the last block while no server runs."""
    reserve = Path(disk.data) / "reserve"
    server = Server(binary, folder=disk.data, environment={"AIML042_STORAGE__FREE_BYTES_MIN": "0"}).start()
    ledger = Ledger()
    load = Load(server, ledger, rng, padding=600, batches=20)
    load.join()
    finish(load, story, score)
    until = time.monotonic() + 30
    while not (reserve.exists() and reserve.stat().st_size) and time.monotonic() < until:
        pass  # Housekeeping makes it half a second after the start.
    score.check(reserve.exists(), f"{story}: no reserve is kept")
    server.stop(end)
    # So much must be free that what a start itself gives back does not count as room.
    server = Server(binary, folder=disk.data, environment={"AIML042_STORAGE__FREE_BYTES_MIN": str(DISK_MIB << 20)})
    for again in range(2):
        disk.fill_up()
        score.check(disk.available() == 0, f"{story}: {disk.available()} bytes are left")
        server.start()
        score.check(count(server) == len(ledger.acknowledged), f"{story}, start {again}: {count(server)} of {len(ledger.acknowledged)}")
        answer = server.request("POST", "/v1/ingest/metrics", event_of("never"))
        score.check(answer.status == 503 and answer.json()["code"] == "disk_full" and "retry-after" in answer.headers, f"{story}: {answer}")
        answer = server.request("GET", "/readyz", key=None)
        score.check(answer.status == 503 and "disk_full" in answer.body.decode(), f"{story}: {answer}")
        read_back(server, ledger, score, f"{story}, start {again}")
        server.stop(end)
    reserve.unlink(missing_ok=True)
    disk.fill_up()
    done = subprocess.run([binary, "serve", "--data-dir", disk.data, "--listen", "127.0.0.1:0"], capture_output=True, text=True, check=False, timeout=60)
    lines = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    score.check(done.returncode == 2 and len(lines) == 1 and "is full (0 bytes free)" in lines[0], f"{story}: without a reserve: {done.returncode} {lines}")
    disk.free()
    server = Server(binary, folder=disk.data, environment={"AIML042_STORAGE__FREE_BYTES_MIN": "0"}).start()
    load = Load(server, ledger, rng, padding=600, batches=5)
    load.join()
    finish(load, story, score)
    count(server)
    read_back(server, ledger, score, f"{story}, freed")
    score.check(server.stop() == 0, f"{story}: the last stop is not clean")
    verify(binary, disk.data, score, story)


def full_cycle(server: Server, disk: SmallDisk, ledger: Ledger, margin: int, story: str, rng: random.Random, score: Score) -> None:
    """One filling of the disk and what follows."""
    load = Load(server, ledger, rng, padding=6000)
    score.check(load.wait_for(TAKEN, 30), f"{story}: nothing is taken before the disk is full")
    disk.fill(margin + (4 << 20))
    if not score.check(load.wait_for("disk_full", 60), f"{story}: a full disk is never refused: {load.answers}"):
        load.stop()
        return
    load.wait_for("disk_full", 5)
    with ledger.lock:
        acknowledged = len(ledger.acknowledged)
    score.check(count(server) >= acknowledged, f"{story}: a query on a full disk finds less than was acknowledged")
    score.check(len(server.get("/v1/events", deployment_id="crash", limit=10)["events"]) == 10, f"{story}: no events are shown")
    answer = server.request("POST", "/v1/labels", {"request_id": "x", "deployment_id": "crash", "label": 1})
    score.check(answer.status in {200, 503}, f"{story}: a label on a full disk: {answer}")
    if rng.random() < 0.6:  # With its margin it must come back on the full disk too, to be read.
        server.stop(signal.SIGKILL)
        load.join()
        if margin == 0:
            disk.free()
        server.start()
        score.check(count(server) >= acknowledged, f"{story}: after a kill on a full disk events are gone")
        finish(load, story, score)
        load = Load(server, ledger, rng, padding=6000)
        score.add(kills_while_full=1)
    disk.free()
    score.check(load.wait_for(TAKEN, 30), f"{story}: takes nothing when space is free again: {load.answers}")
    load.stop()
    finish(load, story, score)
    count(server)  # Waits until all that was acknowledged is visible.
    read_back(server, ledger, score, story)


def finish(load: Load, story: str, score: Score) -> None:
    """What the answers of a load were."""
    score.check(not load.odd, f"{story}: {load.odd[:3]}")
    score.add(**{f"answers_{code}": number for code, number in load.answers.items()})


def run_nth(args: argparse.Namespace, rng: random.Random, score: Score) -> None:
    """Each cycle one fault at one call of one part of the data directory, then a power cut and a look at what is there."""
    folder = tempfile.mkdtemp(prefix="aiml042-crash-")
    shim, ledger = Shim(), Ledger()
    calls: dict[tuple[str, str], int] = {}
    try:
        for cycle in range(args.cycles):
            place, fault = rng.choice(PLACES), rng.choice(FAULTS)
            # What is written ahead of the log's end may be tried again; a sync that failed never.
            sync = place == "/log/" and fault == "EIO" and rng.random() < 0.6
            call, direct = ("sync", False) if sync else ("all", rng.random() < 0.5)
            at = rng.randint(1, max(8, calls.get((place, call), 0) // 2))
            story = f"cycle {cycle}, {fault} at call {at} ({call}) of {place}"
            server = Server(args.binary, folder=folder, environment={
                "AIML042_STORAGE__SEAL_AGE_S": "1", **shim.environment(folder, fail=f"{call}:{at}:{fault}", only=place, direct=direct)})
            seen = partial(calls_of, shim, call)
            code = one_fault(server, ledger, place, lambda: seen() >= at, rng, score, story)  # noqa: B023
            calls[place, call] = max(calls.get((place, call), 0), seen())
            score.add(cycles=1, **{f"faults_{fault}": int(seen() >= at), f"exits_{code}": 1})
            if sync and seen() >= at:
                score.check(code in {EXIT_LOG_FAILED, *EXITS_AT_START}, f"{story}: exit {code}")
                score.add(failed_syncs=1)
            shim.power_cut(folder, rng)
            server.environment = Server(args.binary, folder=folder, environment={"AIML042_STORAGE__SEAL_AGE_S": "60"}).environment
            try:
                server.start()
            except RuntimeError as error:
                score.check(False, f"{story}: does not start again: {error}")
                break
            read_back(server, ledger, score, story)
            score.check(server.stop() == 0, f"{story}: the stop after it is not clean")
        verify(args.binary, folder, score, "at the end")
        score.add(acknowledged=len(ledger.acknowledged), sent=len(ledger.sent))
    finally:
        shim.close()
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
            Path(folder + ".log").unlink(missing_ok=True)


def calls_of(shim: Shim, call: str) -> int:
    """Calls of a kind that the run has made so far."""
    writes, syncs = shim.counts()
    return syncs if call == "sync" else writes + syncs


def one_fault(server: Server, ledger: Ledger, place: str, hit: Callable[[], bool], rng: random.Random, score: Score, story: str) -> int:
    """A life with a fault in it; its exit code, -9 when it had to be ended."""
    try:
        server.start()
    except RuntimeError:  # The fault came before it was ready.
        assert server.process is not None
        return server.process.wait(10)
    load = Load(server, ledger, rng, padding=200, batches=rng.choice((5, 20)))
    load.join()
    finish(load, story, score)
    assert server.process is not None
    if hit() and place == "/log/":  # Should it have hit what is done ahead of the writes: the next one tells.
        Load(server, ledger, rng, padding=200, batches=1).join()
    # Anything but the log is written when something is sealed.
    patience = 3.0 if not hit() and place != "/log/" else 0.5 if place != "/log/" or not hit() else 3.0
    try:
        return server.process.wait(patience)
    except subprocess.TimeoutExpired:
        return server.stop(signal.SIGKILL)
