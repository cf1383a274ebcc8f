"""Texts that name pictures of the set, and that nothing reads: said by their names, for they may leave some out."""

import logging
import re
from collections.abc import Sequence

import numpy as np

from chestbench.catalog.layout import may_be_picture
from chestbench.catalog.tables.columns.picture_index import PictureIndex
from chestbench.catalog.tables.reading.table_text import plain_text_of
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

logger = logging.getLogger(__name__)

_ENDINGS = (
    ".txt",
    ".csv",
    ".tsv",
    ".lst",
    ".list",
    ".json",
    ".jsonl",
    ".yaml",
    ".yml",
    ".toml",
    ".ini",
    ".cfg",
    ".xml",
)
# So many texts of so many letters are looked at; a text that names fewer pictures hardly speaks of the set.
_MOST_TEXTS, _MOST_LETTERS, _FEWEST = 20, 2_000_000, 2
_QUOTED = re.compile(r"\"([^\"\n]{1,300})\"|'([^'\n]{1,300})'|>([^<>\n]{1,300})<")


def unread_texts(
    archive: Archive, members: Sequence[str], pictures: Sequence[str], label: np.ndarray, told: Sequence[str]
) -> dict[str, list[str]]:
    """Return a sentence on each text that names pictures, none of which another sentence speaks of.

    Args:
        archive: holds them.
        members: those that dataset.exclude leaves.
        pictures: those that are read.
        label: int (N,), their class codes, -1 for none.
        told: sentences and names of files that are read, or that something was said of.

    Returns:
        As far as there are any: `unread_texts`, warned of, which name some pictures of a class; `texts_beside`, which
        name all of a class or none, so that they leave nobody out.
    """
    texts = [member for member in members if member.lower().endswith(_ENDINGS)]
    texts = [member for member in texts if not any(member.rpartition("/")[2] in text for text in told)]
    rows = [row for row, member in enumerate(pictures) if may_be_picture(member)]
    posing, of_class = [pictures[row] for row in rows], label[rows]
    index = PictureIndex(posing) if texts and posing and len(texts) <= _MOST_TEXTS else None
    found: dict[str, list[str]] = {}
    for member in texts if index else []:
        named = _named(archive, member, index) if index else set()
        if len(named) < _FEWEST:
            continue
        text = f"{member} names {len(named):,} of {len(posing):,} pictures and is not used"
        if _are_whole(of_class, named):
            found.setdefault("texts_beside", []).append(text)
            logger.info("%s", text)
        else:
            found.setdefault("unread_texts", []).append(f"{text}: see what it says of them")
            logger.warning("%s", found["unread_texts"][-1])
    return found


def _are_whole(of_class: np.ndarray, named: set[int]) -> bool:
    """Tell whether the pictures that are named are all of a class, or of several."""
    is_named = np.isin(np.arange(len(of_class)), list(named))
    return all(is_named[of_class == code].all() or not is_named[of_class == code].any() for code in set(of_class))


def _named(archive: Archive, member: str, index: PictureIndex) -> set[int]:
    """Return the places of the pictures that a text's lines, first cells or quoted words name."""
    try:
        text = plain_text_of(archive, member)[:_MOST_LETTERS]
    except ChestbenchError:
        return set()
    names = {cell for line in text.splitlines() for cell in (line.strip(), re.split(r"[,;\t]", line)[0].strip())}
    names |= {next(filter(None, groups)).strip() for groups in _QUOTED.findall(text) if any(groups)}
    # Numbers fit by chance, and a word that several pictures have is no name.
    places = (index.find(name.replace("\\", "/")) for name in names if name and not name.isdigit())
    return {found[0] for found in places if len(found) == 1}
