"""Lines of src/ that the unit tests of the preset `coverage` reached, by room; fails below 80 % in total.

Reads what gcov says of every object file in build/coverage; a header's line counts as reached when any object reached it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "coverage"
BAR = 80.0


def lines_of(data: Path) -> dict[str, dict[int, bool]]:
    """Whether each line was reached, by file of src/, as one object file saw it."""
    done = subprocess.run(["gcov-12", "--json-format", "--stdout", data.name], cwd=data.parent, capture_output=True, text=True, check=True)
    found: dict[str, dict[int, bool]] = defaultdict(dict)
    for document in done.stdout.splitlines():
        for entry in json.loads(document)["files"]:
            path = (BUILD / entry["file"]).resolve()
            if not path.is_relative_to(ROOT / "src"):
                continue
            lines = found[str(path.relative_to(ROOT / "src"))]
            for line in entry["lines"]:
                number = line["line_number"]
                lines[number] = lines.get(number, False) or line["count"] > 0
    return found


def main() -> int:
    """Prints the table."""
    total: dict[str, dict[int, bool]] = defaultdict(dict)
    notes = [path for path in BUILD.rglob("*.gcno") if path.with_suffix(".gcda").exists() or "/src/" in str(path)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lines_of, sorted(notes)):
            for name, lines in found.items():
                for number, hit in lines.items():
                    total[name][number] = total[name].get(number, False) or hit
    rooms: dict[str, list[bool]] = defaultdict(list)
    for name, lines in total.items():
        rooms[name.split("/")[0]] += lines.values()
    everything = [hit for hits in rooms.values() for hit in hits]
    for room, hits in [*sorted(rooms.items()), ("all", everything)]:
        share = 100.0 * sum(hits) / max(len(hits), 1)
        print(f"{room:10} {sum(hits):6} of {len(hits):6} lines {share:5.1f} %")
    enough = bool(everything) and 100.0 * sum(everything) >= BAR * len(everything)
    print(f"{int(enough)} passed, {int(not enough)} failed")
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
