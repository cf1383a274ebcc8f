"""A small local server that speaks what Kaggle's client (2.2.4) says to download a data set.

Inside a test: `with KaggleServer(archive, "owner/slug") as server: ...`, then point the client at `server.address`
(`point_client_at`). For other processes, such as a whole `dvc exp run`, `client_environment` writes a
`sitecustomize.py` into a folder and gives the variables under which every Python process talks to the server;
the product itself knows nothing of it. By hand, from the repository root:

    python -m tests.datasets.kaggle_server --archive images.zip --handle owner/slug --port 8765

As Kaggle does, it answers the download call with a redirect to a storage address that serves ETag and ranges.
"""

import argparse
import base64
import hashlib
import json
import os
import shlex
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOKEN, USERNAME, KEY = "KGAT_token-of-the-tests", "tester", "key-of-the-tests"

_SITECUSTOMIZE = '''"""Test only: point Kaggle's client at {address}, when and where it is imported."""
import importlib.util
import sys


class PointAtTestServer:
    def find_spec(self, name, path=None, target=None):
        if name != "kagglesdk.kaggle_env":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            module._env_to_endpoint[module.KaggleEnv.PROD] = "{address}"

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, PointAtTestServer())
'''


@dataclass(frozen=True)
class Seen:
    """One request that the server got."""

    call: str  # IntrospectToken, DownloadDataset or storage
    range: str | None
    authorization: str | None
    body: dict[str, Any]


@dataclass
class KaggleServer:
    """Serve one archive as `handle` at `version`; the other attributes make it misbehave.

    Attributes:
        archive: the file served; a test may replace it between requests.
        anonymous: serve the set without credentials.
        token_status: answer to a wrong token (200 says that it is not active).
        refusals: (status, headers) given to the next download calls, one each, before any is served.
        cuts: the next storage answers end after so many bytes, one each.
        stalls: seconds that the next storage answers wait before they go on after their first half, one each.
        storage_refusals: status given to the next storage requests, one each, 0 to serve.
        ranges: whether the storage supports resuming.
        slow: seconds between pieces of 64 KiB.
        seen: every request so far.
    """

    archive: Path
    handle: str
    version: int = 1
    port: int = 0
    anonymous: bool = False
    token_status: int = 401
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    stalls: list[float] = field(default_factory=list)
    storage_refusals: list[int] = field(default_factory=list)
    ranges: bool = True
    slow: float = 0.0
    seen: list[Seen] = field(default_factory=list)

    def __enter__(self) -> "KaggleServer":
        self._http = _QuietServer(("127.0.0.1", self.port), type("Handler", (_Handler,), {"kaggle": self}))
        self.port = self._http.server_port
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def calls(self, call: str) -> list[Seen]:
        """Return the requests of one kind."""
        return [seen for seen in self.seen if seen.call == call]


def point_client_at(monkeypatch: Any, server: KaggleServer) -> None:
    """Make Kaggle's client in this process talk to `server` until the test ends."""
    from kagglesdk import kaggle_env

    monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, server.address)


def client_environment(folder: Path, address: str) -> dict[str, str]:
    """Return variables under which any Python process talks to the server at `address`, signed in.

    Args:
        folder: gets `sitecustomize.py`, which goes first on PYTHONPATH. HOME stays as it is (Git and DVC read it);
            a test that may fall back on other credentials than this token sets HOME to an empty folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sitecustomize.py").write_text(_SITECUSTOMIZE.format(address=address), encoding="utf-8")
    path = os.pathsep.join(part for part in (str(folder), os.environ.get("PYTHONPATH", "")) if part)
    return {"PYTHONPATH": path, "KAGGLE_API_TOKEN": TOKEN, "KAGGLE_CONFIG_DIR": str(folder / "kaggle")}


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no error here."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    kaggle: KaggleServer

    def log_message(self, *arguments: object) -> None:
        """Stay quiet."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        call = self.path.rsplit("/", 1)[-1]
        self._note(call, body)
        if call == "IntrospectToken":
            self._introspect(body.get("token"))
        elif call == "DownloadDataset":
            self._download(body)
        else:
            self._error(404, f"unknown call {call}")

    def do_GET(self) -> None:
        self._note("storage", {})
        status = self.kaggle.storage_refusals.pop(0) if self.kaggle.storage_refusals else 0
        if status:
            self._error(status, "signature expired")
        else:
            self._storage()

    def _note(self, call: str, body: dict[str, Any]) -> None:
        self.kaggle.seen.append(Seen(call, self.headers.get("Range"), self.headers.get("Authorization"), body))

    def _introspect(self, token: str | None) -> None:
        if token == TOKEN:
            self._json(200, {"active": True, "username": USERNAME})
        elif self.kaggle.token_status == 200:
            self._json(200, {"active": False})
        else:
            self._error(self.kaggle.token_status, "Unauthenticated")

    def _signed_in(self) -> bool:
        basic = base64.b64encode(f"{USERNAME}:{KEY}".encode()).decode()
        return self.headers.get("Authorization") in (f"Bearer {TOKEN}", f"Basic {basic}")

    def _download(self, body: dict[str, Any]) -> None:
        anonymous = self.kaggle.anonymous and "Authorization" not in self.headers
        if not (self._signed_in() or anonymous):
            self._error(401, "Unauthenticated")
        elif self.kaggle.refusals:
            status, headers = self.kaggle.refusals.pop(0)
            self._error(status, f"refused with {status}", headers)
        elif (f"{body.get('ownerSlug')}/{body.get('datasetSlug')}", body.get("datasetVersionNumber")) != (
            self.kaggle.handle,
            self.kaggle.version,
        ):
            self._error(404, "Dataset not found")
        else:
            self.send_response(302)
            self.send_header("Location", f"{self.kaggle.address}/storage/archive.zip?signature=secret")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _storage(self) -> None:
        content = self.kaggle.archive.read_bytes()
        tag = f'"{hashlib.md5(content).hexdigest()}"'
        wanted, start = self.headers.get("Range"), 0
        if wanted and self.kaggle.ranges and self.headers.get("If-Range", tag) == tag:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", "application/zip")
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("ETag", tag)
        self.send_header("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT")
        if self.kaggle.ranges:
            self.send_header("Accept-Ranges", "bytes")
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        # The client's first answer is only looked at when it goes on with a range: that one is never cut.
        end = len(content)
        resumes = start == 0 and self.kaggle.ranges and len(self.kaggle.calls("storage")) > 1 and not wanted
        if self.kaggle.cuts and not resumes:
            end = min(end, start + self.kaggle.cuts.pop(0))
        try:
            self._send(content[start:end], resumes)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        if end < len(content):
            self.close_connection = True

    def _send(self, content: bytes, resumes: bool) -> None:
        pause = self.kaggle.stalls.pop(0) if self.kaggle.stalls and not resumes else 0.0
        for position in range(0, len(content), 1 << 16):
            self.wfile.write(content[position : position + (1 << 16)])
            time.sleep(self.kaggle.slow)
            if pause and position >= len(content) // 2:
                time.sleep(pause)
                pause = 0.0

    def _error(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        self._json(status, {"code": status, "message": message}, headers)

    def _json(self, status: int, value: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, content in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, content)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve one archive until Ctrl-C, and print the settings that point the client here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=Path, required=True, help="zip to serve")
    parser.add_argument("--handle", required=True, help="owner/slug it goes by")
    parser.add_argument("--version", type=int, default=1, help="its version number (1)")
    parser.add_argument("--port", type=int, default=0, help="port (any free one)")
    arguments = parser.parse_args()
    server = KaggleServer(arguments.archive, arguments.handle, arguments.version, arguments.port)
    with tempfile.TemporaryDirectory() as folder, server:
        print(f"# serving {arguments.handle} version {arguments.version} at {server.address}; Ctrl-C ends it")
        print("# in another terminal:")
        for name, value in client_environment(Path(folder), server.address).items():
            print(f"export {name}={shlex.quote(value)}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("# over")


if __name__ == "__main__":
    main()
