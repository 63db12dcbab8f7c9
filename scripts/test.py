"""Runs the stages of the test command and closes with the sum of what they counted.

A stage is a list of commands; its last line that reads "N passed, N failed" (", N skipped" may follow) is what it counts.
A stage that exits non-zero without a failed test counts as one failed test.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "logs"
COUNTS = re.compile(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?")
CATCH_ALL = re.compile(r"All tests passed \(\d+ assertions? in (\d+) test cases?\)")
CATCH_SOME = re.compile(r"^test cases:\s+(\d+)(?: \| (\d+) passed)?(?: \| (\d+) failed)?", re.MULTILINE)
BINARY = "build/release/aiml042"

Command = list[str]

ON_REQUEST = {"tsan", "clang", "coverage", "prove"}  # Stages that run only when they are named.
UNIT_PRESETS = {"unit": "release", "sanitized": "dev", "tsan": "tsan", "coverage": "coverage"}  # Stages that run the unit tests of a preset.

AFTER: dict[str, list[Command]] = {"coverage": [[sys.executable, ".ci/coverage.py"]]}  # What follows a stage's unit tests.


def unit_commands(preset: str) -> list[Command]:
    """One command per unit-test program and fuzz replay that the preset has built."""
    folder = ROOT / "build" / preset / "tests"
    programs: list[Command] = [[str(path)] for path in sorted(folder.glob("*_test"))]
    for path in sorted(folder.glob("*_replay")):
        corpus = ROOT / "tests" / "fuzz" / "corpus" / path.name.removesuffix("_replay")
        programs.append([str(path), str(corpus)])
    return programs


def stages() -> dict[str, tuple[str, list[Command]]]:
    """Name of each stage with what it is and its commands, in the order they run."""
    python = sys.executable
    return {
        "style": ("format, layers, taste", [[python, ".ci/style.py"]]),
        "build": ("release binary and unit tests", [["env", "AIML042_BUILD_TESTS=1", "scripts/build", "release"]]),
        "tidy": ("clang-tidy over what changed", [[python, ".ci/tidy.py"]]),
        "unit": ("C++ unit tests, release", []),
        "sanitized": ("C++ unit tests under ASan and UBSan", [["scripts/build", "dev", "unit_tests"]]),
        "tsan": ("C++ unit tests under ThreadSanitizer", [["scripts/build", "tsan", "unit_tests"]]),
        "clang": ("everything builds with clang, its thread-safety analysis included", [["scripts/build", "clang"]]),
        "coverage": ("lines that the C++ unit tests reach, by room", [["scripts/build", "coverage", "unit_tests"]]),
        "web": ("the page: types, lint, layers, unit tests, size", [[python, "tests/run_web.py"]]),
        "scripts": ("packing the page into the binary", [[python, "tests/scripts/run.py"]]),
        "command": ("the command line", [[python, "tests/command/run.py", "--binary", BINARY]]),
        "api": ("attacks on the API", [[python, "tests/api/run.py", "--binary", BINARY]]),
        "oracle": ("real replays against reference answers", [[python, "tests/oracle/run.py", "--binary", BINARY]]),
        "history": ("random histories equal a recomputation from raw", [[python, "tests/history/run.py", "--binary", BINARY, "--seeds", "4"]]),
        "sdk": ("the Python SDK", [[python, "sdk/python/tests/run.py", "--binary", BINARY]]),
        "retention": ("what retention takes and what it leaves", [[python, "tests/retention/run.py", "--binary", BINARY]]),
        "damage": ("rot under a running server", [[python, "tests/damage/run.py", "--binary", BINARY]]),
        "readme": ("every command of README.md", [[python, "tests/readme/run.py"]]),
        "crash": ("kills, torn sectors, I/O errors, full disk", [
            [python, "tests/crash/run.py", "--mode", mode, "--target", target, "--cycles", cycles, "--seed", "42"]
            for target, mode, cycles in (("server", "kill", "50"), ("server", "torn", "50"), ("server", "partial", "1"), ("server", "nth", "16"),
                                         ("server", "full", "4"), ("server", "zero", "4"), ("probe", "torn", "50"), ("probe", "nth", "20"), ("probe", "full", "6"))]),
        "prove": ("the crash and history tests see deliberate faults", [
            ["scripts/build", "sabotage"], [python, "tests/crash/prove.py", "--build", "build/sabotage"]]),
        "page": ("the page in a real browser", [[python, "tests/e2e/run.py", "--binary", BINARY]]),
    }


def count(output: str) -> tuple[int, int, int]:
    """Tests passed, failed and skipped that a command's output tells of."""
    if matches := CATCH_ALL.findall(output):
        return sum(int(n) for n in matches), 0, 0
    if matches := CATCH_SOME.findall(output):
        passed = sum(int(p or 0) for _, p, _ in matches)
        return passed, sum(int(f or 0) for _, _, f in matches), 0
    if matches := COUNTS.findall(output):
        passed, failed, skipped = matches[-1]
        return int(passed), int(failed), int(skipped or 0)
    return 0, 0, 0


def run_stage(name: str, commands: list[Command]) -> tuple[int, int, int]:
    """Runs a stage's commands, its output into build/logs/<name>.log; returns its counts."""
    log = LOGS / f"{name}.log"
    total = [0, 0, 0]
    with log.open("w", encoding="utf-8") as sink:
        for command in commands:
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, errors="replace", stdin=subprocess.DEVNULL, check=False)
            sink.write(f"$ {' '.join(command)}\n{done.stdout}\n")
            counts = list(count(done.stdout))
            if done.returncode != 0:
                counts[1] = max(counts[1], 1)
                print("\n".join(f"    {line}" for line in done.stdout.splitlines()[-40:]))
                print(f"    {' '.join(command)}: exit {done.returncode}, see {log.relative_to(ROOT)}")
            else:
                for line in done.stdout.splitlines():
                    if line.startswith("skipped"):
                        print(f"    {line}")
            total = [a + b for a, b in zip(total, counts)]
    return total[0], total[1], total[2]


def main() -> int:
    """Runs all stages, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stages", nargs="*", help="only these")
    parser.add_argument("--list", action="store_true", help="name the stages and stop")
    parser.add_argument("--fuzz", action="store_true", help="one minute of libFuzzer per target as well")
    options = parser.parse_args()
    known = stages()
    if options.list:
        for name, (text, _) in known.items():
            print(f"{name:10} {text}")
        return 0
    if unknown := [name for name in options.stages if name not in known]:
        print(f"scripts/test: no stage {unknown[0]!r}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    LOGS.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("AIML042_LOG__LEVEL", "warn")
    passed = failed = skipped = 0
    started = time.monotonic()
    for name, (text, commands) in known.items():
        if name not in (options.stages or set(known) - ON_REQUEST):
            continue
        begin = time.monotonic()
        print(f"{name}: {text} …", flush=True)
        if preset := UNIT_PRESETS.get(name):
            counts = run_stage(f"{name}-build", commands) if commands else (0, 0, 0)
            if counts[1] == 0:
                counts = run_stage(name, unit_commands(preset) + AFTER.get(name, []))
        else:
            counts = run_stage(name, commands)
        passed, failed, skipped = passed + counts[0], failed + counts[1], skipped + counts[2]
        print(f"{name}: {counts[0]} passed, {counts[1]} failed, {counts[2]} skipped "
              f"({time.monotonic() - begin:.0f} s)", flush=True)
    if options.fuzz:
        counts = run_stage("fuzz", [[sys.executable, "tests/fuzz/run.py", "--seconds", "60"]])
        passed, failed = passed + counts[0], failed + counts[1]
    print(f"all stages took {time.monotonic() - started:.0f} s")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
