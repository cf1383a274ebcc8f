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
from chestbench.datasets.published_file import Wanted, check_download, compared, of_brought, wanted


def check_source(dataset: Dataset) -> None:
    """Refuse, before any work and without the network, what the parameters' own types cannot.

    Raises:
        ChestbenchError: `dataset.path` is missing where there should be one, is neither a folder nor an archive, holds
            this pipeline's own outputs, or is not what DVC watches; or there is one for pictures that are drawn.
    """
    if dataset.source == "sample" and dataset.path is not None:
        raise ChestbenchError(
            f"dataset.path: expected none, for the pictures of {dataset.name} are drawn, received {dataset.path!r}; to "
            f"read the images there: -S dataset=folder -S dataset.path={dataset.path}"
        )
    if dataset.source == "folder" or dataset.is_brought:
        from chestbench.datasets import folder

        path = folder.check(dataset)
        folder.check_watch(dataset, path)
        if path.is_dir():
            with still_at(f"listing {path.name}"):
                check_folder(path, "dataset.path")
        elif dataset.files:
            of_brought(path, dataset)


def fetch(dataset: Dataset, folder: Path) -> dict[str, Any]:
    """Write `folder/archive.zip`, the images exactly as published, and say what it is.

    Where `dataset.path` is set for a set that is downloaded otherwise, what lies there is used instead.

    Args:
        dataset: the data set's description.
        folder: an existing, empty folder.

    Returns:
        What goes into source.json: name, source, handle, version, url, bytes and sha256 (64 hex digits); `origin`, a
        sentence, where the archive was compared with what is published or is the user's own; `copy`, what is said
        under results, where it has other bytes than published. It holds no time, no path and no secret, so that the
        same images give the same bytes everywhere.

    Raises:
        ChestbenchError: the source cannot be had, or the archive's SHA-256 is not `dataset.sha256`; in that case
            the archive is deleted.
    """
    _fetcher(dataset)(dataset, folder)
    archive = folder / ARCHIVE
    try:
        asked, origin = _compared(dataset, archive)
    except ChestbenchError:
        archive.unlink()
        raise
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
        "version": asked.version,
        "url": asked.url and shown(asked.url),
        "bytes": archive.stat().st_size,
        "sha256": sha256,
        **origin,
    }


def _compared(dataset: Dataset, archive: Path) -> tuple[Wanted, dict[str, str]]:
    """Return which published file an archive stands for, and `origin` and `copy` of source.json."""
    if dataset.source == "sample":
        return wanted(dataset), {}
    if dataset.path is None:
        asked = wanted(dataset)
        if dataset.source != "url":  # which compares what it receives, while it can ask again
            check_download(archive, dataset)
        return asked, {"origin": f"downloaded, with the MD5 that is published, {asked.md5}"} if asked.md5 else {}
    return compared(archive, dataset, Path(dataset.path).expanduser().is_dir())


def _fetcher(dataset: Dataset) -> Callable[[Dataset, Path], None]:
    match "folder" if dataset.is_brought else dataset.source:
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
