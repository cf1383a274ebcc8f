"""How many pictures `catalog` would use, as far as names and the files that were read show."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from chestbench.catalog.glance import Glance
from chestbench.catalog.layout import NO_CLASS, may_be_picture
from chestbench.catalog.tried import Tried


@dataclass(frozen=True)
class Counts:
    """What is used of the members of a plan (N), and what is not.

    Attributes:
        pictures: int64 (N,), pictures of each that are used: 0 of what is left out, several of a file of pages.
        of_class: pictures by class code, C numbers, at most dataset.limit_per_class.
        left_out: files that pose as pictures and are not used: without a class, unreadable, copies, of two classes.
        is_exact: all of them were read; else those that were not count as they are named.
    """

    pictures: np.ndarray
    of_class: list[int]
    left_out: int
    is_exact: bool

    @property
    def total(self) -> int:
        """Pictures in all."""
        return sum(self.of_class)

    def in_words(self) -> str:
        """Return such as "44 pictures, 4 files left out"."""
        about = "" if self.is_exact or not self.left_out else "up to "
        left = f", {self.left_out:,} file{'' if self.left_out == 1 else 's'} left out" if self.left_out else ""
        return f"{about}{self.total:,} pictures{left}"


def count_used(found: Glance, limits: Mapping[str, int] | None = None) -> Counts:
    """Count what is used.

    Args:
        found: what names say, and the sample.
        limits: dataset.limit_per_class.
    """
    plan, layout = found.plan, found.plan.layout
    poses = np.array([may_be_picture(member) for member in plan.members], bool)
    usable = poses & (layout.label != NO_CLASS) & (layout.fault == 0)
    if layout.is_split:
        usable &= layout.given >= 0
    pictures = usable.astype(np.int64)
    read = {each.place for each in found.sampled}
    is_exact = set(np.flatnonzero(usable).tolist()) <= read
    pictures[sorted(read)] = 0
    for each in kept_of(found):
        pictures[each.place] += 1
    of_class = np.bincount(layout.label[pictures > 0], pictures[pictures > 0], len(layout.classes)).astype(int).tolist()
    if limits:
        of_class = [min(count, limits.get(name, count)) for name, count in zip(layout.classes, of_class, strict=True)]
    return Counts(pictures, of_class, int((poses & (pictures == 0)).sum()), is_exact)


def copies_of(found: Glance) -> Counter[int]:
    """Return how many pictures of each member are copies of an earlier one of the same class, which counts once."""
    return Counter(each.place for each in found.sampled if not each.reason and each.label != NO_CLASS) - Counter(
        each.place for each in kept_of(found)
    )


def kept_of(found: Glance) -> list[Tried]:
    """Return the pictures that were read and are used: of the same pixels the first alone, as `catalog` does."""
    seen: set[str] = set()
    kept = []
    for each in found.sampled:
        if each.reason or each.label == NO_CLASS:
            continue
        digest = each.found.pixel_sha256
        if not digest or digest not in seen:
            seen.add(digest)
            kept.append(each)
    return kept
