"""The speed table: one command, ratios and floors in one run, everything over HTTP against the release binary.

    python3 bench/run.py                      about five minutes, 10 M stored events
    python3 bench/run.py --events 100000000   the full size of T12
    python3 bench/run.py ingest restart       some parts

The load generator shares the machine with the server. Prints a Markdown table and keeps it in build/bench.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Optional

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.harness.server import ADMIN_KEY, Server  # noqa: E402

LOAD = ROOT / "build" / "release" / "bench" / "load" / "aiml042_load"
DAY_MS = 86_400_000


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mb(pid: int) -> float:
    """Resident memory, MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class Bench:
    """Holds the rows of the table."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.rows: list[tuple[str, str, str, str]] = []
        self.next_id = 0

    def row(self, name: str, what: str, measured: str, floor: str) -> None:
        """One line of the table."""
        self.rows.append((name, what, measured, floor))
        print(f"{name}: {what}: {measured} ({floor})", flush=True)

    def load(self, server: Server, *, labels: bool = False, first_id: Optional[int] = None, **flags: Any) -> dict[str, Any]:
        """Runs the load generator; adds the server's CPU per item."""
        first = self.next_id if first_id is None else first_id
        command = [str(LOAD), "--port", str(server.port), "--key", ADMIN_KEY, "--first-id", str(first)]
        for name, value in flags.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        if labels:
            command.append("--labels")
        assert server.process is not None
        before = cpu_seconds(server.process.pid)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not done.stdout:
            raise RuntimeError(done.stderr)
        result: dict[str, Any] = json.loads(done.stdout)
        result["cpu_us"] = (cpu_seconds(server.process.pid) - before) * 1e6 / max(1, result["items"])
        if first_id is None:
            self.next_id += int(result["items"]) + 1_000_000
        if done.stderr:
            print(done.stderr[:300])
        return result

    def query_ms(self, server: Server, repeats: int, **query: Any) -> tuple[float, float, float]:
        """First answer, then median and 95th percentile of the next ones, milliseconds."""
        times = []
        for _ in range(repeats + 1):  # To the last byte of the answer; what Python would take to parse it is its own.
            begin = time.perf_counter()
            answer = server.request("GET", "/v1/metrics/query", **query)
            times.append((time.perf_counter() - begin) * 1000)
            if answer.status != 200:
                raise RuntimeError(str(answer))
        warm = sorted(times[1:])
        return times[0], statistics.median(warm), warm[int(0.95 * (len(warm) - 1))]


def stored(server: Server, sequence_wait_s: int = 60) -> float:
    """Events of the bench deployment, once everything acknowledged is visible."""
    system = server.get("/v1/system")
    answer = server.get("/v1/metrics/query", metric="count", deployment_id="bench", from_="2000-01-01T00:00:00Z",
                        to="2100-01-01T00:00:00Z", min_seq=system["seq"], timeout=f"{sequence_wait_s}s")
    return answer["series"][0]["value"] or 0


def ingest(bench: Bench) -> None:
    """T1, T2, T4, T8: durable ingest, then a kill to count what is there."""
    with Server(bench.options.binary) as server:
        assert server.process is not None
        bench.load(server, batch=500, connections=16, seconds=2)  # Warm.
        batches = bench.load(server, batch=500, connections=16, seconds=bench.options.seconds)
        singles = bench.load(server, batch=1, connections=64, seconds=bench.options.seconds)
        open_loop = bench.load(server, batch=100, connections=64, rate=100_000, seconds=bench.options.seconds)
        bench.row("T1", "durable events/s, batches of 500, 16 connections",
                  f"{batches['items_per_s']:,.0f}/s, {batches['cpu_us']:.2f} µs CPU per event", "bar 300,000, target 500,000")
        bench.row("T2", "durable single-event requests/s, 64 connections",
                  f"{singles['items_per_s']:,.0f}/s, p99 {singles['p99_ms']:.1f} ms, {singles['cpu_us']:.1f} µs CPU", "bar 35,000, target 50,000")
        bench.row("T4", "100,000 events/s offered as 1,000 × 100, from the due time",
                  f"p50 {open_loop['p50_ms']:.2f}, p95 {open_loop['p95_ms']:.2f}, p99 {open_loop['p99_ms']:.2f}, "
                  f"p99.9 {open_loop['p999_ms']:.2f} ms", "bar p95 2, p99 10")
        delays = []
        for i in range(50):
            event = {"deployment_id": "bench", "model_version": "v1", "request_id": f"visible-{i}", "prediction": {"score": 0.5}}
            sequence = server.request("POST", "/v1/ingest/metrics", event).headers["x-aiml042-seq"]
            begin = time.perf_counter()
            server.get("/v1/metrics/query", metric="count", deployment_id="bench", window="1m", min_seq=sequence)
            delays.append((time.perf_counter() - begin) * 1000)
        bench.row("T8", "acknowledged to visible, p95 of 50", f"{sorted(delays)[47]:.1f} ms", "bar 10 s, target 50 ms")
        before = stored(server)
        server.stop(signal.SIGKILL)
        server.start()
        lost = before - stored(server)
        bench.row("T9", "events missing after SIGKILL under the load above", f"{lost:.0f} of {before:,.0f}", "0")


def restart(bench: Bench) -> None:
    """T11: a start after a kill in the middle of the load. What is in the log is replayed, which is more the more deployments share
    the memory; the identities of the last hour are put back from the blocks."""
    events = bench.options.replay_events
    for name, deployments in (("T11", 1), ("T11c", 60)):
        with Server(bench.options.binary) as server:
            bench.load(server, batch=500, connections=16, seconds=600, items=events, deployments=deployments)
            log_bytes = folder_bytes(Path(server.folder) / "log")
            server.stop(signal.SIGKILL)
            begin = time.perf_counter()
            server.start()
            seconds = time.perf_counter() - begin
            bench.row(name, f"ready after a kill, {events:,} events of {deployments} deployments, {log_bytes / 2**20:,.0f} MiB of log",
                      f"{seconds:.2f} s, {events / seconds / 1e6:.2f} M events/s", "target 5 s for 1 GiB, 2 M/s")
    with Server(bench.options.binary) as server:
        server.stop()
        begin = time.perf_counter()
        server.start()
        bench.row("T11b", "ready on an empty data directory", f"{(time.perf_counter() - begin) * 1000:.0f} ms", "target 150 ms")


def queries(bench: Bench) -> None:
    """T12, T13, T16, T17, T20 on a large store."""
    events = bench.options.events
    with Server(bench.options.binary) as server:
        assert server.process is not None
        now_ms = int(time.time() * 1000)
        filled = bench.load(server, batch=1000, connections=16, seconds=3600, items=events, first_id=0,
                            begin_ms=now_ms - DAY_MS, step_ms=DAY_MS / events)
        begin = time.perf_counter()
        labelled = bench.load(server, labels=True, batch=1000, connections=8, seconds=3600, items=events // 4, first_id=0)
        stored(server, 600)
        joined = labelled["items"] / (time.perf_counter() - begin)
        bench.row("T16", f"labels/s for {events:,} stored events, as fast as they are taken",
                  f"{labelled['items_per_s']:,.0f}/s durable, {joined:,.0f}/s joined, {labelled['cpu_us']:.2f} µs CPU to the "
                  "last answer", "bar 300,000, target 500,000")
        bench.load(server, labels=True, batch=1000, connections=8, seconds=3600, items=events // 4, rate=500_000,
                   first_id=events // 4)
        begin = time.perf_counter()
        stored(server, 600)
        bench.row("T16b", "500,000 labels/s offered; last one acknowledged to all corrected",
                  f"{time.perf_counter() - begin:.2f} s", "target 2 s")
        dashboard = {"metric": ["count", "error_rate", "latency_p95", "accuracy", "roc_auc"], "deployment_id": "bench",
                     "window": "24h", "step": "1m", "group_by": "cohort"}
        cold, median, p95 = bench.query_ms(server, 20, **dashboard)
        bench.row("T12", f"dashboard: 5 metrics × 3 slices × 1,440 minutes over {events:,} events",
                  f"first {cold:,.0f}, then p50 {median:.0f}, p95 {p95:.0f} ms", "bar p95 50 ms")
        background = subprocess.Popen([str(LOAD), "--port", str(server.port), "--key", ADMIN_KEY, "--batch", "100", "--rate",
                                       "100000", "--connections", "64", "--seconds", "20", "--first-id", str(10**11)],
                                      stdout=subprocess.PIPE, text=True)
        _, median, p95 = bench.query_ms(server, 60, **dashboard)
        load = json.loads(background.communicate()[0])
        bench.row("T12b", "the same while 100,000 events/s arrive",
                  f"p50 {median:.0f}, p95 {p95:.0f} ms; ingest p99 {load['p99_ms']:.1f} ms", "bar p95 50 ms")
        times = []
        for age in range(30, 42):  # Another filter each time: nothing is cached but columns.
            begin = time.perf_counter()
            server.get("/v1/metrics/query", metric="roc_auc", deployment_id="bench", window="26h", group_by="cohort",
                       filter=f'age > {age} and region in ("NA","EU")')
            times.append((time.perf_counter() - begin) * 1000)
        bench.row("T13", f"new filter + group_by + AUC over {events:,} rows", f"p50 {statistics.median(times[2:]):,.0f} ms warm, "
                  f"first {times[0]:,.0f} ms", "target 80 ms at 10 M")
        assert server.process is not None
        resident = rss_mb(server.process.pid)
        server.stop()
        data = Path(server.folder)
        total = events + int(load["items"])
        size = folder_bytes(data / "store") + folder_bytes(data / "ids")
        bench.row("T17", "bytes on disk per event (20 features), sealed", f"{size / total:.1f} B", "target 50 B")
        bench.row("T20b", f"resident memory after all of this ({filled['cpu_us']:.2f} µs CPU per event to fill)",
                  f"{resident:,.0f} MiB", "target 1,536 MiB")


def many(bench: Bench) -> None:
    """T20: every batch spread over 1,000 deployments."""
    with Server(bench.options.binary) as server:
        assert server.process is not None
        load = bench.load(server, batch=100, connections=64, rate=100_000, deployments=1000, seconds=3 * bench.options.seconds)
        bench.row("T20", f"{3 * bench.options.seconds:.0f} s of 100,000 events/s, each batch spread over 1,000 deployments × 30 columns",
                  f"{rss_mb(server.process.pid):,.0f} MiB resident, {load['items_per_s']:,.0f}/s taken, p99 {load['p99_ms']:.1f} ms, "
                  f"{load['cpu_us']:.1f} µs CPU", "target 1,536 MiB")


def main() -> int:
    """Runs the parts and prints the table."""
    parts: dict[str, Callable[[Bench], None]] = {"ingest": ingest, "restart": restart, "queries": queries, "many": many}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=f"only these: {', '.join(parts)}")
    parser.add_argument("--binary", default="build/release/aiml042")
    parser.add_argument("--seconds", type=float, default=20, help="of each ingest measurement")
    parser.add_argument("--events", type=int, default=10_000_000, help="stored for the query rows")
    parser.add_argument("--replay-events", type=int, default=6_000_000, help="in the log of the restart row")
    options = parser.parse_args()
    if not LOAD.exists():
        print("bench: build the load generator first: ninja -C build/release aiml042_load", file=sys.stderr)
        return 2
    bench = Bench(options)
    tempfile.tempdir = str(ROOT / "build")  # A real disk, not a tmpfs.
    for name, part in parts.items():
        if not options.parts or name in options.parts:
            part(bench)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    table = [f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {platform.machine()}, commit {commit}; the load generator shares the cores.", "",
             "| | what | measured | bar |", "|---|---|---|---|"]
    table += [f"| {name} | {what} | {measured} | {floor} |" for name, what, measured, floor in bench.rows]
    out = ROOT / "build" / "bench"
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{time.strftime('%Y%m%d-%H%M%S')}.md").write_text("\n".join(table) + "\n")
    print("\n".join(["", *table]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
