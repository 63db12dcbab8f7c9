"""What data scientists compare: a classification report and the drift of twenty columns, ours over HTTP from what is stored, theirs in memory.

    python3 bench/metrics/run.py                     1 M events against a reference of 1 M
    python3 bench/metrics/run.py --rows 100000       smaller

Same rows, same cores, one run. scikit-learn and scipy take part where they can be imported; what they are asked for is what they have
(eleven metrics by their own functions, two-sample tests and a histogram distance per column, one thread, as their documentation shows).
"""

from __future__ import annotations

import argparse
import array
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.harness.server import Server  # noqa: E402

COLUMNS = 20
POOL = 200_003  # Distinct values of a column; prime, so that strides visit them all.
METRICS = ["accuracy", "precision", "recall", "f1", "balanced_accuracy", "mcc", "kappa", "roc_auc", "pr_auc", "log_loss", "brier"]
FIRST, SECOND, END = "2024-01-01", "2024-02-01", "2024-03-01"
HALF = "2024-02-15T00:00:00Z"


class Rows:
    """Two months of events, as columns here and as CSV files for the server; the second month's first columns are shifted a little."""

    def __init__(self, rows: int, folder: Path) -> None:
        source = random.Random(7)
        self.rows = rows
        pools = [[source.gauss(0.0, 1.0) for _ in range(POOL)] for _ in range(COLUMNS)]
        strides = [source.randrange(1, POOL) for _ in range(COLUMNS)]
        self.months: list[list[array.array[float]]] = []
        self.scores, self.labels = array.array("d"), array.array("b")
        self.files: list[Path] = []
        for month in range(2):
            columns = [array.array("d", (pools[c][(i * strides[c] + month * 77_777) % POOL] + (0.05 * month if c < 3 else 0.0) for i in range(rows)))
                       for c in range(COLUMNS)]
            self.months.append(columns)
            self.files += self.write(folder, month, columns, source)

    def write(self, folder: Path, month: int, columns: list[array.array[float]], source: random.Random) -> list[Path]:
        """Events and labels of a month."""
        events, labels = folder / f"events{month}.csv", folder / f"labels{month}.ndjson"
        start = 1_704_067_200_000 + month * 2_678_400_000
        with open(events, "w", encoding="ascii") as out, open(labels, "w", encoding="ascii") as given:
            out.write("request_id,timestamp,score," + ",".join(f"f{c}" for c in range(COLUMNS)) + "\n")
            for i in range(self.rows):
                score = source.random()
                label = source.random() < score
                out.write(f"{month}-{i},{start + i * 2_400_000_000 // self.rows},{score!r}," + ",".join(repr(column[i]) for column in columns) + "\n")
                if month == 1:
                    self.scores.append(score)
                    self.labels.append(label)
                    given.write('{"deployment_id":"bench","request_id":"1-%d","label":%d}\n' % (i, label))
        return [events, labels] if month == 1 else [events]


def seconds_of(work: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """The first time, and the median of the next."""
    times = []
    for _ in range(repeats + 1):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return times[0], statistics.median(times[1:])


def fill(binary: str, folder: Path, rows: Rows) -> None:
    """Imports the files into a data directory."""
    common = [binary, "import", "--data-dir", str(folder)]
    flags = ["--set", "deployment_id=bench", "--set", "model_version=v1"]
    for file in rows.files:
        subprocess.run(common + (["--labels", str(file)] if file.suffix == ".ndjson" else [*flags, str(file)]), check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)


def theirs(rows: Rows) -> dict[str, float]:
    """Seconds of scikit-learn and scipy on the same rows; empty when they are not here."""
    try:
        import numpy
        from scipy import stats
        from sklearn import metrics
    except ImportError as error:
        print(f"skipped: scikit-learn and scipy ({error})")
        return {}
    truth, score = numpy.array(rows.labels), numpy.array(rows.scores)
    predicted = (score >= 0.5).astype(int)

    def report() -> None:
        for function in (metrics.accuracy_score, metrics.precision_score, metrics.recall_score, metrics.f1_score, metrics.balanced_accuracy_score,
                         metrics.matthews_corrcoef, metrics.cohen_kappa_score):
            function(truth, predicted)
        for function in (metrics.roc_auc_score, metrics.average_precision_score, metrics.log_loss, metrics.brier_score_loss):
            function(truth, score)

    def drift() -> None:
        for before, now in zip(*([numpy.array(column) for column in month] for month in rows.months)):
            stats.ks_2samp(before, now, method="asymp")
            stats.wasserstein_distance(before, now)
            edges = numpy.quantile(before, numpy.arange(1, 10) / 10)
            stats.chi2_contingency([numpy.bincount(numpy.searchsorted(edges, side), minlength=10) for side in (before, now)])

    return {"report": seconds_of(report, 1)[1], "drift": seconds_of(drift, 1)[1]}


def main() -> int:
    """Fills, asks, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=str(ROOT / "build" / "release" / "aiml042"))
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aiml042-bench-") as place:
        folder = Path(place)
        rows = Rows(options.rows, folder)
        peers = theirs(rows)
        fill(options.binary, folder / "data", rows)
        with Server(options.binary, folder=str(folder / "data")) as server:
            server.request("PUT", "/v1/deployments/bench", {"task_type": "binary", "positive_class": "1"})
            window = {"from": SECOND, "to": END}

            def ask(path: str, **query: Any) -> None:
                answer = server.request("GET", path, **query)
                if answer.status != 200:
                    raise RuntimeError(str(answer))

            month = {key: value + "T00:00:00Z" for key, value in window.items()}
            reference = f"{FIRST}T00:00:00Z/{SECOND}T00:00:00Z"
            made = server.request("POST", "/v1/deployments/bench/references", {"name": "january", "from": reference[:20], "to": reference[21:]})
            if made.status != 201:
                raise RuntimeError(str(made))
            columns = [f"f{c}" for c in range(COLUMNS)]
            seen = server.get("/v1/deployments/bench/drift", reference="january", column=columns, **month)["columns"]
            if any(column["n_current"] != options.rows or column["n_reference"] != options.rows for column in seen):
                raise RuntimeError(f"not all rows were compared: {seen[0]}")
            table = []
            # A filter that changes nothing but its text is a question never asked before.
            for name, key, work in (
                ("11 metrics of classification, exact", "report",
                 lambda n: ask("/v1/metrics/query", metric=METRICS, deployment_id="bench", exact="true", filter=f"score >= {-n}", **month)),
                (f"drift of {COLUMNS} columns, frozen reference", "drift",
                 lambda n: ask("/v1/deployments/bench/drift", reference="january", column=columns, filter=f"score >= {-n}", **month)),
                ("JS distance of one column, frozen reference", "",
                 lambda n: ask("/v1/metrics/query", metric="js_distance", feature="f0", reference="january", deployment_id="bench",
                               filter=f"score >= {-n}", **month)),
                ("the same again", "", lambda n: ask("/v1/metrics/query", metric="js_distance", feature="f0", reference="january", deployment_id="bench",
                                                     **month)),
                ("explain: cohorts of 10 columns behind brier, first half of the month against the second", "",
                 lambda n: ask("/v1/deployments/bench/explain", metric="brier", reference=f"{SECOND}T00:00:00Z/{HALF}", dimension=columns[:10],
                               filter=f"score >= {-n}", **{**month, "from": HALF})),
            ):
                numbers = iter(range(1, 100))
                first, median = seconds_of(lambda: work(next(numbers)), 5)
                theirs_s = peers.get(key, 0.0)
                table.append((name, first, median, f"{theirs_s * 1000:,.0f} ms, {theirs_s / median:.0f}×" if theirs_s else "-"))
            print(f"\n| {options.rows:,} events | first | never asked before, median of 5 | scikit-learn, scipy in memory |\n|---|---|---|---|")
            for name, first, median, peer in table:
                print(f"| {name} | {first * 1000:,.1f} ms | {median * 1000:,.1f} ms | {peer} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
