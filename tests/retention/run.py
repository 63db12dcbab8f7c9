"""Retention from outside: old days go by the event's time, or the oldest by size, per project, never within 24 h of arrival.

Three projects get the same forty days of events; one keeps all, one thirty days, one so many bytes. One server runs on as it is
and must delete nothing; another, whose wall clock a shim has put 25 hours on, must delete exactly what it should. Both wait
for the server's own housekeeping, which comes by every 30 s. A third has its clock moved while it runs: nothing may go then
before an administrator says that the clock is right, or it is moved back.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.harness.counts import Counts  # noqa: E402
from tests.harness.server import ADMIN_KEY, Server  # noqa: E402

DAY_S = 86_400
DAYS, PER_DAY = 40, 150
KEPT_DAYS = 30
LATER_S = 25 * 3600


def event(day: int, number: int, name: str = "") -> dict[str, Any]:
    """An event of a day since 1970."""
    return {"deployment_id": "old", "model_version": "v", "request_id": name or f"{day}-{number}",
            "timestamp": (day * DAY_S + number * (DAY_S // PER_DAY)) * 1000, "prediction": {"class": "yes", "score": number / PER_DAY},
            "features": {"a": number * 1.37, "b": f"text {number * 7919 % 1000}"}, "latency_ms": number}


def post(server: Server, key: str, path: str, items: list[dict[str, Any]]) -> None:
    """Sends items; all must be taken."""
    answer = server.request("POST", path, "\n".join(json.dumps(item) for item in items).encode(), key=key,
                            headers={"Content-Type": "application/x-ndjson"})
    if answer.status != 200 or answer.json()["rejected"]:
        raise RuntimeError(f"{path}: {answer}")


def by_day(server: Server, key: str, first: int, last: int) -> dict[int, int]:
    """Events of each day that has any, as a query by the day says."""
    answer = server.request("GET", "/v1/metrics/query", key=key, metric="count", deployment_id="old", step="1d",
                            **{"from": first * DAY_S * 1000, "to": (last + 1) * DAY_S * 1000})
    return {day: int(point["value"]) for day, point in zip(range(first, last + 1), answer.json()["series"]) if point["value"]}


def total(server: Server, key: str, metric: str = "count", **query: Any) -> Any:
    """A value over all time."""
    return server.request("GET", "/v1/metrics/query", key=key, metric=metric, deployment_id="old", **query).json()["series"][0]["value"]


def listed(server: Server, key: str) -> set[str]:
    """Ids that the event list shows."""
    found, cursor = set[str](), ""
    while cursor is not None:
        page = server.request("GET", "/v1/events", key=key, deployment_id="old", limit=1000, **({"cursor": cursor} if cursor else {})).json()
        found |= {one["request_id"] for one in page["events"]}
        cursor = page["next_cursor"]
    return found


def wait_for_housekeeping(server: Server) -> None:
    """Until the gauges that are set behind retention have been set once."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        text = server.request("GET", "/metrics").body.decode()
        if re.search(r"^aiml042_identity_entries [1-9]", text, re.MULTILINE):
            return
        try:
            assert server.process is not None
            server.process.wait(0.2)
        except subprocess.TimeoutExpired:
            pass
    raise RuntimeError("no housekeeping within 90 s")


def fill(server: Server, today: int) -> dict[str, str]:
    """The same events and labels in three projects; their keys."""
    keys = {"all": ADMIN_KEY}
    projects = {}
    for name in ("days", "bytes"):
        made = server.request("POST", "/v1/projects", {"name": name}).json()
        keys[name], projects[name] = made["key"], made["project_id"]
    for key in keys.values():
        for day in range(today - DAYS + 1, today + 1):
            post(server, key, "/v1/ingest/metrics", [event(day, i) for i in range(PER_DAY)])
            post(server, key, "/v1/labels", [{"deployment_id": "old", "request_id": f"{day}-{i}", "label": "yes" if i % 3 else "no",
                                              "label_ts": day * DAY_S * 1000 + 1} for i in range(0, PER_DAY, 2)])
    for name, setting in {"days": {"days": KEPT_DAYS}, "bytes": {"bytes": 1}}.items():
        answer = server.request("PUT", f"/v1/projects/{projects[name]}/retention", setting, key=keys[name])
        if answer.status != 200:
            raise RuntimeError(f"retention of {name}: {answer}")
    keys["bytes project"] = projects["bytes"]
    return keys


def expect(test: Counts, server: Server, key: str, story: str, days: dict[int, int], today: int) -> None:
    """Every way of asking tells of exactly these days."""
    seen = by_day(server, key, today - DAYS - 1, today + 2)
    test.check(f"{story}: days", seen == days, {day: (seen.get(day), days.get(day)) for day in seen.keys() | days.keys() if seen.get(day) != days.get(day)})
    test.check(f"{story}: count", total(server, key) == sum(days.values()), total(server, key))
    test.check(f"{story}: count by scanning", total(server, key, filter="latency_ms >= 0", exact="true") == sum(days.values()))
    test.check(f"{story}: list", len(listed(server, key)) == sum(days.values()))
    test.check(f"{story}: labels", total(server, key, "label_coverage") == 0.5, total(server, key, "label_coverage"))


def later(test: Counts, server: Server, keys: dict[str, str], today: int) -> None:
    """What is there after housekeeping a day later. `today` is the day of the events, not of the moved clock."""
    everything = {day: PER_DAY for day in range(today - DAYS + 1, today + 1)}
    now_day = int((time.time() + LATER_S) // DAY_S)
    revived = today - DAYS + 1  # An old day that gets an event now: it stays whole.
    kept = {day: number for day, number in everything.items() if day >= now_day - KEPT_DAYS}
    expect(test, server, keys["all"], "the project that keeps all", everything, today)
    expect(test, server, keys["days"], "the project of thirty days", kept | {revived: PER_DAY + 2}, today)
    left = by_day(server, keys["bytes"], today - DAYS - 1, today + 2)
    newest = {day: PER_DAY for day in sorted(everything)[-len(left):]}
    test.check("the project of so many bytes keeps the newest days, whole", left == newest and 0 < len(left) < DAYS, left)
    test.check("and about as many as fit", DAYS // 2 - 4 <= len(left) <= DAYS // 2 + 4, len(left))
    gone = f"{today - DAYS + 3}-3"
    answer = server.request("GET", f"/v1/events/{gone}", key=keys["days"], deployment_id="old")
    test.check("an event of a dropped day is not found", answer.status == 404, answer)
    answer = server.request("GET", f"/v1/events/{gone}", key=keys["all"], deployment_id="old")
    test.check("in another project it is", answer.status == 200, answer)
    answer = server.request("POST", "/v1/labels", {"deployment_id": "old", "request_id": gone, "label": "no"}, key=keys["days"])
    test.check("a label for it is taken", answer.status == 200, answer)


class MovedClock:
    """The wall clock of a server, moved while it runs."""

    def __init__(self, shim: str, path: str) -> None:
        self.path = path
        Path(path).write_bytes(struct.pack("=q", 0))
        self.environment = {"LD_PRELOAD": shim, "CLOCK_OFFSET_FILE": path}

    def move_to(self, offset_s: int) -> None:
        """Seconds beside the real time, from now on."""
        with open(self.path, "r+b", buffering=0) as file:
            file.write(struct.pack("=q", offset_s))


def wait_for(what: str, condition: Callable[[], bool], timeout_s: float = 90) -> None:
    """Until it holds."""
    until = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > until:
            raise RuntimeError(f"never: {what}")


def suspended(server: Server) -> bool:
    """Whether retention is."""
    return bool(server.get("/v1/system")["retention"]["suspended"])


def jump(test: Counts, server: Server, clock: MovedClock, keys: dict[str, str], today: int) -> None:
    """Moved, moved back, moved again: all before the first housekeeping, which then must leave everything."""
    test.check("at first the clock is believed", not suspended(server), server.get("/v1/system"))
    for offset in (LATER_S, -400 * DAY_S, 3_653 * DAY_S):
        clock.move_to(offset)
        wait_for("the jump is noticed", lambda: suspended(server), 10)
        state = server.get("/v1/system")["retention"]
        test.check(f"moved by {offset} s", abs(state["clock_moved_s"] - offset) < 10, state)
        clock.move_to(0)
        wait_for("its end is noticed", lambda: not suspended(server), 10)
    clock.move_to(LATER_S)
    wait_for("the last jump is noticed", lambda: suspended(server), 10)
    answer = server.request("GET", "/readyz", key=None)
    test.check("still ready, with a warning", answer.status == 200 and len(answer.json()["warnings"]) == 1, answer)
    gauge = server.request("GET", "/metrics").body.decode()
    test.check("the gauge says so", "\naiml042_retention_suspended 1\n" in gauge)
    post(server, keys["all"], "/v1/ingest/metrics", [event(today, 1, "behind the jump")])
    test.check("ingest goes on", total(server, keys["all"], min_seq=server.get("/v1/system")["seq"]) == DAYS * PER_DAY + 1)
    answer = server.request("POST", "/v1/system/clock/confirm", key=keys["days"])
    test.check("another project's administrator may not confirm", answer.status == 403, answer)
    answer = server.request("POST", "/v1/system/clock/confirm", key=None)
    test.check("nor may nobody", answer.status == 401, answer)
    test.check("still suspended", suspended(server))


def confirmed(test: Counts, server: Server, keys: dict[str, str], today: int) -> None:
    """Everything is still there behind a housekeeping; once the clock is confirmed what is old goes."""
    everything = {day: PER_DAY for day in range(today - DAYS + 1, today + 1)}
    wait_for_housekeeping(server)
    for name in ("days", "bytes"):
        expect(test, server, keys[name], f"while suspended, {name}", everything, today)
    answer = server.request("POST", "/v1/system/clock/confirm")
    test.check("confirmed", answer.status == 200 and answer.json()["suspended"] is False and abs(answer.json()["clock_moved_s"]) < 10, answer)
    now_day = int((time.time() + LATER_S) // DAY_S)
    kept = {day: number for day, number in everything.items() if day >= now_day - KEPT_DAYS}
    wait_for("retention goes on", lambda: by_day(server, keys["days"], today - DAYS - 1, today + 2) == kept)
    expect(test, server, keys["days"], "confirmed, the project of thirty days", kept, today)


def main() -> int:
    """Fills, waits, looks, restarts, verifies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="build/release/aiml042")
    binary = str(Path(parser.parse_args().binary).resolve())
    test, today = Counts(), int(time.time() // DAY_S)
    with tempfile.TemporaryDirectory(prefix="aiml042-retention-") as base:
        shim, here, moved = f"{base}/clock.so", f"{base}/here", f"{base}/moved"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", shim, str(Path(__file__).with_name("clock.c")), "-ldl"], check=True)
        with Server(binary, folder=here) as server:
            keys = fill(server, today)
            test.check("a clean stop", server.stop() == 0)
        shutil.copytree(here, moved)
        clock = {"LD_PRELOAD": shim, "CLOCK_OFFSET_S": str(LATER_S)}
        set_clock = MovedClock(shim, f"{base}/offset")
        shutil.copytree(here, f"{base}/jumping")
        with Server(binary, folder=here) as now, Server(binary, folder=moved, environment=clock) as then, \
                Server(binary, folder=f"{base}/jumping", environment=set_clock.environment) as jumping:
            jump(test, jumping, set_clock, keys, today)
            third = now.get("/v1/system")["disk_bytes"] // 3
            project = keys["bytes project"]
            for server in (now, then):
                server.request("PUT", f"/v1/projects/{project}/retention", {"bytes": third // 2}, key=keys["bytes"])
            # Its time is long ago and it has just come: the day that it belongs to must stay, and so must its new label.
            post(then, keys["days"], "/v1/ingest/metrics", [event(today - DAYS + 1, 1, "late"), event(today - DAYS + 1, 2, "late too")])
            post(then, keys["days"], "/v1/labels", [{"deployment_id": "old", "request_id": "late", "label": "yes"}])
            wait_for_housekeeping(then)
            later(test, then, keys, today)
            wait_for_housekeeping(now)
            everything = {day: PER_DAY for day in range(today - DAYS + 1, today + 1)}
            for name in ("all", "days", "bytes"):
                expect(test, now, keys[name], f"within 24 h of arrival, {name}", everything, today)
            test.check("a clean stop", then.stop() == 0)
            done = subprocess.run([binary, "verify", "--data-dir", moved], capture_output=True, text=True, check=False)
            test.check("verify", done.returncode == 0, done)
            then.start()
            later(test, then, keys, today)
            confirmed(test, jumping, keys, today)
    print(f"{test.passed} passed, {test.failed} failed")
    return 1 if test.failed else 0


if __name__ == "__main__":
    sys.exit(main())
