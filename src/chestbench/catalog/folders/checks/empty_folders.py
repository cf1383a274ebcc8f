"""Class folders without a picture: empty, linked, or full of files of other kinds. A class must not vanish unsaid."""

import logging
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from chestbench.catalog.kinds import kind_of_name
from chestbench.catalog.left_out import in_words
from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

logger = logging.getLogger(__name__)


def check_named_classes(archive: Archive, dataset: Dataset) -> None:
    """Refuse dataset.classes where the folders of a class are there and none of them holds what may be a picture.

    Names that a table or dataset.class_names gives need no folder.

    Raises:
        ChestbenchError: it names the class and what lies in its folders.
    """
    links = archive.left_out.get("link", [])
    given = set((dataset.class_names or {}).values())
    for name in [] if dataset.labels else dataset.classes or []:
        if name in given:
            continue
        mine = [folder for folder in archive.folders if folder.rpartition("/")[2] == name]
        linked = [link for link in links if link.rpartition("/")[2] == name]
        if (mine or linked) and not any(_has_picture(archive, folder) for folder in mine):
            what = "a link, which is not followed" if linked and not mine else _content(archive, mine[0])
            raise ChestbenchError(
                f"dataset.classes: expected pictures of the class {name!r}, received the folder "
                f"{(mine or linked)[0]!r}, which is {what}; put them there, or leave the class out of dataset.classes"
            )


def folders_without_picture(
    archive: Archive, members: Sequence[str], label: np.ndarray, names: Iterable[str]
) -> list[str]:
    """Return folders that lie beside the class folders and hold no picture, sorted; a warning names each.

    Args:
        archive: with its folders and links.
        members: N names that the catalog reads.
        label: int32 (N,), class codes, -1 for none.
        names: of class folders.
    """
    known = set(names)
    parents = {
        "/".join(parts[:place])
        for member, code in zip(members, label.tolist(), strict=True)
        if code >= 0
        for parts in [member.split("/")[:-1]]
        for place in range(len(parts))
        if parts[place] in known
    }
    found = {}
    for folder in archive.folders:
        if folder.rpartition("/")[0] in parents and not _has_picture(archive, folder):
            found[folder] = _content(archive, folder)
    for link in archive.left_out.get("link", []):
        # A link to a folder has no ending, as class folders have none.
        if link.rpartition("/")[0] in parents and "." not in link.rpartition("/")[2]:
            found[link] = "a link, which is not followed"
    for folder, what in sorted(found.items()):
        if what.startswith("without"):
            logger.warning("the folder %r beside the class folders holds no picture: it is %s", folder, what)
        else:
            logger.warning("class folder %r holds no picture: it is %s", folder, what)
    return sorted({folder.rpartition("/")[2] for folder in found})


def _below(archive: Archive, folder: str) -> list[str]:
    start = bisect_left(archive.members, f"{folder}/")
    end = bisect_left(archive.members, f"{folder}0")  # "0" is the letter after the slash
    return archive.members[start:end]


def _has_picture(archive: Archive, folder: str) -> bool:
    return any(not kind_of_name(member) for member in _below(archive, folder))


def _content(archive: Archive, folder: str) -> str:
    counts = Counter(kind_of_name(member) for member in _below(archive, folder))
    counts.update(
        {kind: sum(name.startswith(f"{folder}/") for name in names) for kind, names in archive.left_out.items()}
    )
    held = in_words((kind, count) for kind, count in sorted(counts.items()) if count)
    return f"without pictures ({held})" if held else "empty"
