"""A look at a data set without an audit: the plan that is made from names, and some pictures of each class.

All names are read, as `catalog` reads them; of the pictures a bounded number, chosen by hash, for a bounded time.
"""

import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from chestbench.catalog.layout import NO_CLASS, may_be_picture
from chestbench.catalog.limits import rank_of
from chestbench.catalog.mask_looks import check_masks, looks_like_mask
from chestbench.catalog.masks import MaskFinder
from chestbench.catalog.member import Audit, audit_member
from chestbench.catalog.plan import Plan, make_plan
from chestbench.catalog.verdicts import KINDS, Verdict, judge_alone
from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.core.parallel import ordered_map
from chestbench.datasets.archive import Archive
from chestbench.imaging.decode import decode_grey, prepare_opencv

OF_A_CLASS, IN_ALL, OF_NO_CLASS = 150, 1500, 60
NO_PICTURE = "no picture by its name (a table, a document, code)"


@dataclass(frozen=True)
class Sampled:
    """One file that was read.

    Attributes:
        place: in the plan's members.
        label: class code, or NO_CLASS.
        found: what `catalog` would find in it; its tile, copy and histogram are dropped but for `is_mask_like`.
        reason: why `catalog` would leave it out, "" where it would not.
        is_mask_like: see `looks_like_mask`.
    """

    place: int
    label: int
    found: Audit
    reason: str
    is_mask_like: bool


@dataclass(frozen=True)
class Glance:
    """What a look found.

    Attributes:
        plan: what the names, and a table of labels, say.
        sampled: the files that were read, in the order of the plan.
        is_whole: whether all that were to be read were; else time was up.
        left_out: reason -> names, of those that names alone leave out; the pictures' own faults stand in `sampled`.
        stops: what `catalog` would stop with, as far as the sample shows; "" for nothing.
    """

    plan: Plan
    sampled: list[Sampled]
    is_whole: bool
    left_out: dict[str, list[str]] = field(default_factory=dict)
    stops: str = ""

    def reasons(self, label: int | None = None) -> Counter[str]:
        """Return how often each kind of reason left a sampled file out, of one class or of all."""
        return Counter(
            _kind(each.reason) for each in self.sampled if each.reason and (label is None or each.label == label)
        )


def glance(archive: Archive, dataset: Dataset, seconds: float = 6.0, workers: int | None = None) -> Glance:
    """Plan a catalog, and read some of the files.

    Args:
        archive: the data set, opened.
        dataset: its description.
        seconds: to read files for; what is begun is ended.
        workers: threads; all cores by default.

    Raises:
        ChestbenchError: what `catalog` would raise before it reads a picture, such as two consistent readings.
    """
    prepare_opencv()
    plan = make_plan(archive, dataset, MaskFinder(archive.members, dataset.masks))
    wished = _chosen(plan)
    read = list(_read(archive, plan, wished, seconds, workers))
    sampled = _two_labels(sorted((each for each in read if each is not None), key=lambda each: each.place))
    found = Glance(plan, sampled, len(read) == len(wished), _left_out_by_name(plan))
    return replace(found, stops=_stops(found, dataset))


def _chosen(plan: Plan) -> list[int]:
    """Return places of members to read, classes in turn: whenever time is up, each has had its share."""
    label = plan.layout.label
    by_class: dict[int, list[int]] = defaultdict(list)
    for place, code in enumerate(label.tolist()):
        if plan.layout.fault[place] == 0:
            by_class[code].append(place)
    most = max(3, min(OF_A_CLASS, IN_ALL // max(1, len(plan.layout.classes))))
    ranked = []
    for code, places in sorted(by_class.items()):
        # A file that poses as no picture is read last, as it may be anything.
        order = sorted(
            places, key=lambda place: (not may_be_picture(plan.members[place]), rank_of(plan.members[place]))
        )
        ranked.append(order[: OF_NO_CLASS if code == NO_CLASS else most])
    turns = itertools.chain.from_iterable(itertools.zip_longest(*ranked))
    return [place for place in turns if place is not None]


def _read(
    archive: Archive, plan: Plan, places: list[int], seconds: float, workers: int | None
) -> Iterator[Sampled | None]:
    """Yield what is found in files, None for what poses as no picture and is none, until time is up."""
    layout, until = plan.layout, time.monotonic() + seconds

    def audit(place: int) -> Audit:
        return audit_member(archive, plan.members[place], lambda _: False, plan.salt)

    audits = ordered_map(audit, places, workers, ahead=2)
    for place, found in zip(places, audits, strict=False):
        if found.is_other:
            yield None
        else:
            label, given = int(layout.label[place]), int(layout.given[place])
            _, reason = judge_alone(found, label, given, layout.is_split)
            is_mask = found.histogram is not None and looks_like_mask(found.histogram)
            yield Sampled(place, label, replace(found, copy=None, tile=None, histogram=None), reason, is_mask)
        if time.monotonic() > until:
            audits.close()  # type: ignore[attr-defined]
            return


def _two_labels(sampled: list[Sampled]) -> list[Sampled]:
    """Return the files with the reason of those whose very pixels were read under two classes."""
    labels: dict[str, set[int]] = defaultdict(set)
    for each in sampled:
        if not each.reason:
            labels[each.found.pixel_sha256].add(each.label)
    return [
        replace(each, reason=KINDS[Verdict.TWO_LABELS]) if len(labels[each.found.pixel_sha256]) > 1 else each
        for each in sampled
    ]


def _left_out_by_name(plan: Plan) -> dict[str, list[str]]:
    layout = plan.layout
    found: dict[str, list[str]] = defaultdict(list)
    rows = zip(plan.members, layout.label.tolist(), layout.given.tolist(), layout.fault.tolist(), strict=True)
    for member, label, given, fault in rows:
        if not may_be_picture(member):
            found[NO_PICTURE].append(member)
        elif fault:
            found[layout.faults[fault]].append(member)
        elif label == NO_CLASS:
            found[KINDS[Verdict.NO_CLASS]].append(member)
        elif layout.is_split and given < 0:
            found[KINDS[Verdict.OUTSIDE]].append(member)
    return dict(found)


def _stops(found: Glance, dataset: Dataset) -> str:
    """Return what `catalog` would stop with as far as the sample shows."""
    plan = found.plan
    members = [plan.members[each.place] for each in found.sampled]
    label = np.array([each.label for each in found.sampled], np.int64)
    is_kept = np.array([each.reason in ("", KINDS[Verdict.TWO_LABELS]) for each in found.sampled], bool)
    looks = np.array([each.is_mask_like for each in found.sampled], bool)
    try:
        check_masks(members, label, is_kept, looks, plan.layout.classes, dataset.exclude, plan.members)
    except ChestbenchError as error:
        return str(error)
    usable = Counter(each.label for each in found.sampled if not each.reason)
    for code, name in enumerate(plan.layout.classes):
        mine = [each for each in found.sampled if each.label == code]
        if mine and not usable[code]:
            why = ", ".join(f"{count} {kind}" for kind, count in found.reasons(code).most_common())
            first = f"{plan.members[mine[0].place]} ({mine[0].reason})"
            return (
                f"class {name!r}: expected usable images, received {len(mine)} files that were tried and of which none "
                f"can be used: {why}; such as {first}; mend them, or leave the class out with dataset.classes"
            )
    return ""


def _kind(reason: str) -> str:
    """Return a reason without what differs from picture to picture: sizes and the like behind the kind."""
    return next((kind for kind in KINDS if reason.startswith(f"{kind}:") or reason == kind), reason)


def shown(archive: Archive, member: str, longest: int) -> np.ndarray:
    """Return a picture as `catalog` reads it, uint8 (h, w), its longer side at most `longest` pixels."""
    pixels = decode_grey(archive.read(member)).pixels[:, :, 0]
    scale = min(1.0, longest / max(pixels.shape))
    height, width = (max(1, round(side * scale)) for side in pixels.shape)
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
