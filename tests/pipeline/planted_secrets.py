"""Secrets and patients planted for a test, servers that ask for the secrets, and a byte-wise search for them.

As a program: `python -m tests.pipeline.planted_secrets FOLDER SECRET ...` lists where in a working folder the secrets
stand: as they are, URL-quoted or in base64, in files, in zips, in Git's objects and in gzip.
"""

import base64
import gzip
import io
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import quote

import numpy as np

from tests.imaging.dicoms import make_dicom

SECRETS = {
    name: f"PLANTED{number}-{name}/pa+ss&{number}word"
    for number, name in enumerate(("netrc", "token", "kaggle", "mlflow", "git", "remote"))
}
# Put together, for the clone that is searched holds this file as well.
PATIENT, ID, FILE, TABLE = (f"Planted{rest}" for rest in ("header^Ada", "id", "file-MUELLER", "table Eva"))
NAMES = (PATIENT, ID, FILE, TABLE)
CLASSES = ("normal", "covid")
PATIENTS = 12


def forms(secret: str) -> set[bytes]:
    """Return the bytes by which a secret may stand somewhere: as it is, quoted, in UTF-16 and in base64.

    In base64 it looks different at each of three places in what was encoded; the first and last sign, which depend on
    what stands around it, are left out.
    """
    raw = secret.encode()
    found = {raw, quote(secret, safe="").encode(), quote(secret).encode(), secret.encode("utf-16-le")}
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw)
        first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        found |= {encoded[first:last], encoded[first:last].translate(bytes.maketrans(b"+/", b"-_"))}
    return found


def search(folder: Path, secrets: list[str]) -> dict[str, set[str]]:
    """Return {secret: places} of all that is found under a folder; a place is a path, or a Git object."""
    sought = {secret: forms(secret) for secret in secrets}
    found: dict[str, set[str]] = {secret: set() for secret in secrets}
    for place, content in _contents(folder):
        for secret, each in sought.items():
            if any(form in content for form in each):
                found[secret].add(place)
    return found


def _contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        # Names are content too, to whoever lists the folder.
        yield name, name.encode()
        if path.is_file():
            content = path.read_bytes()
            yield name, content
            yield from ((name, inner) for inner in _inner(content))
    for line in _git(folder, "cat-file", "--batch-check", "--batch-all-objects").decode().splitlines():
        number, kind, _ = line.split()
        yield f"Git {kind} {number}", _git(folder, "cat-file", kind, number)


def _inner(content: bytes) -> Iterator[bytes]:
    """Yield what is in a zip or a gzip."""
    if content[:2] == b"PK" and zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as zipped:
            for name in zipped.namelist():
                yield name.encode()
                yield zipped.read(name)
    elif content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content)
    elif content[:2] in (b"\x78\x01", b"\x78\x9c", b"\x78\xda"):
        try:
            yield zlib.decompress(content)
        except zlib.error:
            return


def _git(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True).stdout


def patients_zip(path: Path) -> Path:
    """Write a zip of X-rays whose headers, names and table all say who the patients are."""
    rows = ["file,patient"]
    with zipfile.ZipFile(path, "w") as zipped:
        for number in range(2 * PATIENTS):
            label, name = CLASSES[number % 2], f"{FILE}-{number:02}.dcm"
            seed = np.random.default_rng(number)
            pixels = np.kron(seed.integers(30, 220, (8, 8)), np.ones((12, 12))).astype(np.uint8)
            pixels += seed.integers(0, 30, pixels.shape, dtype=np.uint8)
            content = make_dicom(pixels, patient=f"{ID}{number}", study=f"1.2.3.{number}", PatientName=PATIENT)
            zipped.writestr(f"{label}/{name}", content)
            rows.append(f"{label}/{name},{TABLE} {number}")
        zipped.writestr("patients.csv", "\n".join(rows) + "\n")
    return path


def asking_server(archive: Path, mlflow: int) -> type[BaseHTTPRequestHandler]:
    """Return a handler that gives an archive, and passes all else on to an MLflow server, to those with a password."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: object) -> None:
            """Keep the output of the test clean."""

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            wanted = {f"Bearer {SECRETS['token']}", basic("netrc")} if self.path.endswith(".zip") else {basic("mlflow")}
            if self.headers.get("Authorization") not in wanted:
                self.give(401, b"{}", {"WWW-Authenticate": "Basic"})
            elif self.path.endswith(".zip"):
                self.give(200, archive.read_bytes(), {"Content-Type": "application/zip"})
            else:
                self.pass_on(body)

        def pass_on(self, body: bytes) -> None:
            kept = {name: self.headers[name] for name in ("Content-Type", "Accept") if name in self.headers}
            address = f"http://127.0.0.1:{mlflow}{self.path}"
            request = urllib.request.Request(address, body or None, kept, method=self.command)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    self.give(answer.status, answer.read(), {"Content-Type": answer.headers["Content-Type"] or "text"})
            except urllib.error.HTTPError as error:
                self.give(error.code, error.read(), {"Content-Type": "application/json"})

        def give(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    return Handler


def basic(name: str) -> str:
    """Return the header that a user `planted` with one of the secrets as password sends."""
    return "Basic " + base64.b64encode(f"planted:{SECRETS[name]}".encode()).decode()


if __name__ == "__main__":
    for sought, places in search(Path(sys.argv[1]), sys.argv[2:]).items():
        print(f"{sought}: {', '.join(sorted(places)) or 'found nowhere'}")
