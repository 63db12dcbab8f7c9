"""Compares the fairness report and its metrics with the reference answers of a replay."""

from __future__ import annotations

from typing import Any, Callable

from tests.harness.server import Server

Compare = Callable[..., None]
RATES = ["selection_rate", "tpr", "fpr", "ppv", "accuracy", "base_rate", "roc_auc", "bpsn_auc", "bnsp_auc"]
GAPS = ["demographic_parity_difference", "demographic_parity_ratio", "tpr_gap", "equal_opportunity_difference", "fpr_gap",
        "equalized_odds_difference", "predictive_parity_difference"]


def text(value: Any) -> Any:
    """A group's value as the report has it: missing stays missing, numbers are texts."""
    return None if value is None else str(value)


def compare_key(server: Server, deployment: str, key: str, expected: dict[str, Any], compare: Compare) -> None:
    """Groups and gaps of one protected key, as a report and as metrics."""
    query = {"by": key, "min_n": expected["min_n"], "include_shadow": "true"}
    report = server.get(f"/v1/deployments/{deployment}/fairness", **query)
    groups = {group["by"][key]: group for group in report["groups"]}
    compare(f"{deployment} {key} groups", len(groups), len(expected["groups"]))
    for want in expected["groups"]:
        group = groups[text(want["group"])]
        what = f"{deployment} {key}={want['group']}"
        compare(f"{what} n", group["n"], want["n"])
        for name in RATES:
            if name in want:
                compare(f"{what} {name}", group[name]["value"], want[name])
    gaps = {gap["metric"]: gap for gap in report["gaps"]}
    want = expected["gaps"]
    names = [name for name in GAPS if name in want]
    answer = server.get("/v1/metrics/query", metric=names, deployment_id=deployment, **query)
    asked = {result["metric"]: result["series"][0]["value"] for result in answer["results"]}
    for name in names:
        compare(f"{deployment} {key} {name}", gaps[name]["value"], want[name])
        compare(f"{deployment} {key} {name} as a metric", asked[name], want[name])
    counted = [group["by"][key] for group in report["groups"] if group["counted"]]
    compare(f"{deployment} {key} groups counted", sorted(map(str, counted)) == sorted(map(str, want["groups_counted"])), True)
    if want.get("worst_group") is not None:
        compare(f"{deployment} {key} worst group", gaps["worst_group"]["groups"] == [text(want["worst_group"]) or "(none)"], True)


def compare_replay(server: Server, deployment: str, fairness: dict[str, Any], compare: Compare) -> None:
    """Everything a replay's reference says of fairness."""
    for key, expected in fairness.items():
        compare_key(server, deployment, key, expected, compare)
