"""libFuzzer on every target for a while each, from its kept corpus; what it finds stays in build/fuzz/findings.

`--keep` then adds to tests/fuzz/corpus the inputs that reach what the kept ones do not: commit them when they are few.
Closes with "N passed, N failed", a target being one test.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build" / "fuzz"
TARGETS = ("column_block", "event_json", "filter", "http_guard", "log_reader", "run_page")


def fuzz(name: str, seconds: int) -> tuple[bool, str]:
    """Runs one target; returns whether it found nothing, and what to print."""
    target = BUILD / "tests" / f"{name}_fuzz"
    if not target.exists():
        return False, f"{name}: {target.relative_to(ROOT)} was not built"
    findings, grown = BUILD / "findings" / name, BUILD / "corpus" / name
    for folder in (findings, grown):
        folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([target, f"-max_total_time={seconds}", f"-artifact_prefix={findings}/", "-timeout=10", "-rss_limit_mb=2048",
                           "-print_final_stats=1", grown, ROOT / "tests" / "fuzz" / "corpus" / name],
                          capture_output=True, text=True, errors="replace", check=False)
    runs = re.search(r"number_of_executed_units:\s+(\d+)", done.stderr)
    text = f"{name}: {runs[1] if runs else '?'} runs, {'no finding' if done.returncode == 0 else 'FOUND SOMETHING'}"
    return done.returncode == 0, text if done.returncode == 0 else f"{text}\n{done.stderr[-3000:]}"


def main() -> int:
    """Builds the fuzz preset and runs each target, as many at a time as there are cores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keep", action="store_true", help="merge what was found to reach more into tests/fuzz/corpus")
    options = parser.parse_args()
    if subprocess.run(["scripts/build", "fuzz", *(f"{name}_fuzz" for name in TARGETS)], cwd=ROOT, check=False).returncode != 0:
        print("0 passed, 1 failed")
        return 1
    passed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for good, text in pool.map(lambda name: fuzz(name, options.seconds), TARGETS):
            print(text, flush=True)
            passed += good
    if options.keep:
        for name in TARGETS:
            subprocess.run([BUILD / "tests" / f"{name}_fuzz", "-merge=1", ROOT / "tests" / "fuzz" / "corpus" / name,
                            BUILD / "corpus" / name], capture_output=True, check=True)
    print(f"{passed} passed, {len(TARGETS) - passed} failed")
    return 0 if passed == len(TARGETS) else 1


if __name__ == "__main__":
    sys.exit(main())
