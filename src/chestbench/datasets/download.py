"""Receiving one file over a network that fails: tried again, gone on with, given up in clear words.

The unfinished file lives under `.dvc/tmp/downloads/` of the repository, outside every stage's outputs, so that a cut
connection or a killed process goes on where it stopped; one process at a time. How bytes are asked for is each
source's own business (`Remote.receive`).
"""

import contextlib
import errno
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import sleep, time
from typing import TYPE_CHECKING, Any

from chestbench.core.errors import ChestbenchError
from chestbench.datasets.download_watch import Stalled, cut_off_when_still, size_of

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from requests import HTTPError, Response

logger = logging.getLogger(__name__)

# Tries in a row that bring no new byte before giving up; a try that brings some starts the count anew.
TRIES = 6
# The same while nothing was reached at all: most likely there is no network.
TRIES_UNREACHED = 4
FIRST_WAIT_SECONDS = 1.0
# The longest that is waited before a try; asked for more, the download gives up and says so.
LONGEST_WAIT_SECONDS = 120.0
# Bounds connecting and every single read.
TIMEOUT_SECONDS = 60.0
CHUNK_BYTES = 1 << 18
_PASSING = {408, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Remote:
    """A file somewhere else.

    Attributes:
        name: folder for it under `.dvc/tmp/downloads/`; equal for the same file, different for others.
        words: what it is, for messages, such as "the archive of owner/name version 3".
        sender: who sends it, such as "Kaggle".
        receive: asks once and appends what arrives to the given file, or starts it anew; raises the errors of
            `requests`, and `ChestbenchError` for what trying again cannot change.
        refused: explains an answer with this error that trying again will not change.
        check: refuses a whole file that is another one than asked for; of archives, see `archive_download`.
        advice: what else may help when giving up, or "".
    """

    name: str
    words: str
    sender: str
    receive: Callable[[Path], None]
    refused: Callable[["HTTPError"], str]
    check: Callable[[Path], None] = lambda archive: None
    advice: Callable[[], str] = lambda: ""


@contextlib.contextmanager
def download_folder(name: str) -> Iterator[Path]:
    """Yield the folder where an unfinished download waits for the next run; another process waits for its turn."""
    place = Path(os.environ.get("DVC_ROOT") or ".") / ".dvc" / "tmp" / "downloads" / name
    place.mkdir(parents=True, exist_ok=True)
    with _alone(place.with_name(f"{place.name}.lock")):
        place.mkdir(exist_ok=True)  # the process before may have removed it
        yield place


def check_room(partial: Path, total: int | None) -> None:
    """Refuse to begin what the disk cannot hold, when the size is known.

    Args:
        partial: the file that will grow; its folder exists.
        total: bytes of the whole file, or None.

    Raises:
        OSError: with ENOSPC, when less is free than is still to come.
    """
    if total is None:
        return
    missing, free = total - size_of(partial), shutil.disk_usage(partial.parent).free
    if missing > free:
        raise OSError(
            errno.ENOSPC, f"the file needs {_gigabytes(missing)} more, {_gigabytes(free)} are free", str(partial)
        )
    if missing + total > free:
        logger.warning(
            "%s are free; with the copy that DVC keeps in its cache this needs %s: "
            "`dvc config --local cache.type hardlink,symlink` avoids the copy",
            _gigabytes(free),
            _gigabytes(missing + total),
        )


def answer(response: "Response | None") -> dict[str, Any]:
    """Return the JSON that a server sent with an error, or nothing."""
    try:
        found = response.json() if response is not None else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def status_of(error: "HTTPError") -> int:
    """Return the status of an error; Kaggle may put it into the JSON of an answer that is itself 200."""
    status = 0 if error.response is None else error.response.status_code
    return status if status >= 400 else int(answer(error.response).get("code", status))


def receive_all(remote: Remote, target: Path) -> None:
    """Try until the whole file has arrived, then give it its final name.

    Args:
        remote: what to ask for; `check` is left to the caller.
        target: until the end the file is called `NAME.partial`; one that is there is gone on with.

    Raises:
        ChestbenchError: it is refused, or cannot be reached after several tries.
        OSError: the disk is full, or too small for what is announced; what has arrived is kept.
    """
    import requests
    import urllib3

    partial = target.with_name(f"{target.name}.partial")
    fruitless, reached = 0, False
    while True:
        held, stood_still = size_of(partial), False
        try:
            with cut_off_when_still(partial):
                remote.receive(partial)
            os.replace(partial, target)
            return
        except requests.HTTPError as error:
            status = status_of(error)
            if status not in _PASSING:
                raise ChestbenchError(remote.refused(error)) from None
            problem = f"{remote.sender} answered {status}" + (" (too many requests)" if status == 429 else "")
            asked, reached = _asked_to_wait(error.response), True
        except Stalled as error:
            problem, asked, reached, stood_still = str(error), None, True, True
        # Names of exception classes only: their texts carry signed addresses.
        except (requests.RequestException, urllib3.exceptions.HTTPError, ConnectionError, TimeoutError) as error:
            problem, asked = f"the connection failed ({type(error).__name__})", None
        kept = size_of(partial)
        # A server that drips would bring some bytes in every try, and never all.
        fruitless = 1 if kept > held and not stood_still else fruitless + 1
        tries = TRIES if reached or kept else TRIES_UNREACHED
        wait = asked if asked is not None else min(FIRST_WAIT_SECONDS * 2 ** (fruitless - 1), LONGEST_WAIT_SECONDS)
        if fruitless >= tries or wait > LONGEST_WAIT_SECONDS:
            raise ChestbenchError(_gave_up(remote, problem, asked, kept, fruitless))
        logger.warning(
            "%s; trying again in %.0f s (%d of %d), %s bytes kept", problem, wait, fruitless, tries, f"{kept:,}"
        )
        sleep(wait)


def _gave_up(remote: Remote, problem: str, asked: float | None, kept: int, tries: int) -> str:
    reason = f"it asks to wait {asked:.0f} s" if asked and asked > LONGEST_WAIT_SECONDS else f"{tries} tries in a row"
    onward = f": it goes on after the {kept:,} bytes that are here" if kept else ""
    mend = "look at HTTPS_PROXY" if "ProxyError" in problem else "check the network (or wait)"
    return (
        f"{remote.sender}: expected {remote.words}, but {problem}, {reason}; {mend} and run the same "
        f"command again{onward}." + remote.advice()
    )


def _asked_to_wait(response: "Response | None") -> float | None:
    """Return the seconds of a Retry-After header (a number or a date), if there is a sound one."""
    header = "" if response is None else response.headers.get("Retry-After", "")
    if header.strip().isdigit():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time())
    except ValueError:
        return None


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Let one process at a time download a file; the system frees the lock of a killed one."""
    with open(lock, "w") as stream:
        if sys.platform != "win32":
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                logger.info("another process is downloading this file; waiting for it")
                fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
