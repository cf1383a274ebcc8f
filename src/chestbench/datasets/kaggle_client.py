"""Kaggle's own client (2.2.4), made quiet and bounded, for data sets and competitions alike.

It resumes only onto bytes that its `.kaggle-partial` note proves to belong to the same file; retries, waits and
messages are decided here and in download.py.
"""

import contextlib
import io
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chestbench.core.bounds import MOST_YAML_BYTES
from chestbench.core.errors import ChestbenchError
from chestbench.core.gate import kind_of, require_file
from chestbench.datasets import download
from chestbench.datasets.download import Remote, check_room, status_of
from chestbench.datasets.download_watch import progress
from chestbench.datasets.kaggle_messages import (
    Wanted,
    credential_files,
    credentials,
    how_to_sign_in,
    refusal,
    server_says,
    wrong_credentials,
)

if TYPE_CHECKING:
    from kaggle.api.kaggle_api_extended import KaggleApi
    from requests import Response

logger = logging.getLogger(__name__)


def remote(name: str, wanted: Wanted, ask: Callable[[Any], "Response"]) -> Remote:
    """Describe an archive at Kaggle.

    Args:
        name: see `Remote`.
        wanted: what it is, in words.
        ask: given kagglesdk's client, asks for the archive and returns the streaming answer.
    """
    told = False

    def receive(partial: Path) -> None:
        nonlocal told
        import_client()
        if not told and not credentials():
            logger.info("no Kaggle credentials found; trying without, which Kaggle allows for many public data sets")
        told = True
        _receive(ask, partial)

    return Remote(
        name=name,
        words=f"the archive of {wanted.words}",
        sender="Kaggle",
        receive=receive,
        refused=lambda error: refusal(wanted, status_of(error), server_says(error)),
        advice=lambda: (
            ""
            if credentials()
            else f"\nNo Kaggle credentials were found either, and some sets need them: {how_to_sign_in()}"
        ),
    )


def import_client() -> None:
    """Import Kaggle's client, which authenticates and prints when imported.

    Raises:
        ChestbenchError: what should hold credentials is no file, or its folder cannot be written to.
    """
    for path in credential_files():
        if kind_of(path) != "nothing":
            require_file(path, "Kaggle's credentials", MOST_YAML_BYTES)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            import kaggle  # noqa: F401
    except PermissionError as error:
        raise ChestbenchError(
            f"Kaggle's client: expected a folder it may write to, received {error}; set KAGGLE_CONFIG_DIR to one"
        ) from None


def _receive(ask: Callable[[Any], "Response"], partial: Path) -> None:
    """Ask Kaggle for the archive once and let the client append to `partial`."""
    # The client prints; with VERBOSE set it would print the token too.
    with contextlib.redirect_stdout(io.StringIO()):
        api = _authenticated()
        with api.build_kaggle_client() as client, contextlib.closing(ask(client)) as response:
            total = int(response.headers.get("Content-Length") or 0) or None
            check_room(partial, total)
            with progress(partial, total):
                try:
                    api.download_file(
                        response,
                        str(partial),
                        client.http_client(),
                        quiet=True,
                        resume=True,
                        chunk_size=download.CHUNK_BYTES,
                        max_retries=0,
                        timeout=download.TIMEOUT_SECONDS,
                    )
                except ValueError as error:
                    # Another length than announced: 2.2.4 saves the text of an error answer as if it were the file.
                    partial.unlink(missing_ok=True)
                    partial.with_name(f"{partial.name}.kaggle-partial").unlink(missing_ok=True)
                    raise ConnectionError("the file has another length than announced") from error


def _authenticated() -> "KaggleApi":
    """Return a client with credentials, or without where there are none."""
    from kaggle.api.kaggle_api_extended import KaggleApi
    from requests.adapters import HTTPAdapter

    class Bounded(HTTPAdapter):
        """Waits for ever by default in the client; not here."""

        def send(self, *arguments: Any, **options: Any) -> Any:
            options["timeout"] = options.get("timeout") or download.TIMEOUT_SECONDS
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
