#!/usr/bin/env python3
"""Proves that the crash harness and the random histories see what they are for: with each fault they fail, without pass.

    tests/crash/prove.py [--build build/sabotage] [--target probe|server|both] [--cycles N]

Needs the binaries of `cmake --preset sabotage`. Prints "N passed, N failed".
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BINARIES = {"probe": "tests/crash/wal_probe", "server": "aiml042"}
# Fault, mode that must see it, targets. The first line is the control.
CASES = (
    ("", "torn", ("probe", "server")),
    ("no_sync", "torn", ("probe", "server")),
    ("ack_before_sync", "torn", ("probe", "server")),
    ("forget_on_restart", "kill", ("server",)),
    ("", "history", ("server",)),
    ("forget_on_restart", "history", ("server",)),
)


def main() -> int:
    """Runs the cases; exit code 1 when the harness is blind to one of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(HERE.parent.parent / "build/sabotage"))
    parser.add_argument("--target", choices=("probe", "server", "both"), default="both")
    parser.add_argument("--cycles", type=int, default=30)
    parser.add_argument("--seed", type=int, default=42)
    args = parser.parse_args()
    passed = failed = 0
    for fault, mode, targets in CASES:
        for target in targets:
            if args.target not in (target, "both"):
                continue
            command = [str(HERE / "run.py"), "--target", target, "--mode", mode, "--cycles", str(args.cycles), "--seed", str(args.seed)]
            if mode == "history":
                command = [str(HERE.parent / "history" / "run.py"), "--seeds", "1"]
            done = subprocess.run(
                [sys.executable, *command, "--binary", str(Path(args.build) / BINARIES[target])],
                env={**os.environ, "AIML042_SABOTAGE_FAULT": fault}, capture_output=True, text=True, check=False)
            # A harness that broke down has seen nothing: only its own verdict counts.
            verdict = done.stdout.strip().rpartition("\n")[2]
            seen = done.returncode == 1 and verdict.endswith("failed") and "FAILED" in done.stdout
            clean = done.returncode == 0 and verdict.endswith(" 0 failed")
            good = seen if fault else clean
            first = next((line for line in done.stdout.splitlines() if line.strip().startswith("FAILED")), "")
            print(f"{'ok ' if good else 'BAD'} {target:<6} {mode:<7} {fault or 'no fault':<18} {verdict}  {first[:90]}")
            if not good:
                print(done.stdout[-2000:] + done.stderr[-2000:])
            passed, failed = passed + good, failed + (not good)
            sys.stdout.flush()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
