"""Published ImageNet weights: found on this machine or downloaded, and always checked."""

import hashlib
import http.client
import logging
import os
import shutil
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import CHUNK_BYTES, sha256_file
from chestbench.core.progress import bar
from chestbench.models.network import Network, require_published
from chestbench.models.published import PublishedWeights

logger = logging.getLogger(__name__)

ATTEMPTS = 4
TIMEOUT_SECONDS = 30.0
PAUSE_SECONDS = 2.0
NO_CHECKSUM = "names and shapes of its arrays; no checksum is published"


def keras_home() -> Path:
    """Return the folder where keras keeps downloaded files: `KERAS_HOME`, else ~/.keras."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")


def fetch_weights(network: Network, folder: Path) -> dict[str, Any]:
    """Put the ImageNet file of a network's body into `folder`.

    A file that somebody brought to `keras_home()/models` is copied; otherwise it is downloaded.

    Returns:
        What weights.json records: weights, file, sha256, md5, what was verified, and where the file came from.

    Raises:
        ChestbenchError: the network has no such file, there is no connection, or the checksum (names and shapes,
            where no checksum is published) differs. A wrong download is deleted, a file that was brought is left
            where it is.
    """
    published = require_published(network)
    target = folder / published.file
    brought = keras_home() / "models" / published.file
    if brought.is_file():
        logger.info("%s: using %s", network.name, brought)
        _check(
            brought, published, f"replace it by the published file, or delete it to download it from {published.url}"
        )
        shutil.copyfile(brought, target)
    else:
        download(published, target, brought)
    return {
        "weights": "imagenet",
        "file": published.file,
        "sha256": sha256_file(target),
        "md5": published.md5,
        "verified": NO_CHECKSUM if published.md5 is None else "MD5 as published",
        "source": published.url,
    }


def download(published: PublishedWeights, target: Path, brought: Path) -> None:
    """Download to `target`, going on where a connection was cut, and verify.

    Args:
        published: what to download.
        target: where to; exists afterwards only when its checksum is right.
        brought: where a person would put the file by hand; named in errors.
    """
    partial = target.with_name(target.name + ".partial")
    problem: Exception | None = None
    try:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSE_SECONDS * attempt)
            try:
                _receive(published.url, partial)
                break
            except (OSError, http.client.HTTPException) as error:
                if (
                    isinstance(error, OSError)
                    and error.errno is not None
                    and not isinstance(error, ConnectionError | TimeoutError)
                ):
                    raise  # the disk's own trouble, not the network's
                problem = error
                logger.info("%s: attempt %d of %d failed: %s", published.file, attempt + 1, ATTEMPTS, error)
        else:
            raise ChestbenchError(
                f"{published.file}: expected to download the ImageNet weights from {published.url}, "
                f"received: {problem}; "
                f"check the network, or bring the file on another way to {brought}, "
                f"or do without: -S train=scratch (random weights, GPU) or -S train=quick (small images, CPU)"
            ) from problem
        _check(partial, published, "the download was deleted; run the same command again")
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def _receive(url: str, partial: Path) -> None:
    """Append to `partial` what is missing of `url`; `ConnectionError` when the connection ends early."""
    have = partial.stat().st_size if partial.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
        if response.status != 206:  # the server sends the whole file again
            have = 0
        length = response.headers.get("Content-Length")
        total = have + int(length) if length else None
        with (
            open(partial, "ab" if have else "wb") as stream,
            bar(total, partial.name.removesuffix(".partial"), "B", initial=have, unit_scale=True) as shown,
        ):
            while chunk := response.read(CHUNK_BYTES):
                stream.write(chunk)
                shown.update(len(chunk))
    received = partial.stat().st_size
    if total is not None and received < total:
        raise ConnectionError(f"the connection ended after {received} of {total} bytes")


def _check(path: Path, published: PublishedWeights, remedy: str) -> None:
    """Compare the published checksum; where there is none, names and shapes."""
    if published.md5 is None:
        if published.check is None:
            raise TypeError(f"{published.file}: expected a checksum or a check of its content, received neither")
        try:
            published.check(path)
        except ValueError as error:
            raise ChestbenchError(
                f"{path}: expected {published.file} as published, received {error}; {remedy}"
            ) from error
        return
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, "rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    if digest.hexdigest() != published.md5:
        raise ChestbenchError(
            f"{path}: expected the published MD5 {published.md5}, received {digest.hexdigest()}; {remedy}"
        )
