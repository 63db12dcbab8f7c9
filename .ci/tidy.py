"""clang-tidy 14 over every translation unit of src/ whose inputs changed since it last passed.

`.ci/tidy.passed` holds, per unit, a hash over its text, every project file it includes, directly or through others, and
`.clang-tidy`. A unit whose hash stands there is not run again, so a clean tree costs a second and nothing escapes. What passes
is also kept in build/release/tidy.passed; `--record` writes the committed file from it: commit that with the change. Git joins
the lines of two branches, so a unit may stand there twice until the next record. Units come from build/release/compile_commands.json.
tests/ and bench/ are left out: Catch2's macros drown the findings.
Closes with "N passed, N failed", a unit being one test.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATABASE = ROOT / "build" / "release"
PASSED = ROOT / ".ci" / "tidy.passed"
PASSED_HERE = DATABASE / "tidy.passed"
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+[<"]([^>"]+)[>"]', re.MULTILINE)
QUIET = re.compile(r"^\d+ (warnings|errors)?.*(generated|treated as errors?)\.?$|^Suppressed |^Use -header-filter")


def closure(unit: Path, texts: dict[Path, str]) -> set[Path]:
    """The unit and all project files that it includes; `texts` keeps what was read."""
    seen: set[Path] = set()
    left = [unit]
    while left:
        path = left.pop()
        if path in seen:
            continue
        seen.add(path)
        if path not in texts:
            texts[path] = path.read_text(encoding="utf-8")
        for name in INCLUDE.findall(texts[path]):
            for candidate in (ROOT / "src" / name, path.parent / name, ROOT / "src" / f"{name}.in"):
                if candidate.is_file():
                    left.append(candidate)
                    break
    return seen


def fingerprint(unit: Path, texts: dict[Path, str]) -> str:
    """The hash of all that decides what clang-tidy says of a unit."""
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
    for path in sorted(closure(unit, texts)):
        digest.update(f"\0{path.relative_to(ROOT)}\0{texts[path]}".encode())
    return digest.hexdigest()[:32]


def recorded() -> set[str]:
    """The lines of both records."""
    return {line for path in (PASSED, PASSED_HERE) if path.exists() for line in path.read_text(encoding="utf-8").splitlines()}


def record(path: Path, lines: set[str]) -> None:
    """Replaces a record at once: a run that is stopped leaves a whole one."""
    fresh = path.with_suffix(".new")
    fresh.write_text("".join(f"{line}\n" for line in sorted(lines, key=lambda line: line.split()[-1])), encoding="utf-8")
    fresh.replace(path)


def units() -> list[Path]:
    """The translation units of src/ in the compilation database."""
    listed = json.loads((DATABASE / "compile_commands.json").read_text())
    files = {Path(entry["file"]) for entry in listed}
    return sorted(path for path in files if path.is_relative_to(ROOT / "src") and path.exists())


def examine(unit: Path) -> str:
    """What clang-tidy finds in a unit; empty when it passes."""
    done = subprocess.run(["clang-tidy-14", "--quiet", "-p", str(DATABASE), "--extra-arg=-Wno-unknown-warning-option", str(unit)],
                          cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode == 0:
        return ""
    lines = [line for line in (done.stdout + done.stderr).splitlines() if not QUIET.match(line)]
    return "\n".join(lines).replace(f"{DATABASE}/rooms/", "").replace(f"{ROOT}/", "") or f"exit {done.returncode}"


def main() -> int:
    """Runs the units that changed, or those named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", help="units of these folders or files only")
    parser.add_argument("--record", action="store_true", help="write the hashes of the units that pass")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    if not shutil.which("clang-tidy-14"):
        print("clang-tidy-14 is missing: run scripts/install\n0 passed, 1 failed")
        return 1
    if not (DATABASE / "compile_commands.json").exists():
        print("build/release/compile_commands.json is missing: run scripts/build\n0 passed, 1 failed")
        return 1
    texts: dict[Path, str] = {}
    known = recorded()
    lines = {unit: f"{fingerprint(unit, texts)}  {unit.relative_to(ROOT)}" for unit in units()}
    changed = [unit for unit in lines if lines[unit] not in known]
    if options.only:
        wanted = [Path(text).resolve() for text in options.only]
        changed = [unit for unit in changed if any(unit.is_relative_to(path) for path in wanted)]
    failed = 0
    kept = known & set(lines.values())
    with ThreadPoolExecutor(options.jobs) as pool:
        running = {pool.submit(examine, unit): unit for unit in changed}
        for done in as_completed(running):
            unit = running[done]
            if text := done.result():
                failed += 1
                print(text, flush=True)
            else:
                kept.add(lines[unit])
                record(PASSED_HERE, kept)
    if options.record:
        record(PASSED, kept)
    print(f"{len(changed)} units run, the others are as they passed")
    print(f"{len(lines) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
