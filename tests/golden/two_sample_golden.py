"""Writes two_sample.golden: numbers of scipy that tests/unit/stats/two_sample_test.cpp must meet.

The samples are made by the generator below, which the test repeats in C++ bit for bit. Run: python3
two_sample_golden.py > two_sample.golden (the first line of the file says with which version it was made).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy
import scipy
from scipy import stats

MASK = (1 << 64) - 1


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


def sample(source: Iterator[float], size: int, shift: float, steps: int) -> numpy.ndarray:
    """`steps` > 0: rounded to that many steps a unit, for ties."""
    values = numpy.array([next(source) * next(source) + shift for _ in range(size)])
    return numpy.floor(values * steps) / steps if steps else values


def main() -> None:
    print(f"# scipy {scipy.__version__}")
    for n in (1, 2, 5, 10, 50, 140, 141, 500, 3_000, 20_000, 100_000, 1_000_000):
        for z in (0.2, 0.35, 0.5, 0.7, 0.9, 1.1, 1.36, 1.63, 2.1, 2.6, 4.0):
            d = z / n**0.5
            if d < 1.0:
                print(f"kolmogorov {n} {d!r} {stats.kstwo.sf(d, n)!r}")
    for seed, n, m, shift, steps in (
        (1, 1, 1, 0.0, 0),
        (2, 3, 5, 0.2, 0),
        (3, 20, 30, 0.1, 0),
        (4, 40, 25, 0.1, 8),
        (5, 100, 100, 0.0, 0),
        (6, 300, 500, 0.03, 0),
        (7, 2_000, 700, 0.02, 16),
        (8, 5_000, 9_000, 0.01, 0),
    ):
        source = uniforms(seed)
        a = sample(source, n, 0.0, steps)
        b = sample(source, m, shift, steps)
        ks = stats.ks_2samp(a, b, method="asymp")
        exact = stats.ks_2samp(a, b, method="exact").pvalue if n * m <= 10_000 and steps == 0 else "nan"
        rank = stats.mannwhitneyu(b, a, alternative="two-sided", method="asymptotic")
        print(
            f"two {seed} {n} {m} {shift!r} {steps} {ks.statistic!r} {ks.pvalue!r} {exact!r} "
            f"{stats.wasserstein_distance(a, b)!r} {stats.energy_distance(a, b)!r} "
            f"{rank.statistic / (n * m)!r} {rank.pvalue!r}".replace("'", "")
        )
    for table in ((1, 9, 11, 3), (0, 50, 7, 43), (2, 48, 20_000, 980_000), (17_704, 496, 1_065, 75), (3, 3, 3, 3)):
        p = stats.fisher_exact([table[:2], table[2:]])[1]
        print("fisher", *table, repr(float(p)))


main()
