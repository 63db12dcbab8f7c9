"""What a test counts."""

from __future__ import annotations


class Counts:
    """Expectations that held and that did not."""

    def __init__(self) -> None:
        self.passed = self.failed = 0

    def check(self, what: str, good: bool, seen: object = "") -> bool:
        """Counts one expectation; says what was seen instead."""
        self.passed += good
        self.failed += not good
        if not good:
            print(f"  {what}: {str(seen)[:600]}", flush=True)
        return good
