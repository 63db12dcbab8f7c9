"""Who may do what: sessions and their cookies (A53-A56), every route against every scope (A57), other projects' ids
(A58-A62), types swapped (A28), throttling by the socket's address (A24, A42)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.harness.server import ADMIN_KEY, Answer

if TYPE_CHECKING:
    from run import Test

SCOPES = ("ingest:write", "metrics:read", "admin", "judge:run", "alerts:manage")
CSRF = {"X-Aiml042-Csrf": "1"}


def operations(test: Test) -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path with "x" for each parameter, operation) of everything the server says it serves."""
    paths = test.server.get("/openapi.json")["paths"]
    return [(method.upper(), re.sub(r"\{[^}]*\}", "x", pattern), operation)
            for pattern, item in paths.items() for method, operation in item.items()]


def matrix(test: Test) -> None:
    """Each route lets in exactly the scope it names, and admin."""
    keys = {scope: test.server.request("POST", "/v1/keys", {"name": scope, "scopes": [scope]}).json() for scope in SCOPES}
    revoked = test.server.request("POST", "/v1/keys", {"name": "gone", "scopes": list(SCOPES)}).json()
    test.check("revoked", test.server.request("DELETE", f"/v1/keys/{revoked['key_id']}").status == 204)
    seen = operations(test)
    test.check("routes are there", len(seen) > 20, len(seen))
    for method, path, operation in seen:
        wanted = operation["x-scope"]
        body = {} if "requestBody" in operation else None
        if wanted == "none":
            answer = test.server.request(method, path, body, key=None)
            test.check(f"{method} {path} is open", answer.status not in {403} and answer.status < 500, answer)
            continue
        # DELETE /v1/session with a key ends no session, so the keys go on working.
        test.check(f"{method} {path} without a key", test.server.request(method, path, body, key=None).status == 401)
        for scope, key in keys.items():
            answer = test.server.request(method, path, body, key=key["key"])
            allowed = scope == "admin" or wanted in {"any", scope}
            test.check(f"{method} {path} with {scope}", (answer.status != 403) == allowed and answer.status not in {401, 500}, answer)
    answer = test.server.request("GET", "/v1/session", key=revoked["key"])
    test.check("a revoked key", answer.status == 401, answer)


def foreign_ids(test: Test) -> None:
    """What belongs to another project is as unknown as what never was, and is not changed."""
    made = test.server.request("POST", "/v1/projects", {"name": "foreign"}).json()
    theirs, own_project = made["key"], test.server.get("/v1/projects")["projects"][0]["project_id"]
    own_keys = test.server.get("/v1/keys")["keys"]
    test.server.request("POST", "/v1/ingest/metrics", {"deployment_id": "d"})
    letter = test.server.get("/v1/dead-letters")["dead_letters"]
    paths = [("DELETE", f"/v1/keys/{own_keys[0]['key_id']}", "/v1/keys/key_none"),
             ("GET", f"/v1/projects/{own_project}/retention", "/v1/projects/prj_none/retention"),
             ("PUT", f"/v1/projects/{own_project}/retention", "/v1/projects/prj_none/retention")]
    if letter:
        paths += [(method, f"/v1/dead-letters/{letter[0]['id']}{rest}", f"/v1/dead-letters/999999{rest}")
                  for method, rest in (("GET", ""), ("DELETE", ""), ("POST", "/replay"))]
    for method, path, unknown in paths:
        body = {"days": 1} if method == "PUT" else None
        real, none = (test.server.request(method, where, body, key=theirs) for where in (path, unknown))
        strip = re.compile(rb'"request_id":"[^"]*"')
        test.check(f"foreign {method} {path}", real.status == none.status == 404
                   and strip.sub(b"", real.body) == strip.sub(b"", none.body), (real, none))
    test.check("nothing was changed", test.server.get(f"/v1/projects/{own_project}/retention") == {"days": None, "bytes": None})
    test.check("their keys are theirs", all(key["key_id"] not in {k["key_id"] for k in own_keys}
                                            for key in test.server.request("GET", "/v1/keys", key=theirs).json()["keys"]))
    answer = test.server.request("POST", "/v1/projects", {"name": "third"}, key=theirs)
    test.check("projects are made by the first one's admins", answer.status == 403, answer)
    for extra in ("project_id", "id", "role", "key_id", "is_admin", "created_at", "owner"):
        answer = test.server.request("POST", "/v1/keys", {"name": "n", "scopes": ["metrics:read"], extra: "x"})
        test.refused(f"mass assignment of {extra}", answer, 422, "unknown_field", f"/{extra}")
    ingest = test.server.request("POST", "/v1/keys", {"name": "i", "scopes": ["ingest:write"]}).json()["key"]
    answer = test.server.request("POST", "/v1/keys", {"name": "n", "scopes": ["admin"]}, key=ingest)
    test.check("an ingest key makes no keys", answer.status == 403, answer)


def swapped_types(test: Test) -> None:
    """Every field of every small body with every wrong type: a 4xx, never a 5xx, never taken."""
    values: list[Any] = [0, -1, 1e308, "", "x", "\u202e", [], [[]], {}, {"a": 1}, True, None]
    for method, path, operation in operations(test):
        schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        for field in schema.get("properties", {}):
            for value in values:
                answer = test.server.request(method, path, {field: value}, key=ADMIN_KEY)
                test.check(f"{method} {path} {field}={value!r}", answer.status < 500, answer)
        for body in (b"", b"null", b"[]", b"1", b'"x"', b"{", b"\xff", b'{"a":1,"a":2}', b"{}{}"):
            if "requestBody" in operation:
                answer = test.server.request(method, path, body, headers={"Content-Type": "application/json"})
                test.check(f"{method} {path} {body!r}", answer.status < 500, answer)


def sign_in(test: Test, token: str, **headers: str) -> Answer:
    """POST /v1/session with a token."""
    return test.server.request("POST", "/v1/session", {"token": token}, key=None,
                               headers={name.replace("_", "-"): value for name, value in headers.items()})


def sessions(test: Test) -> None:
    """The printed link works once; its cookie is strict, cannot be used by other sites, and dies at sign-out."""
    line = test.server.wait_for_line(re.compile("#token="))
    token = line.rsplit("#token=", 1)[1].strip()
    test.check("sign-in from another site", sign_in(test, token, Origin="https://evil.example").status == 403)
    first = sign_in(test, token, Cookie="aiml042_session=planted")
    test.check("sign-in", first.status == 200 and first.json()["scopes"] == ["admin"], first)
    test.check("the link is good once", sign_in(test, token).status == 401)
    cookie = first.headers["set-cookie"]
    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    test.check("cookie flags", {"httponly", "samesite=strict", "path=/"} <= flags, cookie)
    value = cookie.split(";")[0]
    test.check("cookie of 128 bits or more", len(value.split("=")[1]) >= 22 and "planted" not in value)

    def ask(method: str, path: str, body: Any = None, **headers: str) -> int:
        sent = {"Cookie": value, **{name.replace("_", "-"): text for name, text in headers.items()}}
        return test.server.request(method, path, body, key=None, headers=sent).status

    new_key = {"name": "by browser", "scopes": ["metrics:read"]}
    test.check("reads with the cookie", ask("GET", "/v1/session") == 200)
    test.check("no change without the header", ask("POST", "/v1/keys", new_key) == 403)
    test.check("change with the header", ask("POST", "/v1/keys", new_key, **CSRF) == 201)
    for name, headers in {"cross-site": {"Sec-Fetch-Site": "cross-site"}, "same-site": {"Sec-Fetch-Site": "same-site"},
                          "a foreign origin": {"Origin": "https://evil.example"}, "a null origin": {"Origin": "null"}}.items():
        test.check(f"no change from {name}", ask("POST", "/v1/keys", new_key, **CSRF, **headers) == 403)
    answer = test.server.request("POST", "/v1/keys", b"name=x", key=None,
                                 headers={"Cookie": value, "Content-Type": "application/x-www-form-urlencoded"})
    test.check("no form posts", answer.status in {403, 415}, answer)
    test.check("override headers do nothing", ask("GET", "/v1/session", X_HTTP_Method_Override="DELETE") == 200)
    test.check("sign-out", ask("DELETE", "/v1/session", **CSRF) == 204)
    test.check("a stolen cookie is dead after sign-out", ask("GET", "/v1/session") == 401)


def answers(test: Test) -> None:
    """Every answer carries the security headers, and says nothing about what runs here."""
    for path, status in (("/healthz", 200), ("/v1/nothing", 404), ("/v1/session", 401), ("/", 200)):
        answer = test.server.request("GET", path, key=None)
        for name, value in {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "x-frame-options": "DENY",
                            "cross-origin-opener-policy": "same-origin", "cache-control": "no-store"}.items():
            test.check(f"{path} {name}", answer.status == status and answer.headers.get(name) == value, answer.headers)
        test.check(f"{path} policy", "default-src 'none'" in answer.headers.get("content-security-policy", ""), answer.headers)
        test.check(f"{path} names no server", "server" not in answer.headers)
        test.check(f"{path} has a request id", re.fullmatch("[0-9a-f]{16}", answer.headers.get("x-request-id", "")) is not None)
    page = test.server.request("GET", "/", key=None)
    policy = page.headers["content-security-policy"]
    test.check("page policy", "unsafe" not in policy and "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy, policy)
    test.check("a nonce per page", policy != test.server.request("GET", "/", key=None).headers["content-security-policy"])


def throttling(test: Test) -> None:
    """Bad keys wait longer and longer by the address of the socket, whatever headers say; good ones are served."""
    waits: list[int] = []
    for number in range(60):
        answer = test.server.request("GET", "/v1/session", key="aiml_" + "0" * 32, headers={"X-Forwarded-For": f"192.0.2.{number}"})
        if answer.status == 429:
            waits.append(int(answer.headers["retry-after"]))
    test.check("bad keys are throttled", len(waits) >= 40 and waits == sorted(waits) and waits[-1] > waits[0] >= 1, waits)
    test.check("a good key is served", test.server.request("GET", "/v1/session").status == 200)
    answer = test.server.request("GET", "/v1/session", key=None, api_key=ADMIN_KEY)
    test.check("a key in the query string", answer.status in {401, 429}, answer)


PARTS = (sessions, answers, matrix, foreign_ids, swapped_types, throttling)
