"""Every command of README.md, run.

Fenced shell blocks are run line by line, in order, in a folder that looks like a clone; the server in the background, on a
free port instead of 8042. Commands in running text are run too: one that this program does not know is a failure, so that
README gains no command without a test. `scripts/test` itself is not run again, only asked what it would run.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Optional

ROOT = Path(__file__).resolve().parent.parent.parent
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:aiml042|scripts/\w+|python3|pip|build/[^\s`]+)(?: [^`]*)?)`")
LINK = re.compile(r"\]\(([^)#:]+)\)")
REPLAY = ROOT / "configs" / "demo" / "replays" / "mortgage"


class Test:
    """A folder that looks like a clone, and the counts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.passed = self.failed = self.skipped = 0
        self.background: list[subprocess.Popen[str]] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        for name in ("build", "scripts", "sdk", "bench", "configs", "tests", "src", "web", "docs"):
            (folder / name).symlink_to(ROOT / name)
        self.environment = {**os.environ, "AIML042_SERVER__LISTEN": self.address}
        self.environment.pop("AIML042_ADMIN_KEY", None)

    def check(self, what: str, good: bool, seen: object = "") -> bool:
        """Counts one expectation."""
        self.passed += good
        self.failed += not good
        if not good:
            print(f"  {what}: {str(seen)[-600:]}")
        return good

    def run(self, command: str, timeout_s: float = 120, **environment: str) -> subprocess.CompletedProcess[str]:
        """A command as README has it, but for the port."""
        return subprocess.run(["bash", "-c", command.replace("127.0.0.1:8042", self.address)], cwd=self.folder, text=True, check=False,
                              capture_output=True, timeout=timeout_s, env={**self.environment, **environment}, stdin=subprocess.DEVNULL)

    def start(self, command: str) -> None:
        """A server in the background, until it answers."""
        process = subprocess.Popen(["bash", "-c", "exec " + command], cwd=self.folder, env=self.environment, text=True,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.background.append(process)
        host, port = self.address.split(":")
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            connection = http.client.HTTPConnection(host, int(port), timeout=5)
            try:
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    self.check(command, True)
                    return
            except OSError:
                try:
                    process.wait(0.05)
                except subprocess.TimeoutExpired:
                    pass
            finally:
                connection.close()
        self.check(command, False, f"does not answer, exit {process.poll()}")

    def stop(self) -> None:
        """Ends the servers."""
        for process in self.background:
            process.send_signal(signal.SIGTERM)
            self.check("the server of README ends well", process.wait(60) == 0, process.returncode)
        self.background.clear()

    def ask(self, **parameters: Any) -> Any:
        """A value of the server that README starts."""
        key = (self.folder / "data" / "admin.key").read_text().strip()
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        connection = http.client.HTTPConnection(*self.address.split(":"), timeout=30)
        try:
            connection.request("GET", f"/v1/metrics/query?{query}", headers={"Authorization": f"Bearer {key}"})
            answer = json.loads(connection.getresponse().read())
            return answer.get("series", [{"value": answer}])[0]["value"]
        finally:
            connection.close()

    def wait_for(self, what: str, value: Callable[[], Any], wanted: Any) -> None:
        """Waits until a value is as it should be."""
        until = time.monotonic() + 15
        while (got := value()) != wanted and time.monotonic() < until:
            pass
        self.check(what, got == wanted, got)


def commands_of(block: str) -> list[str]:
    """The commands of a shell block: what goes over several lines in quotes or with a backslash is one."""
    commands, pending = [], ""
    for line in block.splitlines():
        pending += line + "\n"
        open_quote = len(re.findall(r"(?<!\\)'", pending)) % 2 == 1
        if not open_quote and not line.endswith("\\"):
            commands.append(pending.strip())
            pending = ""
    return [command for command in commands if command and not command.startswith("#")]


def run_script(test: Test, command: str) -> None:
    """One of the two commands of README: there, quick when there is nothing to do, and doing what is said of it."""
    script = ROOT / command.split()[0]
    test.check(f"{script.name} is a program", os.access(script, os.X_OK) and test.run(f"bash -n {script}").returncode == 0)
    if script.name == "test":
        done = test.run("scripts/test --list")
        test.check("scripts/test --list", done.returncode == 0 and "unit" in done.stdout, done)
    if script.name == "run":
        done = test.run("scripts/install --check")
        test.check("scripts/install finds nothing missing", done.returncode == 0 and not done.stderr, done)
        run_demo(test)
    if script.name == "build":
        done = test.run("scripts/build --help")
        test.check("scripts/build --help", done.returncode == 0 and "build/release/aiml042" in done.stdout, done)


def run_demo(test: Test) -> None:
    """`scripts/run` in the repository itself, where all is built: prints a URL, which answers."""
    with tempfile.TemporaryDirectory(prefix="aiml042-readme-demo-") as data:
        process = subprocess.Popen(["scripts/run", "--listen", "127.0.0.1:0", "--data-dir", f"{data}/demo"], cwd=ROOT, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**test.environment, "AIML042_SERVER__LISTEN": ""})
        assert process.stdout is not None
        url = next((match for line in process.stdout if (match := re.search(r"http://([\d.]+):(\d+)", line))), None)
        if test.check("scripts/run prints a URL", url is not None) and url is not None:
            connection = http.client.HTTPConnection(url[1], int(url[2]), timeout=30)
            connection.request("GET", "/")
            test.check("scripts/run serves the page", connection.getresponse().status == 200)
            connection.close()
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
        test.check("the demo ends well", process.wait(60) == 0, process.returncode)


def run_block(test: Test, block: str) -> None:
    """One shell block."""
    for command in commands_of(block):
        if re.match(r"scripts/\w+", command):
            run_script(test, command)
        elif re.match(r"\S*aiml042 serve", command):
            test.start(command)
        elif "/v1/metrics/query" in command:
            asked = command
            test.wait_for(asked.splitlines()[0], lambda: value_of(test.run(asked)), 1.0)  # noqa: B023
        else:
            done = test.run(command)
            test.check(command.splitlines()[0], done.returncode == 0 and is_taken(done.stdout), done)


def is_taken(text: str) -> bool:
    """The answer to an ingest request that took one item."""
    try:
        return bool(json.loads(text)["ingested"] == 1)
    except (ValueError, KeyError):
        return False


def value_of(done: subprocess.CompletedProcess[str]) -> Any:
    """The one value of a query's answer."""
    try:
        return json.loads(done.stdout)["series"][0]["value"]
    except (ValueError, KeyError, IndexError):
        return done.stdout + done.stderr


def run_python(test: Test, snippet: str) -> None:
    """The client's lines: against an empty server, where both items must arrive though nobody waits for them."""
    test.stop()
    shutil.rmtree(test.folder / "data")
    test.start("build/release/aiml042 serve --data-dir ./data")
    key = (test.folder / "data" / "admin.key").read_text().strip()
    program = test.folder / "snippet.py"
    program.write_text(snippet.replace("YOUR_KEY", key).replace("127.0.0.1:8042", test.address))
    statements = len(compile(snippet, "README", "exec", flags=0x400).body)
    test.check("the snippet has five statements at most", statements <= 5, statements)
    done = test.run(f"{sys.executable} snippet.py", PYTHONPATH=str(test.folder / "sdk" / "python"))
    test.check("the Python snippet", done.returncode == 0 and not done.stderr, done)
    test.wait_for("the snippet's event has its label", lambda: test.ask(metric="accuracy", deployment_id="dep_123"), 1.0)
    test.check("the snippet sent one event", test.ask(metric="count", deployment_id="dep_123") == 1)


def pip_install(test: Test, command: str) -> None:
    """`pip install ./sdk/python`; building a package takes setuptools from an index."""
    installed = test.folder / "installed"
    shutil.copytree(ROOT / "sdk" / "python", test.folder / "package")  # Building leaves files beside the sources.
    done = test.run(command.replace("pip install", f"{sys.executable} -m pip install --quiet --target {installed}")
                    .replace("./sdk/python", "./package"), PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_RETRIES="0", PIP_TIMEOUT="10")
    if done.returncode != 0 and re.search(r"No module named pip|setuptools|externally-managed", done.stderr):
        print(f"skipped: {command}: no pip here, or no index that has setuptools")
        test.skipped += 1
        return
    test.check(command, done.returncode == 0 and (installed / "aiml042" / "client.py").exists(), done)


def import_files(test: Test, command: str) -> None:
    """`aiml042 import …` into ./data, where no server runs."""
    test.stop()
    for name in ("events", "labels"):
        if not (test.folder / f"{name}.ndjson.gz").exists():
            shutil.copy(REPLAY / f"{name}.ndjson.gz", test.folder)
        shutil.copy(REPLAY / f"{name}.ndjson.gz", test.folder / f"{name}.ndjson.gz")
    done = test.run(f"build/release/{command}")
    test.check(command, done.returncode == 0 and re.match(r"[1-9]\d* ingested", done.stdout) is not None, done)


def run_bench(test: Test, command: str) -> None:
    """The table, of a tiny size."""
    if not (ROOT / "build/release/bench/load/aiml042_load").exists():
        print(f"skipped: {command}: the load generator is not built (scripts/test builds it)")
        test.skipped += 1
        return
    done = test.run(f"{command} --seconds 1 --events 20000 --replay-events 20000", timeout_s=300)
    rows = [f"| {name} |" for name in ("T1", "T2", "T4", "T8", "T9", "T11", "T12", "T13", "T16", "T17", "T20")]
    test.check(command, done.returncode == 0 and all(row in done.stdout for row in rows), done)


def run_inline(test: Test, command: str) -> None:
    """A command in running text."""
    if command in {"aiml042", "python3"}:
        return
    if command.startswith("aiml042 import "):
        import_files(test, command)
    elif command.startswith("pip install "):
        pip_install(test, command)
    elif command == "aiml042 keys create":
        done = test.run(f"build/release/{command} --name readme --scope metrics:read --data-dir ./data")
        test.check(command, done.returncode == 0 and "aiml_" in done.stdout, done)
    elif command == "aiml042 verify":
        test.stop()
        done = test.run(f"build/release/{command} --data-dir ./data")
        test.check(command, done.returncode == 0, done)
    elif command == "python3 bench/run.py":
        run_bench(test, command)
    elif command == "python3 bench/metrics/run.py":
        done = test.run(f"{command} --rows 3000", timeout_s=120)
        test.check(command, done.returncode == 0 and "| drift of 20 columns, frozen reference |" in done.stdout, done)
    elif command.startswith("scripts/test "):  # This may be a stage of it: what is named must be there.
        stages, flags = test.run("scripts/test --list").stdout, test.run("python3 scripts/test.py --help").stdout
        test.check(command, all(word in flags if word.startswith("-") else re.search(rf"^{word} ", stages, re.MULTILINE)
                                for word in command.split()[1:]), stages)
    elif command == "python3 .ci/tidy.py --record":
        test.check(command, "--record" in test.run(f"python3 {ROOT}/.ci/tidy.py --help").stdout)
    elif re.fullmatch(r"scripts/(run|test|build)", command):
        run_script(test, command)
    elif command.startswith("build/"):
        test.check(command, (ROOT / command).exists())
    else:
        test.check(f"README has a command that no test runs: {command}", False)


def main() -> int:
    """Reads README.md and runs it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readme", default=str(ROOT / "README.md"))
    text = Path(parser.parse_args().readme).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="aiml042-readme-") as folder:
        test = Test(Path(folder))
        try:
            for language, block in FENCE.findall(text):
                if language in {"sh", "bash", "console", ""}:
                    run_block(test, block)
                elif language == "python":
                    run_python(test, block)
            for command in dict.fromkeys(INLINE.findall(FENCE.sub("", text))):
                run_inline(test, command)
            for target in dict.fromkeys(LINK.findall(text)):
                test.check(f"{target} is there", (ROOT / target).exists())
        finally:
            test.stop()
        if test.skipped:
            print(f"{test.passed} passed, {test.failed} failed, {test.skipped} skipped")
        else:
            print(f"{test.passed} passed, {test.failed} failed")
        return 1 if test.failed else 0


if __name__ == "__main__":
    sys.exit(main())
