"""Pictures that are masks by their looks: two grey values, and the name of another picture.

Names decide first which files are masks; where they say nothing, looks may only stop the run, as a network that learns
from masks would be as wrong as it would look right.
"""

import logging
from collections.abc import Iterable, Sequence

import numpy as np

from chestbench.catalog.mask_pairs import MaskLike, find_mask_like, parts_of
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
    paired = [place for place in suspects.tolist() if parts_of(members[place])[0] in names]
    counts = np.bincount(label[paired][label[paired] >= 0], minlength=len(classes)) if paired else np.zeros(1)
    kept = np.bincount(label[is_kept & (label >= 0)], minlength=len(classes)) if paired else np.ones(1)
    if paired and (len(paired) >= _COUNT or bool((counts >= np.maximum(1, _SHARE * kept)).any())):
        raise ChestbenchError(_refusal(found, len(paired), excluded))
    logger.warning(
        "%d pictures have two grey values, as masks have, such as one in the folder %r; they are kept",
        len(suspects), parts_of(members[int(suspects[0])])[0],
    )  # fmt: skip
    return len(suspects)


def _second(histogram: np.ndarray, first: int) -> int:
    others = histogram.copy()
    others[max(0, first - _AROUND) : first + _AROUND + 1] = 0
    return int(others.argmax())


def _refusal(found: list[MaskLike], count: int, excluded: Sequence[str]) -> str:
    patterns = list(dict.fromkeys([*excluded, *(each.pattern for each in found)]))
    shown = [f"{each.folder or 'the top folder'!r} ({each.count} of {each.of})" for each in found[:_SHOWN]]
    more = f" and {len(found) - _SHOWN} more folders" if len(found) > _SHOWN else ""
    return (
        f"data set: expected pictures, received {count} that look like masks (two grey values, and the names of other "
        f"pictures or a folder of their own), in {', '.join(shown)}{more}; leave them out with "
        f"dataset.exclude={patterns!r}; where they are pictures, rename their folder or correct dataset.classes"
    )
