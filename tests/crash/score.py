"""Counts what a run of the crash harness saw, and prints it."""

from __future__ import annotations

import sys
from collections import Counter


class Score:
    """Named numbers, and the failures with their story."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.numbers: Counter[str] = Counter()
        self.failures: list[str] = []
        self.passed = 0

    def add(self, **numbers: int) -> None:
        """Adds to the named numbers."""
        self.numbers.update(numbers)

    def check(self, holds: bool, story: str) -> bool:
        """One thing that must hold."""
        if holds:
            self.passed += 1
        else:
            self.failures.append(story)
            if len(self.failures) <= 20:
                print(f"FAILED {story}", flush=True)
        return holds

    def finish(self) -> int:
        """Prints the scoreboard and the closing line; the exit code."""
        print(f"\n{self.title}")
        for name, number in self.numbers.items():
            print(f"  {name.replace('_', ' '):<28} {number:>12,}")
        print(f"{self.passed} passed, {len(self.failures)} failed")
        sys.stdout.flush()
        return 1 if self.failures else 0
