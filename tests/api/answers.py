"""Answers say what they are: tables carry all that JSON does, nothing met has a hint, and what cannot be read is told why."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from run import Test
    from tests.harness.server import Answer

START = "2024-03-01T00:00:00Z"


def ask(test: Test, **query: Any) -> Answer:
    """A metric query of the deployment "told"."""
    return test.server.request("GET", "/v1/metrics/query", **{"metric": "count", "deployment_id": "told", **query})


def rows(answer: Answer) -> list[dict[str, str]]:
    """A table by the names of its columns."""
    return list(csv.DictReader(io.StringIO(answer.body.decode())))


def fill(test: Test) -> None:
    """Forty events with odd names and values."""
    events = [{"deployment_id": "told", "model_version": "v1", "request_id": f"e{i}", "timestamp": f"2024-03-01T00:{i:02}:00Z",
               "prediction": {"class": "yes" if i % 3 else "no", "score": 0.9 if i % 3 else 0.2},
               "features": {"balance": -i - 0.5, "plan": "gold"}, "metadata": {"team, site": "=A1" if i % 2 else "-b"}} for i in range(40)]
    sent = test.server.request("POST", "/v1/ingest/metrics", events)
    test.check("filled", sent.status == 200, sent)
    labels = [{"deployment_id": "told", "request_id": f"e{i}", "label": "yes" if i % 2 else "no"} for i in range(40)]
    sent = test.server.request("POST", "/v1/labels", labels)
    answer = ask(test, min_seq=sent.headers["x-aiml042-seq"])
    test.check("all are there", answer.json()["series"][0]["value"] == 40, answer)


def tables(test: Test) -> None:
    """A table of metrics has the rows that JSON has; one of events is read to its end."""
    question: dict[str, Any] = {"metric": ["recall", "accuracy"], "average": "none", "compare": "offset:1d", "group_by": "plan", "ci": 0.95}
    results, table = ask(test, **question).json()["results"], rows(ask(test, format="csv", **question))
    wanted = []
    for result in results:
        for group in result["groups"]:
            series = [("", "", group["series"]), *((one["class"], "", one["series"]) for one in group.get("classes", [])),
                      ("", "offset:1d", group["compare"]["series"])]
            wanted += [(result["metric"], name, compare, group["by"]["plan"], point["value"], point["n"])
                       for name, compare, points in series for point in points]
    seen = [(row["metric"], row["class"], row["compare"], row["plan"], float(row["value"]) if row["value"] else None, int(row["n"])) for row in table]
    test.check("CSV has all series of JSON", seen == wanted and len(seen) == 6, (seen, wanted))
    test.check("CSV says why not", {row["reason"] for row in table if row["compare"]} == {"no labels"}, table)
    pages, path, query = 0, "/v1/events", {"deployment_id": "told", "format": "csv", "limit": 15, "order": "asc"}
    found: list[dict[str, str]] = []
    answer = test.server.request("GET", path, **query)
    while True:
        pages, found = pages + 1, found + rows(answer)
        link = re.fullmatch('<([^>]*)>; rel="next"', answer.headers.get("link", ""))
        if link is None:
            break
        answer = test.server.request("GET", link[1])
    test.check("CSV of events is paged to the end", (pages, [row["request_id"] for row in found]) == (3, [f"e{i}" for i in range(40)]), found)
    first = found[1]
    test.check("CSV of events has names and values", (first["deployment_id"], first["feature.balance"], first["metadata.team, site"])
               == ("told", "-1.5", "'=A1") and found[0]["metadata.team, site"] == "'-b", first)


def names_and_times(test: Test) -> None:
    """Names with commas, times out of range, and questions that nothing meets."""
    answer = ask(test, group_by="`team, site`,plan")
    test.check("a name with a comma", answer.status == 200 and len(answer.json()["groups"]) == 2, answer)
    for at in ("9999-12-31T23:59:59Z", "1500-01-01T00:00:00Z", str(10**17)):
        answer = ask(test, **{"from": at})
        test.refused(f"from {at}", answer, 400, "invalid_argument", "/from")
        test.check(f"from {at} says the range", "1600-01-01T00:00:00Z to 9999-12-31T00:00:00Z" in answer.json()["detail"], answer)
    test.check("a hint at the version", "did you mean `v1`?" in ask(test, model_version="v2").json().get("hint", ""))
    test.check("a hint at the type", ask(test, filter="plan = 7").json().get("hint") == "plan holds texts, and 7 is a number")
    test.check("no hint where events are met", "hint" not in ask(test).json())
    answer = ask(test, metric="mae")
    test.check("a metric of other tasks", answer.json()["series"][0]["reason"] == "does not fit the task type", answer)
    test.refused("an option that nothing reads", ask(test, metric="roc_auc", threshold=0.5), 400, "invalid_argument", "/threshold")


def other_projects(test: Test) -> None:
    """Another project sees its own numbers and nothing of the server's."""
    key = test.server.request("POST", "/v1/projects", {"name": "onlooker"}).json()["key"]
    theirs = test.server.request("GET", "/v1/system", key=key).json()
    test.check("their own events", (theirs["events"], theirs["labels"]) == (0, 0), theirs)
    test.check("nothing of the server", not {"disk_bytes", "disk_free_bytes", "log_bytes", "memory_bytes", "ingest_rate", "scrub"} & set(theirs), theirs)
    test.refused("no counters of all", test.server.request("GET", "/metrics", key=key), 403, "forbidden")
    ours = test.server.get("/v1/system")
    test.check("the first project sees all", ours["events"] == 40 and ours["disk_free_bytes"] > 0 and "scrub" in ours, ours)


PARTS = (fill, tables, names_and_times, other_projects)
