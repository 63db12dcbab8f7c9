#!/usr/bin/env python3
"""Crashes the log or the whole server again and again, and checks every acknowledged item after each.

    tests/crash/run.py --target probe --mode torn --cycles 100 [--seed N]
    tests/crash/run.py --target server --mode kill --cycles 50 --binary build/release/aiml042
    tests/crash/run.py --target server --mode full --cycles 4

Modes: kill (SIGKILL under load), torn (the same, then a random part of what was never synced is gone), partial (a kill
while some days are sealed and others are not), nth (the Nth write or sync fails, falls short or kills), full (the disk
fills up and is freed), zero (a start with no byte free). Prints a scoreboard and "N passed, N failed"; exits 1 when anything failed. Standard library and
`cc` only.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

import faults
import probe
import server
from score import Score
from small_disk import SmallDisk
from torn import Shim

ROOT = Path(__file__).resolve().parent.parent.parent
BINARIES = {"probe": "build/release/tests/crash/wal_probe", "server": "build/release/aiml042"}
EXIT_LOG_FAILED = 70
FAULTS = ("EIO", "ENOSPC", "SHORT", "KILL")


def probe_crashes(oracle: probe.Oracle, args: argparse.Namespace, rng: random.Random, power: bool) -> None:
    """SIGKILL, and with `power` the loss of what was not synced."""
    shim = Shim() if power else None
    try:
        for cycle in range(args.cycles):
            env = shim.environment(oracle.folder, direct=rng.random() < 0.5) if shim else {}
            life = oracle.life(env, rng.getrandbits(32))
            life.start()
            life.wait_for_answers(rng.choice((1, 20, 100, 400)), 20)
            life.kill()
            oracle.score.add(cycles=1, answers=life.answers)
            if shim:
                undone = shim.power_cut(oracle.folder, rng)
                oracle.score.add(sectors_lost=undone.sectors, sectors_kept=undone.kept, sizes_lost=undone.sizes)
            oracle.verify(f"cycle {cycle}")
    finally:
        if shim:
            shim.close()


def probe_faults(oracle: probe.Oracle, args: argparse.Namespace, rng: random.Random) -> None:
    """Each fault at points spread over all calls of a run."""
    shim = Shim()
    records = 200
    try:
        for direct in (True, False):
            life = oracle.life(shim.environment(oracle.folder, direct=direct), 1)
            life.start(records)
            oracle.score.check(life.join() == 0, "a run without faults ends well")
            calls = sum(shim.counts())
            points = [(n, fault) for fault in FAULTS for n in range(1, calls + 1)]
            for n, fault in rng.sample(points, min(args.cycles // 2, len(points))):
                story = f"{fault} at call {n} of {calls}, direct {direct}"
                env = shim.environment(oracle.folder, fail=f"all:{n}:{fault}", direct=direct)
                life = oracle.life(env, 1)
                life.start(records)
                code = life.join()
                oracle.score.check(code in (0, 1, EXIT_LOG_FAILED, -9), f"{story}: exit {code}")
                shim.power_cut(oracle.folder, rng)
                oracle.verify(story)
                life = oracle.life({}, n)
                life.start(20)
                oracle.score.check(life.join() == 0, f"{story}: the next start works")
                oracle.verify(f"{story}, and on")
                oracle.score.add(cycles=1, **{f"faults_{fault}": 1, f"exits_{code}": 1})
    finally:
        shim.close()


def probe_full(binary: str, args: argparse.Namespace, rng: random.Random, score: Score) -> None:
    """The disk fills up (found early, then by ENOSPC), refuses, is freed, goes on."""
    with SmallDisk(48) as disk:
        if disk.kind is None:
            print("skipped: neither a loop mount nor a tmpfs may be made here")
            return
        score.title += f" ({disk.kind})"
        oracle = probe.Oracle(binary, disk.data, score)
        for cycle in range(args.cycles):
            margin = rng.choice((0, 3 << 20))
            disk.fill((5 << 20) + margin)
            life = oracle.life({"PROBE_FREE_BYTES_MIN": str(margin)}, rng.getrandbits(32))
            life.start()
            refused = life.wait_for_code("disk_full", 30)
            score.check(refused, f"cycle {cycle}: a full disk is never refused")
            disk.free()
            score.check(life.wait_for_code("ok", 30), f"cycle {cycle}: does not recover by itself")
            life.kill()
            oracle.verify(f"cycle {cycle}")
            score.add(cycles=1, answers=life.answers)
            if cycle % 3 == 2:  # As a checkpoint would.
                oracle.let_go_of_all()


def run_probe(args: argparse.Namespace, rng: random.Random, score: Score) -> None:
    """All modes against the log alone."""
    if args.mode == "full":
        probe_full(args.binary, args, rng, score)
        return
    folder = tempfile.mkdtemp(prefix="aiml042-crash-")
    try:
        oracle = probe.Oracle(args.binary, folder, score)
        if args.mode == "nth":
            probe_faults(oracle, args, rng)
        else:
            probe_crashes(oracle, args, rng, args.mode == "torn")
    finally:
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Parses the command line and runs one mode."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", choices=("probe", "server"), default="server")
    parser.add_argument("--mode", choices=("kill", "torn", "partial", "nth", "full", "zero"), default="kill")
    parser.add_argument("--cycles", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--binary", default=None)
    parser.add_argument("--keep", action="store_true", help="leave the folder behind")
    args = parser.parse_args()
    args.binary = str(Path(args.binary or ROOT / BINARIES[args.target]).resolve())
    seed = args.seed if args.seed is not None else random.SystemRandom().getrandbits(32)
    print(f"{args.target} {args.mode}: {args.cycles} cycles, --seed {seed}", flush=True)
    score = Score(f"{args.target} {args.mode}")
    of_server = {"nth": faults.run_nth, "full": faults.run_full, "zero": faults.run_zero}.get(args.mode, server.run)
    (run_probe if args.target == "probe" else of_server)(args, random.Random(seed), score)
    return score.finish()


if __name__ == "__main__":
    sys.exit(main())
