"""Bodies, JSON, names, times, filters and questions that are not what they should be (A22, A25-A27, A29-A34, A37 of the security
list, and the list of the issue): each has the documented answer, stores nothing that is wrong, and the server lives."""

from __future__ import annotations

import gzip
import json
import threading
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from tests.harness.server import Answer

if TYPE_CHECKING:
    from run import Test

MIB = 1024 * 1024
BASE = {"deployment_id": "in", "model_version": "v", "request_id": "x", "prediction": {"score": 0.5}}
NDJSON = {"Content-Type": "application/x-ndjson"}


def resident(test: Test) -> int:
    """Bytes of memory the server holds."""
    assert test.server.process is not None
    status = Path(f"/proc/{test.server.process.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def send(test: Test, body: bytes, path: str = "/v1/ingest/metrics", **headers: str) -> Answer:
    """Bytes as they are; header names with "_" for "-"."""
    return test.server.request("POST", path, body, headers={
        "Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}})


def stored(test: Test, deployment: str = "in") -> int:
    """Events of a deployment, everything acknowledged visible."""
    answer = test.server.request("GET", "/v1/metrics/query", metric="count", deployment_id=deployment,
                                 min_seq=test.server.get("/v1/system")["seq"])
    return 0 if answer.status == 404 else int(answer.json()["series"][0]["value"])


def zstd(*blocks: tuple[bytes, int], window: int = 0x38, last: bool = True) -> bytes:
    """A zstd frame of raw blocks (bytes, 1) and run-length blocks (one byte, times), without an encoder."""
    out = b"\x28\xb5\x2f\xfd\x00" + bytes([window])
    for at, (content, times) in enumerate(blocks):
        kind, size = (0, len(content)) if times == 1 else (1, times)
        out += (int(last and at == len(blocks) - 1) | kind << 1 | size << 3).to_bytes(3, "little") + content
    return out


def compressed(test: Test) -> None:
    """What is compressed, doubly, wrongly, endlessly or not to the end (A22)."""
    good = json.dumps({**BASE, "deployment_id": "packed"}).encode()
    second = json.dumps({**BASE, "deployment_id": "packed", "request_id": "y"}).encode()
    test.check("gzip", send(test, gzip.compress(good), Content_Encoding="gzip").json().get("ingested") == 1)
    test.check("zstd", send(test, zstd((second, 1)), Content_Encoding="zstd").json().get("ingested") == 1)
    wrong_crc = bytearray(gzip.compress(good))
    wrong_crc[-6] ^= 1
    wrong_size = bytearray(gzip.compress(good))
    wrong_size[-1] ^= 1
    for name, body, encoding, status, code in [
            ("gzip cut", gzip.compress(good)[:-9], "gzip", 400, "malformed_body"), ("gzip without its end", gzip.compress(good)[:-4], "gzip", 400, "malformed_body"),
            ("gzip, wrong checksum", bytes(wrong_crc), "gzip", 400, "malformed_body"), ("gzip, wrong size", bytes(wrong_size), "gzip", 400, "malformed_body"),
            ("gzip of gzip", gzip.compress(gzip.compress(good)), "gzip", 400, "malformed_json"), ("not gzip", good, "gzip", 400, "malformed_body"),
            ("deflate in gzip's name", zlib.compress(good), "gzip", 400, "malformed_body"), ("empty gzip", b"", "gzip", 400, "malformed_body"),
            ("gzip and rubbish", gzip.compress(good) + b"rubbish", "gzip", 400, "malformed_body"),
            ("zstd cut", zstd((good, 1))[:-5], "zstd", 400, "malformed_body"), ("zstd without its last block", zstd((good, 1), last=False), "zstd", 400, "malformed_body"),
            ("zstd of 2^41 window", zstd((good, 1), window=0xF8), "zstd", 400, "malformed_body"), ("not zstd", good, "zstd", 400, "malformed_body"),
            ("br", good, "br", 415, "unsupported_media_type"), ("deflate", zlib.compress(good), "deflate", 415, "unsupported_media_type"),
            ("gzip, gzip", gzip.compress(gzip.compress(good)), "gzip, gzip", 415, "unsupported_media_type"),
            ("nonsense", good, "nonsense", 415, "unsupported_media_type")]:
        test.refused(name, send(test, body, Content_Encoding=encoding), status, code)
    before = resident(test)
    for name, body, encoding in [("gzip bomb", gzip.compress(b" " * (256 * MIB)), "gzip"),
                                 ("zstd bomb", zstd(*[(b" ", 131_072)] * 8000), "zstd"),
                                 ("gzip bomb of an array", gzip.compress(b"[" + b"0," * (64 * MIB) + b"0]"), "gzip")]:
        begin = time.monotonic()
        test.refused(name, send(test, body, Content_Encoding=encoding), 413, "too_large")
        test.check(f"{name} is cut short", time.monotonic() - begin < 2, time.monotonic() - begin)
    test.check("bombs cost no memory", resident(test) - before < 96 * MIB, resident(test) - before)
    test.check("packed events", stored(test, "packed") == 2, stored(test, "packed"))


def content_types(test: Test) -> None:
    """A body that says to be something else, or nothing."""
    body = json.dumps(BASE).encode()
    for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp",
                 "json", "application/json, text/plain", "*/*"):
        test.refused(f"type {kind}", send(test, body, Content_Type=kind), 415, "unsupported_media_type")
    test.refused("JSON in another charset", send(test, body, Content_Type="application/json; charset=utf-16"), 415, "unsupported_media_type")
    test.check("wrong types stored nothing", stored(test) == 0, stored(test))


def json_texts(test: Test) -> None:
    """Texts that are nearly JSON (A25, A26)."""
    text = json.dumps(BASE)
    inner = text[1:]
    for name, body in {
            "NaN": text.replace("0.5", "NaN"), "Infinity": text.replace("0.5", "Infinity"), "-Infinity": text.replace("0.5", "-Infinity"),
            "hex": text.replace("0.5", "0x1"), "plus": text.replace("0.5", "+0.5"), "leading zero": text.replace("0.5", "00.5"),
            "no digit": text.replace("0.5", ".5"), "open fraction": text.replace("0.5", "0."), "single quotes": text.replace('"', "'"),
            "comment": "/* */" + text, "trailing comma": text[:-1] + ",}", "trailing bytes": text + "x", "two documents": text + text,
            "lone surrogate": '{"source":"\\ud800",' + inner, "reversed surrogates": '{"metadata":{"a":"\\udc00\\ud800"},' + inner,
            "control in a string": text.replace('"x"', '"a\x01b"'), "tab in a string": text.replace('"x"', '"a\tb"'),
            "bad escape": text.replace('"x"', '"\\q"'), "unclosed": text[:-1], "unclosed string": text[:-20], "empty": "", "blank": "  \n ",
            "a number": "5", "a string": '"x"', "null": "null", "true": "true"}.items():
        answer = send(test, body.encode())
        test.check(f"JSON, {name}", answer.status in {400, 422} and stored(test) == 0, answer)
    for name, raw in {"bad UTF-8": b"\xff", "overlong": b"\xc0\xaf", "surrogate in UTF-8": b"\xed\xa0\x80", "cut UTF-8": b"\xe2\x82",
                      "beyond Unicode": b"\xf5\x80\x80\x80"}.items():
        answer = send(test, text.encode().replace(b'"x"', b'"a' + raw + b'b"'))
        test.check(f"JSON, {name}", answer.status in {400, 422} and stored(test) == 0, answer)
    for depth in (100, 1025, 1_000_000):
        for where, body in {"unknown": f'{{"x":{"[" * depth}{"]" * depth},{inner}', "features": f'{{"features":{{"a":{"[" * depth}{"]" * depth}}},{inner}',
                            "top": "[" * depth + "]" * depth, "objects": '{"a":' * depth + "1" + "}" * depth}.items():
            answer = send(test, body.encode())
            test.check(f"depth {depth} in {where}", answer.status in {400, 413, 422}, answer)
    bom = send(test, b"\xef\xbb\xbf" + text.replace('"in"', '"bom"').encode())
    test.check("BOM", (bom.status, stored(test, "bom")) == (200, 1), bom)
    test.check("JSON texts stored nothing", stored(test) == 0, stored(test))


def rejected(test: Test, name: str, text: str, pointer: Optional[str], *codes: str) -> None:
    """One event as text is refused with one of the codes at that field, and not stored."""
    answer = send(test, text.encode())
    entries = answer.json().get("rejected", []) if answer.status == 422 else []
    good = len(entries) == 1 and entries[0]["code"] in codes and (pointer is None or entries[0]["pointer"] == pointer)
    test.check(f"event, {name}", good, answer)


def with_field(**change: Any) -> str:
    """The event with other fields."""
    return json.dumps({**BASE, **change})


def fields(test: Test) -> None:
    """Fields twice, unknown, too long, too many, out of range (A26, A27)."""
    inner = json.dumps(BASE)[1:]
    for name in BASE:
        value = json.dumps(BASE[name])
        rejected(test, f"{name} twice", f'{{"{name}":{value},{inner}', f"/{name}", "duplicate_field")
    rejected(test, "a feature twice", '{"features":{"a":1,"a":1},' + inner, "/features/a", "duplicate_field")
    rejected(test, "a feature twice, escaped", '{"features":{"a":1,"\\u0061":1},' + inner, "/features/a", "duplicate_field")
    rejected(test, "class twice", '{"prediction":{"class":"a","class":"b"},"deployment_id":"in","model_version":"v","request_id":"x"}',
             "/prediction/class", "duplicate_field")
    rejected(test, "unknown field", with_field(nonsense=1), "/nonsense", "unknown_field")
    rejected(test, "unknown field with a slash", with_field(**{"a/b~c": 1}), "/a~1b~0c", "unknown_field")
    for name in ("deployment_id", "model_version", "request_id"):
        rejected(test, f"{name} empty", with_field(**{name: ""}), f"/{name}", "invalid_field", "out_of_range", "missing_field")
        rejected(test, f"{name} of 300", with_field(**{name: "a" * 300}), f"/{name}", "out_of_range")
        rejected(test, f"{name} of 1 MB", with_field(**{name: "a" * 1_000_000}), f"/{name}", "out_of_range")
    test.refused("request_id of 1 MiB", send(test, with_field(request_id="a" * MIB).encode()), 413, "too_large")
    rejected(test, "feature name of 1 MB", with_field(features={"a" * 1_000_000: 1}), None, "out_of_range")
    rejected(test, "feature text of 9 KB", with_field(features={"a": "b" * 9000}), "/features/a", "out_of_range")
    test.refused("100,000 features", send(test, with_field(features={f"f{i}": 0 for i in range(100_000)}).encode()), 413, "too_large")
    rejected(test, "90,000 short features", with_field(features={f"{i:x}": 0 for i in range(90_000)}).replace(" ", ""), None, "cardinality_limit")
    rejected(test, "3,000 features", with_field(features={f"f{i}": 0 for i in range(3000)}), None, "cardinality_limit")
    rejected(test, "an embedding of 100,000", with_field(embeddings={"e": [0] * 100_000}), "/embeddings/e/4096", "out_of_range")
    for name, number in {"1e400": "1e400", "-1e400": "-1e400", "a million digits": "9" * 1_000_000}.items():
        answer = send(test, ('{"latency_ms":' + number + "," + inner).encode())
        test.check(f"latency {name}", answer.status in {400, 422}, answer)
        answer = send(test, ('{"features":{"a":' + number + "}," + inner).encode())
        test.check(f"feature {name}", answer.status in {400, 422}, answer)
    rejected(test, "negative latency", with_field(latency_ms=-0.001), "/latency_ms", "out_of_range", "invalid_field")
    rejected(test, "score above 1", with_field(prediction={"score": 1.0000001}), "/prediction/score", "out_of_range", "invalid_field")
    rejected(test, "score below 0", with_field(prediction={"score": -1e-9}), "/prediction/score", "out_of_range", "invalid_field")
    test.check("bad fields stored nothing", stored(test) == 0, stored(test))


def texts(test: Test) -> None:
    """Odd characters come back as they went in (A27)."""
    odd = {"NUL": "a\0b", "right to left": "a\u202eb", "line separator": "a\u2028b", "emoji": "\U0001f600", "combining": "e\u0301",
           "quote": 'a"b\\c', "formula": "=1+1", "markup": "<script>alert(1)</script>", "injection": "'; drop table events; --", "percent": "%00%2e"}
    for name, text in odd.items():
        item = {**BASE, "deployment_id": "texts", "request_id": f"t-{name}-{text}", "features": {text: text}, "metadata": {"note": text}}
        answer = test.server.request("POST", "/v1/ingest/metrics", item)
        if name == "NUL":  # A name has no control characters.
            test.check(f"text {name}", (answer.status, answer.json()["rejected"][0]["pointer"]) == (422, "/request_id"), answer)
            continue
        test.check(f"text {name} is taken", answer.json()["ingested"] == 1, answer)
        everything = test.server.get("/v1/events", deployment_id="texts", min_seq=answer.headers["x-aiml042-seq"])["events"]
        shown = [event for event in everything if event["request_id"] == item["request_id"]]
        good = len(shown) == 1 and (shown[0]["request_id"], shown[0]["features"], shown[0]["metadata"]) == (
            item["request_id"], item["features"], item["metadata"])
        test.check(f"text {name} comes back", good, shown)
    for name, text in {"tab": "a\tb", "line ends": "a\r\nb", "DEL": "a\x7fb"}.items():  # In a value, which a filter can ask for.
        item = {**BASE, "deployment_id": "values", "request_id": name, "metadata": {"note": text}}
        answer = test.server.request("POST", "/v1/ingest/metrics", item)
        shown = test.server.request("GET", "/v1/events", deployment_id="values", filter=f'note = "{text}"',
                                    min_seq=answer.headers.get("x-aiml042-seq", 0))
        good = shown.status == 200 and [event["metadata"]["note"] for event in shown.json()["events"]] == [text]
        test.check(f"value with {name} is found by a filter", good, shown)
        rejected(test, f"feature name with {name}", with_field(features={text: 1}), None, "invalid_field")


def lines(test: Test) -> None:
    """NDJSON: line ends, blank lines, one bad line of 1,000, lines and bodies that are too long (A29)."""
    def line(i: int) -> bytes:
        return json.dumps({**BASE, "deployment_id": "lines", "request_id": f"l{i}"}).encode()

    def post(body: bytes) -> Answer:
        return test.server.request("POST", "/v1/ingest/metrics", body, headers=NDJSON)

    for name, body, taken in [("CRLF", b"\r\n".join(line(i) for i in range(3)) + b"\r\n", 3), ("no end", line(10) + b"\n" + line(11), 2),
                              ("blank lines", b"\n\n \n" + line(20) + b"\n\t\n\r\n" + line(21) + b"\n\n", 2)]:
        answer = post(body)
        test.check(f"NDJSON, {name}", answer.status == 200 and (answer.json()["ingested"], answer.json()["rejected"]) == (taken, []), answer)
    answer = post(b"\xef\xbb\xbf" + line(30) + b"\n" + line(31))
    test.check("NDJSON, BOM", (answer.json()["ingested"], [one["index"] for one in answer.json()["rejected"]]) == (2, []), answer)
    answer = post(b"\n".join(b"{bad" if i == 777 else line(1000 + i) for i in range(1000)))
    seen = answer.json()
    test.check("NDJSON, one bad line of 1,000", (seen["ingested"], [one["index"] for one in seen["rejected"]]) == (999, [777]), answer)
    answer = post(line(40) + b"\n" + json.dumps({**BASE, "metadata": {"a": "x" * (MIB + 1)}}).encode() + b"\n" + line(41))
    test.check("NDJSON, a line of more than 1 MiB", (answer.json().get("ingested"), len(answer.json().get("rejected", []))) == (2, 1), answer)
    test.refused("NDJSON, 9 MiB", post(b"x" * (9 * MIB)), 413, "too_large")
    many = post(b"\n".join(b"{}" for _ in range(60_000)))
    test.check("NDJSON, 60,000 lines", many.status in {413, 422}, many)
    for name, body in {"nothing": b"", "blank": b"\n\n"}.items():
        answer = post(body)
        test.check(f"NDJSON, {name}", answer.status in {400, 422}, answer)
    test.check("good lines are stored", stored(test, "lines") == 3 + 2 + 2 + 2 + 999 + 2, stored(test, "lines"))


def times(test: Test) -> None:
    """Times at and beyond the edges; windows and buckets over them work (A30)."""
    refused = ("0001-01-01T00:00:00Z", "1599-12-31T23:59:59.999999Z", "9999-12-31T23:59:59Z", "2025-13-01T00:00:00Z", "2025-02-29T00:00:00Z",
               "2025-01-01T24:00:01Z", "2025-01-01T00:60:00Z", "2025-01-01T00:00:00+25:00", "2025-01-01", "2025-01-01T00:00:00", "", "now", "10000-01-01T00:00:00Z",
               10**18, -10**18, 1e300, True, {}, [], "2025-01-01T00:00:00Zx", "２025-01-01T00:00:00Z")
    for value in refused:
        rejected(test, f"timestamp {value!r}", with_field(timestamp=value), "/timestamp", "invalid_field", "out_of_range")
    taken = ("1600-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", -1, 0, "2016-12-31T23:59:60Z", "2025-01-01T00:00:00+14:00", "2025-01-01t00:00:00z",
             1.5, "2024-02-29T12:00:00.123456789Z")
    for i, value in enumerate(taken):
        answer = test.server.request("POST", "/v1/ingest/metrics", {**BASE, "deployment_id": "times", "request_id": f"t{i}", "timestamp": value})
        test.check(f"timestamp {value!r} is taken", answer.status == 200, answer)
    test.check("all times are counted", stored(test, "times") == len(taken), stored(test, "times"))
    answer = test.server.get("/v1/metrics/query", metric="count", deployment_id="times", from_="1600-01-01T00:00:00Z", to="1600-01-03T00:00:00Z", step="1d")
    test.check("buckets of 1600", [point["value"] for point in answer["series"]] == [1, 0], answer)
    for value in ("1599-12-31T00:00:00Z", 10**18, "soon"):
        answer = test.server.request("POST", "/v1/labels", {"request_id": "t0", "deployment_id": "times", "label": 1, "label_ts": value})
        test.check(f"label_ts {value!r}", answer.status == 422 and answer.json()["rejected"][0]["pointer"] == "/label_ts", answer)


def many_names(test: Test) -> None:
    """More names than a deployment or a project may have are refused, each item for itself, and others go on (A31)."""
    def bring(n: int, first: int, count: int, **fields: object) -> Answer:
        return test.server.request("POST", "/v1/ingest/metrics", {**BASE, "deployment_id": "bomb", "request_id": f"b{n}",
                                                                  "features": {f"f{i}": i for i in range(first, first + count)}, **fields})

    answers = [bring(n, 1500 * n, 1500) for n in range(4)]
    test.check("names up to the limit", [answer.status for answer in answers] == [200, 200, 422, 422], answers)
    test.check("the name too many is named", answers[2].json()["rejected"][0]["code"] == "cardinality_limit"
               and answers[2].json()["rejected"][0]["pointer"] == "/features/f4096", answers[2])
    test.check("a refused item left no name", bring(10, 3000, 1095).status == 200)
    test.check("the last name", bring(11, 4095, 1).status == 200 and bring(12, 4096, 1).status == 422)
    test.check("known names go on", bring(13, 2000, 1500).status == 200)
    kinds = [bring(14, 0, 1, metadata={"m/~": 1}), bring(15, 0, 1, attributions={"f0": 1}), bring(16, 0, 1, prediction={"scores": {"new": 0.5}, "class": "a"})]
    test.check("other kinds of names count", [answer.json()["rejected"][0]["pointer"] for answer in kinds] == [
        "/metadata/m~1~0", "/attributions/f0", "/prediction/scores/new"], kinds)
    other_type = bring(17, 0, 1, features={"f0": "text"})
    test.check("a second type is a name", other_type.status == 422, other_type)
    mixed = test.server.request("POST", "/v1/ingest/metrics", [{**BASE, "deployment_id": "bomb", "request_id": f"x{i}", "features": {name: 1}}
                                                               for i, name in enumerate(("f1", "new", "f2", "newer"))])
    test.check("only the items with new names", mixed.json()["ingested"] == 2 and [r["index"] for r in mixed.json()["rejected"]] == [1, 3], mixed)
    def newest() -> dict[str, Any]:
        letter: dict[str, Any] = test.server.get("/v1/dead-letters", limit=1)["dead_letters"][0]
        return letter

    deadline = time.monotonic() + 10
    while '"newer"' not in newest()["item"] and time.monotonic() < deadline:
        pass  # They are stored behind the answer.
    test.check("they are dead letters", '"newer"' in newest()["item"] and newest()["code"] == "cardinality_limit", newest())

    token = test.server.request("POST", "/v1/projects", {"name": "crowd"}).json()["key"]
    crowd = [{**BASE, "deployment_id": f"d{i}", "request_id": "r"} for i in range(10_050)]
    answer = test.server.request("POST", "/v1/ingest/metrics", crowd, key=token)
    test.check("deployments up to the limit", answer.status == 200 and answer.json()["ingested"] == 10_000 and len(answer.json()["rejected"]) == 50, answer.status)
    test.check("the deployment too many is named", answer.json()["rejected"][0]["pointer"] == "/deployment_id"
               and answer.json()["rejected"][0]["code"] == "cardinality_limit", answer.json()["rejected"][0])
    again = test.server.request("POST", "/v1/ingest/metrics", [{**BASE, "deployment_id": d, "request_id": "r2"} for d in ("d9999", "e")], key=token)
    test.check("known deployments go on", again.json()["ingested"] == 1 and again.json()["rejected"][0]["index"] == 1, again)
    test.server.request("GET", "/v1/metrics/query", key=token, metric="count", deployment_id="d9999", min_seq=again.headers["x-aiml042-seq"])
    names: list[str] = []
    cursor, pages = None, 0
    while pages == 0 or cursor:
        page = test.server.request("GET", "/v1/deployments", key=token, limit=997, **({"cursor": cursor} if cursor else {})).json()
        names += [row["deployment_id"] for row in page["deployments"]]
        cursor, pages = page["next_cursor"], pages + 1
    test.check("the list has every deployment once, in pages", names == sorted(f"d{i}" for i in range(10_000)) and pages == 11, (len(names), pages))
    first = test.server.request("GET", "/v1/deployments", key=token, limit=1).json()["next_cursor"]
    test.check("a cursor is good for its project", test.server.request("GET", "/v1/deployments", cursor=first).status == 400)
    for limit in ("0", "1001", "x", "-1"):
        test.check(f"limit {limit}", test.server.request("GET", "/v1/deployments", limit=limit).status == 400)
    keys: list[str] = []
    pages = 0
    while pages == 0 or cursor:
        page = test.server.request("GET", "/v1/keys", limit=2, **({"cursor": cursor} if cursor else {})).json()
        keys += [key["key_id"] for key in page["keys"]]
        cursor, pages = page["next_cursor"], pages + 1
    test.check("the keys in pages", keys == [key["key_id"] for key in test.server.get("/v1/keys", limit=1000)["keys"]] and pages == (len(keys) + 1) // 2, keys)
    good = test.server.request("POST", "/v1/ingest/metrics", {**BASE, "deployment_id": "other"})
    test.check("others go on", good.status == 200 and stored(test, "other") == 1, good)
    test.check("the deployment is still shown", test.server.request("GET", "/v1/deployments/bomb").status == 200)


def filters(test: Test) -> None:
    """Filters that are too long, too deep, or try something (A32)."""
    def ask(text: str) -> tuple[Answer, float]:
        begin = time.monotonic()
        answer = test.server.request("GET", "/v1/metrics/query", metric="count", deployment_id="lines", filter=text)
        return answer, time.monotonic() - begin

    for name, text in {"7,000 parentheses": "(" * 3500 + "note = 1" + ")" * 3500, "2,000 nots": "not " * 1500 + "model_version = 'v'", "unbalanced quote": 'note = "a',
                       "injection": '"; drop table events; --', "two": "model_version = 'v'; delete", "a function": "load_file('/etc/passwd') = 1",
                       "sub-query": "(select 1) = 1", "empty in": "model_version in ()", "dangling": "model_version = 'v' and", "NUL": "model_version = '\0",
                       "no value": "model_version =", "an operator twice": "model_version == == 'v'", "a huge number": "latency_ms > 1e999"}.items():
        answer, took = ask(text)
        test.check(f"filter, {name}", answer.status in {400, 414, 431} and took < 1, (answer, took))
    answer, took = ask("model_version in (" + ", ".join(f"'{i}'" for i in range(900)) + ")")
    test.check("a long in list", answer.status in {200, 400, 414, 431} and took < 1, (answer, took))
    answer, _ = ask("model_version = '''; drop table events; --'")
    test.check("a quoted injection is a value", answer.status in {200, 400}, answer)
    test.check("nothing was dropped", stored(test, "lines") == 1010, stored(test, "lines"))


def parts_of_answers(test: Test) -> None:
    """Values of a column are those of the window; one deployment that is not understood leaves the others readable; no average is invented."""
    begin = 1_704_067_200_000
    events = [{"deployment_id": "halves", "model_version": "pv", "request_id": f"h{i}", "timestamp": begin + i * 60_000,
               "prediction": {"class": "a"}, "metadata": {"h": "early" if i < 30 else "late"}} for i in range(60)]
    events += [{"deployment_id": "unsure", "model_version": "pv", "request_id": f"u{i}", "timestamp": begin, "prediction": {"score": 0.4}} for i in range(4)]
    events += [{"deployment_id": "many", "model_version": "mv", "request_id": f"m{i}", "timestamp": begin,
                "prediction": {"class": "abc"[i % 3], "scores": {"a": 0.2, "b": 0.3 + i / 100, "c": 0.5 - i / 100}}} for i in range(9)]
    test.check("taken", test.server.request("POST", "/v1/ingest/metrics", events).json()["ingested"] == 73)
    sent = test.server.request("POST", "/v1/labels", [{"deployment_id": "halves", "request_id": f"h{i}", "label": "a"} for i in range(60)]
                               + [{"deployment_id": "unsure", "request_id": f"u{i}", "label": ("good", "bad")[i % 2]} for i in range(4)]
                               + [{"deployment_id": "many", "request_id": f"m{i}", "label": "abc"[i % 2]} for i in range(9)])
    window = {"from": "2024-01-01T00:00:00Z", "to": "2024-01-01T00:10:00Z"}
    counted = test.server.request("GET", "/v1/metrics/query", metric="count", deployment_id="halves", min_seq=sent.headers["x-aiml042-seq"], **window)
    test.check("count of the window", counted.json()["series"][0]["value"] == 10, counted)
    values = test.server.request("GET", "/v1/deployments/halves/values", column="h", **window)
    test.check("values of the window", values.json()["values"] == [{"value": "early", "n": 10}] and values.json()["rows"] == 10, values)
    shown = test.server.request("GET", "/v1/models/pv/performance", window="36500d")
    found = {d["deployment_id"]: {m["metric"]: m["value"] for m in d["metrics"]} for d in shown.json().get("deployments", [])}
    test.check("performance of all deployments", found.get("unsure", {}).get("count") == 4 and found.get("halves", {}).get("accuracy") == 1.0, shown)
    micro = test.server.request("GET", "/v1/metrics/query", metric="roc_auc", average="micro", deployment_id="many", **window).json()["series"][0]
    test.check("no micro average of roc_auc", micro["value"] is None and "micro" in micro["reason"], micro)


def questions(test: Test) -> None:
    """Questions as bombs, and strange values of every parameter (A33, A34)."""
    for name, query in {"10 years by the millisecond": {"metric": "count", "window": "3650d", "step": "1ms"}, "1,000 metrics": {"metric": ["count"] * 200},
                        "four keys": {"metric": "count", "group_by": ["a", "b", "c", "d"]}, "a day by the second over 400 years": {
                            "metric": "count", "from": "1600-01-01T00:00:00Z", "to": "2025-01-01T00:00:00Z", "step": "1s"}}.items():
        answer = test.server.request("GET", "/v1/metrics/query", **{"deployment_id": "times", **query})
        test.check(f"question, {name}", answer.status in {400, 422}, answer)
    strange = ("'", '"', "' or 1=1 --", "%00", "\0", "../../etc/passwd", "{{7*7}}", "\u202e", "9" * 400, "-1", "1e999", "NaN", "[]", "*")
    for parameter in ("metric", "deployment_id", "model_version", "from", "to", "window", "step", "filter", "group_by", "compare", "ci", "as_of",
                      "min_seq", "bins", "binning", "average", "beta", "threshold", "include_shadow", "exact", "format", "timeout", "k", "quantile"):
        for value in strange:
            answer = test.server.request("GET", "/v1/metrics/query", **{"metric": "count", "deployment_id": "lines", "timeout": "1ms", parameter: value})
            test.check(f"{parameter}={value[:20]!r}", answer.status in {200, 400, 404, 422, 504}, answer)
    for query, pointer in (({"metric": "lift"}, "/k"), ({"metric": "lift@k", "k": "all"}, "/k"), ({"metric": "lift", "k": "101%"}, "/k"),
                           ({"metric": "accuracy", "k": "10"}, "/k"), ({"metric": "lift@10%", "k": "10"}, "/k"), ({"metric": "lift@ten"}, "/metric"),
                           ({"metric": "accuracy@10"}, "/metric"), ({"metric": "accuracy", "quantile": "0.5"}, "/quantile")):
        test.refused(f"k, {query}", test.server.request("GET", "/v1/metrics/query", deployment_id="lines", **query), 400, "invalid_argument", pointer)
    cursor = test.server.get("/v1/events", deployment_id="lines", limit=2)["next_cursor"]
    changed = cursor[:-1] + ("0" if cursor[-1] != "0" else "1")
    test.refused("a changed cursor", test.server.request("GET", "/v1/events", deployment_id="lines", limit=2, cursor=changed), 400, "invalid_argument", "/cursor")
    other = test.server.request("GET", "/v1/events", deployment_id="times", limit=2, cursor=cursor)
    test.check("a cursor of another list", other.status == 400, other)


def twins(test: Test) -> None:
    """Fifty at once with the same id, each with another body: one is stored, all are answered (A37)."""
    seen: list[tuple[int, int]] = []

    def one(i: int) -> None:
        answer = test.server.request("POST", "/v1/ingest/metrics", {**BASE, "deployment_id": "twins", "prediction": {"score": i / 100}}).json()
        seen.append((answer["ingested"], answer["duplicates"]))

    threads = [threading.Thread(target=one, args=(i,)) for i in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    test.check("one of fifty twins", sorted(seen) == [(0, 1)] * 49 + [(1, 0)], seen)
    test.check("one is stored", stored(test, "twins") == 1)


PARTS = (compressed, content_types, json_texts, fields, texts, lines, times, many_names, filters, parts_of_answers, questions, twins)
