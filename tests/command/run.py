"""The command line: help, mistakes with their one line and exit 2, keys, import, verify, second user, SIGTERM, README."""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.harness.server import ADMIN_KEY, Server  # noqa: E402

REPLAY = ROOT / "configs" / "demo" / "replays" / "mortgage"


class Test:
    """Runs commands and counts what was as expected."""

    def __init__(self, binary: str) -> None:
        self.binary = str(Path(binary).resolve())
        self.passed = self.failed = 0

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """The binary with those arguments."""
        return subprocess.run([self.binary, *arguments], capture_output=True, text=True, timeout=120, check=False, **options)

    def check(self, what: str, good: bool, seen: object = "") -> None:
        """Counts one expectation."""
        self.passed += good
        self.failed += not good
        if not good:
            print(f"  {what}: {seen}")


def help_and_mistakes(test: Test, folder: Path) -> None:
    """Every subcommand explains itself with an example; every mistake gets one line and exit 2."""
    for command in (["serve"], ["demo"], ["keys"], ["verify"], ["import"], ["describe"]):
        shown = test.run(*command, "--help")
        test.check(f"{command} --help", shown.returncode == 0 and re.search("Examples?:", shown.stdout) is not None, shown.stdout[-200:])
    config = folder / "wrong.yaml"
    config.write_text("ingest:\n  max_body_kib: 3\n")
    twice = folder / "twice.yaml"
    twice.write_text("log:\n  level: info\n  level: warn\n")
    a_file = folder / "file"
    a_file.write_text("x")
    mistakes = {
        ("serve", "--lisen", "x"): "--lisen",
        ("nonsense",): "nonsense",
        ("vrify", "--data-dir", "x"): "vrify: there is no such command (did you mean verify?)",
        ("keys", "creat"): "creat: there is no such command (did you mean create?)",
        ("serve", "--config", str(twice)): "twice.yaml:3:3 log.level: given twice, first at ",
        ("serve", "--listen", "::1:0", "--data-dir", str(folder / "d")): "[::1]:8042",
        ("serve", "--config", str(folder / "absent.yaml")): "absent.yaml: no such file",
        ("serve", "--config", str(config)): "wrong.yaml:2:3 ingest.max_body_kib: unknown key (did you mean ingest.max_body_kb?)",
        ("serve", "--listen", "localhost", "--data-dir", str(folder / "d")): "--listen",
        ("serve", "--listen", "127.0.0.1:99999", "--data-dir", str(folder / "d")): "--listen",
        ("serve", "--data-dir", str(a_file)): "file",
        ("verify", "--data-dir", str(folder / "absent")): "absent: no such folder",
        ("import", "--data-dir", str(folder / "imported"), str(folder / "absent.ndjson")): "absent.ndjson: cannot be read",
        ("describe", "weather"): "weather",
    }
    for arguments, expected in mistakes.items():
        done = test.run(*arguments)
        lines = [line for line in done.stderr.splitlines() if not line.startswith("{")]
        test.check(f"{arguments}", done.returncode == 2 and len(lines) == 1 and expected in lines[0],
                   f"exit {done.returncode}: {done.stderr[-300:]}")


    done = test.run("verify", "--data-dir", str(folder), env={**os.environ, "AIML042_LISTEN": "x"})
    test.check("an unknown variable", done.returncode == 2 and "AIML042_LISTEN: unknown variable (did you mean AIML042_SERVER__LISTEN?)" in done.stderr, done)
    test.check("the folder of a demo", "(default ./data/demo)" in " ".join(test.run("demo", "--help").stdout.split()))


def ipv6(test: Test, folder: Path) -> None:
    """A server on the IPv6 loopback prints a URL that reaches it, and import takes it."""
    with Server(test.binary, folder=str(folder / "v6"), listen="[::1]:0") as server:
        test.check("the URL has brackets", server.url.startswith("http://[::1]:"), server.url)
        test.check("it answers", server.request("GET", "/healthz", key=None).status == 200)
        done = test.run("import", "--url", server.url, "--api-key", ADMIN_KEY, str(REPLAY / "events.ndjson.gz"))
        test.check("import by IPv6", done.returncode == 0 and done.stdout.startswith("1441 ingested"), done)


def flat(item: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """The members of an item by dotted names, as the header of a CSV file has them."""
    cells: dict[str, Any] = {}
    for name, value in item.items():
        cells |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return cells


def import_csv(test: Test, folder: Path) -> None:
    """The same events and labels as CSV files are the same numbers; the columns have other names, and a model's two constants are flags."""
    data = str(folder / "csv")
    items = {kind: [flat(json.loads(line)) for line in gzip.decompress((REPLAY / f"{kind}.ndjson.gz").read_bytes()).splitlines()]
             for kind in ("events", "labels")}
    constants = {name: items["events"][0][name] for name in ("deployment_id", "model_version")}
    for kind, rows in items.items():
        names = sorted({name for row in rows for name in row} - set(constants))
        with gzip.open(folder / f"{kind}.csv.gz", "wt", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, names, restval="", extrasaction="ignore")
            writer.writer.writerow(["id" if name == "request_id" else name.removeprefix("features.") for name in names])
            writer.writerows(rows)
    sets = [f"--set={name}={value}" for name, value in constants.items()]
    done = test.run("import", "--data-dir", data, *sets, "--map", "request_id=id", str(folder / "events.csv.gz"))
    test.check("import a CSV file", done.returncode == 0 and done.stdout.startswith("1441 ingested, 0 duplicates, 0 rejected"), done)
    done = test.run("import", "--data-dir", data, "--labels", sets[0], "--map", "request_id=id", str(folder / "labels.csv.gz"))
    test.check("import labels from a CSV file", done.returncode == 0 and done.stdout.startswith("1441 ingested"), done)
    twin = str(folder / "twin")
    for flags, kind in (([], "events"), (["--labels"], "labels")):
        test.run("import", "--data-dir", twin, *flags, str(REPLAY / f"{kind}.ndjson.gz"))
    answers = []
    for each in (data, twin):
        with Server(test.binary, folder=each) as server:
            asked = server.get("/v1/metrics/query", metric=["count", "label_coverage", "accuracy", "latency_p50", "label_delay_p50"], exact="true",
                               deployment_id=constants["deployment_id"], from_="2024-01-01T00:00:00Z", to="2025-01-01T00:00:00Z")
            columns = server.get(f"/v1/deployments/{constants['deployment_id']}")["columns"]
            answers.append(([result["series"] for result in asked["results"]], sorted((c["role"], c["name"], c["type"], c["distinct"]) for c in columns)))
    test.check("CSV and NDJSON are the same numbers", answers[0] == answers[1] and answers[0][0][2][0]["value"] > 0.5, answers)
    ragged = folder / "ragged.csv"
    ragged.write_text("request_id,score,label\nr1,0.5,1\nr2,0.5\nr3,2.5,0\n")
    done = test.run("import", "--data-dir", data, *sets, str(ragged))
    test.check("what is wrong with a row is told", done.returncode == 1 and done.stdout.startswith("1 ingested, 0 duplicates, 2 rejected")
               and "line 3: 2 cells, the header has 3" in done.stderr and "columns left out: label" in done.stderr, done)
    for flags, said in ((["--map", "request_id"], "expected FIELD=VALUE"), (["--map", "scor=score"], "did you mean score"), (["--set", "weather=x"], "no such field"),
                        (["--text", "scor"], "--text scor: there is no such column (did you mean score?)"), (["--format", "xml"], "xml")):
        done = test.run("import", "--data-dir", data, *flags, str(ragged))
        test.check(f"mistake {flags}", done.returncode == 2 and said in done.stderr, done)


def plugins(test: Test, folder: Path) -> None:
    """A metric of a plugin answers like any other, live and after a restart; a plugin that does not fit stops the start with one line."""
    built = str(Path(test.binary).resolve().parent / "plugins" / "decision_cost.so")
    rows = [(i % 3 == 0, i % 4 == 0) for i in range(240)]  # Positive by its label, by its prediction.
    data = str(folder / "plugins")
    events = [{"deployment_id": "p", "model_version": "v", "request_id": f"r{i}", "timestamp": 1_700_000_000_000 + i * 60_000,
               "prediction": {"class": "yes" if predicted else "no"}, "metadata": {"half": i % 2}} for i, (_, predicted) in enumerate(rows)]
    labels = [{"deployment_id": "p", "request_id": f"r{i}", "label": "yes" if label else "no"} for i, (label, _) in enumerate(rows)]

    def cost(chosen: list[tuple[bool, bool]]) -> float:
        return sum(5.0 if label and not predicted else 1.0 if predicted and not label else 0.0 for label, predicted in chosen) / len(chosen)

    question = {"metric": "decision_cost", "deployment_id": "p", "from_": "2023-11-14T00:00:00Z", "to": "2023-11-16T00:00:00Z"}
    for start in range(2):
        with Server(test.binary, folder=data, environment={"AIML042_PLUGINS__FILES": built}) as server:
            if start == 0:
                server.request("POST", "/v1/ingest/metrics", events)
                empty = server.get("/v1/metrics/query", **question, min_seq=server.get("/v1/system")["seq"])["series"][0]
                test.check("a plugin says why there is no value", empty["value"] is None and empty["reason"] == "no labels", empty)
                sent = server.request("POST", "/v1/labels", labels)
                server.get("/v1/metrics/query", **question, min_seq=sent.headers["x-aiml042-seq"])
            answer = server.get("/v1/metrics/query", **question, ci="0.95")["series"][0]
            test.check(f"a plugin's metric, start {start}", abs(answer["value"] - cost(rows)) < 1e-12 and answer["n"] == 240
                       and answer["ci"][0] < answer["value"] < answer["ci"][1], answer)
            grouped = server.get("/v1/metrics/query", **question, group_by="half")["groups"]
            test.check("by group", [g["series"][0]["value"] for g in sorted(grouped, key=lambda g: str(g["by"]))] == [cost(rows[0::2]), cost(rows[1::2])], grouped)
            listed = [m for m in server.get("/v1/metrics/catalog")["metrics"] if m["name"] == "decision_cost"]
            test.check("in the catalogue", len(listed) == 1 and listed[0]["family"] == "plugin" and listed[0]["formula"] == "(5 FN + FP) / n", listed)
    for files, said in (("/nowhere/p.so", "/nowhere/p.so"), (str(ROOT / "README.md"), "README.md"), (f"{built},{built}", "there is a metric decision_cost already"),
                        ("/lib/x86_64-linux-gnu/libz.so.1", "it is no plugin of aiml042")):
        done = test.run("serve", "--data-dir", data, "--listen", "127.0.0.1:0", env={**os.environ, "AIML042_PLUGINS__FILES": files})
        lines = [line for line in done.stderr.splitlines() if not line.startswith("{")]
        test.check(f"plugin {files}", done.returncode == 2 and len(lines) == 1 and "plugins.files" in lines[0] and said in lines[0], done)


def keys_import_verify(test: Test, folder: Path) -> None:
    """A data directory filled by `import`, its keys made by `keys`, clean for `verify`, then served."""
    data = str(folder / "data")
    events, labels = str(REPLAY / "events.ndjson.gz"), str(REPLAY / "labels.ndjson.gz")
    done = test.run("import", "--data-dir", data, events)
    test.check("import events", done.returncode == 0 and done.stdout.startswith("1441 ingested, 0 duplicates"), done)
    done = test.run("import", "--data-dir", data, events)
    test.check("import again", done.returncode == 0 and done.stdout.startswith("0 ingested, 1441 duplicates"), done)
    done = test.run("import", "--data-dir", data, "--labels", labels)
    test.check("import labels", done.returncode == 0 and done.stdout.startswith("1441 ingested"), done)
    done = test.run("verify", "--data-dir", data)
    test.check("verify", done.returncode == 0 and "1441 events" in done.stdout and done.stdout.endswith("clean\n"), done)
    done = test.run("keys", "create", "--data-dir", data, "--name", "reader", "--scope", "metrics:read")
    secret = re.search(r"aiml_\w+", done.stdout)
    test.check("keys create", done.returncode == 0 and secret is not None, done)
    done = test.run("keys", "create", "--data-dir", data, "--name", "x", "--scope", "metrics:write")
    test.check("keys create, wrong scope", done.returncode == 2 and "metrics:write" in done.stderr, done)
    listed = test.run("keys", "list", "--data-dir", data)
    key_id = re.search(r"key_(?!id\b)\w+", listed.stdout)
    test.check("keys list", listed.returncode == 0 and "reader" in listed.stdout and key_id is not None, listed)
    assert secret is not None and key_id is not None
    test.check("keys list shows no secret", secret[0] not in listed.stdout, listed.stdout)
    with Server(test.binary, folder=data) as server:
        question = {"metric": "count", "deployment_id": "mortgage_denial", "from": "2024-01-01T00:00:00Z", "to": "2025-01-01T00:00:00Z"}
        answer = server.request("GET", "/v1/metrics/query", key=secret[0], **question)
        test.check("made key reads", answer.status == 200 and answer.json()["series"][0]["value"] == 1441, answer)
        second = test.run("serve", "--data-dir", data, "--listen", "127.0.0.1:0")
        test.check("second user refused", second.returncode == 2 and str(server.process.pid) in second.stderr, second.stderr)
        lines = gzip.decompress((REPLAY / "events.ndjson.gz").read_bytes()).split(b"\n")[:3]
        extra = folder / "extra.ndjson"
        extra.write_bytes(b"\n".join(lines).replace(b"hmda-", b"extra-") + b'\n{"nonsense": 1}\n')
        done = test.run("import", "--url", server.url, "--api-key", ADMIN_KEY, str(extra))
        test.check("import to a server", done.returncode == 1 and done.stdout.startswith("3 ingested, 0 duplicates, 1 rejected")
                   and "line 4" in done.stderr, done)
        test.check("keys revoke", test.run("keys", "revoke", "--data-dir", data, key_id[0]).returncode == 0)
        refused, until = False, time.monotonic() + 10
        while not refused and time.monotonic() < until:
            refused = server.request("GET", "/v1/metrics/query", key=secret[0], **question).status == 401
        test.check("revoked key is refused by the running server", refused)
        test.check("SIGTERM exits 0", server.stop(signal.SIGTERM) == 0)
    test.check("clean after the server", test.run("verify", "--data-dir", data).returncode == 0)
    victim = max((Path(data) / "store").glob("*.sst"), key=lambda path: path.stat().st_size)
    damaged = bytearray(victim.read_bytes())
    damaged[len(damaged) // 3] ^= 0x10
    victim.write_bytes(damaged)
    done = test.run("verify", "--data-dir", data)
    test.check("verify sees a flipped bit", done.returncode == 1 and "damaged" in done.stdout, done)


def admin_key(test: Test, folder: Path) -> None:
    """Without AIML042_ADMIN_KEY one is made, printed once, and kept in admin.key with mode 0600."""
    data = folder / "fresh"
    with Server(test.binary, folder=str(data), environment={"AIML042_ADMIN_KEY": ""}) as server:
        stored = (data / "admin.key").read_text().strip()
        test.check("admin.key mode", (data / "admin.key").stat().st_mode & 0o777 == 0o600)
        test.check("admin.key works", server.request("GET", "/v1/keys", key=stored).status == 200)
        test.check("healthz", server.request("GET", "/healthz", key=None).status == 200)
        test.check("readyz", server.request("GET", "/readyz", key=None).status == 200)
        logged = [json.loads(line) for line in (folder / "fresh.log").read_text().splitlines()]
        test.check("the log is JSON lines", all("event" in line for line in logged), logged[:1])


def main() -> int:
    """Runs all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="build/release/aiml042")
    test = Test(parser.parse_args().binary)
    with tempfile.TemporaryDirectory(prefix="aiml042-command-") as folder:
        for part in (help_and_mistakes, ipv6, import_csv, plugins, keys_import_verify, admin_key):
            try:
                part(test, Path(folder))
            except (RuntimeError, AssertionError, OSError) as error:
                test.check(part.__name__, False, repr(error))
    print(f"{test.passed} passed, {test.failed} failed")
    return 1 if test.failed else 0


if __name__ == "__main__":
    sys.exit(main())
