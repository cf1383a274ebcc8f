"""Pictures that are masks by their looks: two grey values, and the name of another picture.

Names decide first which files are masks; where they say nothing, looks may only stop the run, as a network that learns
from masks would be as wrong as it would look right.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from chestbench.core.errors import ChestbenchError

# A label map has a few levels and no others. After JPEG or a change of size two of them have nearly all pixels around.
MOST_LEVELS = 4
_AROUND = 20
_FAR = 60  # levels between the two
_LEAST_OF_THE_FIRST, _LEAST_OF_THE_SECOND = 0.3, 0.004
_MOST_BESIDE, _MOST_BESIDE_OF_THE_SECOND = 0.05, 0.3
_LEAST_LABELLED = 0.001
# So many stop the run: of one class, or in all.
_SHARE, _COUNT = 0.05, 3
_SHOWN = 8

logger = logging.getLogger(__name__)


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


def looks_like_mask(histogram: np.ndarray) -> bool:
    """Tell whether a picture has two grey values, or a few and no others; one value alone (an empty picture) is none.

    Args:
        histogram: (256,), pixels of each grey level.

    Example:
        >>> levels = np.zeros(256)
        >>> levels[[0, 255]] = 900, 100
        >>> looks_like_mask(levels), looks_like_mask(np.full(256, 4))
        (True, False)
    """
    total, first = float(histogram.sum()), int(histogram.argmax())
    if not total or histogram[first] < _LEAST_OF_THE_FIRST * total:
        return False
    if np.count_nonzero(histogram) <= MOST_LEVELS:
        return bool(total - histogram[first] >= _LEAST_LABELLED * total)
    second = _second(histogram, first)
    ones = [float(histogram[max(0, level - _AROUND) : level + _AROUND + 1].sum()) for level in (first, second)]
    beside = total - sum(ones)
    return (
        abs(first - second) >= _FAR
        and ones[1] >= _LEAST_OF_THE_SECOND * total
        and beside <= _MOST_BESIDE * total
        and beside <= _MOST_BESIDE_OF_THE_SECOND * ones[1]
    )


def check_masks(
    members: Sequence[str],
    label: np.ndarray,
    is_kept: np.ndarray,
    looks: np.ndarray,
    classes: Sequence[str],
    excluded: Sequence[str],
    others: Iterable[str] = (),
) -> int:
    """Refuse a data set of which some pictures are masks: by looks, and by name or by the company they keep.

    A picture counts where its name pairs with a picture that does not look like a mask (the same without its ending and
    folders, or that followed by more, such as 12.png and 12_roi.png), or where most of its folder look like masks.

    Args:
        members: N names.
        label: int (N,), class codes, negative for none.
        is_kept: bool (N,), of pictures that are kept so far.
        looks: bool (N,), see `looks_like_mask`.
        classes: names by code.
        excluded: dataset.exclude, for the line to set.
        others: names of further pictures, of which the looks are not known, that names may pair with.

    Returns:
        How many pictures look like masks, all told; where they are too few to stop, they are warned of.

    Raises:
        ChestbenchError: they are 3 or more, or 5% of a class: names the folders and the line of dataset.exclude.
    """
    suspects = np.flatnonzero(is_kept & looks)
    if not len(suspects):
        return 0
    found = find_mask_like(members, np.flatnonzero(is_kept), looks, others)
    names = {each.folder for each in found}
    paired = [place for place in suspects.tolist() if _parts(members[place])[0] in names]
    counts = np.bincount(label[paired][label[paired] >= 0], minlength=len(classes)) if paired else np.zeros(1)
    kept = np.bincount(label[is_kept & (label >= 0)], minlength=len(classes)) if paired else np.ones(1)
    if paired and (len(paired) >= _COUNT or bool((counts >= np.maximum(1, _SHARE * kept)).any())):
        raise ChestbenchError(_refusal(found, len(paired), excluded))
    logger.warning(
        "%d pictures have two grey values, as masks have, such as one in the folder %r; they are kept",
        len(suspects), _parts(members[int(suspects[0])])[0],
    )  # fmt: skip
    return len(suspects)


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
    stems = {_parts(member)[1] for member in others if member not in masks}
    for place in kept.tolist():
        folder, stem, _ = _parts(members[place])
        inside[folder].append(place)
        if not looks[place]:
            stems.add(stem)
    # Folders that pictures lie in as well say nothing: in output/covid it is "output" that tells masks.
    pictured = {name for place in kept.tolist() if not looks[place] for name in _parts(members[place])[0].split("/")}
    found = []
    for folder, places in sorted(inside.items()):
        mine = [place for place in places if looks[place]]
        paired = [place for place in mine if _partner(_parts(members[place])[1], stems) is not None]
        if mine and (2 * len(mine) > len(places) or 2 * len(paired) >= len(mine)):
            is_whole = 2 * len(mine) > len(places)
            pattern = _pattern(folder, [members[place] for place in mine], is_whole, stems, pictured)
            found.append(MaskLike(folder, len(mine), len(places), pattern))
    return found


def _second(histogram: np.ndarray, first: int) -> int:
    others = histogram.copy()
    others[max(0, first - _AROUND) : first + _AROUND + 1] = 0
    return int(others.argmax())


def _parts(member: str) -> tuple[str, str, str]:
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
        _, stem, ending = _parts(member)
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


def _refusal(found: list[MaskLike], count: int, excluded: Sequence[str]) -> str:
    patterns = list(dict.fromkeys([*excluded, *(each.pattern for each in found)]))
    shown = [f"{each.folder or 'the top folder'!r} ({each.count} of {each.of})" for each in found[:_SHOWN]]
    more = f" and {len(found) - _SHOWN} more folders" if len(found) > _SHOWN else ""
    return (
        f"data set: expected pictures, received {count} that look like masks (two grey values, and the names of other "
        f"pictures or a folder of their own), in {', '.join(shown)}{more}; leave them out with "
        f"dataset.exclude={patterns!r}; where they are pictures, rename their folder or correct dataset.classes"
    )
