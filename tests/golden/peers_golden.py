"""Writes peers.golden: what other monitors say at their defaults, that tests/unit/metrics/peer_drift_test.cpp must meet.

The rules are stated here a second time with numpy and scipy, from each monitor's documentation and sources. The samples
are made by the generator below, which the test repeats in C++ bit for bit. Run: python3 peers_golden.py > peers.golden.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import scipy
from scipy import stats
from scipy.spatial.distance import jensenshannon

MASK = (1 << 64) - 1
Answer = tuple[str, float, str, dict[str, float]]


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


def sample(source: Iterator[float], size: int, shift: float, steps: int) -> np.ndarray:
    """`steps` > 0: rounded to that many steps a unit, for ties."""
    values = np.array([next(source) * next(source) + shift for _ in range(size)])
    return np.floor(values * steps) / steps if steps else values


def counts_by_value(before: np.ndarray, now: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    keys = np.union1d(before, now)
    return np.array([(before == key).sum() for key in keys]), np.array([(now == key).sum() for key in keys])


def p_below(p: float) -> str:
    return "drift" if p < 0.05 else "no_drift"


def at_least(distance: float) -> str:
    return "drift" if distance >= 0.1 else "no_drift"


def above(distance: float) -> str:
    return "drift" if distance > 0.1 else "no_drift"


def evidently_psi(before: np.ndarray, now: np.ndarray, numeric: bool) -> float:
    if numeric and len(np.unique(before)) > 20:
        edges = np.histogram_bin_edges(np.concatenate([before, now]), bins="sturges")
        p, q = np.histogram(before, edges)[0] / len(before), np.histogram(now, edges)[0] / len(now)
    else:
        a, b = counts_by_value(before, now)
        p, q = a / len(before), b / len(now)
    for shares in (p, q):
        least = shares[shares > 0].min()
        shares[shares == 0] = least / 1e6 if least <= 1e-4 else 1e-4
    return float(((p - q) * np.log(p / q)).sum())


def evidently(before: np.ndarray, now: np.ndarray, numeric: bool) -> Answer:
    different = len(np.union1d(before, now))
    categories = not numeric or different <= 5
    others = {"psi": evidently_psi(before, now, numeric)}
    a, b = counts_by_value(before, now)
    if len(before) > 1000:
        if categories:
            distance = float(jensenshannon(a / len(before), b / len(now)))
            return "jensenshannon", distance, at_least(distance), others
        distance = stats.wasserstein_distance(before, now) / max(np.std(before), 0.001)
        return "wasserstein", distance, at_least(distance), others
    if not categories:
        found = stats.ks_2samp(before, now)
        return "ks", found.pvalue, "drift" if found.pvalue <= 0.05 else "no_drift", others | {"statistic": found.statistic}
    if different > 2:
        statistic, p = stats.chisquare(b, a * (len(now) / len(before)))
        return "chisquare", p, p_below(p), others | ({"statistic": statistic} if math.isfinite(statistic) else {})
    if different == 1:
        return "z", 1.0, "no_drift", others
    p1, p2 = a[1] / len(before), b[1] / len(now)
    pooled = (a[1] + b[1]) / (len(before) + len(now))
    z = (p1 - p2) / math.sqrt(pooled * (1 - pooled) * (1 / len(before) + 1 / len(now)))
    p = 2 * stats.norm.sf(abs(z))
    return "z", p, p_below(p), others


def nannyml(before: np.ndarray, now: np.ndarray, numeric: bool) -> Answer:
    values = np.unique(before)
    if numeric and (len(values) > 50 or len(values) / len(before) > 0.1):
        edges = np.histogram_bin_edges(before, bins="doane")
        p, q = np.histogram(before, edges)[0] / len(before), np.histogram(now, edges)[0] / len(now)
    else:
        p = np.array([(before == value).sum() for value in values]) / len(before)
        q = np.array([(now == value).sum() for value in values]) / len(now)
    distance = float(jensenshannon(np.append(p, 0.0), np.append(q, max(0.0, 1 - q.sum())), base=2))
    return "jensen_shannon", distance, above(distance), {}


def azure(before: np.ndarray, now: np.ndarray, numeric: bool) -> Answer:
    others = {}
    if numeric:
        low, high = min(before.min(), now.min()), max(before.max(), now.max())
        bins = math.ceil(math.log2(min(len(before), len(now))) + 1)
        edges = [low + i * ((high - low) / bins) for i in range(bins + 1)] if low < high else [low, low * 1.01]
        a, b = np.histogram(before, edges)[0], np.histogram(now, edges)[0]
        others["NormalizedWassersteinDistance"] = stats.wasserstein_distance(before, now) / max(np.std(before, ddof=1), 0.001)
    else:
        a, b = counts_by_value(before, now)
    p, q = (a + 1) / len(before), (b + 1) / len(now)
    others["PopulationStabilityIndex"] = float(((q - p) * np.log(q / p)).sum())
    distance = float(jensenshannon(a, b, base=2))
    return "JensenShannonDistance", distance, above(distance), others


def sagemaker(before: np.ndarray, now: np.ndarray, numeric: bool) -> Answer:
    others = {}
    if numeric:
        simple = stats.ks_2samp(before, now, method="asymp").statistic
        edges = np.linspace(before.min(), before.max(), 11)
        inside = np.cumsum(np.histogram(before, edges)[0]) / len(before)
        below = (now < edges[0]).mean()
        reached = below + np.cumsum(np.histogram(now, edges)[0]) / len(now)
        others["linf_of_10_buckets"] = max(below, np.abs(inside - reached).max())
    else:
        a, b = counts_by_value(before, now)
        simple = np.abs(a / len(before) - b / len(now)).max()
    n, m = len(before), len(now)
    robust = max(0.0, simple - 1.8 * math.sqrt((n + m) / (n * m)))
    return "linf_robust", robust, above(robust), others | {"linf_simple": simple}


def whylogs(before: np.ndarray, now: np.ndarray, numeric: bool) -> Answer:
    def verdict(p: float) -> str:
        return "drift" if p < 0.05 else "possible_drift" if p < 0.15 else "no_drift"

    n, m = len(before), len(now)
    if not numeric:
        a, b = counts_by_value(before, now)
        expected = np.array([int(x / n * m) for x in a])
        statistic = math.inf if (expected == 0).any() else float(((b - expected) ** 2 / expected).sum())
        p = stats.chi2.sf(statistic, max(1, (b > 0).sum() - 1))
        return "chi-square", p, verdict(p), {"statistic": statistic} if math.isfinite(statistic) else {}
    before, now = np.sort(before), np.sort(now)
    points = [values[min(len(values) - 1, i * len(values) // 99)] for values in (before, now) for i in range(100)]
    ks = max(abs((before < x).mean() - (now < x).mean()) for x in points)
    p = stats.kstwo.sf(ks, round(n * m / (n + m)))
    start, end = min(before[0], now[0]), max(before[-1], now[-1])
    end += abs(end) * 1e-7
    buckets = max(2, min(math.ceil((n + m) / 4), 30))
    edges = np.array([-math.inf] + [start + i * ((end - start) / buckets) for i in range(buckets + 1)] + [math.inf])
    p_shares = np.diff([(before < edge).mean() for edge in edges])
    q_shares = np.diff([(now < edge).mean() for edge in edges])
    hellinger = math.sqrt(((np.sqrt(p_shares) - np.sqrt(q_shares)) ** 2).sum() / 2)
    return "ks", p, verdict(p), {"statistic": ks, "hellinger": hellinger}


PEERS: dict[str, Callable[[np.ndarray, np.ndarray, bool], Answer]] = {
    "evidently": evidently, "nannyml": nannyml, "azure": azure, "sagemaker": sagemaker, "whylogs": whylogs}


def check_literals() -> None:
    """Values that the monitors' own tests expect, of inputs that they draw or list."""
    before, now = np.repeat(range(6), (16, 18, 16, 14, 12, 12)), np.repeat(range(6), (16, 16, 16, 16, 16, 8))
    assert round(evidently(before, now, False)[1], 5) == 0.67309
    rng = np.random.RandomState(1)
    assert round(nannyml(rng.normal(0, 1, 10_000), rng.normal(0, 1, 1_000), True)[1], 2) == 0.05
    rng = np.random.RandomState(1)
    assert round(nannyml(rng.choice(np.linspace(0, 2, 6), 10_000), rng.choice(np.linspace(0, 2, 3), 1_000), True)[1], 2) == 0.73
    rng = np.random.RandomState(1)
    assert round(nannyml(rng.choice(list("abcd"), 10_000), rng.choice(list("abce"), 1_000), False)[1], 2) == 0.5


def main() -> None:
    warnings.simplefilter("ignore")
    check_literals()
    print(f"# numpy {np.__version__}, scipy {scipy.__version__}")
    for kind, seed, n, m, shift, steps in (
        ("number", 1, 300, 500, 0.0, 0), ("number", 2, 300, 500, 0.05, 0), ("number", 3, 1_000, 12_000, 0.01, 0),
        ("number", 4, 1_001, 100, 0.0, 0), ("number", 5, 5_000, 400, 0.03, 0), ("number", 6, 20_000, 9_000, 0.0, 0),
        ("number", 7, 800, 700, 0.1, 4), ("number", 8, 4_000, 700, 0.0, 4), ("number", 9, 600, 900, 0.0, 2),
        ("number", 10, 2_000, 1_500, 0.02, 30), ("number", 11, 200, 300, 0.0, 200), ("number", 12, 50, 40, 0.3, 0),
        ("number", 13, 900, 800, 5.0, 1), ("number", 14, 3_000, 3_000, 2.0, 0), ("number", 15, 1_500, 90, 0.2, 0),
        ("text", 21, 400, 600, 0.0, 3), ("text", 22, 400, 600, 0.0, 2), ("text", 23, 5_000, 800, 0.15, 6),
        ("text", 24, 5_000, 5_000, 0.0, 6), ("text", 25, 700, 900, 0.2, 5), ("text", 26, 300, 20, 0.0, 12),
        ("text", 27, 250, 350, 0.0, 1),
    ):
        source = uniforms(seed)
        before, now = sample(source, n, 0.0, steps), sample(source, m, shift, steps)
        for name, rule in PEERS.items():
            method, value, verdict, others = rule(before, now, kind == "number")
            print(name, kind, seed, n, m, repr(shift), steps, method, repr(float(value)), verdict,
                  *(f"{other} {float(number)!r}" for other, number in others.items()))


main()
