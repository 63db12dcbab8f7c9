"""Compares drift metrics and the drift report with the reference answers of a replay."""

from __future__ import annotations

import math
from typing import Any, Callable

from tests.harness.server import Server

Compare = Callable[..., None]
OF_BINS = ["psi", "psi_raw", "kl", "js", "js_distance", "hellinger", "tvd", "chi2"]
OF_VALUES = ["ks", "wasserstein"]
NAMES = {"js": "js_divergence"}
LOOSE = 1e-7  # Of p-values, as the definitions say.
ONE_BY_ONE = 3  # Windows of a column that are asked as metrics too; the report answers them all.


def column_of(feature: str) -> str:
    """The references call what is no feature <score>, <predicted_class>, <label>."""
    return feature.strip("<>")


def compare_metrics(server: Server, deployment: str, feature: dict[str, Any], window: dict[str, Any], reference: str,
                    compare: Compare) -> None:
    """One column in one window, every metric by its name."""
    numeric = feature["kind"] == "numeric"
    metrics = OF_BINS + (OF_VALUES if numeric else ["new_category_rate"]) + ["missing_rate"]
    answer = server.get("/v1/metrics/query", metric=metrics, deployment_id=deployment, feature=column_of(feature["feature"]),
                        reference=reference, include_shadow="true", **{"from": window["from"], "to": window["to"]})
    what = f"{deployment} {feature['feature']} {window['from']}"
    for result in answer["results"]:
        name, point = result["metric"], result["series"][0]
        compare(f"{what} {name}", point["value"], window.get(NAMES.get(name, name)))
        if name == "ks" and window["n_ref"] * window["n_cur"] > 10_000:
            compare(f"{what} ks p", point["p_value"], window["ks_pvalue"], LOOSE)
        if name == "chi2" and point["value"] is not None:
            compare(f"{what} chi2 p", point.get("p_value"), window["chi2_pvalue"], LOOSE)


def compare_report(server: Server, deployment: str, features: list[dict[str, Any]], window: int, reference: str,
                   compare: Compare) -> None:
    """All columns in one window, as the report tells them."""
    first = features[0]["windows"][window]
    report = server.get(f"/v1/deployments/{deployment}/drift", reference=reference, include_shadow="true",
                        column=[column_of(feature["feature"]) for feature in features],
                        **{"from": first["from"], "to": first["to"]})
    columns = {column["column"]: column for column in report["columns"]}
    for feature in features:
        column, want = columns[column_of(feature["feature"])], feature["windows"][window]
        what = f"{deployment} report {feature['feature']} {want['from']}"
        for side, rows in ("reference", want["n_ref"]), ("current", want["n_cur"]):
            present = 1.0 - (column["missing_rate"][side] or 0.0)
            compare(f"{what} n of {side}", column["n_" + side], round(rows * present))
        for name in ["psi", "kl", "js", "js_distance", "hellinger", "tvd", "chi2"] + OF_VALUES:
            if NAMES.get(name, name) in want:
                compare(f"{what} {name}", column[name], want[NAMES.get(name, name)])
        if want.get("missing_rate") is not None:
            compare(f"{what} missing", column["missing_rate"]["current"], want["missing_rate"])
        if feature["kind"] == "numeric" and want["n_cur"]:
            edges = [one["up_to"] for one in column["bins"][:-1]]
            compare(f"{what} bins", len(edges), len(feature["edges"]))
            for got, edge in zip(edges, feature["edges"]):
                compare(f"{what} edge", got, edge)
            for got, count in zip(column["bins"], feature["ref_counts"]):
                compare(f"{what} reference count", got["reference"] * column["n_reference"], count)


def drift_of_order(weights: list[tuple[float, float]]) -> float | None:
    """1 - nDCG of the first weights in the order of the second; equal ones in the order given."""
    def gain(side: int) -> float:
        return sum(pair[0] / math.log2(rank + 2) for rank, pair in enumerate(sorted(weights, key=lambda pair: -pair[side])))

    return 1 - gain(1) / gain(0) if len(weights) > 1 and gain(0) > 0 else None


def compare_attributions(server: Server, deployment: str, attributions: dict[str, Any], reference: str, compare: Compare) -> None:
    """Mean absolute attributions, shares and ranks of every feature in every window."""
    for i, first in enumerate(attributions["features"][0]["windows"]):
        report = server.get(f"/v1/deployments/{deployment}/drift", reference=reference, include_shadow="true", column="score",
                            **{"from": first["from"], "to": first["to"]})
        seen = {one["feature"]: one for one in report["attributions"]}
        for feature in attributions["features"]:
            one, want = seen[feature["feature"]], feature["windows"][i]
            what = f"{deployment} attribution {feature['feature']} {want['from']}"
            compare(f"{what} reference", one["reference"], feature["ref_mean_abs"])
            tied = sum(other["windows"][i]["mean_abs"] == want["mean_abs"] for other in attributions["features"]) > 1
            for got, name in ("current", "mean_abs"), ("current_share", "share"), *([] if tied else [("current_rank", "rank")]):
                compare(f"{what} {name}", one[got], want[name])
        weights = [(feature["ref_mean_abs"], feature["windows"][i]["mean_abs"]) for feature in attributions["features"]]
        want_drift = drift_of_order([pair for pair in weights if None not in pair])
        compare(f"{deployment} attribution drift {first['from']}", report["attribution_drift"], want_drift)
        metric = server.get("/v1/metrics/query", metric="attribution_drift", deployment_id=deployment, reference=reference,
                            include_shadow="true", **{"from": first["from"], "to": first["to"]})
        compare(f"{deployment} attribution drift {first['from']}, metric", metric["series"][0]["value"], want_drift)


def compare_replay(server: Server, deployment: str, drift: dict[str, Any], compare: Compare) -> None:
    """Everything a replay's reference says of drift."""
    reference = f"{drift['reference']['from']}/{drift['reference']['to']}"
    for feature in drift["features"]:
        for window in feature["windows"][:ONE_BY_ONE]:
            compare_metrics(server, deployment, feature, window, reference, compare)
    for window in range(len(drift["features"][0]["windows"])):
        compare_report(server, deployment, drift["features"], window, reference, compare)
