"""A small local server of one archive: ranges, tags, cut and silent connections, refusals, redirects and web pages."""

import hashlib
import sys
import threading
import time
import zipfile
from dataclasses import KW_ONLY, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


def make_archive(path: Path, files: int = 8, size: int = 300_000, comment: str = "") -> Path:
    """Write a stored zip of `files` members of two folders; `comment` is where `git archive` writes its commit."""
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.comment = comment.encode()
        for number in range(files):
            zipped.writestr(f"class-{number % 2}/{number}.png", bytes([number + 1]) * size)
    return path


def downloads() -> list[Path]:
    """Return what lies in the current folder's `.dvc/tmp/downloads`, locks left out."""
    return [path for path in Path(".dvc/tmp/downloads").rglob("*") if path.is_file() and path.suffix != ".lock"]


@dataclass(frozen=True)
class Seen:
    """One request that the server got."""

    call: str  # "storage" for the archive itself, else the name of Kaggle's call
    range: str | None
    authorization: str | None
    body: dict[str, Any]


@dataclass
class ArchiveServer:
    """Serve one archive at every path; the attributes make it misbehave.

    Attributes:
        archive: the file served; a test may replace it between requests.
        cuts: the next answers end after so many bytes, one each.
        stalls: seconds that the next answers wait before they go on after their first half, one each.
        storage_refusals: status given to the next requests, one each, 0 to serve.
        retry_after: Retry-After header sent with these, if any.
        ranges: whether resuming is supported.
        tag: "strong", "weak" or "none"; the date is sent unless it is "none".
        chunked: send no length, as GitHub does.
        redirect: answer the first request with a redirect.
        content_type: of the archive.
        slow: seconds between pieces of 64 KiB.
        drips: the next answers send a byte every 50 ms after their first 100,000, one each.
        seen: every request so far.
    """

    archive: Path
    _: KW_ONLY
    port: int = 0
    cuts: list[int] = field(default_factory=list)
    stalls: list[float] = field(default_factory=list)
    storage_refusals: list[int] = field(default_factory=list)
    retry_after: str | None = None
    ranges: bool = True
    tag: str = "strong"
    chunked: bool = False
    redirect: bool = False
    content_type: str = "application/zip"
    slow: float = 0.0
    drips: list[bool] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)

    def __enter__(self) -> Any:
        self._http = _QuietServer(("127.0.0.1", self.port), type("Handler", (self.handler(),), {"server_of": self}))
        self.port = self._http.server_port
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return the class that answers requests."""
        return ArchiveHandler

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def calls(self, call: str) -> list[Seen]:
        """Return the requests of one kind."""
        return [seen for seen in self.seen if seen.call == call]


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no error here."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class ArchiveHandler(BaseHTTPRequestHandler):
    """Answers GET with the archive."""

    protocol_version = "HTTP/1.1"
    server_of: Any

    def log_message(self, *arguments: object) -> None:
        """Stay quiet."""

    def do_GET(self) -> None:
        self.note("storage", {})
        server = self.server_of
        status = server.storage_refusals.pop(0) if server.storage_refusals else 0
        if status:
            self.send_response(status)
            if server.retry_after:
                self.send_header("Retry-After", server.retry_after)
            body = b"signature expired"
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        elif server.redirect and "/elsewhere" not in self.path:
            self.send_response(302)
            self.send_header("Location", f"{server.address}/elsewhere{self.path}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._archive()

    def note(self, call: str, body: dict[str, Any]) -> None:
        self.server_of.seen.append(Seen(call, self.headers.get("Range"), self.headers.get("Authorization"), body))

    def is_only_looked_at(self) -> bool:
        """Tell whether the client will drop this answer and ask again for a range: such a one is never cut."""
        return False

    def _archive(self) -> None:
        server = self.server_of
        content = server.archive.read_bytes()
        strong = f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
        date = f"Mon, 01 Jan 2024 00:00:{len(content) % 60:02d} GMT"
        wanted, start = self.headers.get("Range"), 0
        if wanted and server.ranges and self.headers.get("If-Range", strong) in (strong, date):
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", server.content_type)
        if server.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(content) - start))
        if server.tag != "none":
            self.send_header("ETag", strong if server.tag == "strong" else f"W/{strong}")
            self.send_header("Last-Modified", date)
        if server.ranges:
            self.send_header("Accept-Ranges", "bytes")
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        dropped = self.is_only_looked_at()
        end = len(content)
        if server.cuts and not dropped:
            end = min(end, start + server.cuts.pop(0))
        pause = server.stalls.pop(0) if server.stalls and not dropped else 0.0
        try:
            self._send(content[start:end], pause)
            if server.chunked and end == len(content):
                self.wfile.write(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        if end < len(content):
            self.close_connection = True

    def _send(self, content: bytes, pause: float) -> None:
        if self.server_of.drips and self.server_of.drips.pop(0):
            self.wfile.write(content[:100_000])
            for position in range(100_000, len(content)):
                self.wfile.write(content[position : position + 1])
                time.sleep(0.05)
            return
        for position in range(0, len(content), 1 << 16):
            piece = content[position : position + (1 << 16)]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if self.server_of.chunked else piece)
            time.sleep(self.server_of.slow)
            if pause and position >= len(content) // 2:
                time.sleep(pause)
                pause = 0.0
