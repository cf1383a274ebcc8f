"""A small local server that speaks what Kaggle's client (2.2.4) says to download a data set or a competition.

Inside a test: `with KaggleServer(archive, "owner/slug") as server: ...`, then point the client at `server.address`
(`point_client_at`). For other processes, such as a whole `dvc exp run`, `client_environment` writes a
`sitecustomize.py` into a folder and gives the variables under which every Python process talks to the server;
the product itself knows nothing of it. By hand, from the repository root:

    python -m tests.datasets.kaggle_server --archive images.zip --handle owner/slug --port 8765

A handle without a slash is a competition's name.

As Kaggle does, it answers the download call with a redirect to a storage address that serves ETag and ranges.
"""

import argparse
import base64
import json
import os
import shlex
import tempfile
import threading
from dataclasses import KW_ONLY, dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from tests.datasets.archive_server import ArchiveHandler, ArchiveServer

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


@dataclass
class KaggleServer(ArchiveServer):
    """Serve one archive as `handle` at `version`; the other attributes make it misbehave.

    Attributes:
        handle: owner/slug of a data set, or a competition's name.
        version: of a data set.
        anonymous: serve the set without credentials.
        rules_accepted: by the user, for a competition.
        token_status: answer to a wrong token (200 says that it is not active).
        refusals: (status, headers) given to the next download calls, one each, before any is served.
    """

    handle: str
    version: int = 1
    _: KW_ONLY
    anonymous: bool = False
    rules_accepted: bool = True
    token_status: int = 401
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return the class that answers requests."""
        return _Handler


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


class _Handler(ArchiveHandler):
    server_of: KaggleServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        call = self.path.rsplit("/", 1)[-1]
        self.note(call, body)
        if call == "IntrospectToken":
            self._introspect(body.get("token"))
        elif call == "DownloadDataset":
            asked = f"{body.get('ownerSlug')}/{body.get('datasetSlug')}", body.get("datasetVersionNumber")
            self._download(asked == (self.server_of.handle, self.server_of.version), "Dataset not found")
        elif call == "DownloadDataFiles":
            self._download(body.get("competitionName") == self.server_of.handle, "Competition not found")
        else:
            self._error(404, f"unknown call {call}")

    def is_only_looked_at(self) -> bool:
        """Kaggle's client asks for the whole file first, looks at the headers, and then asks for a range."""
        wanted = self.headers.get("Range")
        return bool(self.server_of.ranges and len(self.server_of.calls("storage")) > 1 and not wanted)

    def _introspect(self, token: str | None) -> None:
        if token == TOKEN:
            self._json(200, {"active": True, "username": USERNAME})
        elif self.server_of.token_status == 200:
            self._json(200, {"active": False})
        else:
            self._error(self.server_of.token_status, "Unauthenticated")

    def _signed_in(self) -> bool:
        basic = base64.b64encode(f"{USERNAME}:{KEY}".encode()).decode()
        return self.headers.get("Authorization") in (f"Bearer {TOKEN}", f"Basic {basic}")

    def _download(self, known: bool, unknown: str) -> None:
        server = self.server_of
        anonymous = server.anonymous and "Authorization" not in self.headers
        if not (self._signed_in() or anonymous):
            self._error(401, "Unauthenticated")
        elif server.refusals:
            status, headers = server.refusals.pop(0)
            self._error(status, f"refused with {status}", headers)
        elif not known:
            self._error(404, unknown)
        elif not server.rules_accepted:
            self._error(403, "You must accept this competition's rules before you can continue")
        else:
            self.send_response(302)
            self.send_header("Location", f"{server.address}/storage/archive.zip?signature=secret")
            self.send_header("Content-Length", "0")
            self.end_headers()

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
    parser.add_argument("--handle", required=True, help="owner/slug, or competition name, it goes by")
    parser.add_argument("--version", type=int, default=1, help="its version number (1)")
    parser.add_argument("--port", type=int, default=0, help="port (any free one)")
    arguments = parser.parse_args()
    server = KaggleServer(arguments.archive, arguments.handle, arguments.version, port=arguments.port)
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
