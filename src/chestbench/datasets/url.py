"""A .zip at a pinned address, such as a GitHub commit (https://github.com/OWNER/REPO/archive/COMMIT.zip).

Goes on with Range and If-Range where the server allows it (a strong ETag or a date, both kept beside the unfinished
file), starts anew where it does not: GitHub makes its archives as it sends them and cannot.
"""

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json, write_json
from chestbench.datasets import download
from chestbench.datasets.archive import ARCHIVE
from chestbench.datasets.download import Remote, bring, check_room, progress, size_of, status_of
from chestbench.datasets.pinned import check_commit

if TYPE_CHECKING:
    from requests import Response


def fetch(dataset: Dataset, folder: Path) -> None:
    """Download `dataset.url` to `folder/archive.zip`, resuming what an earlier run began where the server can.

    Raises:
        ChestbenchError: there is nothing at the address (404), it is refused, it is a web page, cannot be reached,
            is not a sound zip, or is the archive of another commit than the address says.
        OSError: the disk is full, or too small; what has arrived is kept.
    """
    address = str(dataset.url)
    bring(
        Remote(
            name=_folder_name(address),
            words=shown(address),
            sender=urlsplit(address).hostname or "the server",
            receive=lambda partial: _receive(address, partial),
            refused=lambda error: _refusal(address, status_of(error)),
            check=lambda archive: check_commit(archive, dataset),
        ),
        folder / ARCHIVE,
    )


def shown(address: str) -> str:
    """Return an address without what may be secret in it: user, password, query and fragment."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _folder_name(address: str) -> str:
    readable = re.sub(r"[^\w.]+", "-", shown(address).partition("://")[2]).removesuffix(".zip")[:80]
    return f"{readable}-{hashlib.blake2b(address.encode(), digest_size=4).hexdigest()}"


def _receive(address: str, partial: Path) -> None:
    """Ask once for what is missing of `partial` and append it, or start anew when that is what the server sends."""
    import requests

    note = partial.with_name(f"{partial.name}.json")
    validator: str | None = read_json(note)["validator"] if note.exists() else None
    held = size_of(partial) if validator else 0
    headers = {"Accept-Encoding": "identity"}
    if held and validator:
        headers |= {"Range": f"bytes={held}-", "If-Range": validator}
    try:
        response = requests.get(address, headers=headers, stream=True, timeout=download.TIMEOUT_SECONDS)
    except (requests.exceptions.InvalidURL, requests.TooManyRedirects) as error:
        raise ChestbenchError(
            f"dataset.url: expected the address of a .zip, received {shown(address)} ({type(error).__name__}); "
            "open it in a browser and correct it"
        ) from None
    with response:
        if response.status_code == 416:  # more is here than there
            partial.unlink(missing_ok=True)
            raise ConnectionError("the server has no such range")
        response.raise_for_status()
        _refuse_a_page(address, response)
        goes_on = response.status_code == 206 and _first_byte(response) == held
        if response.status_code == 206 and not goes_on:
            partial.unlink()
            raise ConnectionError("the server sent another range than asked for")
        total = _length(response, held if goes_on else 0)
        with open(partial, "ab" if goes_on else "wb") as stream:
            if not goes_on:
                write_json(note, {"validator": _validator(response)})
            check_room(partial, total)
            with progress(partial, total):
                for chunk in response.iter_content(download.CHUNK_BYTES):
                    stream.write(chunk)
    if total is not None and size_of(partial) != total:
        raise ConnectionError("the file has another length than announced")
    note.unlink()


def _refuse_a_page(address: str, response: "Response") -> None:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        raise ChestbenchError(
            f"dataset.url: expected a .zip at {shown(address)}, received a web page (a sign-in, a notice, or a proxy's "
            "own page); open the address in a browser and set dataset.url to the archive itself"
        )


def _first_byte(response: "Response") -> int | None:
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(found[1]) if found else None


def _length(response: "Response", held: int) -> int | None:
    """Return the size of the whole archive, if the answer says it."""
    length = response.headers.get("Content-Length")
    return held + int(length) if length and "Content-Encoding" not in response.headers else None


def _validator(response: "Response") -> str | None:
    """Return what proves later that the file is still the same: a strong ETag, else the date it was changed."""
    etag = response.headers.get("ETag")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified")


def _refusal(address: str, status: int) -> str:
    expected = f"dataset.url: expected a .zip at {shown(address)}, received {status}"
    if status in (404, 410):
        return f"{expected}: there is no such file (or it is private); open the address in a browser and correct it."
    if status == 407:
        return f"{expected}: the proxy wants a user name and password; put them into HTTPS_PROXY."
    if status in (401, 403):
        return f"{expected}: it is not given to everybody; open the address in a browser to see why."
    return f"{expected}; open the address in a browser to see why."
