"""Published ImageNet weights: found on this machine or downloaded, and always checked."""

import hashlib
import logging
import os
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chestbench.core.bounds import MOST_WEIGHTS_BYTES
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import sha256_file
from chestbench.core.gate import kind_of, open_file, pieces, require_file
from chestbench.datasets.download import Remote, download_folder, receive_all, status_of
from chestbench.datasets.resumable import receive
from chestbench.models.network import Network, require_published
from chestbench.models.published import PublishedWeights

logger = logging.getLogger(__name__)

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
    if kind_of(brought) != "nothing":
        require_file(brought, f"ImageNet weights of {network.name}", MOST_WEIGHTS_BYTES)
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
    """Download to `target`, going on where a connection was cut or an earlier run ended, and verify.

    Args:
        published: what to download.
        target: where to; exists afterwards only when its checksum is right.
        brought: where a person would put the file by hand; named in errors.

    Raises:
        ChestbenchError: it cannot be had, or the checksum differs; then it is deleted.
    """
    without = (
        f" Or bring the file on another way to {brought}, "
        "or do without: -S train=scratch (random weights, GPU) or -S train=quick (small images, CPU)"
    )
    expected = f"{published.file}: expected the ImageNet weights at {published.url}"
    remote = Remote(
        name=f"weights-{published.file}",
        words=f"{published.file} with the ImageNet weights from {published.url}",
        sender=urlsplit(published.url).hostname or "the server",
        receive=lambda partial: receive(published.url, partial, expected, f"try again.{without}"),
        refused=lambda error: (
            f"{expected}, received {status_of(error)}; open the address in a browser to see why.{without}"
        ),
        advice=lambda: without,
    )
    with download_folder(remote.name) as place:
        finished = place / published.file
        receive_all(remote, finished)
        try:
            _check(finished, published, "the download was deleted; run the same command again")
        except ChestbenchError:
            finished.unlink()
            raise
        shutil.move(finished, target)
        shutil.rmtree(place)


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
    with open_file(path, published.file, MOST_WEIGHTS_BYTES) as stream:
        for piece in pieces(stream, path, published.file):
            digest.update(piece)
    if digest.hexdigest() != published.md5:
        raise ChestbenchError(
            f"{path}: expected the published MD5 {published.md5}, received {digest.hexdigest()}; {remedy}"
        )
