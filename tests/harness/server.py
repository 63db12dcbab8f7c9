"""A real server for a test: started on a temporary folder and a free port, stopped at the end.

Standard library only. Conditions are waited for, never slept for.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Optional
from urllib.parse import quote, urlencode

ROOT = Path(__file__).resolve().parent.parent.parent
ADMIN_KEY = "aiml_test_admin_key_of_the_harness_0001"
URL = re.compile(r"http://([\d.]+|\[[\da-f:]+\]):(\d+)")


def shared_data() -> Optional[Path]:
    """Folder of the real data beside the repository; None where there is none."""
    folder = Path(os.environ.get("AIML042_SHARED_DATA", ROOT.parent / "shared" / "data"))
    return folder if folder.is_dir() else None


class Answer:
    """Status, headers (names in lower case) and body of one answer."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def __repr__(self) -> str:
        return f"{self.status} {self.body[:300]!r}"


class Server:
    """`with Server(binary) as server:` runs `aiml042 serve`; `server.url`, `server.request(…)`."""

    def __init__(self, binary: str, *, folder: Optional[str] = None, arguments: tuple[str, ...] = (),
                 command: str = "serve", environment: Optional[dict[str, str]] = None, listen: str = "127.0.0.1:0") -> None:
        self.binary = str(Path(binary).resolve())
        self.own_folder = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="aiml042-test-")
        self.arguments, self.command, self.listen = arguments, command, listen
        self.environment = {**os.environ, "AIML042_ADMIN_KEY": ADMIN_KEY, **(environment or {})}
        self.process: Optional[subprocess.Popen[bytes]] = None
        self.host, self.port, self.lines, self.unread = "", 0, list[str](), b""

    def start(self, timeout_s: float = 60.0) -> Server:
        """Starts it and waits for the line that names the address."""
        self.log = open(Path(self.folder).parent / (Path(self.folder).name + ".log"), "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [self.binary, self.command, "--data-dir", self.folder, "--listen", self.listen, *self.arguments],
            stdout=subprocess.PIPE, stderr=self.log, env=self.environment)
        self.lines, self.unread = [], b""
        self.wait_for_line(URL, timeout_s)
        match = URL.search(self.lines[-1])
        assert match is not None
        self.host, self.port = match[1], int(match[2])
        return self

    def wait_for_line(self, pattern: re.Pattern[str], timeout_s: float = 60.0) -> str:
        """Reads standard output up to a line with `pattern`."""
        assert self.process is not None and self.process.stdout is not None
        until = time.monotonic() + timeout_s
        while True:
            while b"\n" in self.unread:
                line, _, self.unread = self.unread.partition(b"\n")
                self.lines.append(line.decode())
                if pattern.search(self.lines[-1]):
                    return self.lines[-1]
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, until - time.monotonic()))
            more = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not more:
                raise RuntimeError(f"the server did not start: exit {self.process.poll()}; {self.lines} "
                                   f"{Path(self.log.name).read_text()[-2000:]}")
            self.unread += more

    @property
    def url(self) -> str:
        """Base URL without a slash at its end."""
        return f"http://{self.host}:{self.port}"

    def stop(self, sig: int = signal.SIGTERM, timeout_s: float = 60.0) -> int:
        """Sends a signal and waits; the exit code."""
        assert self.process is not None
        self.process.send_signal(sig)
        code = self.process.wait(timeout_s)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.log.close()
        return code

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)
            Path(self.folder + ".log").unlink(missing_ok=True)

    def request(self, method: str, path: str, body: Any = None, *, headers: Optional[dict[str, str]] = None,
                key: Optional[str] = ADMIN_KEY, timeout_s: float = 60.0, **query: Any) -> Answer:
        """One request. `body` as bytes goes out as it is, anything else as JSON; `query` values may be lists."""
        sent = dict(headers or {})
        if key is not None:
            sent.setdefault("Authorization", f"Bearer {key}")
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        target = path + ("?" + urlencode(query, doseq=True, quote_via=quote) if query else "")
        connection = http.client.HTTPConnection(self.host.strip("[]"), self.port, timeout=timeout_s)
        try:
            connection.request(method, target, body=body, headers=sent)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def get(self, path: str, **query: Any) -> Any:
        """JSON of a GET that must succeed; a query name may end in "_" to dodge a Python keyword (from_)."""
        answer = self.request("GET", path, **{name.rstrip("_"): value for name, value in query.items()})
        if answer.status != 200:
            raise RuntimeError(f"GET {path} {query}: {answer}")
        return answer.json()

    def post_lines(self, path: str, lines: list[bytes], *, batch: int = 5000) -> tuple[int, int, int]:
        """Sends NDJSON lines, gzipped, in batches; (ingested, duplicates, last sequence). Rejections raise."""
        ingested = duplicates = sequence = 0
        for begin in range(0, len(lines), batch):
            body = gzip.compress(b"\n".join(lines[begin:begin + batch]), compresslevel=1)
            answer = self.request("POST", path, body, headers={"Content-Type": "application/x-ndjson",
                                                               "Content-Encoding": "gzip"})
            if answer.status != 200 or answer.json()["rejected"]:
                raise RuntimeError(f"POST {path}: {answer}")
            ingested += answer.json()["ingested"]
            duplicates += answer.json()["duplicates"]
            sequence = max(sequence, int(answer.headers.get("x-aiml042-seq", "0")))
        return ingested, duplicates, sequence
