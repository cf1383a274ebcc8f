"""A Kaggle data set at a pinned version, fetched by Kaggle's own client as one archive.

The unfinished file lives under `.dvc/tmp/downloads/` of the repository, outside every stage's outputs, so that a cut
connection or a killed process goes on where it stopped. The client (2.2.4) resumes only onto bytes that its
`.kaggle-partial` note proves to belong to the same file; retries, waits and messages are decided here.
"""

import contextlib
import io
import logging
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any

from chestbench.config import Dataset
from chestbench.datasets.archive import open_archive
from chestbench.datasets.kaggle_messages import (
    BY_HAND,
    LONGEST_WAIT_SECONDS,
    credentials,
    gave_up,
    named,
    refusal,
    retry_after,
    server_says,
    status_of,
    wrong_credentials,
)
from chestbench.errors import ChestbenchError
from chestbench.progress import bar

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from kaggle.api.kaggle_api_extended import KaggleApi
    from requests import Response

logger = logging.getLogger(__name__)

# Tries in a row that bring no new byte before giving up; a try that brings some starts the count anew.
TRIES = 6
# The same while Kaggle was not reached at all: most likely there is no network.
TRIES_UNREACHED = 4
FIRST_WAIT_SECONDS = 1.0
# The client waits for ever by default; this bounds connecting and every single read.
TIMEOUT_SECONDS = 60.0
CHUNK_BYTES = 1 << 18
_PASSING = {408, 429, 500, 502, 503, 504}


def fetch(dataset: Dataset, folder: Path) -> None:
    """Download `dataset.handle` at `dataset.version` to `folder/archive.zip`, resuming what an earlier run began.

    Without credentials it is tried anonymously, as `kaggle datasets download` does: Kaggle allows that for many
    public sets.

    Raises:
        ChestbenchError: credentials are missing where they are needed (401, 403) or wrong (401), rules are not
            accepted or the set is private (403), there is no such set or version (404), Kaggle asks to wait too long
            or too often (429), cannot be reached, or sent something that is not a sound zip.
        OSError: the disk is full; what has arrived is kept.
    """
    owner, slug = str(dataset.handle).split("/")
    place = (
        Path(os.environ.get("DVC_ROOT") or ".") / ".dvc" / "tmp" / "downloads" / f"{owner}-{slug}-v{dataset.version}"
    )
    place.mkdir(parents=True, exist_ok=True)
    finished = place / "archive.zip"
    with _alone(place.with_name(f"{place.name}.lock")):
        place.mkdir(exist_ok=True)
        if not finished.exists():
            _download(dataset, finished)
        try:
            open_archive(finished).close()
        except ChestbenchError as error:
            finished.unlink()
            raise ChestbenchError(
                f"{error}\nKaggle (or a proxy in between) sent this for {named(dataset)}; it was deleted, run again."
                + BY_HAND
            ) from None
        shutil.move(finished, folder / "archive.zip")
        shutil.rmtree(place)


def _download(dataset: Dataset, target: Path) -> None:
    """Try until the whole file has arrived, then give it its final name."""
    requests = _import_client()
    import urllib3

    partial = target.with_name("archive.zip.partial")
    if not credentials():
        logger.info("no Kaggle credentials found; trying without, which Kaggle allows for many public data sets")
    fruitless, reached = 0, False
    while True:
        held = _size(partial)
        try:
            _attempt(dataset, partial)
            os.replace(partial, target)
            return
        except requests.HTTPError as error:
            status = status_of(error)
            if status not in _PASSING:
                raise ChestbenchError(refusal(dataset, status, server_says(error))) from None
            problem = f"Kaggle answered {status}" + (" (too many requests)" if status == 429 else "")
            asked, reached = retry_after(error.response), True
        # Names of exception classes only: their texts carry signed addresses.
        except (requests.RequestException, urllib3.exceptions.HTTPError, ConnectionError, TimeoutError) as error:
            problem, asked = f"the connection failed ({type(error).__name__})", None
        kept = _size(partial)
        fruitless = 1 if kept > held else fruitless + 1
        tries = TRIES if reached or kept else TRIES_UNREACHED
        wait = asked if asked is not None else min(FIRST_WAIT_SECONDS * 2 ** (fruitless - 1), LONGEST_WAIT_SECONDS)
        if fruitless >= tries or wait > LONGEST_WAIT_SECONDS:
            raise ChestbenchError(gave_up(dataset, problem, asked, kept, fruitless))
        logger.warning(
            "%s; trying again in %.0f s (%d of %d), %s bytes kept", problem, wait, fruitless, tries, f"{kept:,}"
        )
        sleep(wait)


def _attempt(dataset: Dataset, partial: Path) -> None:
    """Ask Kaggle for the archive once and let the client append to `partial`."""
    from kagglesdk.datasets.types.dataset_api_service import ApiDownloadDatasetRequest

    request = ApiDownloadDatasetRequest()
    request.owner_slug, request.dataset_slug = str(dataset.handle).split("/")
    request.dataset_version_number = dataset.version
    # The client prints; with VERBOSE set it would print the token too.
    with contextlib.redirect_stdout(io.StringIO()):
        api = _authenticated()
        with api.build_kaggle_client() as client:
            response = client.datasets.dataset_api_client.download_dataset(request)
            with contextlib.closing(response), _progress(partial, response):
                try:
                    api.download_file(
                        response,
                        str(partial),
                        client.http_client(),
                        quiet=True,
                        resume=True,
                        chunk_size=CHUNK_BYTES,
                        max_retries=0,
                        timeout=TIMEOUT_SECONDS,
                    )
                except ValueError as error:
                    # Another length than announced: 2.2.4 saves the text of an error answer as if it were the file.
                    partial.unlink(missing_ok=True)
                    partial.with_name(f"{partial.name}.kaggle-partial").unlink(missing_ok=True)
                    raise ConnectionError("the file has another length than announced") from error


def _import_client() -> Any:
    """Import Kaggle's client (which authenticates and prints when imported) and return `requests`."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            import kaggle  # noqa: F401
            import requests
    except PermissionError as error:
        raise ChestbenchError(
            f"Kaggle's client: expected a folder it may write to, received {error}; set KAGGLE_CONFIG_DIR to one"
        ) from None
    return requests


def _authenticated() -> "KaggleApi":
    """Return a client with credentials, or without where there are none."""
    from kaggle.api.kaggle_api_extended import KaggleApi
    from requests.adapters import HTTPAdapter

    class Bounded(HTTPAdapter):
        def send(self, *arguments: Any, **options: Any) -> Any:
            options["timeout"] = options.get("timeout") or TIMEOUT_SECONDS
            return super().send(*arguments, **options)

    class Api(KaggleApi):
        def build_kaggle_client(self) -> Any:
            client = super().build_kaggle_client()
            client.http_client().__enter__()  # makes the session
            for scheme in ("http://", "https://"):
                client.http_client()._session.mount(scheme, Bounded())
            return client

    api = Api()
    api.args = [argument for argument in api.args if argument != "--verbose"]
    try:
        api.authenticate()
    except SystemExit:
        if found := credentials():
            raise ChestbenchError(wrong_credentials(found)) from None
    return api


@contextlib.contextmanager
def _progress(partial: Path, response: "Response") -> Iterator[None]:
    """Show how much of the file is there, by looking at it: the client's own bar is of no use in a log."""
    total = int(response.headers.get("Content-Length") or 0) or None
    over = threading.Event()
    with bar(total, "download", "B", unit_scale=True, unit_divisor=1024, initial=_size(partial)) as shown:

        def watch() -> None:
            while not over.wait(0.5):
                shown.update(_size(partial) - shown.n)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
            shown.update(_size(partial) - shown.n)


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Let one process at a time download a data set; the system frees the lock of a killed one."""
    with open(lock, "w") as stream:
        if sys.platform != "win32":
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                logger.info("another process is downloading this data set; waiting for it")
                fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
