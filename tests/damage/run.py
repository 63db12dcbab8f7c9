"""Rot under a running server: the scrub finds it and says where, a damaged block is never served, the rest goes on.

Bits are flipped in the files of the store while the server has them open. A pass takes a second here (storage.scrub_s);
its reports are waited for.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.harness.counts import Counts  # noqa: E402
from tests.harness.server import Answer, Server  # noqa: E402

DAY_MS = 86_400_000
FIRST = 1_700_006_400_000
DAYS, PER_DAY, BATCH = 3, 6_000, 2_000
FAST = {"AIML042_STORAGE__SCRUB_S": "1", "AIML042_STORAGE__SCRUB_MB_S": "1024"}
METRICS = ("count", "accuracy", "latency_p95", "roc_auc", "label_coverage", "error_rate")


def event(deployment: str, day: int, number: int) -> dict[str, Any]:
    """An event; its content follows from its number."""
    return {"deployment_id": deployment, "model_version": "v", "request_id": f"{day}-{number}",
            "timestamp": FIRST + day * DAY_MS + number * 10_000, "prediction": {"class": "yes" if number % 3 else "no", "score": number * 7919 % 1000 / 1000},
            "features": {"a": number * 1.37, "b": f"text {number * 7919 % 1000}"}, "latency_ms": number % 97 + number / 7}


def post(server: Server, path: str, items: list[dict[str, Any]]) -> None:
    """Sends items; all must be taken."""
    answer = server.request("POST", path, "\n".join(json.dumps(item) for item in items).encode(), headers={"Content-Type": "application/x-ndjson"})
    if answer.status != 200 or answer.json()["rejected"]:
        raise RuntimeError(f"{path}: {answer}")


def fill(server: Server) -> None:
    """Some days of one deployment, in blocks of their own, and a little of another."""
    for deployment, per_day in (("rot", PER_DAY), ("fine", 100)):
        for day in range(DAYS):
            for begin in range(0, per_day, BATCH):
                numbers = range(begin, min(per_day, begin + BATCH))
                post(server, "/v1/ingest/metrics", [event(deployment, day, i) for i in numbers])
                post(server, "/v1/labels", [{"deployment_id": deployment, "request_id": f"{day}-{i}", "label": "yes" if i % 2 else "no"}
                                            for i in numbers])


def ask(server: Server, metric: str, deployment: str = "rot", **query: Any) -> Answer:
    """One metric by the day."""
    return server.request("GET", "/v1/metrics/query", metric=metric, deployment_id=deployment, step="1d",
                          **{"from": FIRST, "to": FIRST + DAYS * DAY_MS, **query})


def values(answer: Answer) -> list[Any]:
    """The numbers of an answer."""
    return [(point["value"], point["n"]) for point in answer.json()["series"]]


def wait_for(what: str, condition: Callable[[], bool], timeout_s: float = 60) -> None:
    """Until it holds."""
    until = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > until:
            raise RuntimeError(f"never: {what}")


def scrub(server: Server) -> dict[str, Any]:
    """What the scrub knows."""
    return dict(server.get("/v1/system")["scrub"])


def wait_for_pass(server: Server) -> dict[str, Any]:
    """What it knows behind a pass that began after this call."""
    for _ in range(2):  # The one that may be under way began before.
        before = metric_of(server, "aiml042_scrub_bytes_total"), scrub(server)["last_pass"]
        wait_for("a pass of the scrub", lambda: scrub(server)["last_pass"] != before[1]
                 and metric_of(server, "aiml042_scrub_bytes_total") > before[0])
    return scrub(server)


def metric_of(server: Server, name: str) -> float:
    """A number of /metrics."""
    found = re.search(rf"^{name} (\S+)$", server.request("GET", "/metrics").body.decode(), re.MULTILINE)
    return float(found[1]) if found else -1.0


def ready(server: Server) -> tuple[int, list[str]]:
    """Status of /readyz and its warnings."""
    answer = server.request("GET", "/readyz", key=None)
    return answer.status, answer.json().get("warnings", [])


def largest_table(folder: str) -> Path:
    """The file that holds most columns."""
    return max((Path(folder) / "store").glob("*.sst"), key=lambda path: path.stat().st_size)


def flip(path: Path, offset: int) -> None:
    """One bit, in place."""
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 0x10]))


def log_lines(server: Server, event_name: str) -> list[dict[str, Any]]:
    """Lines of the server's log with that name."""
    lines = Path(server.log.name).read_text().splitlines()
    return [line for line in map(json.loads, lines) if line["event"] == event_name]


def found_while_running(test: Counts, server: Server) -> Path:
    """Clean, then damaged; the file that is."""
    known = wait_for_pass(server)
    test.check("a clean store", known["damaged"] == 0 and known["items"] == [], known)
    test.check("ready without warnings", ready(server) == (200, []), ready(server))
    test.check("the gauge is 0", metric_of(server, "aiml042_scrub_damaged_items") == 0)
    victim = largest_table(server.folder)
    flip(victim, victim.stat().st_size // 10)
    wait_for("the damage is found", lambda: scrub(server)["damaged"] > 0)
    known = wait_for_pass(server)
    items = known["items"]
    test.check("named", bool(items) and all(item["file"] == f"store/{victim.name}" for item in items)
               and all("block" in item["item"] and "offset" in item["detail"] for item in items), known)
    test.check("no path of the machine", server.folder not in json.dumps(known), known)
    status, warnings = ready(server)
    test.check("still ready, with a warning", status == 200 and len(warnings) == 1 and "checksum" in warnings[0], (status, warnings))
    test.check("the gauge counts", metric_of(server, "aiml042_scrub_damaged_items") == known["damaged"])
    test.check("the time of the last pass", abs(metric_of(server, "aiml042_scrub_last_pass_timestamp_seconds") - time.time()) < 60)
    lines = log_lines(server, "scrub_damage")
    test.check("one line each, in spite of several passes", len(lines) == known["damaged"], lines)
    return victim


def never_served(test: Counts, server: Server, whole: dict[str, list[Any]]) -> set[str]:
    """With empty caches: what needs the damage is refused, what does not is right. The metrics refused."""
    refused = set()
    for metric in METRICS:
        answer = ask(server, metric)
        if answer.status == 200:
            test.check(f"{metric} is right", values(answer) == whole[metric], answer)
        else:
            refused.add(metric)
            test.check(f"{metric} is refused", answer.status == 500 and answer.json()["code"] == "corrupt_block", answer)
    test.check("something is refused", bool(refused))
    answer = ask(server, "count", "fine")
    test.check("another deployment is whole", answer.status == 200 and [n for n, _ in values(answer)] == [100] * DAYS, answer)
    post(server, "/v1/ingest/metrics", [event("fine", DAYS + 1, i) for i in range(10)])
    return refused


def partly(test: Counts, server: Server, whole: dict[str, list[Any]], refused: set[str]) -> None:
    """With allow_partial the days that are whole are answered, the others are missing and said to be."""
    for metric in METRICS:
        answer = ask(server, metric, allow_partial="true")
        if not test.check(f"{metric}, in part", answer.status == 200, answer):
            continue
        body, series = answer.json(), values(answer)
        missing = sum(point != good for point, good in zip(series, whole[metric]))
        left_out = body.get("left_out", {"blocks": 0, "rows_at_most": 0})
        if metric in refused:
            test.check(f"{metric} says what it leaves out", body["partial"] and left_out["code"] == "corrupt_block" and left_out["reason"]
                       and left_out["blocks"] == missing and left_out["rows_at_most"] == missing * PER_DAY and 0 < missing < DAYS, (left_out, series))
            test.check(f"{metric} is null where a day is missing", all(point == good or point[1] == 0 for point, good in zip(series, whole[metric])), series)
        else:
            test.check(f"{metric} leaves no rows out", missing == 0 and left_out["blocks"] == 0, (left_out, series))
        again = ask(server, metric, allow_partial="true").json()
        test.check(f"{metric}, the same again", {**again, "as_of_seq": 0} == {**body, "as_of_seq": 0}, (again, body))
        answer = ask(server, metric)
        test.check(f"{metric}, as a whole as before", answer.status == (500 if metric in refused else 200), answer)
    metric = min(refused)
    day = 1 if values(ask(server, metric, allow_partial="true"))[1] == whole[metric][1] else 2
    answer = ask(server, metric, allow_partial="true", **{"from": FIRST + day * DAY_MS, "to": FIRST + (day + 1) * DAY_MS})
    test.check("a window beside the damage leaves no rows out", answer.status == 200 and answer.json().get("left_out", {"blocks": 0})["blocks"] == 0
               and values(answer) == whole[metric][day:day + 1], answer)
    answer = ask(server, "count", "fine", allow_partial="true")
    test.check("where nothing is damaged nothing is partial", answer.json()["partial"] is False and "left_out" not in answer.json(), answer)
    test.check("unasked nothing is said", "partial" not in ask(server, "count", "fine").json())
    answer = ask(server, "count", allow_partial="true", format="csv")
    test.check("not as CSV", answer.status == 400 and answer.json().get("pointer") == "/allow_partial", answer)
    for curve in ("reliability", "roc"):
        query = {"curve": curve, "deployment_id": "rot", "from": FIRST, "to": FIRST + DAYS * DAY_MS}
        strict = server.request("GET", "/v1/metrics/curves", **query)
        lenient = server.request("GET", "/v1/metrics/curves", allow_partial="true", **query)
        test.check(f"curve {curve}", lenient.status == 200 and (strict.status == 200 or lenient.json()["partial"]), (strict, lenient))


def main() -> int:
    """Fills, flips, looks, mends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="build/release/aiml042")
    binary = str(Path(parser.parse_args().binary).resolve())
    test = Counts()
    with tempfile.TemporaryDirectory(prefix="aiml042-damage-") as base:
        folder = f"{base}/data"
        with Server(binary, folder=folder) as server:
            fill(server)
            test.check("a clean stop", server.stop() == 0)
        with Server(binary, folder=folder, environment=FAST) as server:
            whole = {metric: values(ask(server, metric)) for metric in METRICS}
            victim = found_while_running(test, server)
            server.stop()
            server.start()
            known = scrub(server)
            test.check("known from the start", known["damaged"] > 0 and ready(server)[1] != [], known)
            refused = never_served(test, server, whole)
            if refused:
                partly(test, server, whole, refused)
            flip(victim, victim.stat().st_size // 10)
            wait_for("the mended file is believed", lambda: scrub(server)["damaged"] == 0)
            test.check("no warning any more", ready(server) == (200, []), ready(server))
            for metric in METRICS:
                test.check(f"{metric} as before", values(ask(server, metric)) == whole[metric])
        off = {**FAST, "AIML042_STORAGE__SCRUB_S": "0"}
        with Server(binary, folder=folder, environment=off) as server:
            test.check("off", server.get("/v1/system")["scrub"] is None)
    print(f"{test.passed} passed, {test.failed} failed")
    return 1 if test.failed else 0


if __name__ == "__main__":
    sys.exit(main())
