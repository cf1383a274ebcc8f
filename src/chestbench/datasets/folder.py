"""A data set on this machine: a folder, or an archive (.zip, .tar, .tar.gz, MedMNIST's .npz).

An archive is copied as it is, a folder is packed (packing.py).
"""

import os
from pathlib import Path

from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.core.gate import FILE, FOLDER, kind_of, open_file
from chestbench.datasets.archive import ARCHIVE, is_archive, open_archive
from chestbench.datasets.packing import bytes_bar, copy_bytes, pack
from chestbench.datasets.pinned import check_commit, commit_of

_ARCHIVE_ENDINGS = (".npz", ".tar", ".tar.gz", ".tgz")


def check(dataset: Dataset) -> Path:
    """Return the folder or archive that `dataset.path` leads to.

    A relative path starts at the current folder. `~` is the home folder where DVC does not watch the same path
    (`dataset.watch`): it would look for a folder of that name.

    Raises:
        ChestbenchError: nothing is there, it is a file that is no archive, or a folder around this pipeline's outputs.
    """
    written = dataset.path or ""
    try:
        path = Path(written).expanduser()
    except RuntimeError:
        raise ChestbenchError(f"dataset.path: expected a known home folder, received {written!r}") from None
    if dataset.watch.startswith("~"):
        raise ChestbenchError(
            f"dataset.path: expected a path that DVC can watch, received {written!r}, and DVC knows no `~`; "
            f"write it out: -S 'dataset.path={path}'"
        )
    if (kind := kind_of(path)) not in (FILE, FOLDER, "nothing"):
        raise ChestbenchError(
            f"dataset.path: expected a folder or an archive of images, received {written!r}, which is a {kind}; set it "
            "with -S dataset.path=/path/to/images"
        )
    if not path.exists():
        raise ChestbenchError(
            f"dataset.path: expected a folder or .zip file of images, received {written!r}, where there is "
            f"nothing{queued_hint(path)}; set it with -S dataset.path=/path/to/images"
        )
    if path.is_dir():
        if (Path.cwd() / "data" / "raw").is_relative_to(path.resolve()):
            raise ChestbenchError(
                f"dataset.path: expected a folder of images, received {written!r}, which holds the repository or its "
                "outputs; move the images to a folder of their own"
            )
    elif not is_archive(path):
        if path.suffix.lower() == ".zip":
            open_archive(path).close()  # says why it is none, before DVC reads all of it
        if path.name.lower().endswith(_ARCHIVE_ENDINGS):
            raise ChestbenchError(
                f"dataset.path: expected the whole archive that the name says, received {written!r}, whose "
                f"{path.stat().st_size:,} bytes are none or only the beginning of one; copy or download it again"
            )
        raise ChestbenchError(
            f"dataset.path: expected a folder or a .zip, .tar.gz or .npz file, received {written!r}, which is neither; "
            + _instead(path)
        )
    return path


def queued_hint(path: Path) -> str:
    """Return why a relative path may lead nowhere although it did in the repository, or ""."""
    temporary = not path.is_absolute() and Path(os.environ.get("DVC_ROOT", ".")).resolve() != Path.cwd()
    return " (queued and --temp experiments run in another folder: write the path from the root)" if temporary else ""


def check_watch(dataset: Dataset, path: Path) -> None:
    """Refuse a path whose content may change unnoticed, as when another data set's archive is taken from a file.

    A zip that a checksum or a commit pins needs no watching: it is compared with them.

    Raises:
        ChestbenchError: DVC watches something else than the path.
    """
    pinned = path.is_file() and (dataset.sha256 or commit_of(dataset))
    if dataset.watch != dataset.path and not pinned:
        raise ChestbenchError(
            f"dataset.watch: expected {dataset.path!r}, so that DVC notices when the images there change, received "
            f"{dataset.watch!r}; add -S 'dataset.watch={dataset.path}' to the command"
        )


def fetch(dataset: Dataset, folder: Path) -> None:
    """Copy the archive, or pack the folder, of `dataset.path` to `folder/archive.zip`.

    Raises:
        ChestbenchError: see `check`, `pack` and `open_archive`; or the zip is of another commit than dataset.url.
    """
    path = check(dataset)
    target = folder / ARCHIVE
    if path.is_dir():
        pack(path, target)
        return
    with open_archive(path) as archive:
        total = archive.size
    check_commit(path, dataset)
    with open_file(path, "dataset.path") as source, open(target, "wb") as copy, bytes_bar(total, "copy") as shown:
        copy_bytes(source, copy, shown, path)


def _instead(path: Path) -> str:
    """Return what to give in place of a file that is no archive."""
    ending = path.suffix.lower().removeprefix(".")
    if ending in ("csv", "tsv", "txt", "xlsx", "xls", "json"):
        return "give the folder that holds this table and the pictures: the line of dataset.labels to set is shown then"
    if ending in ("png", "jpg", "jpeg", "dcm", "tif", "tiff", "bmp", "webp", "jp2", "gif"):
        return "give the folder that holds the folders of pictures, one for each class"
    return "unpack other kinds of archives into a folder first, with one folder per class"
