"""libFuzzer on every target for a while each, from its kept corpus; what it finds stays in build/fuzz/findings."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    """Builds the fuzz preset and runs each target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    if subprocess.run(["scripts/build", "fuzz"], cwd=ROOT, check=False).returncode != 0:
        print("0 passed, 1 failed")
        return 1
    passed = failed = 0
    for target in sorted((ROOT / "build" / "fuzz" / "tests").glob("*_fuzz")):
        name = target.name.removesuffix("_fuzz")
        findings = ROOT / "build" / "fuzz" / "findings" / name
        grown = ROOT / "build" / "fuzz" / "corpus" / name
        for folder in (findings, grown):
            folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([target, f"-max_total_time={options.seconds}", f"-artifact_prefix={findings}/", "-timeout=10",
                               "-rss_limit_mb=2048", "-print_final_stats=1", grown,
                               ROOT / "tests" / "fuzz" / "corpus" / name], capture_output=True, text=True, check=False)
        runs = re.search(r"number_of_executed_units:\s+(\d+)", done.stderr)
        print(f"{name}: {runs[1] if runs else '?'} runs, {'no finding' if done.returncode == 0 else 'FOUND SOMETHING'}")
        if done.returncode != 0:
            print(done.stderr[-3000:])
        passed, failed = passed + (done.returncode == 0), failed + (done.returncode != 0)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
