"""Where images come from: one file per source, one interface.

A source is a module with `fetch(dataset, folder) -> None`, which writes `folder/archive.zip`. It is imported only
when it is used, so that nothing pays for a source that was not asked for.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import sha256_file
from chestbench.core.folder_walk import check_folder
from chestbench.core.progress import still_at
from chestbench.core.secrets import shown
from chestbench.datasets.archive import ARCHIVE


def check_source(dataset: Dataset) -> None:
    """Refuse, before any work and without the network, what the parameters' own types cannot.

    Raises:
        ChestbenchError: the path of a `folder` data set is missing, is neither a folder nor a zip, holds this
            pipeline's own outputs, or is not what DVC watches.
    """
    if dataset.source == "folder":
        from chestbench.datasets import folder

        path = folder.check(dataset)
        folder.check_watch(dataset, path)
        if path.is_dir():
            with still_at(f"listing {path.name}"):
                check_folder(path, "dataset.path")


def fetch(dataset: Dataset, folder: Path) -> dict[str, Any]:
    """Write `folder/archive.zip`, the images exactly as published, and say what it is.

    Args:
        dataset: the data set's description.
        folder: an existing, empty folder.

    Returns:
        What goes into source.json: name, source, handle, version, url, bytes and sha256 (64 hex digits). It holds no
        time, no path and no secret, so that the same images give the same bytes everywhere.

    Raises:
        ChestbenchError: the source cannot be had, or the archive's SHA-256 is not `dataset.sha256`; in that case
            the archive is deleted.
    """
    _fetcher(dataset)(dataset, folder)
    archive = folder / ARCHIVE
    sha256 = sha256_file(archive)
    if dataset.sha256 is not None and sha256 != dataset.sha256:
        archive.unlink()
        raise ChestbenchError(
            f"dataset.sha256: expected an archive with SHA-256 {dataset.sha256}, received one with {sha256}; it was "
            "deleted. Run again if the transfer may have failed; if the publisher changed the file, look at what "
            "changed and set dataset.sha256 to the new value, or to null to record it without comparing"
        )
    return {
        "name": dataset.name,
        "source": dataset.source,
        "handle": dataset.handle,
        "version": dataset.version,
        "url": dataset.url and shown(dataset.url),
        "bytes": archive.stat().st_size,
        "sha256": sha256,
    }


def _fetcher(dataset: Dataset) -> Callable[[Dataset, Path], None]:
    match dataset.source:
        case "sample":
            from chestbench.datasets import sample

            return sample.fetch
        case "folder":
            from chestbench.datasets import folder

            return folder.fetch
        case "kaggle":
            from chestbench.datasets import kaggle

            return kaggle.fetch
        case "kaggle_competition":
            from chestbench.datasets import kaggle_competition

            return kaggle_competition.fetch
        case "url":
            from chestbench.datasets import url

            return url.fetch
