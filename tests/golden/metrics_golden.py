"""Writes metrics.golden: numbers of numpy, scipy and scikit-learn that tests/unit/metrics/golden_test.cpp must meet.

The rows are made by the generator below, which the test repeats in C++ bit for bit: only integer operations and exactly
rounded additions, multiplications and divisions. Run: python3 metrics_golden.py > metrics.golden (the first line of the
file says with which versions it was made).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy
import scipy
import scipy.stats
import sklearn
from sklearn import metrics

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


def binary(seed: int, rows: int, shape: str) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """Labels, scores, predicted classes."""
    source = uniforms(seed)
    labels, scores, predicted = [], [], []
    for _ in range(rows):
        a, b, c = next(source), next(source), next(source)
        score = a * a * a if shape == "rare" else a
        if shape == "rounded":
            score = int(score * 20.0) / 20.0
        label = 1 if b < score * 0.8 + 0.05 else 0
        labels.append(label)
        scores.append(score)
        predicted.append(label if c < 0.7 else 1 - label)
    return numpy.array(labels), numpy.array(scores), numpy.array(predicted)


def multiclass(seed: int, rows: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Labels, scores of four classes that sum to one."""
    source = uniforms(seed)
    labels, scores = [], []
    for _ in range(rows):
        label = int(next(source) * 4.0)
        weights = [next(source) + (0.7 if k == label else 0.0) for k in range(4)]
        total = weights[0] + weights[1] + weights[2] + weights[3]
        labels.append(label)
        scores.append([w / total for w in weights])
    return numpy.array(labels), numpy.array(scores)


def regression(seed: int, rows: int, shape: str) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Labels, predictions."""
    source = uniforms(seed)
    labels, predictions = [], []
    for _ in range(rows):
        a, b = next(source), next(source)
        label = a * 100.0 + (1e6 if shape == "offset" else 0.0)
        labels.append(label)
        predictions.append(label + (b - 0.4) * 20.0)
    return numpy.array(labels), numpy.array(predictions)


def calibration_error(labels: numpy.ndarray, scores: numpy.ndarray, bins: int) -> tuple[float, float]:
    index = numpy.minimum((scores * bins).astype(int), bins - 1)
    gaps = [
        (numpy.sum(index == b), abs(labels[index == b].mean() - scores[index == b].mean()))
        for b in range(bins)
        if numpy.any(index == b)
    ]
    return sum(n * gap for n, gap in gaps) / len(labels), max(gap for _, gap in gaps)


def emit(case: str, metric: str, options: str, value: float) -> None:
    print(f"{case} {metric} {options or '-'} {float(value)!r}")


def wilson(part: int, whole: int) -> tuple[float, float]:
    interval = scipy.stats.binomtest(int(part), int(whole)).proportion_ci(0.95, "wilson")
    return interval.low, interval.high


def emit_binary(seed: int, rows: int, shape: str) -> None:
    case = f"binary:{seed}:{rows}:{shape}"
    y, p, c = binary(seed, rows, shape)
    emit(case, "accuracy", "", metrics.accuracy_score(y, c))
    emit(case, "precision", "", metrics.precision_score(y, c))
    emit(case, "recall", "", metrics.recall_score(y, c))
    emit(case, "specificity", "", metrics.recall_score(y, c, pos_label=0))
    emit(case, "f1", "", metrics.f1_score(y, c))
    emit(case, "fbeta", "beta=0.5", metrics.fbeta_score(y, c, beta=0.5))
    emit(case, "balanced_accuracy", "", metrics.balanced_accuracy_score(y, c))
    emit(case, "mcc", "", metrics.matthews_corrcoef(y, c))
    emit(case, "kappa", "", metrics.cohen_kappa_score(y, c))
    emit(case, "roc_auc", "", metrics.roc_auc_score(y, p))
    emit(case, "pr_auc", "", metrics.average_precision_score(y, p))
    emit(case, "ks_score", "", scipy.stats.ks_2samp(p[y == 1], p[y == 0]).statistic)
    emit(case, "brier", "", metrics.brier_score_loss(y, p))
    q = numpy.clip(p, 1e-15, 1 - 1e-15)
    emit(case, "log_loss", "", -numpy.mean(y * numpy.log(q) + (1 - y) * numpy.log(1 - q)))
    emit(case, "ece", "", calibration_error(y, p, 10)[0])
    emit(case, "ece", "bins=17", calibration_error(y, p, 17)[0])
    emit(case, "mce", "", calibration_error(y, p, 10)[1])
    emit(case, "precision", "threshold=0.4", metrics.precision_score(y, p >= 0.4))
    emit(case, "f1", "threshold=0.4", metrics.f1_score(y, p >= 0.4))
    for metric, part, whole in (
        ("accuracy", numpy.sum(y == c), len(y)),
        ("precision", numpy.sum((y == 1) & (c == 1)), numpy.sum(c == 1)),
        ("recall", numpy.sum((y == 1) & (c == 1)), numpy.sum(y == 1)),
    ):
        low, high = wilson(part, whole)
        emit(case, metric, "interval=low", low)
        emit(case, metric, "interval=high", high)
    errors = (p - y) ** 2
    low, high = scipy.stats.t.interval(0.95, len(y) - 1, errors.mean(), scipy.stats.sem(errors))
    emit(case, "brier", "interval=low", low)
    emit(case, "brier", "interval=high", high)
    if shape != "rounded":  # No equal scores across the edges of the bins.
        order = numpy.argsort(p, kind="stable")
        parts = numpy.array_split(order, 10)
        gaps = [abs(y[part].mean() - p[part].mean()) for part in parts]
        emit(case, "ace", "", numpy.mean(gaps))
        weights = [len(part) for part in parts]
        emit(case, "ece", "binning=mass", numpy.average(gaps, weights=weights))
        emit(case, "mce", "binning=mass", max(gaps))


def emit_multiclass(seed: int, rows: int) -> None:
    case = f"multiclass:{seed}:{rows}:plain"
    y, s = multiclass(seed, rows)
    c = s.argmax(axis=1)
    emit(case, "accuracy", "", metrics.accuracy_score(y, c))
    for average in ("macro", "micro", "weighted"):
        emit(case, "precision", f"average={average}", metrics.precision_score(y, c, average=average))
        emit(case, "recall", f"average={average}", metrics.recall_score(y, c, average=average))
        emit(case, "f1", f"average={average}", metrics.f1_score(y, c, average=average))
    emit(case, "balanced_accuracy", "average=macro", metrics.balanced_accuracy_score(y, c))
    emit(case, "mcc", "average=macro", metrics.matthews_corrcoef(y, c))
    emit(case, "kappa", "average=macro", metrics.cohen_kappa_score(y, c))
    emit(case, "log_loss", "average=macro", metrics.log_loss(y, s))
    emit(case, "brier", "average=macro", ((s - numpy.eye(4)[y]) ** 2).sum(axis=1).mean())
    emit(case, "roc_auc", "average=macro", metrics.roc_auc_score(y, s, multi_class="ovr"))
    emit(case, "roc_auc", "average=weighted", metrics.roc_auc_score(y, s, multi_class="ovr", average="weighted"))
    emit(case, "ece", "average=macro", calibration_error((c == y).astype(int), s.max(axis=1), 10)[0])


def emit_regression(seed: int, rows: int, shape: str) -> None:
    case = f"regression:{seed}:{rows}:{shape}"
    y, f = regression(seed, rows, shape)
    emit(case, "mae", "", metrics.mean_absolute_error(y, f))
    emit(case, "mse", "", metrics.mean_squared_error(y, f))
    emit(case, "rmse", "", metrics.mean_squared_error(y, f) ** 0.5)
    emit(case, "mape", "", metrics.mean_absolute_percentage_error(y, f))
    emit(case, "smape", "", numpy.mean(2 * abs(f - y) / (abs(f) + abs(y))))
    emit(case, "medae", "", metrics.median_absolute_error(y, f))
    emit(case, "r2", "", metrics.r2_score(y, f))
    emit(case, "bias", "", numpy.mean(f - y))
    emit(case, "latency_p95", "", numpy.quantile(y, 0.95))  # The labels double as latencies.
    emit(case, "latency_mean", "", numpy.mean(y))
    for metric, values in (("mae", abs(f - y)), ("bias", f - y), ("latency_mean", y)):
        low, high = scipy.stats.t.interval(0.95, len(y) - 1, values.mean(), scipy.stats.sem(values))
        emit(case, metric, "interval=low", low)
        emit(case, metric, "interval=high", high)


def main() -> None:
    versions = f"numpy {numpy.__version__}, scipy {scipy.__version__}, scikit-learn {sklearn.__version__}"
    print(f"# {versions}, Python {sys.version.split()[0]}; written by metrics_golden.py")
    for seed, rows, shape in ((1, 2000, "smooth"), (2, 2000, "rounded"), (3, 3000, "rare"), (4, 37, "smooth")):
        emit_binary(seed, rows, shape)
    emit_multiclass(5, 1500)
    for seed, rows, shape in ((6, 1000, "plain"), (7, 1000, "offset"), (8, 10, "plain")):
        emit_regression(seed, rows, shape)


if __name__ == "__main__":
    main()
