"""MonitoringClient: what an application calls.

    from aiml042.client import MonitoringClient

    client = MonitoringClient(api_key="YOUR_KEY", endpoint="http://127.0.0.1:8042")
    client.log_inference(deployment_id="dep_123", model_version="rec_sys_v5", request_id="req_abc",
                         prediction={"class": "approve", "score": 0.82}, features={"age": 42})
    client.log_label(request_id="req_abc", label={"class": "approve"})

The log calls return at once and never raise: what cannot be sent is dropped and counted (`client.stats`).
"""

from __future__ import annotations

import atexit
import os
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, Callable, Optional, Union

from aiml042._sender import Sender

Scalar = Union[str, int, float, bool, None]
Prediction = Union[Mapping[str, Any], float, int]

_clients: set[MonitoringClient] = set()  # All that are not closed: flushed at exit, told of forks.

EXIT_FLUSH_S = 2.0


class Aiml042Error(Exception):
    """A call that has an answer to give failed."""


class MonitoringClient:
    """Sends inference events and labels to an aiml042 server in the background.

    Args:
        api_key: Key with the scope ingest:write; by default the environment's AIML042_API_KEY.
        endpoint: URL of the server; by default AIML042_ENDPOINT or http://127.0.0.1:8042.
        timeout_s: Of one HTTP request, seconds.
        batch_items, batch_bytes, flush_interval_s: A batch goes out when one of these is reached.
        buffer_items, buffer_bytes: Bound of what waits, for events and labels each; the oldest are dropped beyond it.
        retry_s: How long a batch is tried again, seconds.
        on_error: Told of every loss as text, on the background thread.
        enabled: False makes every call do nothing (tests, local runs).
    """

    def __init__(self, api_key: Optional[str] = None, endpoint: Optional[str] = None, *, timeout_s: float = 10.0,
                 batch_items: int = 500, batch_bytes: int = 1 << 20, flush_interval_s: float = 1.0,
                 buffer_items: int = 10_000, buffer_bytes: int = 16 << 20, retry_s: float = 300.0,
                 on_error: Optional[Callable[[str], None]] = None, enabled: bool = True) -> None:
        """Raises ValueError for an endpoint that is no URL or when no key is given."""
        key = api_key or os.environ.get("AIML042_API_KEY", "")
        if enabled and not key:
            raise ValueError("api_key is missing: pass it, or set AIML042_API_KEY")
        url = endpoint or os.environ.get("AIML042_ENDPOINT", "http://127.0.0.1:8042")
        self._enabled = enabled
        common = {"endpoint": url, "api_key": key, "timeout_s": timeout_s, "batch_items": batch_items,
                  "batch_bytes": batch_bytes, "interval_s": flush_interval_s, "items_max": buffer_items,
                  "bytes_max": buffer_bytes, "retry_s": retry_s, "on_error": on_error}
        self._events = Sender(path="/v1/ingest/metrics", **common)  # type: ignore[arg-type]
        self._labels = Sender(path="/v1/labels", **common)  # type: ignore[arg-type]
        _clients.add(self)

    def log_inference(self, *, deployment_id: str, model_version: str, request_id: Optional[str] = None,
                      prediction: Optional[Prediction] = None, score: Optional[float] = None,
                      features: Optional[Mapping[str, Scalar]] = None, latency_ms: Optional[float] = None,
                      metadata: Optional[Mapping[str, Scalar]] = None,
                      timestamp: Union[datetime, str, float, None] = None, error_code: Optional[str] = None,
                      trace_id: Optional[str] = None, attributions: Optional[Mapping[str, float]] = None,
                      embeddings: Optional[Mapping[str, Sequence[float]]] = None,
                      prompt_version: Optional[str] = None, llm: Optional[Mapping[str, Any]] = None,
                      experiment: Optional[Mapping[str, str]] = None, shadow: Optional[bool] = None) -> str:
        """Logs one inference; returns its request_id (made when none is given, to label it later).

        `timestamp` is a datetime (naive = local time), RFC 3339 text or seconds since the epoch; the moment of this call
        when absent. See POST /v1/ingest/metrics for the other fields.
        """
        identity = request_id or trace_id or str(uuid.uuid4())
        self._put(self._events, {
            "deployment_id": deployment_id, "model_version": model_version, "request_id": identity,
            "timestamp": _timestamp(timestamp), "prediction": prediction, "score": score, "features": features,
            "latency_ms": latency_ms, "metadata": metadata, "error_code": error_code, "trace_id": trace_id,
            "attributions": attributions, "embeddings": embeddings, "prompt_version": prompt_version, "llm": llm,
            "experiment": experiment, "shadow": shadow,
        })
        return identity

    def log_label(self, *, request_id: str, label: Any, deployment_id: Optional[str] = None,
                  label_ts: Union[datetime, str, float, None] = None, source: Optional[str] = None) -> None:
        """Logs the truth for an inference, before or after it, as often as it changes.

        `label` is {"class": …}, {"value": …}, {"relevance": {…}}, {"reward": …} or a plain value.
        """
        self._put(self._labels, {"request_id": request_id, "deployment_id": deployment_id, "label": label,
                                 "label_ts": _timestamp(label_ts), "source": source})

    def flush(self, timeout_s: float = 10.0) -> bool:
        """Sends what waits now. False when something still waits after `timeout_s`, or was lost."""
        until = time.monotonic() + timeout_s
        return self._events.flush(timeout_s) and self._labels.flush(max(0.0, until - time.monotonic()))

    def close(self, timeout_s: float = 10.0) -> bool:
        """Flushes, then takes nothing more. False when something was lost for lack of time."""
        _clients.discard(self)
        until = time.monotonic() + timeout_s
        done = self._events.close(timeout_s)
        return self._labels.close(max(0.0, until - time.monotonic())) and done

    @property
    def stats(self) -> dict[str, int]:
        """Items sent, rejected by the server, and dropped here, since the client was made."""
        pair = (self._events.stats, self._labels.stats)
        return {name: sum(getattr(one, name) for one in pair) for name in ("sent", "rejected", "dropped")}

    def __enter__(self) -> MonitoringClient:
        """For `with`: closes at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes."""
        self.close()

    def _put(self, sender: Sender, item: dict[str, Any]) -> None:
        if self._enabled:
            sender.put({name: value for name, value in item.items() if value is not None})

    def _after_fork_in_child(self) -> None:
        self._events.after_fork_in_child()
        self._labels.after_fork_in_child()


def _timestamp(value: Union[datetime, str, float, None]) -> Union[str, int]:
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    return int((time.time() if value is None else value) * 1000)


def _at_exit() -> None:
    for client in list(_clients):
        client.close(EXIT_FLUSH_S)


def _after_fork_in_child() -> None:
    for client in list(_clients):
        client._after_fork_in_child()  # noqa: SLF001


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
