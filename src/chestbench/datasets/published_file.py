"""Which of its publisher's files a data set is, and whether an archive is that file: its checksum, its pictures' size.

A download that differs is refused. A file of the user's own (dataset.path) that differs is used, and called a copy with
other bytes than published wherever the data are spoken of.
"""

from dataclasses import dataclass
from pathlib import Path

from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import md5_file
from chestbench.core.notice import OTHER_BYTES
from chestbench.datasets.archive import comment_of, open_archive
from chestbench.datasets.pinned import commit_of


@dataclass(frozen=True)
class Wanted:
    """One file as its publisher offers it.

    Attributes:
        version: the version it is, of dataset.files or of dataset.version; None: there are no versions, or it is none.
        url: its address; None for sources that go by a name, or where it is none.
        md5: 32 hex digits, or None.
        pixels: side of its pictures, or None.
    """

    version: int | None
    url: str | None
    md5: str | None
    pixels: int | None


def wanted(dataset: Dataset) -> Wanted:
    """Return what `dataset` asks for: of `dataset.files` the version named, else the first.

    `dataset.url` and `dataset.md5` win where they are set: a mirror, or another checksum.
    """
    if not dataset.files:
        return Wanted(dataset.version, dataset.url, dataset.md5, None)
    version = next(iter(dataset.files)) if dataset.version is None else dataset.version
    file = dataset.files[version]
    return Wanted(version, dataset.url or file.url, dataset.md5 or file.md5, file.pixels)


def check_download(archive: Path, dataset: Dataset) -> None:
    """Refuse a whole, sound archive that is another one than asked for.

    Raises:
        ChestbenchError: its MD5 is not the published one, or its pictures are of another size.
    """
    asked = wanted(dataset)
    if asked.md5:
        found = md5_file(archive)
        if found != asked.md5:
            raise ChestbenchError(
                f"dataset.md5: expected an archive with MD5 {asked.md5}{_of(asked.version, dataset)}, received one "
                f"with {found}{_known_as(found, dataset)}; run again if the transfer may have failed, or, to use a "
                "copy with other bytes, save it and say where it is: -S dataset.path=FILE"
            )
    if asked.pixels and (size := size_of_pictures(archive)) and size != (asked.pixels, asked.pixels):
        raise ChestbenchError(
            f"dataset.version: expected pictures of {asked.pixels} x {asked.pixels} pixels, received "
            f"{size[0]} x {size[1]}; correct dataset.version or dataset.url"
        )


def of_brought(archive: Path, dataset: Dataset) -> Wanted:
    """Return which of the publisher's files a file of the user's own stands for, by the size of its pictures.

    Args:
        archive: the file, or its copy.
        dataset: its description; where `version` is None, whichever the file is.

    Raises:
        ChestbenchError: its pictures are of another size than those of `dataset.version`.
    """
    asked = wanted(dataset)
    size = size_of_pictures(archive) if asked.pixels and dataset.files else None
    if size is None or not dataset.files or size == (asked.pixels, asked.pixels):
        return asked
    fitting = [number for number, file in dataset.files.items() if size == (file.pixels, file.pixels)]
    if dataset.version is not None:
        other = f"set -S dataset.version={fitting[0]}" if fitting else "that is no size of this set"
        raise ChestbenchError(
            f"dataset.version: expected pictures of {asked.pixels} x {asked.pixels} pixels (version {asked.version}), "
            f"received {size[0]} x {size[1]} in {dataset.path!r}; {other}, or leave the version out, which takes the "
            "file as it is"
        )
    if not fitting:
        return Wanted(None, None, dataset.md5, None)
    return wanted(dataset.model_copy(update={"version": fitting[0]}))


def compared(archive: Path, dataset: Dataset, is_folder: bool) -> tuple[Wanted, dict[str, str]]:
    """Return which published file the user's own file stands for, and how it compares to it.

    Args:
        archive: the file, or its copy.
        dataset: its description, with a path.
        is_folder: whether it was packed from a folder.

    Returns:
        The file, and `origin`, where the archive is from, in words, with `copy` where its bytes are others than
        published; nothing where there is no published file to compare with. No path is in it, so that the same bytes
        are told of alike on every machine.

    Raises:
        ChestbenchError: see `of_brought`.
    """
    if not dataset.is_brought and not (dataset.url or dataset.files or dataset.md5):
        return wanted(dataset), {}
    if is_folder:
        where = "a folder of the user's own (dataset.path), packed here"
        return wanted(dataset), {"origin": f"{where}: there are no published bytes to compare it with"}
    stands_for = of_brought(archive, dataset)
    return stands_for, _said(archive, dataset, stands_for)


def _said(archive: Path, dataset: Dataset, stands_for: Wanted) -> dict[str, str]:
    size = size_of_pictures(archive) if dataset.files else None
    if size and dataset.files and stands_for.version is None:
        return _copy(f"pictures of {size[0]} x {size[1]} pixels, a size that is not published")
    if stands_for.md5:
        found = md5_file(archive)
        if found == stands_for.md5:
            return {"origin": f"a file of the user's own (dataset.path) with the bytes that are published, MD5 {found}"}
        return _copy(f"MD5 {found}, published{_of(stands_for.version, dataset)} is {stands_for.md5}")
    if commit := commit_of(dataset):
        if comment_of(archive) == commit:
            return {"origin": f"a file of the user's own (dataset.path), made by `git archive` of commit {commit}"}
        return _copy(f"it does not name the commit {commit} that was asked for")
    return {"origin": "a file of the user's own (dataset.path); no checksum is known here to compare it with"}


def size_of_pictures(archive: Path) -> tuple[int, int] | None:
    """Return height and width of the pictures of MedMNIST's arrays, the smallest of several; None for other archives.

    Raises:
        ChestbenchError: see `open_archive`.
    """
    with open_archive(archive) as opened:
        return min(opened.array_sizes, default=None)


def _copy(why: str) -> dict[str, str]:
    return {
        "origin": f"a file of the user's own (dataset.path): {OTHER_BYTES} ({why})",
        "copy": f"{OTHER_BYTES} ({why})",
    }


def _of(version: int | None, dataset: Dataset) -> str:
    return f" of version {version}" if dataset.files and version is not None else ""


def _known_as(md5: str, dataset: Dataset) -> str:
    """Return which version of the set has this checksum, or ""."""
    for number, file in (dataset.files or {}).items():
        if file.md5 == md5:
            return f", which is version {number}"
    return ""
