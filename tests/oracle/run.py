"""Real replays through the real server, compared with reference answers that other software computed.

Every replay is declared, sent over HTTP (events, then labels), and asked back: overall, per window, per slice, per
filter, per model version and as-of. Tolerance 1e-9 (absolute or relative) with exact=true. The four replays in
configs/demo are always there; those of ../shared/data are skipped, visibly, where that folder is missing.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Iterator, Optional

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.harness.server import Server, shared_data  # noqa: E402
from tests.oracle import drift, fairness, rankings  # noqa: E402

TOLERANCE = 1e-9
LOOSER = {"calibration_slope": 1e-6, "calibration_intercept": 1e-6}  # As ../shared/data/DEFINITIONS.json says.
BINARY = {  # Name in the reference → our metric with its parameters.
    "accuracy": ("accuracy", {}), "balanced_accuracy": ("balanced_accuracy", {}), "precision": ("precision", {}),
    "recall": ("recall", {}), "specificity": ("specificity", {}), "f1": ("f1", {}), "f2": ("fbeta", {"beta": "2"}),
    "mcc": ("mcc", {}), "kappa": ("kappa", {}), "roc_auc": ("roc_auc", {}), "pr_auc": ("pr_auc", {}),
    "log_loss": ("log_loss", {}), "brier": ("brier", {}), "brier_skill": ("brier_skill", {}),
    "ks_score": ("ks_score", {}), "lift@10%": ("lift@10%", {}), "gain@10%": ("gain", {"k": "10%"}), "calibration_slope": ("calibration_slope", {}),
    "calibration_intercept": ("calibration_intercept", {}), "ece10": ("ece", {}), "ece15": ("ece", {"bins": "15"}), "mce10": ("mce", {}),
}
REGRESSION = {name: (name, {}) for name in ("mae", "mse", "rmse", "medae", "bias", "mape", "smape", "r2")}
MULTICLASS = {
    "accuracy": ("accuracy", {}), "balanced_accuracy": ("balanced_accuracy", {}), "kappa": ("kappa", {}), "mcc": ("mcc", {}),
    "precision_macro": ("precision", {"average": "macro"}), "recall_macro": ("recall", {"average": "macro"}),
    "f1_macro": ("f1", {"average": "macro"}), "precision_weighted": ("precision", {"average": "weighted"}),
    "recall_weighted": ("recall", {"average": "weighted"}), "f1_weighted": ("f1", {"average": "weighted"}),
    "f1_micro": ("f1", {"average": "micro"}), "log_loss": ("log_loss", {}), "brier": ("brier", {}),
    "top2_accuracy": ("top_k_accuracy", {"k": "2"}),
}
BINARY |= {name: (name, {}) for name in ("est_accuracy", "est_precision", "est_recall", "est_f1", "est_roc_auc")}
TIED = {"lift@10%", "gain@10%"}  # The reference gives none where scores at the cut are equal; we share them out.
QUANTILE = {"coverage": ("coverage", {}), "pinball@0.1": ("pinball@0.1", {}), "pinball@0.5": ("pinball@0.5", {}),
            "pinball@0.9": ("pinball", {"quantile": "0.9"})}
METRICS = {"binary": BINARY, "regression": REGRESSION, "multiclass": MULTICLASS, "quantile": QUANTILE, "ranking": {}}


class Checks:
    """Counts comparisons and prints the first that differ."""

    def __init__(self) -> None:
        self.passed = self.failed = 0
        self.worst: dict[float, float] = {}

    def number(self, what: str, got: Optional[float], want: Optional[float], tolerance: float = TOLERANCE) -> None:
        """Compares one value; null equals null only."""
        if got is None or want is None:
            good = got is None and want is None
        else:
            error = abs(got - want) / max(1.0, abs(want))
            good = error <= tolerance
            self.worst[tolerance] = max(self.worst.get(tolerance, 0.0), error if good else 0.0)
        self.passed += good
        self.failed += not good
        if not good and self.failed <= 40:
            print(f"  differs: {what}: got {got!r}, want {want!r}")


def read_lines(path: Path) -> list[bytes]:
    """Lines of a gzipped file."""
    return [line for line in gzip.decompress(path.read_bytes()).split(b"\n") if line]


def read_json(folder: Path, name: str) -> Any:
    """A JSON file of a replay, gzipped or not."""
    plain = folder / f"{name}.json"
    return json.loads(plain.read_text() if plain.exists() else gzip.decompress((folder / f"{name}.json.gz").read_bytes()))


def after(moment: str) -> str:
    """The microsecond after a moment: for ranges that include their end."""
    return (datetime.fromisoformat(moment.replace("Z", "+00:00")) + timedelta(microseconds=1)).isoformat().replace(
        "+00:00", "Z")


def asked(reference: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Every answer of a reference file: what it is, the query that selects it, the expected numbers."""
    first, last = reference["time"]["first"], reference["time"]["last"]
    everything = {"from": first, "to": after(last)}
    yield "overall", everything, reference["overall"]
    for window in reference.get("windows", []):
        yield f"window {window['from']}", {"from": window["from"], "to": window["to"]}, window
    for slice_ in reference.get("slices", []):
        literal = json.dumps(slice_["value"])
        yield f"slice {slice_['key']}={literal}", {**everything, "filter": f"{slice_['key']} = {literal}"}, slice_
    for one in reference.get("slice_windows", []):
        query = {"from": one["from"], "to": one["to"], "filter": f"{one['key']} = {json.dumps(one['value'])}"}
        yield f"slice window {one['key']}={one['value']} {one['from']}", query, one
    for one in reference.get("filters", []):
        yield f"filter {one['filter']}", {**everything, "filter": one["filter"]}, one
    versions = reference.get("by_model_version", {})
    for version, expected in versions.items() if isinstance(versions, dict) else ((v["model_version"], v) for v in versions):
        yield f"version {version}", {**everything, "model_version": version}, expected
    for one in reference.get("as_of", []):
        yield f"as of {one['as_of']}", {"from": first, "to": after(one["as_of"]), "as_of": one["as_of"]}, one


def compare(server: Server, deployment: str, names: dict[str, Any], reference: dict[str, Any], checks: Checks) -> None:
    """Asks everything a reference knows and compares. References count shadow events; live traffic does not."""
    for what, query, expected in asked(reference):
        query["include_shadow"] = "true"
        wanted: dict[tuple[tuple[str, str], ...], list[tuple[str, str]]] = {}
        for name, (metric, parameters) in names.items():
            if name in expected["metrics"] and not (name in TIED and expected["metrics"][name] is None):
                wanted.setdefault(tuple(sorted(parameters.items())), []).append((metric, name))
        for parameters, pairs in wanted.items():
            metrics = [metric for metric, _ in pairs] + (["count", "label_coverage", "label_delay_p50"] if not parameters else [])
            answer = server.get("/v1/metrics/query", metric=metrics, deployment_id=deployment, exact="true",
                                **dict(parameters), **query)
            results = answer["results"] if len(metrics) > 1 else [answer]
            values = {result["metric"]: result["series"][0]["value"] for result in results}
            for metric, name in pairs:
                checks.number(f"{deployment} {what} {name}", values[metric], expected["metrics"][name],
                              LOOSER.get(name, TOLERANCE))
            if not parameters:
                checks.number(f"{deployment} {what} count", values["count"], expected["count"])
                checks.number(f"{deployment} {what} label_coverage", values["label_coverage"],
                              expected["label_coverage"] if expected["count"] else None)
                if "label_delay_p50_s" in expected:
                    checks.number(f"{deployment} {what} delay", values["label_delay_p50"], expected["label_delay_p50_s"])


def run_replay(server: Server, folder: Path, checks: Checks) -> None:
    """Sends one replay and compares; a second sending of its events must change nothing."""
    manifest = read_json(folder, "manifest")
    reference = read_json(folder, "reference")
    deployment = manifest["deployment_id"]
    declared = {"task_type": manifest["task"]}
    if manifest.get("positive_class") is not None:
        declared["positive_class"] = manifest["positive_class"]
    answer = server.request("PUT", f"/v1/deployments/{deployment}", declared)
    if answer.status not in {200, 201}:
        raise RuntimeError(f"{folder.name}: declaring failed: {answer}")
    events, labels = read_lines(folder / "events.ndjson.gz"), read_lines(folder / "labels.ndjson.gz")
    checks.number(f"{folder.name} ingested", server.post_lines("/v1/ingest/metrics", events)[0], len(events))
    checks.number(f"{folder.name} duplicates", server.post_lines("/v1/ingest/metrics", events[:200])[1], len(events[:200]))
    sequence = server.post_lines("/v1/labels", labels)[2]
    server.get("/v1/metrics/query", metric="count", deployment_id=deployment, min_seq=sequence, window="1h", timeout="30s")
    if manifest["task"] == "ranking":
        rankings.compare_replay(server, reference, checks.number)
    else:
        compare(server, deployment, METRICS[manifest["task"]], reference, checks)
    if "drift" in reference:
        drift.compare_replay(server, deployment, reference["drift"], checks.number)
    if "fairness" in reference:
        fairness.compare_replay(server, deployment, reference["fairness"], checks.number)
    if "attributions" in reference:
        against = f"{reference['drift']['reference']['from']}/{reference['drift']['reference']['to']}"
        drift.compare_attributions(server, deployment, reference["attributions"], against, checks.number)
    live = sum(b'"shadow":true' not in line.replace(b" ", b"") for line in events)
    answer = server.get("/v1/metrics/query", metric="count", deployment_id=deployment)
    checks.number(f"{folder.name} live events", answer["series"][0]["value"], live)


def main() -> int:
    """Runs the replays, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="build/release/aiml042")
    parser.add_argument("replays", nargs="*", help="only these")
    options = parser.parse_args()
    folders = sorted((ROOT / "configs" / "demo" / "replays").iterdir())
    folders = [folder for folder in folders if folder.is_dir()]
    skipped = 0
    if (data := shared_data()) is None:
        print("skipped: the larger replays, since there is no ../shared/data beside this clone")
        skipped = 1
    else:
        folders += sorted(folder for folder in (data / "replays").iterdir() if folder.is_dir())
    checks = Checks()
    with Server(options.binary) as server:
        for folder in folders:
            if options.replays and folder.name not in options.replays:
                continue
            task = read_json(folder, "manifest")["task"]
            if task not in METRICS:
                continue  # Its metrics belong to a later part of the product.
            before = (checks.passed, checks.failed)
            try:
                run_replay(server, folder, checks)
            except RuntimeError as error:
                checks.failed += 1
                print(f"  {folder.name}: {error}")
            print(f"{folder.name}: {checks.passed - before[0]} equal, {checks.failed - before[1]} differ")
        for name, run in () if data is None else (("robust03", rankings.run_robust), ("trec_eval_test", rankings.run_trec_eval)):
            if not options.replays or name in options.replays:
                before = (checks.passed, checks.failed)
                run(server, data / "ranking" / name, checks.number)
                print(f"{name}: {checks.passed - before[0]} equal, {checks.failed - before[1]} differ")
        if not options.replays:
            restart_check(server, checks)
    for tolerance, worst in sorted(checks.worst.items()):
        print(f"largest accepted difference {worst:.1e} where {tolerance:.0e} is allowed")
    print(f"{checks.passed} passed, {checks.failed} failed, {skipped} skipped")
    return 1 if checks.failed else 0


def restart_check(server: Server, checks: Checks) -> None:
    """After a clean restart the same question has the same answer, bit for bit."""
    question = {"metric": ["count", "roc_auc", "log_loss", "ece"], "deployment_id": "wage_over_20", "from": "2024-01-01T00:00:00Z",
                "to": "2024-02-01T00:00:00Z", "step": "1d", "exact": "true"}
    before = server.get("/v1/metrics/query", **question)["results"]
    if server.stop() != 0:
        checks.failed += 1
        print("  SIGTERM did not end with exit 0")
    server.start()
    after_restart = server.get("/v1/metrics/query", **question)["results"]
    same = [r["series"] for r in before] == [r["series"] for r in after_restart]
    checks.passed += same
    checks.failed += not same


if __name__ == "__main__":
    sys.exit(main())
