"""Writes detectors.golden: where change detectors fire, by a second statement of their rules.

"river" is the stream of river's docstrings (Python's random.Random(12345)); the other streams are made by splitmix64,
which tests/unit/stats/detectors_test.cpp repeats bit for bit. Run: python3 detectors_golden.py > detectors.golden.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import numpy as np
from scipy import stats

MASK = (1 << 64) - 1
Found = list[tuple[int, float, float]]


def uniforms(seed: int) -> Iterator[float]:
    """splitmix64, the upper 53 bits as a number in [0, 1)."""
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        yield (z >> 11) * 2.0**-53


def stream(kind: str, seed: int, n: int, before: float, after: float) -> list[float]:
    """Errors with one rate and then another, or values of one level and then another."""
    source = uniforms(seed)
    levels = [before] * n + [after] * n
    return [float(next(source) < level) for level in levels] if kind == "error" else [next(source) + level for level in levels]


def adwin(values: list[float]) -> Found:
    """Keeps every run as the list of its values, oldest first; sums are taken anew at every look."""
    runs: list[list[float]] = []
    found: Found = []
    for i, x in enumerate(values):
        runs.append([x])
        size = 1
        while True:
            same = [k for k, run in enumerate(runs) if len(run) == size]
            if len(same) <= 5:
                break
            runs[same[0]:same[0] + 2] = [runs[same[0]] + runs[same[0] + 1]]
            size *= 2
        if (i + 1) % 32 or sum(map(len, runs)) <= 10:
            continue
        dropped: list[float] = []
        while True:
            window = np.array([y for run in runs for y in run])
            confidence = math.log(2 * math.log(len(window)) / 0.002)
            ends = np.cumsum([len(run) for run in runs])
            cut = False
            for n0 in ends:
                n1 = len(window) - n0
                if n0 >= 5 and n1 >= 5:
                    sizes = 1 / (n0 - 4) + 1 / (n1 - 4)
                    bound = math.sqrt(2 * sizes * window.var() * confidence) + 2 / 3 * confidence * sizes
                    cut = cut or abs(window[:n0].mean() - window[n0:].mean()) > bound
            if not cut:
                break
            dropped += runs.pop(0)
        if dropped:
            found.append((i, float(np.mean(dropped)), float(np.mean([y for run in runs for y in run]))))
    return found


def ddm(values: list[float]) -> tuple[Found, list[int]]:
    """And where the warning zone was entered."""
    found: Found = []
    warnings: list[int] = []
    begin, low, zone = 0, (math.inf, 0.0, 0.0), None
    for i in range(len(values)):
        seen = values[begin:i + 1]
        n = len(seen)
        if n <= 30:
            continue
        p = sum(seen) / n
        s = math.sqrt(p * (1 - p) / n)
        if p + s <= low[0]:
            low = (p + s, p, s)
        if p + s > low[1] + 3 * low[2]:
            since = values[i if zone is None else zone:i + 1]
            found.append((i, low[1], sum(since) / len(since)))
            begin, low, zone = i + 1, (math.inf, 0.0, 0.0), None
        elif p + s > low[1] + 2 * low[2]:
            if zone is None:
                zone = i
                warnings.append(i)
        else:
            zone = None
    return found, warnings


def page_hinkley(values: list[float]) -> Found:
    found: Found = []
    begin, total, zero = 0, 0.0, 0
    mean = 0.0
    for i, x in enumerate(values):
        n = i + 1 - begin
        mean += (x - mean) / n
        total = max(0.0, 0.9999 * total + x - mean - 0.005)
        if total == 0.0:
            zero = i + 1
        if n + 1 >= 30 and total >= 50:
            found.append((i, float(np.mean(values[begin:zero])) if zero > begin else mean, float(np.mean(values[max(zero, begin):i + 1]))))
            begin, total, mean, zero = i + 1, 0.0, 0.0, i + 1
    return found


def kswin(values: list[float]) -> Found:
    found: Found = []
    window: list[float] = []
    for i, x in enumerate(values):
        window = [*window, x][-100:]
        if len(window) == 100:
            older, recent = window[:70], window[70:]
            distance = stats.ks_2samp(older, recent, method="asymp").statistic
            if distance > 0.1 and p_value(round(distance * 2100)) <= 1e-4:
                found.append((i, float(np.mean(older)), float(np.mean(recent))))
                window = recent
    return found


KNOWN: dict[int, float] = {}


def p_value(steps: int) -> float:
    """Exact, without ties, of a distance of so many 1/2100."""
    if steps not in KNOWN:
        # Counts paths from (0, 0) to (70, 30) that stay within the distance.
        paths = np.zeros((71, 31))
        for a in range(71):
            for b in range(31):
                inside = abs(a * 30 - b * 70) < steps
                paths[a, b] = (1.0 if a + b == 0 else (paths[a - 1, b] if a else 0.0) + (paths[a, b - 1] if b else 0.0)) if inside else 0.0
        KNOWN[steps] = 1 - paths[70, 30] / math.comb(100, 30)
    return KNOWN[steps]


def show(name: str, detector: str, found: Found) -> None:
    print(detector, name, len(found), *(f"{i} {before!r} {after!r}" for i, before, after in found))


def main() -> None:
    rng = random.Random(12345)
    values = [float(x) for x in rng.choices([0, 1], k=1000) + rng.choices(range(4, 8), k=1000)]
    print("stream river", len(values), *(int(x) for x in values))
    assert [i for i, *_ in adwin(values)] == [1023]
    assert [i for i, *_ in page_hinkley(values)] == [1006]
    for detector, rule in (("adwin", adwin), ("page_hinkley", page_hinkley), ("kswin", kswin)):
        show("river", detector, rule(values))
    rng = random.Random(42)
    errors = [float(x) for x in rng.choices([0, 1], k=1000) + rng.choices([0, 1], k=1000, weights=[0.3, 0.7])]
    print("stream gama", len(errors), *(int(x) for x in errors))
    found, warnings = ddm(errors)
    assert ([i for i, *_ in found], warnings[0]) == ([1334], 1084)
    show("gama", "ddm", found)
    print("warnings gama", len(warnings), *warnings)
    for kind, seed, n, before, after in (("error", 1, 1500, 0.1, 0.1), ("error", 2, 1500, 0.1, 0.25), ("error", 3, 1200, 0.3, 0.1),
                                         ("error", 4, 900, 0.02, 0.5), ("value", 5, 1200, 0.0, 0.0), ("value", 6, 1200, 0.0, 0.6),
                                         ("value", 7, 900, 3.0, 1.0), ("error", 8, 3000, 0.2, 0.22)):
        values = stream(kind, seed, n, before, after)
        name = f"{kind} {seed} {n} {before!r} {after!r}"
        for detector, rule in (("adwin", adwin), ("page_hinkley", page_hinkley), ("kswin", kswin)):
            show(name, detector, rule(values))
        if kind == "error":
            found, warnings = ddm(values)
            show(name, "ddm", found)
            print("warnings", name, len(warnings), *warnings)


main()
