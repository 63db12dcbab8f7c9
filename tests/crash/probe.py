"""The log alone under fire: wal_probe, whose every answer is checked against a dump of the log."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
from collections import Counter
from typing import Optional

from score import Score

IN_DOUBT, ACKNOWLEDGED, REFUSED = "in doubt", "acknowledged", "refused"
IN_FLIGHT_MAX = 300
# Answers that promise that nothing was written; after others (storage_failed) anything may be there.
REFUSALS = {"disk_full", "overloaded", "draining"}


class Life:
    """One run of wal_probe: feeds it appends until it dies, and takes down what it says."""

    def __init__(self, oracle: Oracle, env: dict[str, str], seed: int) -> None:
        self.oracle = oracle
        self.rng = random.Random(seed)
        self.process = subprocess.Popen(
            [oracle.binary, "serve", oracle.folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={**os.environ, **env})
        self.committed = 0
        self.answers = 0
        self.ended = False
        self.said = threading.Condition()
        self.codes: Counter[str] = Counter()
        self.limit: Optional[int] = None
        self.truncate_all = False
        self.feeder = threading.Thread(target=self._feed)
        self.reader = threading.Thread(target=self._read)

    def start(self, limit: Optional[int] = None) -> None:
        """Begins to feed; with `limit` only so many records, then the end of input."""
        self.limit = limit
        self.feeder.start()
        self.reader.start()

    def wait_for_answers(self, count: int, timeout_s: float) -> None:
        """Waits until `count` answers have come, or the process has ended."""
        with self.said:
            self.said.wait_for(lambda: self.answers >= count or self.ended, timeout_s)

    def wait_for_code(self, code: str, timeout_s: float) -> bool:
        """Waits for an answer of that kind that is yet to come."""
        with self.said:
            before = self.codes[code]
            return self.said.wait_for(lambda: self.codes[code] > before or self.ended, timeout_s) and self.codes[code] > before

    def kill(self) -> None:
        """As SIGKILL, then whatever it had still said."""
        self.process.send_signal(signal.SIGKILL)
        self.join()

    def join(self) -> int:
        """Waits for the end; the exit code."""
        code = self.process.wait()
        self.reader.join()
        self.feeder.join()
        return code

    def _feed(self) -> None:
        assert self.process.stdin is not None
        sent = 0
        try:
            if self.truncate_all:
                self.wait_for_answers(1, 20)  # "ready" names the next Lsn.
                self.oracle.let_go(self.committed + 1)
                self.process.stdin.write(f"t {self.committed + 1}\n".encode())
            while self.limit is None or sent < self.limit:
                self.wait_for_answers(sent - IN_FLIGHT_MAX, 20)
                lines = []
                for _ in range(self.rng.randint(1, 20)):
                    size = self.rng.choice((20, 200, 200, 200, 1_000, 5_000, 5_000, 80_000))
                    if self.rng.random() < 0.05:
                        lines.append(f"b b{self.oracle.next_id()}\n")
                    else:
                        lines.append(f"a {self.oracle.new_record()} {size}\n")
                    sent += 1
                if self.rng.random() < 0.05 and self.committed > 300:
                    head = self.committed - 200
                    self.oracle.let_go(head)
                    lines.append(f"t {head}\n")
                self.process.stdin.write("".join(lines).encode())
                self.process.stdin.flush()
            self.process.stdin.close()
        except (BrokenPipeError, OSError):
            pass

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            words = line.decode().split()
            if not line.endswith(b"\n") or len(words) < 2:
                continue  # Cut off by the kill: never said.
            if words[0] == "ready":
                self.committed = int(words[1]) - 1
                self.oracle.started()
            elif words[0] == "ok":
                if words[1][0] != "b":
                    self.committed = max(self.committed, int(words[2]))
                    self.oracle.acknowledge(words[1], int(words[2]))
            elif words[2] in REFUSALS:
                self.oracle.refuse(words[1])
            with self.said:
                self.answers += 1
                self.codes["ok" if words[0] == "ok" else words[-1]] += 1
                self.said.notify_all()
        with self.said:
            self.ended = True
            self.said.notify_all()


class Oracle:
    """What was sent and what was said of it, over the whole life of a folder."""

    def __init__(self, binary: str, folder: str, score: Score) -> None:
        self.binary, self.folder, self.score = binary, folder, score
        self.lock = threading.Lock()
        self.last_id = 0
        self.head = 1
        self.state: dict[str, str] = {}
        self.lsn: dict[str, int] = {}
        self.read_in_doubt: dict[str, int] = {}

    def next_id(self) -> int:
        """A number not given before."""
        with self.lock:
            self.last_id += 1
            return self.last_id

    def new_record(self) -> str:
        """The id of a record about to be sent."""
        name = f"r{self.next_id()}"
        self.state[name] = IN_DOUBT
        return name

    def acknowledge(self, name: str, lsn: int) -> None:
        """The log said that the record is durable."""
        self.state[name] = ACKNOWLEDGED
        self.lsn[name] = lsn

    def refuse(self, name: str) -> None:
        """The log said that the record will not be there."""
        self.state[name] = REFUSED

    def let_go(self, head: int) -> None:
        """Below `head` the log was told that nothing is needed any more."""
        self.head = max(self.head, head)

    def life(self, env: Optional[dict[str, str]] = None, seed: int = 0) -> Life:
        """Starts the log on what is there."""
        return Life(self, env or {}, seed)

    def verify(self, story: str) -> None:
        """Reads everything back and judges it; call when no process runs."""
        dump = subprocess.run([self.binary, "dump", self.folder], capture_output=True, check=False)
        if not self.score.check(dump.returncode == 0, f"{story}: the log does not read: {dump.stderr!r}"):
            return
        found: dict[str, int] = {}
        twice, torn, damage = [], [], []
        for line in dump.stdout.decode().splitlines():
            words = line.split()
            if words[0] == "d":
                damage.append(line)
            elif words[0] == "r":
                if words[2] in found:
                    twice.append(words[2])
                if words[3] != "good":
                    torn.append(words[2])
                found[words[2]] = int(words[1])
        lost = [name for name, lsn in self.lsn.items() if lsn >= self.head and found.get(name) != lsn]
        phantom = [name for name in found if name not in self.state]
        refused = [name for name in found if self.state.get(name) == REFUSED]
        self.score.check(not lost, f"{story}: {len(lost)} acknowledged records lost, such as {lost[:3]}")
        self.score.check(not twice, f"{story}: stored twice: {twice[:3]}")
        self.score.check(not torn, f"{story}: stored with other bytes: {torn[:3]}")
        self.score.check(not phantom, f"{story}: stored but never sent: {phantom[:3]}")
        self.score.check(not refused, f"{story}: refused but stored: {refused[:3]}")
        self.score.check(not damage, f"{story}: damage reported where none was done: {damage[:3]}")
        self.read_in_doubt = {n: lsn for n, lsn in found.items() if self.state.get(n) == IN_DOUBT}
        for name in [name for name, lsn in self.lsn.items() if lsn < self.head]:
            del self.lsn[name]
        self.score.add(read_backs=1, records_read=len(found))

    def let_go_of_all(self) -> None:
        """Empties the log: the next start begins with a truncation up to its first Lsn."""
        life = self.life()
        life.truncate_all = True
        life.start(0)
        self.score.check(life.join() == 0, "a truncation of everything ends well")
        self.verify("after letting go of everything")

    def started(self) -> None:
        """A start makes what it reads durable: what was in doubt and is there must stay from now on."""
        for name, lsn in self.read_in_doubt.items():
            self.acknowledge(name, lsn)
        self.score.add(in_doubt_adopted=len(self.read_in_doubt))
        self.read_in_doubt = {}
