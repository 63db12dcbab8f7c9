"""Writes embeddings.golden: numbers of numpy, scipy and scikit-learn that the tests of embedding drift must meet.

The vectors are made by the generator below, which tests/unit/metrics/embedding_drift_test.cpp repeats in C++ bit for bit.
Run: python3 embeddings_golden.py > embeddings.golden (the first line says with which versions it was made).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy
import sklearn
from scipy import stats
from scipy.spatial.distance import cdist, pdist
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

MASK = (1 << 64) - 1
COMPONENTS = 64


def integers(seed: int) -> Iterator[int]:
    """splitmix64."""
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def vectors(source: Iterator[int], rows: int, length: int, shift: float, scale: float) -> np.ndarray:
    """Components scale * (u + u + u - 1.5) + shift, as floats; the first one has 1 more."""
    def uniform() -> float:
        return (next(source) >> 11) * 2.0**-53

    out = np.array([[scale * (uniform() + uniform() + uniform() - 1.5) + shift + (k == 0) for k in range(length)] for _ in range(rows)])
    return out.astype(np.float32).astype(float)


def mmd(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    median = np.median(pdist(np.concatenate([a, b]), "sqeuclidean"))
    def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.exp(-cdist(x, y, "sqeuclidean") / median)
    n, m = len(a), len(b)
    value = ((kernel(a, a).sum() - n) / (n * (n - 1)) + (kernel(b, b).sum() - m) / (m * (m - 1)) - 2 * kernel(a, b).mean())
    return float(value), float(median)


def permuted(a: np.ndarray, b: np.ndarray, draws: int) -> float:
    """Share of permutations that reach the discrepancy."""
    rng = np.random.RandomState(3)
    both = np.concatenate([a, b])
    squares = cdist(both, both, "sqeuclidean")
    kernel = np.exp(-squares / np.median(squares[np.triu_indices(len(both), 1)]))
    np.fill_diagonal(kernel, 0.0)
    n, m = len(a), len(b)

    def value(first: np.ndarray) -> float:
        inner = kernel[np.ix_(first, first)].sum()
        second = np.setdiff1d(np.arange(n + m), first)
        return (inner / (n * (n - 1)) + kernel[np.ix_(second, second)].sum() / (m * (m - 1))
                - 2 * kernel[np.ix_(first, second)].sum() / (n * m))

    observed = value(np.arange(n))
    return (1 + sum(value(rng.permutation(n + m)[:n]) >= observed for _ in range(draws))) / (1 + draws)


def cosine(x: np.ndarray, y: np.ndarray) -> float:
    return float(1 - x @ y / np.sqrt((x @ x) * (y @ y)))


def projected(x: np.ndarray) -> np.ndarray:
    if x.shape[1] <= COMPONENTS:
        return x
    source = integers(0x7369676E)
    signs = np.array([[1.0 if next_ >> k & 1 else -1.0 for k in range(COMPONENTS)] for next_ in (next(source) for _ in range(x.shape[1]))])
    return x @ signs


def domain_auc(a: np.ndarray, b: np.ndarray) -> float:
    x = projected(np.concatenate([a, b]))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    y = np.repeat([0, 1], [len(a), len(b)])
    areas = []
    for fold in range(5):
        out = np.arange(len(y)) % 5 == fold
        fitted = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(x[~out], y[~out])
        areas.append(roc_auc_score(y[out], fitted.decision_function(x[out])))
    return float(np.mean(areas))


def main() -> None:
    print(f"# numpy {np.__version__}, scipy {scipy.__version__}, scikit-learn {sklearn.__version__}")
    for seed, n, m, length, shift, scale in (
        (1, 40, 30, 3, 0.0, 1.0), (2, 100, 80, 8, 0.0, 1.0), (3, 100, 80, 8, 0.2, 1.0), (4, 60, 200, 20, 0.0, 1.3),
        (5, 300, 250, 70, 0.0, 1.0), (6, 200, 150, 130, 0.03, 1.0), (7, 150, 150, 5, -0.4, 0.8), (8, 90, 110, 16, 0.08, 1.0),
    ):
        source = integers(seed)
        a, b = vectors(source, n, length, 0.0, 1.0), vectors(source, m, length, shift, scale)
        left_out = np.arange(n) % 2 == 1
        centre = a[~left_out].mean(axis=0)
        before, now = [cosine(x, centre) for x in a[left_out]], [cosine(x, centre) for x in b]
        farther = stats.mannwhitneyu(now, before).statistic / (len(now) * len(before))
        print(seed, n, m, length, repr(shift), repr(scale), repr(cosine(a.mean(axis=0), b.mean(axis=0))), *map(repr, mmd(a, b)),
              repr(permuted(a, b, 2_000)), repr(float(stats.ks_2samp(before, now, method="asymp").statistic)),
              repr(float(stats.wasserstein_distance(before, now))), repr(float(farther)), repr(domain_auc(a, b)))


main()
