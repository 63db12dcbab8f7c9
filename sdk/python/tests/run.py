"""The Python client against a real server, and against one that fails on purpose."""

from __future__ import annotations

import argparse
import http.server
import gzip
import json
import os
import subprocess
import sys
import threading
import unittest
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, ClassVar

ROOT = Path(__file__).resolve().parent.parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "sdk" / "python")]
from aiml042.client import MonitoringClient  # noqa: E402
from tests.harness.server import ADMIN_KEY, Server  # noqa: E402

BINARY = "build/release/aiml042"


class Script(http.server.BaseHTTPRequestHandler):
    """Answers what the test put into `answers`, then 200; keeps what came."""

    answers: ClassVar[list[tuple[int, dict[str, str]]]] = []
    received: ClassVar[list[list[dict[str, Any]]]] = []
    lock = threading.Lock()

    def do_POST(self) -> None:  # noqa: N802
        """One batch."""
        body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
        with self.lock:
            status, headers = self.answers.pop(0) if self.answers else (200, {})
            items = [json.loads(line) for line in body.splitlines()]
            if status == 200:
                self.received.append(items)
        answer = json.dumps({"status": "ok", "ingested": len(items), "duplicates": 0, "rejected": []}).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class AgainstScript(unittest.TestCase):
    """What the client does when the server is slow, full or gone."""

    def setUp(self) -> None:
        """A scripted server."""
        Script.answers, Script.received = [], []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Script)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def tearDown(self) -> None:
        """Stops it."""
        self.server.shutdown()
        self.server.server_close()

    def log(self, client: MonitoringClient, count: int) -> None:
        """Some events."""
        for i in range(count):
            client.log_inference(deployment_id="d", model_version="v", request_id=f"r{i}", prediction={"value": i})

    def test_retry_keeps_order_and_loses_nothing(self) -> None:
        """503 and 429 with Retry-After are tried again with the same ids."""
        Script.answers = [(503, {"Retry-After": "0"}), (429, {"Retry-After": "0"})]
        with MonitoringClient("k", self.url) as client:
            self.log(client, 3)
            self.assertTrue(client.flush())
            self.assertEqual(client.stats, {"sent": 3, "rejected": 0, "dropped": 0})
        self.assertEqual([[i["request_id"] for i in b] for b in Script.received], [["r0", "r1", "r2"]])

    def test_refusal_is_final(self) -> None:
        """401 is not tried again; the loss is counted and told."""
        told: list[str] = []
        Script.answers = [(401, {})]
        client = MonitoringClient("k", self.url, on_error=told.append)
        self.log(client, 2)
        client.flush()
        self.assertEqual(client.stats["dropped"], 2)
        self.assertIn("401", told[0])

    def test_bounded(self) -> None:
        """A dead server costs the oldest events, never memory, time or an exception."""
        client = MonitoringClient("k", "http://127.0.0.1:9", buffer_items=100, retry_s=60)
        self.log(client, 5000)
        self.assertFalse(client.close(0.2))
        self.assertEqual(client.stats["dropped"], 5000)

    def test_batches(self) -> None:
        """A batch has at most batch_items items, and order holds across batches."""
        with MonitoringClient("k", self.url, batch_items=10) as client:
            self.log(client, 35)
        self.assertTrue(all(len(batch) <= 10 for batch in Script.received))
        self.assertEqual([i["request_id"] for b in Script.received for i in b], [f"r{i}" for i in range(35)])

    def test_fork(self) -> None:
        """Parent and child each send their own events, once."""
        client = MonitoringClient("k", self.url, flush_interval_s=30)
        client.log_inference(deployment_id="d", model_version="v", request_id="parent", prediction=1)
        child = os.fork()
        if child == 0:
            client.log_inference(deployment_id="d", model_version="v", request_id="child", prediction=1)
            os._exit(0 if client.flush() else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assertTrue(client.flush())
        self.assertEqual(sorted(i["request_id"] for b in Script.received for i in b), ["child", "parent"])

    def test_exit_flushes(self) -> None:
        """A script that just ends has sent its events."""
        program = ("import sys; from aiml042.client import MonitoringClient; "
                   "MonitoringClient('k', sys.argv[1], flush_interval_s=60).log_inference("
                   "deployment_id='d', model_version='v', request_id='last', prediction=1.0)")
        done = subprocess.run([sys.executable, "-c", program, self.url], check=False,
                              env={**os.environ, "PYTHONPATH": str(ROOT / "sdk" / "python")})
        self.assertEqual(done.returncode, 0)
        self.assertEqual(Script.received[0][0]["request_id"], "last")

    def test_not_json(self) -> None:
        """What is no JSON value is dropped and counted, the rest goes."""
        with MonitoringClient("k", self.url) as client:
            client.log_inference(deployment_id="d", model_version="v", prediction={"score": float("nan")})
            client.log_inference(deployment_id="d", model_version="v", prediction={"score": object()})
            client.log_inference(deployment_id="d", model_version="v", prediction={"score": 0.5}, features={"x": float("inf")})
            client.log_inference(deployment_id="d", model_version="v", prediction={"score": 0.5}, features={"x": float("nan"), "y": 2, "z": "nan"})
            client.flush()
            self.assertEqual(client.stats, {"sent": 1, "rejected": 0, "dropped": 3})
        self.assertEqual(Script.received[-1][-1]["features"], {"x": None, "y": 2, "z": "nan"})

    def test_wrong_arguments(self) -> None:
        """A missing key or a bad endpoint is said at once."""
        with self.assertRaisesRegex(ValueError, "endpoint"):
            MonitoringClient("k", "localhost:8042")
        os.environ.pop("AIML042_API_KEY", None)
        with self.assertRaisesRegex(ValueError, "AIML042_API_KEY"):
            MonitoringClient()


class AgainstServer(unittest.TestCase):
    """The snippet of the README, exactly, and what becomes of it."""

    def test_snippet(self) -> None:
        """The event and its label come back as sent."""
        with Server(BINARY) as server:
            client = MonitoringClient(api_key=ADMIN_KEY, endpoint=server.url)
            client.log_inference(
                deployment_id="dep_123", model_version="rec_sys_v5", request_id="req_abc",
                prediction={"class": "approve", "score": 0.82}, features={"age": 42, "region": "NA"}, latency_ms=45,
                metadata={"cohort": "web", "ab_bucket": "A"})
            client.log_label(request_id="req_abc", label={"class": "approve"}, source="crm_system",
                             label_ts=datetime(2025, 11, 26, 10, 2, 31, tzinfo=timezone.utc))
            client.log_inference(deployment_id="dep_123", model_version="rec_sys_v5", prediction={"score": 7})
            self.assertTrue(client.flush())
            self.assertEqual(client.stats, {"sent": 2, "rejected": 1, "dropped": 0})
            event = None
            for _ in range(1000):
                answer = server.request("GET", "/v1/events/req_abc", deployment_id="dep_123")
                if answer.status == 200 and answer.json().get("label"):
                    event = answer.json()
                    break
            assert event is not None
            self.assertEqual(event["prediction"], {"class": "approve", "score": 0.82})
            self.assertEqual(event["features"], {"age": 42, "region": "NA"})
            self.assertEqual(event["label"], {"class": "approve"})
            self.assertEqual(event["label_ts"], "2025-11-26T10:02:31Z")


def main() -> int:
    """Runs all and closes with the line that the test command counts."""
    global BINARY  # noqa: PLW0603
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=BINARY)
    BINARY = parser.parse_args().binary
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    result = unittest.TextTestRunner(verbosity=1).run(suite)
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
