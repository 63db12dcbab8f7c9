"""The page's own checks (types, lint, layers, unit tests, build, size), counted for the test command."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).resolve().parent.parent / "web"
STEPS = ("typecheck", "lint", "depcruise", "build", "size")


def main() -> int:
    """Runs each npm script; a script counts as one test, vitest's tests count one by one."""
    passed = failed = 0
    for step in (*STEPS, "test"):
        done = subprocess.run(["npm", "run", "--silent", step], cwd=WEB, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        output = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
        counts = re.search(r"Tests\s+(?:(\d+) failed \| )?(\d+) passed", output) if step == "test" else None
        if counts:
            passed += int(counts[2])
            failed += int(counts[1] or 0)
        else:
            passed += done.returncode == 0
            failed += done.returncode != 0
        if done.returncode != 0:
            print(output[-4000:])
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
