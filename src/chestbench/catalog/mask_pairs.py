"""Which pictures are the masks of others, by the names they pair with or the folder that they fill."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class MaskLike:
    """Pictures that look like masks, by folder.

    Attributes:
        folder: path in the archive, "" for the top.
        count: pictures in it that look like masks.
        of: pictures in it.
        pattern: of dataset.exclude, for these and few or no others.
    """

    folder: str
    count: int
    of: int
    pattern: str


def find_mask_like(
    members: Sequence[str], kept: np.ndarray, looks: np.ndarray, others: Iterable[str] = ()
) -> list[MaskLike]:
    """Return the folders with pictures that look like masks and pair with others, or are most of their folder.

    Args:
        members: N names.
        kept: int (K,), places of the pictures.
        looks: bool (N,).
        others: see `check_masks`.
    """
    inside: dict[str, list[int]] = defaultdict(list)
    masks = {members[place] for place in kept.tolist() if looks[place]}
    stems = {parts_of(member)[1] for member in others if member not in masks}
    for place in kept.tolist():
        folder, stem, _ = parts_of(members[place])
        inside[folder].append(place)
        if not looks[place]:
            stems.add(stem)
    # Folders that pictures lie in as well say nothing: in output/covid it is "output" that tells masks.
    pictured = {name for place in kept.tolist() if not looks[place] for name in parts_of(members[place])[0].split("/")}
    found = []
    for folder, places in sorted(inside.items()):
        mine = [place for place in places if looks[place]]
        paired = [place for place in mine if _partner(parts_of(members[place])[1], stems) is not None]
        if mine and (2 * len(mine) > len(places) or 2 * len(paired) >= len(mine)):
            is_whole = 2 * len(mine) > len(places)
            pattern = _pattern(folder, [members[place] for place in mine], is_whole, stems, pictured)
            found.append(MaskLike(folder, len(mine), len(places), pattern))
    return found


def parts_of(member: str) -> tuple[str, str, str]:
    """Return a name's folder, stem and ending."""
    folder, _, name = member.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    return (folder, stem, dot + ending) if stem else (folder, name, "")


def _partner(stem: str, stems: set[str]) -> str | None:
    """Return the stem of the picture that a mask belongs to: the same, or its beginning up to `_`, `-`, `.`, blank."""
    if stem in stems:
        return stem
    cuts = [place for place, letter in enumerate(stem) if letter in "_-. " and place]
    return next((stem[:cut] for cut in reversed(cuts) if stem[:cut] in stems), None)


def _pattern(folder: str, members: list[str], is_whole_folder: bool, stems: set[str], pictured: set[str]) -> str:
    """Return a glob pattern: the lowest folder that holds no picture, where it is all masks, else the names' ending."""
    ends = set()
    for member in members:
        _, stem, ending = parts_of(member)
        partner = _partner(stem, stems)
        ends.add(stem[len(partner) :] + ending if partner is not None else "")
    if not is_whole_folder and len(ends) == 1 and (end := ends.pop()) and not end.startswith("."):
        return f"*{_literal(end)}"
    names = folder.split("/") if folder else []
    level = next((at for at in reversed(range(len(names))) if names[at] not in pictured), None)
    if level is None:
        # Every folder's name stands above pictures too: the folder itself, or the one file at the top.
        return f"{_literal(folder)}/*" if folder else _literal(members[0])
    return f"*/{_literal(names[level])}/*" if level else f"{_literal(names[level])}/*"


def _literal(text: str) -> str:
    """Return text so that a glob pattern means it."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)
