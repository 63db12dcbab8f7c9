"""Dead letters: what was refused is listed with its reason, sent again corrected or as it was, and dropped."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from run import Test

EVENT = {"deployment_id": "dead", "model_version": "v", "request_id": "e1", "prediction": {"class": "yes", "score": 0.5}}


def letters(test: Test, count: int) -> list[dict[str, Any]]:
    """The list, newest first, once it has so many (they are written behind the answer)."""
    until = time.monotonic() + 15
    while True:
        found: list[dict[str, Any]] = test.server.get("/v1/dead-letters", limit=1000)["dead_letters"]
        if len(found) >= count or time.monotonic() > until:
            return found


def stored(test: Test) -> int:
    """Events of the deployment, everything acknowledged visible."""
    answer = test.server.request("GET", "/v1/metrics/query", metric="count", deployment_id="dead",
                                 min_seq=test.server.get("/v1/system")["seq"])
    return 0 if answer.status == 404 else int(answer.json()["series"][0]["value"])


def journey(test: Test) -> None:
    """From a poison item to its replay."""
    poison = {**EVENT, "latency_ms": -5}
    sent = [json.dumps(poison), json.dumps({**EVENT, "request_id": "e2"}), '{"deployment_id": "dead",', json.dumps({**EVENT, "request_id": "e3", "nonsense": 1})]
    answer = test.server.request("POST", "/v1/ingest/metrics", "\n".join(sent).encode(), headers={"Content-Type": "application/x-ndjson"})
    rejected = answer.json()["rejected"]
    test.check("three of four are refused", (answer.json()["ingested"], [one["index"] for one in rejected]) == (1, [0, 2, 3]), answer)
    label = test.server.request("POST", "/v1/labels", {"deployment_id": "dead", "request_id": "e2", "label": []})
    test.check("a label is refused", label.status == 422, label)
    kept = letters(test, 4)
    test.check("all four are kept", [one["kind"] for one in kept] == ["label", "event", "event", "event"], kept)
    test.check("with their reasons", [(one["code"], one["pointer"]) for one in kept[1:]]
               == [(one["code"], one["pointer"]) for one in reversed(rejected)], kept)
    test.check("with their text", json.loads(kept[3]["item"]) == poison and kept[2]["item"] == sent[2], kept)
    replay(test, kept)
    drop(test, kept)
    test.check("a restart keeps the letters", test.server.stop() == 0)
    test.server.start()
    test.check("letters after a restart", [one["id"] for one in letters(test, 3)] == [one["id"] for one in kept if one != kept[2]])


def replay(test: Test, kept: list[dict[str, Any]]) -> None:
    """Sent again as it was, it is refused again; corrected, it is taken, and once only."""
    first, label = kept[3], kept[0]
    again = test.server.request("POST", f"/v1/dead-letters/{first['id']}/replay")
    test.check("as it was it is refused again", again.status == 422 and stored(test) == 1, again)
    test.check("and stays", not test.server.get(f"/v1/dead-letters/{first['id']}")["replayed"])
    for counts in ((1, 0), (0, 1)):
        answer = test.server.request("POST", f"/v1/dead-letters/{first['id']}/replay", {**EVENT, "latency_ms": 5})
        test.check(f"corrected, {counts}", (answer.json()["ingested"], answer.json()["duplicates"]) == counts and stored(test) == 2, answer)
    test.check("it is marked", test.server.get(f"/v1/dead-letters/{first['id']}")["replayed"])
    answer = test.server.request("POST", f"/v1/dead-letters/{label['id']}/replay", {"deployment_id": "dead", "request_id": "e2", "label": {"class": "yes"}})
    test.check("a corrected label is taken", answer.status == 200 and answer.json()["ingested"] == 1, answer)
    coverage = test.server.get("/v1/metrics/query", metric="label_coverage", deployment_id="dead", min_seq=test.server.get("/v1/system")["seq"])
    test.check("the label counts", coverage["series"][0]["value"] == 0.5, coverage)
    answer = test.server.request("POST", f"/v1/dead-letters/{label['id']}/replay", b"{broken", headers={"Content-Type": "application/json"})
    test.check("a broken correction is refused", answer.status in {400, 422}, answer)


def drop(test: Test, kept: list[dict[str, Any]]) -> None:
    """Dropped is gone; what is not there is 404; pages are whole."""
    test.check("drop", test.server.request("DELETE", f"/v1/dead-letters/{kept[2]['id']}").status == 204)
    for method, path in (("GET", kept[2]["id"]), ("DELETE", kept[2]["id"]), ("GET", "0"), ("GET", "-1"), ("GET", "x"), ("GET", str(2**70))):
        test.check(f"{method} letter {path}", test.server.request(method, f"/v1/dead-letters/{path}").status == 404)
    pages, cursor = list[str](), ""
    for _ in range(5):
        page = test.server.get("/v1/dead-letters", limit=1, **({"cursor": cursor} if cursor else {}))
        pages += [one["id"] for one in page["dead_letters"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    test.check("pages of one", pages == [one["id"] for one in kept if one != kept[2]], pages)


PARTS = (journey,)
