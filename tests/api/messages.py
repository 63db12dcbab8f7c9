"""HTTP messages in all the forms that are not what they seem (A01-A06, A08, A09, A12-A16, A19, A20, A23 of the security list).

`framing` in run.py asks that these store nothing; here each has the answer that is documented for it.
"""

from __future__ import annotations

import json
import re
import socket
import time
from typing import TYPE_CHECKING

from tests.harness.server import ADMIN_KEY, Server

if TYPE_CHECKING:
    from run import Test

KEY = f"Authorization: Bearer {ADMIN_KEY}\r\n"
HOST = "Host: 127.0.0.1\r\n"
EVENT = json.dumps({"deployment_id": "d", "model_version": "v", "request_id": "smuggled", "prediction": {"score": 0.5}})


def post(fields: str, *, version: str = "HTTP/1.1", host: str = HOST, path: str = "/v1/ingest/metrics", method: str = "POST") -> str:
    """The head of a request, credentials and type included."""
    return f"{method} {path} {version}\r\n{host}{KEY}Content-Type: application/json\r\n{fields}\r\n"


def answers(test: Test, request: bytes) -> list[int]:
    """The statuses of all answers until the server closes; the connection must not just hang."""
    with socket.create_connection((test.server.host, test.server.port), timeout=15) as connection:
        data = b""
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while more := connection.recv(65536):
                data += more
        except ConnectionError:
            pass
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", data)]


def refused(test: Test, name: str, request: str, *statuses: int) -> None:
    """One answer with one of the statuses (0: just closed), and nothing that was hidden behind it answered."""
    got = answers(test, request.encode("latin-1") + b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    test.check(f"message, {name}", (got == [] and 0 in statuses) or (len(got) == 1 and got[0] in statuses), got)


def lengths(test: Test) -> None:
    """Content-Length and Transfer-Encoding, each in forms that two readers could take two ways (A01-A05)."""
    body, size = EVENT, len(EVENT)
    chunked = f"{size:x}\r\n{body}\r\n0\r\n\r\n"
    for name, value in {"minus": f"-{size}", "plus": f"+{size}", "hex": f"{size:#x}", "underscore": "1_0", "comma": f"{size}, {size}",
                        "list of one": f"{size},", "2^64-1": str(2**64 - 1), "2^64+5": str(2**64 + 5), "empty": "", "letters": "abc",
                        "fraction": "5.0", "exponent": "1e2", "space inside": "1 0"}.items():
        refused(test, f"CL {name}", post(f"Content-Length: {value}\r\n") + body, 400, 413)
    refused(test, "two different CL", post(f"Content-Length: {size}\r\nContent-Length: 0\r\n") + body, 400)
    refused(test, "two equal CL", post(f"Content-Length: {size}\r\nContent-Length: {size}\r\n") + body, 400)
    refused(test, "CL, TE", post(f"Content-Length: {size}\r\nTransfer-Encoding: chunked\r\n") + chunked, 400)
    refused(test, "TE, CL", post(f"Transfer-Encoding: chunked\r\nContent-Length: {size}\r\n") + chunked, 400)
    for value in ("gzip", "identity", "xchunked", "gzip, chunked", "chunked, identity", "chunked, chunked", "", "chunked;a=b", "\x0bchunked",
                  "chu nked", "chunked\x0b"):
        refused(test, f"TE {value!r}", post(f"Transfer-Encoding: {value}\r\n") + chunked, 400, 501)
        refused(test, f"TE {value!r} with CL", post(f"Transfer-Encoding: {value}\r\nContent-Length: {size}\r\n") + chunked, 400, 501)
    refused(test, "two TE lines", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") + chunked, 400)
    refused(test, "chunked in HTTP/1.0", post("Transfer-Encoding: chunked\r\n", version="HTTP/1.0") + chunked, 400, 505)
    for name, chunk in {"no CRLF behind a chunk": f"{size:x}\r\n{body}0\r\n\r\n", "LF only": f"{size:x}\n{body}\n0\n\n",
                        "space before the size": f" {size:x}\r\n{body}\r\n0\r\n\r\n", "empty size": f"\r\n{body}\r\n0\r\n\r\n"}.items():
        refused(test, f"chunk, {name}", post("Transfer-Encoding: chunked\r\n") + chunk, 400)


def heads(test: Test) -> None:
    """Host, field names, line ends, sizes (A06, A08, A12)."""
    length = f"Content-Length: {len(EVENT)}\r\n"
    for name, host in {"none": "", "two": HOST + HOST, "userinfo": "Host: a@127.0.0.1\r\n", "path": "Host: 127.0.0.1/x\r\n",
                       "300 characters": f"Host: {'a' * 300}\r\n", "CR": "Host: 127.0.0.1\rx\r\n", "space": "Host: 127.0.0.1 x\r\n",
                       "foreign": "Host: evil.example\r\n", "a list": "Host: 127.0.0.1, evil.example\r\n"}.items():
        refused(test, f"Host, {name}", post(length, host=host) + EVENT, 400, 421)
    for name, field in {"bare CR": "X-A: a\rb\r\n", "NUL": "X-A: a\0b\r\n", "fold": "X-A: a\r\n b\r\n", "space before colon": "X-A : b\r\n",
                        "no colon": "X-A\r\n", "no name": ": a\r\n", "not a token": "X(A): b\r\n", "control": "X-A: \x01\r\n",
                        "name of bytes": "X-\xe9: a\r\n", "space first": " X-A: b\r\n"}.items():
        refused(test, f"field, {name}", post(field + length) + EVENT, 400)
    refused(test, "bare LF", post(length).replace("\r\n", "\n") + EVENT, 400)
    refused(test, "9 KB of field", post(f"X-A: {'a' * 9000}\r\n{length}") + EVENT, 431, 400)
    refused(test, "1 MB of field", post(f"X-A: {'a' * 1_000_000}\r\n{length}") + EVENT, 431, 400, 0)
    refused(test, "200 fields", post("".join(f"X-{i}: a\r\n" for i in range(200)) + length) + EVENT, 431, 400)
    refused(test, "9 KB of target", post(length, path="/v1/events?x=" + "a" * 9000, method="GET") + EVENT, 414, 431, 400)


def targets(test: Test) -> None:
    """Forms of the target lead to the canonical route or nowhere (A13)."""
    for target, statuses in {"*": {400, 404, 405}, "v1/keys": {400}, "/v1/%00keys": {400, 404}, "/%2e%2e/v1/keys": {400, 404},
                             "//v1/keys": {400, 404}, "/v1//keys": {400, 404}, "/v1/keys/": {400, 404}, "/v1/keys%2f": {400, 404},
                             "/v1/./keys": {400, 404}, "/v1/x/../keys": {400, 404}, "/v1/k\xe9ys": {400, 404}, "/V1/keys": {400, 404},
                             "/v1/keys;a=b": {400, 404}, "/v1/%6beys": {200, 400, 404}, "/v1/keys?%": {400, 200},
                             "http://evil.example/v1/keys": {400, 421}, "http://127.0.0.1/v1/keys": {200}, "/v1/keys#x": {400, 404}}.items():
        got = answers(test, f"GET {target} HTTP/1.1\r\n{HOST}{KEY}\r\n".encode("latin-1"))
        test.check(f"target {target}", len(got) == 1 and got[0] in statuses, got)
    refused(test, "CONNECT", f"CONNECT 127.0.0.1:80 HTTP/1.1\r\n{HOST}{KEY}\r\n", 400, 405, 501)


def methods(test: Test) -> None:
    """Methods, versions, upgrades, expectations (A14-A16)."""
    for method in ("TRACE", "TRACK", "PRI", "get", "Get", "NONSENSE", "PROPFIND", "A" * 100, "G\tET"):
        refused(test, f"method {method[:10]}", f"{method} /v1/keys HTTP/1.1\r\n{HOST}{KEY}\r\n", 400, 405, 501)
    patched = test.server.request("PATCH", "/v1/keys", {})
    test.check("PATCH is told what the path serves", (patched.status, patched.headers.get("allow")) == (405, "GET, HEAD, POST, OPTIONS"), patched)
    answer = test.server.request("GET", "/v1/ingest/metrics", headers={"X-HTTP-Method-Override": "POST"})
    test.check("method override is ignored", answer.status == 405 and "POST" in answer.headers.get("allow", ""), answer)
    for version in ("HTTP/2.0", "HTTP/1.9", "HTTP/0.9", "HTTP/11", "HTTP/1.1x", "http/1.1", "HTTPS/1.1"):
        refused(test, f"version {version}", f"GET /healthz {version}\r\n{HOST}\r\n", 400, 505)
    refused(test, "no version", "GET /healthz\r\n\r\n", 400, 505)
    refused(test, "the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 405, 501, 505)
    refused(test, "TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "a" * 200, 400, 0)
    got = answers(test, f"GET /healthz HTTP/1.1\r\n{HOST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n".encode())
    test.check("h2c is not spoken", len(got) == 1 and got[0] in {200, 400, 501}, got)
    refused(test, "Expect: junk", post(f"Expect: junk\r\nContent-Length: {len(EVENT)}\r\n") + EVENT, 417)
    with socket.create_connection((test.server.host, test.server.port), timeout=15) as connection:
        connection.sendall(post("Expect: 100-continue\r\nContent-Length: 1000000000\r\n").encode())
        said = connection.recv(4096)
        test.check("1 GB is refused before it is sent", said.startswith(b"HTTP/1.1 413 "), said[:80])
    with socket.create_connection((test.server.host, test.server.port), timeout=15) as connection:
        labels = json.dumps({"request_id": "expected", "label": 1})
        connection.sendall(post(f"Expect: 100-continue\r\nContent-Length: {len(labels)}\r\n", path="/v1/labels").encode())
        said = connection.recv(4096)
        test.check("100 Continue", said.startswith(b"HTTP/1.1 100 "), said[:80])
        connection.sendall(labels.encode())
        said = connection.recv(4096)
        test.check("200 after 100", said.startswith(b"HTTP/1.1 200 "), said[:80])


def preflight(test: Test) -> None:
    """No other site gets in through a browser (A23)."""
    for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example"):
        answer = test.server.request("OPTIONS", "/v1/keys", key=None, headers={
            "Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"})
        granted = [name for name in answer.headers if name.startswith("access-control-allow")]
        test.check(f"preflight from {origin}", not granted and answer.status in {204, 400, 401, 403, 404, 405}, answer)


def slow_readers(test: Test) -> None:
    """Fifty that ask for a large answer and never read it hold up nobody (A19)."""
    lines = b"\n".join(json.dumps({"deployment_id": "wide", "model_version": "v", "request_id": f"w{i}", "prediction": 1,
                                   "features": {"text": "x" * 2000}}).encode() for i in range(1000))
    test.check("wide events", test.server.request("POST", "/v1/ingest/metrics", lines,
                                                  headers={"Content-Type": "application/x-ndjson"}).status == 200)
    held = []
    try:
        for _ in range(50):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(10)
            connection.connect((test.server.host, test.server.port))
            connection.sendall(f"GET /v1/events?deployment_id=wide&limit=1000 HTTP/1.1\r\n{HOST}{KEY}\r\n".encode())
            held.append(connection)
        begin = time.monotonic()
        for _ in range(20):
            test.check("health beside slow readers", test.server.request("GET", "/healthz", key=None).status == 200)
            test.server.get("/v1/metrics/query", metric="count", deployment_id="wide")
        test.check("answers beside slow readers are quick", time.monotonic() - begin < 4, time.monotonic() - begin)
    finally:
        for connection in held:
            connection.close()


def too_many(test: Test) -> None:
    """More connections than may be open are turned away, and it recovers when some end (A20)."""
    with Server(test.server.binary, environment={"AIML042_SERVER__CONNECTIONS_MAX": "16"}) as server:
        held = [socket.create_connection((server.host, server.port), timeout=15) for _ in range(60)]
        served = 0
        for connection in held:
            try:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                served += connection.recv(4096).startswith(b"HTTP/1.1 200")
            except OSError:
                pass
        test.check("at most 16 are served at once", 0 < served <= 16, served)
        for connection in held:
            connection.close()
        until, good = time.monotonic() + 10, False
        while not good and time.monotonic() < until:
            try:
                good = server.request("GET", "/healthz", key=None).status == 200
            except OSError:
                pass
        test.check("it takes connections again", good)


def nothing_stored(test: Test) -> None:
    """None of all this left an event behind."""
    test.check("messages stored nothing", test.count() == 0, test.count())


PARTS = (lengths, heads, targets, methods, nothing_stored, preflight, slow_readers, too_many)
