"""The page in Debian's chromium against the real binary with its demo data."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.harness.server import Server  # noqa: E402


def main() -> int:
    """Starts `aiml042 demo` and hands its sign-in link to the browser test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="build/release/aiml042")
    parser.add_argument("--screenshots", help="folder for screenshots")
    options = parser.parse_args()
    if not Path("/usr/bin/chromium").exists():
        print("skipped: no chromium here")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    with Server(options.binary, command="demo") as server:
        line = server.wait_for_line(re.compile(r"/signin#token="))
        link = re.search(r"http://\S+", line)
        assert link is not None
        command = ["node", "tests/e2e/run.mjs", server.url, link[0]]
        command += ["--screenshots", options.screenshots] if options.screenshots else []
        return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
