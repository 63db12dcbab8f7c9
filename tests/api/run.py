"""The API from outside: what must be refused is refused and changes nothing, and one project never sees another's data."""

from __future__ import annotations

import argparse
import gzip
import json
import re
import socket
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
import access  # noqa: E402  (this folder is on the path as the script's own)
import answers  # noqa: E402
import connections  # noqa: E402
import contract  # noqa: E402
import drift  # noqa: E402
import fairness  # noqa: E402
import inputs  # noqa: E402
import letters  # noqa: E402
import messages  # noqa: E402
from tests.harness.server import ADMIN_KEY, Answer, Server  # noqa: E402

EVENT = {"deployment_id": "d", "model_version": "v", "request_id": "r1", "prediction": {"class": "yes", "score": 0.5}}


class Test:
    """One server and the counts."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.passed = self.failed = 0

    def check(self, what: str, good: bool, seen: object = "") -> None:
        """Counts one expectation."""
        self.passed += good
        self.failed += not good
        if not good:
            print(f"  {what}: {str(seen)[:400]}")

    def refused(self, what: str, answer: Answer, status: int, code: str, pointer: str = "") -> None:
        """The answer is a problem document with that status, code and pointer."""
        body = answer.json() if answer.body else {}
        good = (answer.status == status and body.get("code") == code and body.get("pointer", "") == pointer
                and answer.headers["content-type"].startswith("application/problem+json"))
        self.check(what, good, answer)

    def raw(self, text: bytes) -> bytes:
        """First bytes of the answer to raw bytes; empty when the connection was just closed."""
        with socket.create_connection((self.server.host, self.server.port), timeout=20) as connection:
            connection.sendall(text)
            connection.settimeout(20)
            try:
                return connection.recv(4096)
            except ConnectionError:
                return b""

    def count(self) -> float:
        """Events of the deployment d, everything acknowledged visible."""
        answer = self.server.request("GET", "/v1/metrics/query", metric="count", deployment_id="d",
                                     min_seq=self.server.get("/v1/system")["seq"])
        return 0 if answer.status == 404 else answer.json()["series"][0]["value"]


def framing(test: Test) -> None:
    """Request forms that smuggle, confuse or exhaust."""
    head = f"POST /v1/ingest/metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {ADMIN_KEY}\r\nContent-Type: application/json\r\n"
    body = json.dumps({**EVENT, "request_id": "smuggled"})
    chunk = f"{len(body):x}\r\n{body}\r\n0\r\n\r\n"
    attacks = {
        "CL and TE": head + f"Content-Length: {len(body)}\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk,
        "TE gzip": head + "Transfer-Encoding: gzip\r\n\r\n" + chunk,
        "TE xchunked": head + "Transfer-Encoding: xchunked\r\n\r\n" + chunk,
        "TE chunked, identity": head + "Transfer-Encoding: chunked, identity\r\n\r\n" + chunk,
        "two TE": head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk,
        "two CL": head + f"Content-Length: {len(body)}\r\nContent-Length: {len(body)}\r\n\r\n" + body,
        "CL +": head + f"Content-Length: +{len(body)}\r\n\r\n" + body,
        "CL 0x": head + f"Content-Length: 0x{len(body):x}\r\n\r\n" + body,
        "CL 2^64": head + "Content-Length: 18446744073709551621\r\n\r\n" + body,
        "HTTP/1.0 chunked": head.replace("HTTP/1.1", "HTTP/1.0") + "Transfer-Encoding: chunked\r\n\r\n" + chunk,
        "no Host": head.replace("Host: 127.0.0.1\r\n", "") + f"Content-Length: {len(body)}\r\n\r\n" + body,
        "two Hosts": head + f"Host: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n" + body,
        "obs-fold": head + f"X-Fold: a\r\n b\r\nContent-Length: {len(body)}\r\n\r\n" + body,
        "space before colon": head + f"X-Space : a\r\nContent-Length: {len(body)}\r\n\r\n" + body,
        "NUL": head + f"X-Nul: a\0b\r\nContent-Length: {len(body)}\r\n\r\n" + body,
        "bare LF": head.replace("\r\n", "\n") + f"Content-Length: {len(body)}\n\n" + body,
        "chunk size -1": head + "Transfer-Encoding: chunked\r\n\r\n-1\r\n" + body,
        "chunk size of 17 digits": head + "Transfer-Encoding: chunked\r\n\r\n" + "1" * 17 + "\r\n" + body,
        "foreign Host": head.replace("Host: 127.0.0.1", "Host: evil.example") + f"Content-Length: {len(body)}\r\n\r\n" + body,
        "HTTP/2 preface": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "TLS hello": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "a" * 200,
        "header of 9 KB": head + "X-Long: " + "a" * 9000 + f"\r\nContent-Length: {len(body)}\r\n\r\n" + body,
        "200 headers": head + "".join(f"X-{i}: a\r\n" for i in range(200)) + f"Content-Length: {len(body)}\r\n\r\n" + body,
        "TRACE": head.replace("POST", "TRACE") + "\r\n",
        "Expect junk": head + f"Expect: junk\r\nContent-Length: {len(body)}\r\n\r\n" + body,
        "1 GB announced": head + "Expect: 100-continue\r\nContent-Length: 1000000000\r\n\r\n",
    }
    for name, request in attacks.items():
        answer = test.raw(request.encode("latin-1"))
        test.check(f"framing, {name}", answer == b"" or re.match(rb"HTTP/1\.1 [45]\d\d ", answer) is not None, answer[:80])
    test.check("framing stored nothing", test.count() == 0, test.count())


def bad_items(test: Test) -> None:
    """Each item that is not valid is named; the good one beside it is stored."""
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("no deployment", {"deployment_id": None}, "/deployment_id"), ("no version", {"model_version": None}, "/model_version"),
        ("no id", {"request_id": None}, "/request_id"), ("no prediction", {"prediction": None}, "/prediction"),
        ("score above 1", {"prediction": {"score": 1.5}}, "/prediction/score"),
        ("negative latency", {"latency_ms": -1}, "/latency_ms"), ("latency text", {"latency_ms": "fast"}, "/latency_ms"),
        ("feature object", {"features": {"a/b": {"c": 1}}}, "/features/a~1b"), ("features array", {"features": []}, "/features"),
        ("time of year 0001", {"timestamp": "0001-01-01T00:00:00Z"}, "/timestamp"),
        ("time text", {"timestamp": "yesterday"}, "/timestamp"), ("unknown field", {"latency": 3}, "/latency"),
        ("shadow text", {"shadow": "yes"}, "/shadow"), ("metadata object", {"metadata": {"a": {}}}, "/metadata/a"),
        ("project of another", {"project_id": "prj_2"}, "/project_id"),
    ]
    for name, change, pointer in cases:
        item = {key: value for key, value in {**EVENT, "request_id": f"bad {name}", **change}.items() if value is not None}
        answer = test.server.request("POST", "/v1/ingest/metrics", item)
        rejected = answer.json().get("rejected", [])
        test.check(f"item, {name}", answer.status == 422 and len(rejected) == 1 and rejected[0]["pointer"] == pointer, answer)
    test.check("bad items stored nothing", test.count() == 0, test.count())
    lines = [json.dumps(EVENT), '{"deployment_id":"d"', "", json.dumps({**EVENT, "request_id": "r2"}), json.dumps(EVENT)]
    answer = test.server.request("POST", "/v1/ingest/metrics", "\r\n".join(lines).encode(), headers={"Content-Type": "application/x-ndjson"})
    seen = answer.json()
    test.check("NDJSON, one bad line", answer.status == 200 and (seen["ingested"], seen["duplicates"], len(seen["rejected"])) == (2, 1, 1), answer)
    test.check("two events are stored", test.count() == 2, test.count())


def bad_bodies(test: Test) -> None:
    """Bodies that are refused as a whole."""
    def send(body: bytes, **headers: str) -> Answer:
        return test.server.request("POST", "/v1/ingest/metrics", body,
                                   headers={"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}})

    test.refused("broken JSON", send(b'{"a":'), 400, "malformed_json")
    test.refused("NaN", send(json.dumps(EVENT).replace("0.5", "NaN").encode()), 400, "malformed_json")
    test.refused("two documents", send(b"{} {}"), 400, "malformed_json")
    test.refused("XML", send(b"<a/>", Content_Type="text/xml"), 415, "unsupported_media_type")
    test.refused("br", send(b"x", Content_Encoding="br"), 415, "unsupported_media_type")
    test.refused("truncated gzip", send(gzip.compress(b"[]")[:-4], Content_Encoding="gzip"), 400, "malformed_body")
    test.refused("gzip bomb", send(gzip.compress(b" " * 200_000_000), Content_Encoding="gzip"), 413, "too_large")
    deep = b'{"deployment_id":"d","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    test.check("deep nesting", send(deep).status in {400, 422})
    wide = json.dumps({**EVENT, "request_id": "wide", "features": {f"f{i}": i for i in range(100_000)}}).encode()
    test.check("100,000 features", send(wide).status in {413, 422})
    test.check("still two events", test.count() == 2)


def queries(test: Test) -> None:
    """Questions that cannot be answered say why, and name the parameter."""
    def ask(**query: Any) -> Answer:
        return test.server.request("GET", "/v1/metrics/query", **{"metric": "count", "deployment_id": "d", **query})

    test.refused("unknown metric", ask(metric="acuracy"), 422, "unknown_metric", "/metric")
    test.check("nearest metric", "accuracy" in ask(metric="acuracy").json()["detail"])
    test.refused("unknown deployment", ask(deployment_id="x"), 404, "not_found", "/deployment_id")
    test.refused("unknown parameter", ask(windw="1h"), 400, "invalid_argument", "/windw")
    test.refused("bad window", ask(window="1 fortnight"), 400, "invalid_argument", "/window")
    test.refused("bad step", ask(step="0s"), 400, "invalid_argument", "/step")
    test.refused("too many points", ask(window="3650d", step="1ms"), 422, "query_too_large", "/step")
    test.refused("bad filter", ask(filter="age >"), 400, "invalid_argument", "/filter")
    test.refused("unknown key in a filter", ask(filter="aeg > 3"), 400, "invalid_argument", "/filter")
    test.refused("1,000 parentheses", ask(filter="(" * 1000), 400, "invalid_argument", "/filter")
    test.refused("group_by unknown", ask(group_by="nothing"), 400, "invalid_argument", "/group_by")
    test.refused("not visible", ask(min_seq=10**15, timeout="100ms"), 504, "not_visible_yet", "/min_seq")
    test.refused("forged cursor", test.server.request("GET", "/v1/events", cursor="0" * 48), 400, "invalid_argument", "/cursor")
    for path in ("/v1/nothing", "/../etc/passwd", "/..%2fadmin.key", "/assets/../admin.key", "/.git/config"):
        test.check(f"GET {path}", test.server.request("GET", path).status in {400, 404})
    answer = test.server.request("PUT", "/v1/metrics/query", {})
    test.check("wrong method", answer.status == 405 and "GET" in answer.headers.get("allow", ""), answer)


def credentials(test: Test) -> None:
    """No key, wrong keys, keys in wrong places."""
    def ask(**headers: str) -> int:
        return test.server.request("GET", "/v1/keys", key=None, headers={k.replace("_", "-"): v for k, v in headers.items()}).status

    test.check("no key", ask() == 401)
    test.check("wrong key", ask(Authorization="Bearer aiml_" + "x" * 32) == 401)
    test.check("prefix of a key", ask(Authorization="Bearer " + ADMIN_KEY[:-1]) == 401)
    test.check("Basic", ask(Authorization="Basic YTpi") == 401)
    test.check("X-API-Key", ask(X_API_Key=ADMIN_KEY) == 200)
    for origin in ("https://evil.example", "null"):
        answer = test.server.request("GET", "/v1/deployments", headers={"Origin": origin})
        test.check(f"CORS {origin}", "access-control-allow-origin" not in answer.headers)


def tenancy(test: Test) -> None:
    """Every route with no key, with each scope alone, and with a key of another project."""
    made = test.server.request("POST", "/v1/projects", {"name": "other"})
    test.check("second project", made.status == 201, made)
    project = made.json().get("project_id")
    key = made.json().get("key")
    if key is None:
        answer = test.server.request("POST", "/v1/keys", {"name": "k", "scopes": ["admin"], "project_id": project})
        test.check("a key cannot be made for another project", answer.status in {403, 422}, answer)
    scopes = {scope: test.server.request("POST", "/v1/keys", {"name": scope, "scopes": [scope]}).json()["key"]
              for scope in ("ingest:write", "metrics:read")}
    document = test.server.get("/openapi.json")
    test.check("OpenAPI 3.1", document["openapi"].startswith("3.1"), document.get("openapi"))
    for pattern, methods in document["paths"].items():
        path = re.sub(r"\{[^}]*\}", "d", pattern)
        for method in (name.upper() for name in methods if name in {"get", "post", "put", "delete"}):
            if not path.startswith("/v1/") or path == "/v1/session":
                continue
            test.check(f"{method} {path} without a key", test.server.request(method, path, key=None).status == 401)
            if path.startswith(("/v1/keys", "/v1/dead-letters")):
                test.check(f"{method} {path} with ingest:write", test.server.request(method, path, key=scopes["ingest:write"]).status == 403)
            if method == "GET" and path.startswith(("/v1/metrics", "/v1/events", "/v1/deployments", "/v1/models")):
                test.check(f"{method} {path} with ingest:write", test.server.request(method, path, key=scopes["ingest:write"]).status == 403)
    test.check("reader may not write", test.server.request("POST", "/v1/ingest/metrics", EVENT, key=scopes["metrics:read"]).status == 403)
    if key is not None:
        for path in ("/v1/events/r1", "/v1/deployments/d", "/v1/models/v/performance", "/v1/deployments/d/values?column=model_version"):
            test.check(f"other project, {path}", test.server.request("GET", path, key=key).status == 404)
        test.check("other project, no deployments", test.server.request("GET", "/v1/deployments", key=key).json()["deployments"] == [])
        answer = test.server.request("POST", "/v1/ingest/metrics", EVENT, key=key)
        test.check("the same id in another project is new", answer.json().get("ingested") == 1, answer)


def main() -> int:
    """Runs every part and prints one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="build/release/aiml042")
    binary = parser.parse_args().binary
    passed = failed = 0
    # Each list on a server of its own: the last of `access` leaves this address throttled.
    for parts in ((framing, bad_items, bad_bodies, queries, credentials, tenancy), messages.PARTS, inputs.PARTS, letters.PARTS, answers.PARTS, drift.PARTS, fairness.PARTS, contract.PARTS, connections.PARTS, access.PARTS):
        with Server(binary) as server:
            test = Test(server)
            for part in parts:
                try:
                    part(test)
                except (RuntimeError, KeyError, OSError, ValueError) as error:
                    test.check(part.__name__, False, repr(error))
            test.check("the server lives", server.request("GET", "/healthz", key=None).status == 200)
            passed, failed = passed + test.passed, failed + test.failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
