"""One request that goes on where the last one ended.

With Range and If-Range where the server allows it (a strong ETag or a date, both kept beside the unfinished file);
starts anew where it does not.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import DamagedFile, read_json, to_disk, write_json
from chestbench.datasets import download
from chestbench.datasets.download import check_room
from chestbench.datasets.download_watch import progress, size_of

if TYPE_CHECKING:
    from requests import Response

# Of a disk.
BLOCK_BYTES = 4096


def receive(address: str, partial: Path, expected: str, mend: str, token: str = "") -> None:
    """Ask once for what is missing of `partial` and append it, or start anew when that is what the server sends.

    Args:
        address: of the file.
        partial: unfinished file; a note beside it, `NAME.json`, says of which version of the address it is.
        expected: what should be there, for messages, such as "dataset.url: expected a .zip at https://...".
        mend: what to do where something else is, such as "set dataset.url to the archive itself".
        token: sent as a bearer token to the address's own host where it is not "".

    Raises:
        ChestbenchError: it is no address, or a web page.
        requests.RequestException, ConnectionError: for `download.receive_all`, which asks again.
    """
    import requests

    note = partial.with_name(f"{partial.name}.json")
    validator = _noted(note)
    held = _held(partial) if validator else 0
    headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {token}"} if token else {})
    if held and validator:
        headers |= {"Range": f"bytes={held}-", "If-Range": validator}
    try:
        response = requests.get(address, headers=headers, stream=True, timeout=download.TIMEOUT_SECONDS)
    except (requests.exceptions.InvalidURL, requests.TooManyRedirects) as error:
        raise ChestbenchError(
            f"{expected}, received {type(error).__name__}; open the address in a browser and correct it"
        ) from None
    with response:
        if response.status_code == 416:  # more is here than there
            partial.unlink(missing_ok=True)
            raise ConnectionError("the server has no such range")
        response.raise_for_status()
        _refuse_a_page(response, expected, mend)
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
    to_disk(partial)
    note.unlink()


def _noted(note: Path) -> str | None:
    """Return what proves that the file is still the same; None where a note is missing or damaged: start anew."""
    try:
        found = read_json(note)["validator"]
    except (FileNotFoundError, DamagedFile, KeyError, TypeError):
        return None
    return found if isinstance(found, str) else None


def _held(partial: Path) -> int:
    """Return how many bytes of an unfinished file are there, without blocks of zeros at its end, which are cut off.

    After a power cut the end of a file that was not yet on the disk reads as zeros, from the start of a block on. What
    is cut off though it was sent so is asked for again.
    """
    size = size_of(partial)
    if not size:
        return 0
    with open(partial, "r+b") as stream:
        end = size
        while end:
            start = max(0, end - download.CHUNK_BYTES)
            stream.seek(start)
            kept = len(stream.read(end - start).rstrip(b"\0"))
            end = start + kept
            if kept:
                break
        if end > (size - 1) // BLOCK_BYTES * BLOCK_BYTES:  # of the file's own
            return size
        stream.truncate(end)
    return end


def _refuse_a_page(response: "Response", expected: str, mend: str) -> None:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        raise ChestbenchError(
            f"{expected}, received a web page (a sign-in, a notice, or a proxy's own page); "
            f"open the address in a browser and {mend}"
        )


def _first_byte(response: "Response") -> int | None:
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(found[1]) if found else None


def _length(response: "Response", held: int) -> int | None:
    """Return the size of the whole file, if the answer says it."""
    length = response.headers.get("Content-Length")
    return held + int(length) if length and "Content-Encoding" not in response.headers else None


def _validator(response: "Response") -> str | None:
    """Return what proves later that the file is still the same: a strong ETag, else the date it was changed."""
    etag = response.headers.get("ETag")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified")
