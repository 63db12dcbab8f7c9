"""The fast gates: clang-format, room layers, and the rules of taste that a script can hold.

Prints one line per fault and closes with "N passed, N failed", a rule being one test.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOM = re.compile(r"aiml_room\((\w+)\s+LAYER\s+(\d+)(?:\s+USES\s+([\w\s]+?))?(?:\s+THIRD_PARTY\s+([\w\s]+?))?\s*\)")
INCLUDE = re.compile(r'^\s*#include\s+[<"]([^>"]+)[>"]', re.MULTILINE)
HOMES = {  # Which rooms may include a library's headers.
    "boost/asio": {"net"}, "boost/beast": {"net"}, "boost/math": {"stats"}, "rocksdb/": {"store"}, "sqlite3.h": {"catalog"},
    "simdjson": {"codec"}, "yaml-cpp": {"app"}, "CLI/": {"app"}, "spdlog/": {"base"}, "openssl/": {"os", "access", "net"},
}
BANNED = {
    r"\bstd::cout\b": "std::cout", r"#include <regex>": "<regex>", r"#include <iostream>": "<iostream>",
    r"\bco_(await|return|yield)\b": "a coroutine (clang-tidy 14 cannot check what its parameters outlive)",
    r"\bsleep_for\b|\busleep\(|\bsleep\(": "sleeping", r"\brand\(\)": "rand()",
}
NAMES = re.compile(r"util|helper|manager|common", re.IGNORECASE)


def sources(*suffixes: str) -> list[Path]:
    """Tracked files of those suffixes under the C++ folders."""
    listed = subprocess.run(["git", "ls-files", "src", "include", "tests", "bench", "plugins"], cwd=ROOT,
                            capture_output=True, text=True, check=True).stdout.split()
    return [ROOT / name for name in listed if name.endswith(suffixes)]


def check_format() -> list[str]:
    """Every C++ file is as clang-format 14 writes it; other versions write differently, so none stands in for it."""
    if not shutil.which("clang-format-14"):
        return ["clang-format-14 is missing: run scripts/install"]
    files = [str(path.relative_to(ROOT)) for path in sources(".cpp", ".h")]
    parts = [files[at:at + 16] for at in range(0, len(files), 16)]

    def differing(part: list[str]) -> list[str]:
        done = subprocess.run(["clang-format-14", "--dry-run", "-Werror", *part], cwd=ROOT, capture_output=True, text=True, check=False)
        found = sorted({line.split(":")[0] for line in done.stderr.splitlines() if "[-Wclang-format-violations]" in line})
        return found or ([done.stderr.strip()] if done.returncode else [])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        wrong = [name for found in pool.map(differing, parts) for name in found]
    return [f"{name}: not formatted, run: clang-format-14 -i {name}" for name in wrong]


def check_layers() -> list[str]:
    """Rooms include only what their CMake line lists; libraries only in their home room."""
    rooms = {}
    for path in (ROOT / "src").glob("*/CMakeLists.txt"):
        if match := ROOM.search(path.read_text()):
            rooms[match[1]] = (int(match[2]), set((match[3] or "").split()))
    faults = []
    for path in sources(".cpp", ".h"):
        parts = path.relative_to(ROOT).parts
        if parts[0] != "src":
            continue
        room = parts[1]
        for include in INCLUDE.findall(path.read_text()):
            head = include.split("/")[0]
            if head in rooms and head != room and head not in rooms[room][1]:
                faults.append(f"{path.relative_to(ROOT)}: {room} may not include {include}")
            for prefix, homes in HOMES.items():
                if include.startswith(prefix) and room not in homes:
                    faults.append(f"{path.relative_to(ROOT)}: {include} belongs to {', '.join(sorted(homes))}")
    for room, (layer, used) in rooms.items():
        faults += [f"{room} (layer {layer}) uses {other} (layer {rooms[other][0]})"
                   for other in used if other in rooms and rooms[other][0] >= layer]
        if not (ROOT / "src" / room / "README.md").exists():
            faults.append(f"src/{room}/README.md is missing")
    return faults


def check_taste() -> list[str]:
    """Bans, names, lengths."""
    faults = []
    for path in sources(".cpp", ".h"):
        name = path.relative_to(ROOT)
        text = path.read_text()
        if name.parts[0] == "src":
            faults += [f"{name}: {what} is banned" for pattern, what in BANNED.items() if re.search(pattern, text)]
        if NAMES.search(name.stem):
            faults.append(f"{name}: say what it is, not 'util', 'helper', 'manager' or 'common'")
        if (lines := text.count("\n")) > 800:
            faults.append(f"{name}: {lines} lines, more than 800")
    return faults


def check_traces() -> list[str]:
    """Nothing of one machine or registry in a tracked file."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    pattern = re.compile("/" + r"work/(main|shared)|" + "/" + r"root/|deb\.debian" + r"\.org|registry\.npmjs" + r"\.org")
    faults = []
    for name in listed:
        path = ROOT / name
        if path.suffix in {".gz", ".png", ".seg"} or name == "web/package-lock.json" or not path.is_file():
            continue
        if match := pattern.search(path.read_text(errors="replace")):
            faults.append(f"{name}: names {match[0]}")
    return faults


def main() -> int:
    """Runs every rule."""
    passed = failed = 0
    for rule in (check_format, check_layers, check_taste, check_traces):
        faults = rule()
        for fault in faults:
            print(fault)
        passed, failed = passed + (not faults), failed + bool(faults)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
