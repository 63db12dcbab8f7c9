"""What happens between a log call and the server: a bounded buffer, batches, compression, retries."""

from __future__ import annotations

import gzip
import http.client
import json
import logging
import random
import ssl
import threading
import time
from collections import deque
from typing import Any, Callable, Optional
from urllib.parse import urlsplit

_log = logging.getLogger("aiml042")

RETRY_STATUS = frozenset({408, 429, 500, 502, 503, 504})
BACKOFF_FIRST_S = 0.5
BACKOFF_MAX_S = 30.0
WARN_EVERY_S = 10.0


class SenderStats:
    """Counts of one sender since it was made. All only grow."""

    def __init__(self) -> None:
        """Starts at zero."""
        self.sent = 0  # Items acknowledged as stored or as duplicates.
        self.rejected = 0  # Items that the server refused as not valid.
        self.dropped = 0  # Items lost: buffer full, retries used up, closed.


class Sender:
    """Sends JSON items to one path in batches from one background thread.

    `put` never blocks and never raises: when `items_max` items or `bytes_max` bytes wait, the oldest are dropped and
    counted. A batch goes out when it is full (`batch_items`, `batch_bytes`) or `interval_s` after its first item. A
    failed send is retried with full jitter, honouring Retry-After, for `retry_s` seconds; ids make that safe, since the
    server stores a request_id once. Safe to fork: the child starts with an empty buffer and a thread of its own.
    """

    def __init__(self, *, endpoint: str, path: str, api_key: str, timeout_s: float, batch_items: int, batch_bytes: int,
                 interval_s: float, items_max: int, bytes_max: int, retry_s: float,
                 on_error: Optional[Callable[[str], None]]) -> None:
        """Remembers the limits; the thread starts with the first item."""
        url = urlsplit(endpoint)
        if url.scheme not in {"http", "https"} or not url.hostname:
            raise ValueError(f"endpoint must be an http:// or https:// URL, got {endpoint!r}")
        self._secure = url.scheme == "https"
        self._host = url.hostname
        self._port = url.port or (443 if self._secure else 80)
        self._path = url.path.rstrip("/") + path
        self._headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/x-ndjson",
                         "Content-Encoding": "gzip", "User-Agent": "aiml042-python/0.1.0"}
        self._timeout_s, self._retry_s, self._interval_s = timeout_s, retry_s, interval_s
        self._batch_items, self._batch_bytes = batch_items, batch_bytes
        self._items_max, self._bytes_max = items_max, bytes_max
        self._on_error = on_error
        self.stats = SenderStats()
        self._quiet_until = 0.0
        self._reset()

    def _reset(self) -> None:
        self._buffer: deque[bytes] = deque()
        self._buffer_bytes = 0
        self._in_flight = 0
        self._closed = False
        self._flushing = False
        self._deadline: Optional[float] = None  # For retries once close() was called.
        self._changed = threading.Condition()
        self._thread: Optional[threading.Thread] = None
        self._connection: Optional[http.client.HTTPConnection] = None

    def after_fork_in_child(self) -> None:
        """Forgets the parent's buffer, thread and connection: they are the parent's to send."""
        self._reset()

    def put(self, item: dict[str, Any]) -> None:
        """Queues one item."""
        try:
            line = _encode(item).encode()
        except (TypeError, ValueError) as error:
            self._drop(1, f"item cannot be written as JSON: {error}")
            return
        dropped = 0
        with self._changed:
            if self._closed:
                dropped = 1
            else:
                self._buffer.append(line)
                self._buffer_bytes += len(line)
                while len(self._buffer) > self._items_max or self._buffer_bytes > self._bytes_max:
                    self._buffer_bytes -= len(self._buffer.popleft())
                    dropped += 1
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="aiml042-sender", daemon=True)
                    self._thread.start()
                if len(self._buffer) == 1 or len(self._buffer) >= self._batch_items:
                    self._changed.notify_all()
        if dropped:
            self._drop(dropped, "closed" if self._closed else "buffer full")

    def flush(self, timeout_s: float) -> bool:
        """Sends what waits. False when something still waits after `timeout_s`, or was lost meanwhile."""
        until = time.monotonic() + timeout_s
        dropped = self.stats.dropped
        with self._changed:
            self._flushing = True
            self._changed.notify_all()
            try:
                while self._buffer or self._in_flight:
                    if not self._changed.wait(until - time.monotonic()):
                        return False
            finally:
                self._flushing = False
        return self.stats.dropped == dropped

    def close(self, timeout_s: float) -> bool:
        """Sends what waits for at most `timeout_s`, then takes nothing more; what is left is dropped and counted."""
        with self._changed:
            self._deadline = time.monotonic() + timeout_s
            self._changed.notify_all()
        done = self.flush(timeout_s)
        with self._changed:
            self._closed = True
            left = len(self._buffer)
            self._buffer.clear()
            self._buffer_bytes = 0
            self._changed.notify_all()
        if left:
            self._drop(left, "closed before it could be sent")
        return done

    def _run(self) -> None:
        me = threading.current_thread()
        while batch := self._next_batch():
            self._send(batch)
            with self._changed:
                self._in_flight = 0
                self._changed.notify_all()
            if self._thread is not me:  # A fork took place.
                return

    def _next_batch(self) -> list[bytes]:
        """Waits for a batch; empty when closed."""
        with self._changed:
            while not self._buffer:
                if self._closed:
                    return []
                self._changed.wait()
            due = time.monotonic() + self._interval_s
            while not (self._closed or self._flushing or len(self._buffer) >= self._batch_items
                       or self._buffer_bytes >= self._batch_bytes):
                left = due - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            batch: list[bytes] = []
            size = 0
            while self._buffer and len(batch) < self._batch_items and size < self._batch_bytes:
                line = self._buffer.popleft()
                size += len(line)
                batch.append(line)
            self._buffer_bytes -= size
            self._in_flight = len(batch)
            return batch

    def _send(self, batch: list[bytes]) -> None:
        body = gzip.compress(b"\n".join(batch), compresslevel=1)
        give_up = time.monotonic() + self._retry_s
        backoff = BACKOFF_FIRST_S
        while True:
            status, answer, retry_after = self._post(body)
            if status in {200, 422}:
                self._account(len(batch), answer)
                return
            if status not in RETRY_STATUS and status != 0:
                self._drop(len(batch), f"the server answered {status}: {answer.get('detail', '')}")
                return
            wait = random.uniform(0, backoff) if retry_after is None else retry_after + random.uniform(0, 0.1)  # noqa: S311
            backoff = min(backoff * 2, BACKOFF_MAX_S)
            limit = give_up if self._deadline is None else min(give_up, self._deadline)
            if time.monotonic() + wait > limit:
                self._drop(len(batch), f"not sent: {answer.get('detail', 'no answer')}")
                return
            with self._changed:
                self._changed.wait_for(lambda: self._deadline is not None and time.monotonic() + wait > self._deadline,
                                       timeout=wait)

    def _post(self, body: bytes) -> tuple[int, dict[str, Any], Optional[float]]:
        """One attempt: status (0 without an answer), the answer's JSON, Retry-After in seconds."""
        try:
            if self._connection is None:
                self._connection = (
                    http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout_s,
                                                context=ssl.create_default_context())
                    if self._secure else http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_s))
            self._connection.request("POST", self._path, body=body, headers=self._headers)
            response = self._connection.getresponse()
            text = response.read()
            retry_after = response.headers.get("Retry-After")
            try:
                answer = json.loads(text)
            except ValueError:
                answer = {}
            seconds = float(retry_after) if retry_after is not None and retry_after.isdigit() else None
            return response.status, answer if isinstance(answer, dict) else {}, seconds
        except (OSError, http.client.HTTPException) as error:
            self._connection = None
            return 0, {"detail": f"{type(error).__name__}: {error}"}, None

    def _account(self, count: int, answer: dict[str, Any]) -> None:
        rejected = answer.get("rejected") or []
        refused = answer.get("rejected_total", len(rejected))
        self.stats.rejected += refused
        self.stats.sent += count - refused
        for one in rejected[:3]:
            self._tell(f"item refused: {one.get('code')} {one.get('pointer', '')}: {one.get('detail', '')}")

    def _drop(self, count: int, why: str) -> None:
        self.stats.dropped += count
        self._tell(f"{count} item(s) dropped: {why}")

    def _tell(self, message: str) -> None:
        """Warns, but of a long outage only now and then: `stats` has the exact counts."""
        now = time.monotonic()
        if now < self._quiet_until:
            return
        self._quiet_until = now + WARN_EVERY_S
        _log.warning("%s (sent %d, rejected %d, dropped %d so far)", message, self.stats.sent, self.stats.rejected,
                     self.stats.dropped)
        if self._on_error is not None:
            try:
                self._on_error(message)
            except Exception:
                _log.exception("on_error raised")


def _plain(value: Any) -> Any:
    """Numbers of numpy and the like as plain ones."""
    item = getattr(value, "item", None)
    if callable(item):
        return item()
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not a JSON value")


_strict = json.JSONEncoder(separators=(",", ":"), allow_nan=False, default=_plain).encode


_MAY_MISS = ("features", "metadata", "attributions")


def _is_nan(value: Any) -> bool:
    return not isinstance(value, (str, bytes)) and bool(value != value)


def _encode(item: dict[str, Any]) -> str:
    """JSON text. A feature that is NaN is missing, as pandas means it; elsewhere NaN, and infinities, are a ValueError."""
    try:
        return _strict(item)
    except ValueError:
        missing = {name: {key: None if _is_nan(value) else value for key, value in item[name].items()}
                   for name in _MAY_MISS if isinstance(item.get(name), dict)}
        return _strict({**item, **missing})
