"""Attacks on the connection itself: slow, endless, unread and oversized requests (A09-A12, A17-A19, A21 of the security list)."""

from __future__ import annotations

import select
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Optional

from tests.harness.server import ADMIN_KEY

if TYPE_CHECKING:
    from run import Test

HEAD = f"POST /v1/labels HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {ADMIN_KEY}\r\nContent-Type: application/json\r\n"
CHUNKED = (HEAD + "Transfer-Encoding: chunked\r\n\r\n").encode()
MIB = 1024 * 1024


def resident(test: Test) -> int:
    """Bytes of memory the server holds."""
    assert test.server.process is not None
    status = Path(f"/proc/{test.server.process.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def connect(test: Test) -> socket.socket:
    """A connection that waits 30 s at most."""
    return socket.create_connection((test.server.host, test.server.port), timeout=30)


def read_all(connection: socket.socket) -> bytes:
    """Everything until the server closes (or resets)."""
    data = b""
    try:
        while more := connection.recv(65536):
            data += more
    except ConnectionError:
        pass
    return data


def send_all(connection: socket.socket, pieces: Callable[[], bytes], budget: int) -> int:
    """Sends pieces until the server has had enough or `budget` bytes are out; the bytes sent."""
    sent = 0
    try:
        while sent < budget:
            ready, _, _ = select.select([connection], [], [], 0)
            if ready:
                break
            piece = pieces()
            connection.sendall(piece)
            sent += len(piece)
    except OSError:
        pass
    return sent


def chunk_floods(test: Test) -> None:
    """What frames a chunked body is bounded, and so is the memory it takes."""
    before = resident(test)
    floods = {"a chunk extension of 64 MB": (b"5;", b"x" * 65536), "a million chunks of one byte": (b"", b"1\r\nx\r\n" * 10_000),
              "trailers of 64 MB": (b"0\r\n", b"X-Trailer: " + b"x" * 65000 + b"\r\n")}
    for name, (begin, piece) in floods.items():
        with connect(test) as connection:
            connection.sendall(CHUNKED + begin)
            sent = send_all(connection, lambda piece=piece: piece, 64 * MIB)
            answer = read_all(connection)
            test.check(name, sent < 64 * MIB and (answer == b"" or answer.startswith(b"HTTP/1.1 400 ")), (sent, answer[:80]))
    grown = resident(test) - before
    test.check("floods cost no memory", grown < 16 * MIB, grown)
    for name, size in {"0x5": "0x5", "negative": "-1", "17 digits": "1" * 17, "7FFF…": "7FFFFFFFFFFFFFFF", "plus": "+5"}.items():
        with connect(test) as connection:
            connection.sendall(CHUNKED + f"{size}\r\nhello\r\n0\r\n\r\n".encode())
            answer = read_all(connection)
            test.check(f"chunk size {name}", answer.startswith(b"HTTP/1.1 400 ") and answer.count(b"HTTP/1.1") == 1, answer[:80])


def trailers(test: Test) -> None:
    """A field sent behind the body is never a header."""
    without = "POST /v1/labels HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    for field in (f"Authorization: Bearer {ADMIN_KEY}", f"X-API-Key: {ADMIN_KEY}"):
        with connect(test) as connection:
            connection.sendall(f"{without}2\r\n{{}}\r\n0\r\n{field}\r\n\r\n".encode())
            answer = read_all(connection)
            test.check(f"trailer {field.split(':')[0]}", answer.startswith(b"HTTP/1.1 401 "), answer[:80])
    with connect(test) as connection:
        connection.sendall(CHUNKED + b"2\r\n{}\r\n0\r\nContent-Length: 3\r\n\r\n")
        test.check("trailer Content-Length", read_all(connection).startswith(b"HTTP/1.1 400 "))


def smuggling(test: Test) -> None:
    """What follows an ambiguous request on its connection is not answered."""
    second = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for framing in ("Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 4",
                    "Transfer-Encoding: \x0bchunked", "Transfer-Encoding: xchunked", "Content-Length: 4, 4", "Content-Length: "):
        with connect(test) as connection:
            connection.sendall((HEAD + framing + "\r\n\r\n").encode("latin-1") + b"0\r\n\r\n" + second)
            answer = read_all(connection)
            test.check(f"one answer to {framing!r}", answer.startswith(b"HTTP/1.1 400 ") and answer.count(b"HTTP/1.1") == 1, answer[:80])


def unread_answers(test: Test) -> None:
    """10,000 pipelined requests whose answers nobody reads hold up nobody and cost little."""
    before = resident(test)
    request = b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with connect(test) as connection:
        connection.setblocking(False)
        sent = 0
        for _ in range(10_000):
            try:
                sent += connection.send(request)
            except BlockingIOError:
                break
        begin = time.monotonic()
        test.check("health beside unread answers", test.server.request("GET", "/healthz", key=None).status == 200)
        test.check("health is quick", time.monotonic() - begin < 1.0, time.monotonic() - begin)
        grown = resident(test) - before
        test.check("unread answers cost little", sent > 0 and grown < 16 * MIB, (sent, grown))


def slow_headers(test: Test) -> None:
    """Headers that trickle in are cut after the header timeout (10 s), and others are served meanwhile."""
    connections = [connect(test) for _ in range(200)]
    begin = time.monotonic()
    pace = iter(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"y" * 100)
    open_ones = {connection.fileno(): connection for connection in connections}
    slowest = 0.0
    while open_ones and time.monotonic() - begin < 20:
        byte = bytes([next(pace)])
        for connection in list(open_ones.values()):
            try:
                connection.sendall(byte)
            except OSError:
                open_ones.pop(connection.fileno(), None)
        asked = time.monotonic()
        test.server.request("GET", "/healthz", key=None)
        slowest = max(slowest, time.monotonic() - asked)
        ready, _, _ = select.select(list(open_ones), [], [], 1.0)
        for number in ready:
            if not drain_one(open_ones[number]):
                open_ones.pop(number)
    took = time.monotonic() - begin
    for connection in connections:
        connection.close()
    test.check("slow headers are cut", not open_ones and took < 15, (len(open_ones), took))
    test.check("health during slow headers", slowest < 0.5, slowest)


def drain_one(connection: socket.socket) -> bool:
    """Reads what is there; False at the end of the connection."""
    try:
        return connection.recv(4096) != b""
    except ConnectionError:
        return False


def slow_body(test: Test) -> None:
    """A body below the minimum rate is cut; nothing of it is stored."""
    with connect(test) as connection:
        connection.sendall((HEAD + "Content-Length: 100000\r\n\r\n").encode() + b"[")
        begin = time.monotonic()
        answer: Optional[bytes] = read_all(connection)
        test.check("a slow body is cut", answer is not None and time.monotonic() - begin < 15, time.monotonic() - begin)


def large_bodies(test: Test) -> None:
    """Ten times the limit is answered 413 early, whichever way it is framed; the connection ends cleanly."""
    with connect(test) as connection:
        connection.sendall((HEAD + f"Content-Length: {80 * MIB}\r\n\r\n").encode())
        sent = send_all(connection, lambda: b"x" * 65536, 80 * MIB)
        answer = read_all(connection)
        test.check("413 for 80 MiB with a length", answer.startswith(b"HTTP/1.1 413 ") and sent < 80 * MIB, (sent, answer[:80]))
    with connect(test) as connection:
        connection.sendall(CHUNKED)
        sent = send_all(connection, lambda: b"10000\r\n" + b"x" * 65536 + b"\r\n", 80 * MIB)
        answer = read_all(connection)
        test.check("413 for 80 MiB in chunks", answer.startswith(b"HTTP/1.1 413 ") and sent < 80 * MIB, (sent, answer[:80]))


PARTS = (chunk_floods, trailers, smuggling, unread_answers, large_bodies, slow_body, slow_headers)
