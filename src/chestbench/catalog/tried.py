"""Some files of each class, chosen by hash and read as `catalog` reads them, for a bounded time."""

import itertools
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from chestbench.catalog.finding import Audit
from chestbench.catalog.layout import NO_CLASS, may_be_picture
from chestbench.catalog.limits import rank_of
from chestbench.catalog.mask_looks import looks_like_mask
from chestbench.catalog.member import audit_member
from chestbench.catalog.plan import Plan
from chestbench.catalog.scale.choice import Choice, choose_scale, stated_scale
from chestbench.catalog.scale.facts import ScaleFacts
from chestbench.catalog.verdicts import KINDS, NUMBERS, Verdict, judge_alone
from chestbench.core.config import Dataset
from chestbench.core.parallel import ordered_map
from chestbench.datasets.archive import Archive
from chestbench.imaging.decode import decode_grey
from chestbench.imaging.frames import one_frame
from chestbench.imaging.grey import GreyScale

OF_A_CLASS, IN_ALL, OF_NO_CLASS = 150, 1500, 60
TWO_LABELS = KINDS[Verdict.TWO_LABELS]


@dataclass(frozen=True)
class Tried:
    """One file that was read.

    Attributes:
        place: in the plan's members.
        label: class code, or NO_CLASS.
        found: what `catalog` would find in it; without its tile and histogram.
        reason: why `catalog` would leave it out, "" where it would not.
        is_mask_like: see `looks_like_mask`.
    """

    place: int
    label: int
    found: Audit
    reason: str
    is_mask_like: bool


def try_some(
    archive: Archive, plan: Plan, dataset: Dataset, seconds: float, workers: int | None
) -> tuple[list[Tried], bool]:
    """Read files, classes in turn, until time is up.

    Args:
        archive: holds them.
        plan: names them.
        dataset: says how they are read.
        seconds: to go on for; what is begun is ended.
        workers: threads.

    Returns:
        What was read, in the order of the plan; and whether time sufficed for all that were to be read.
    """
    until = time.monotonic() + seconds
    places = _chosen(plan)
    tried: list[Tried] = []
    audits = ordered_map(lambda place: _audit(archive, plan, dataset, place), places, workers, ahead=2)
    for done, (place, pages) in enumerate(zip(places, audits, strict=False), 1):
        tried += _judged(plan, place, pages)
        if time.monotonic() > until and done < len(places):
            audits.close()  # type: ignore[attr-defined]
            return _with_two_labels(tried), False
    return _with_two_labels(tried), True


def choose_of(tried: list[Tried], plan: Plan, dataset: Dataset) -> tuple[Choice, list[Tried]]:
    """Choose the grey scale as `catalog` does, by the files that were read; return them with the scale in words."""
    facts, numbers = ScaleFacts(), np.zeros(len(tried), NUMBERS)
    for row, each in zip(numbers, tried, strict=True):
        facts.add(each.found.grey, each.found.scale, plan.layout.source[each.place] if plan.layout.source else "")
        row["label"], row["given"] = each.label, plan.layout.given[each.place]
        row["width"], row["height"] = each.found.width, each.found.height
        row["verdict"] = Verdict.KEPT if each.reason in ("", TWO_LABELS) else _verdict_of(each.reason)
    choice = choose_scale(facts, numbers, plan.layout.classes, plan.layout.is_split, dataset.grey)
    return choice, [
        replace(each, found=replace(each.found, scale=choice.scale.words(each.found.grey))) if each.found.grey else each
        for each in tried
    ]


def _verdict_of(reason: str) -> Verdict:
    return next((verdict for verdict in Verdict if reason.startswith(KINDS[verdict])), Verdict.UNREADABLE)


def picture_of(archive: Archive, plan: Plan, one: Tried, grey: GreyScale, longest: int) -> np.ndarray:
    """Return a picture as `catalog` reads it, uint8 (h, w), its longer side at most `longest` pixels."""
    data = one_frame(archive.read(plan.members[one.place]), one.found.frame, one.found.frames)
    pixels = decode_grey(data, grey).pixels[:, :, 0]
    scale = min(1.0, longest / max(pixels.shape))
    height, width = (max(1, round(side * scale)) for side in pixels.shape)
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)


def _audit(archive: Archive, plan: Plan, dataset: Dataset, place: int) -> list[Audit]:
    scale = stated_scale(dataset.grey)
    return audit_member(archive, plan.members[place], lambda _: False, dataset.salt, frames=plan.frames, scale=scale)


def _judged(plan: Plan, place: int, pages: list[Audit]) -> Iterator[Tried]:
    """Yield what was found in a file, or in each page of it; the reason of what is no picture is its kind."""
    label, given = int(plan.layout.label[place]), int(plan.layout.given[place])
    for found in pages:
        reason = found.other or judge_alone(found, label, given, plan.layout.is_split)[1]
        is_mask = found.histogram is not None and looks_like_mask(found.histogram)
        yield Tried(place, label, replace(found, tile=None, histogram=None), reason, is_mask)


def _chosen(plan: Plan) -> list[int]:
    """Return places of members to read, classes in turn: whenever time is up, each has had its share."""
    by_class: dict[int, list[int]] = defaultdict(list)
    for place, code in enumerate(plan.layout.label.tolist()):
        if plan.layout.fault[place] == 0:
            by_class[code].append(place)
    most = max(3, min(OF_A_CLASS, IN_ALL // max(1, len(plan.layout.classes))))
    ranked = []
    for code, places in sorted(by_class.items()):
        # A file that poses as no picture is read last, as it may be anything.
        rank = {place: (not may_be_picture(plan.members[place]), rank_of(plan.members[place])) for place in places}
        ranked.append(sorted(places, key=rank.__getitem__)[: OF_NO_CLASS if code == NO_CLASS else most])
    turns = itertools.chain.from_iterable(itertools.zip_longest(*ranked))
    return [place for place in turns if place is not None]


def _with_two_labels(tried: list[Tried]) -> list[Tried]:
    """Return the files by their places, with the reason of those whose very pixels were read under two classes."""
    labels: dict[str, set[int]] = defaultdict(set)
    for each in tried:
        if not each.reason:
            labels[each.found.pixel_sha256].add(each.label)
    return [
        replace(each, reason=TWO_LABELS) if len(labels[each.found.pixel_sha256]) > 1 else each
        for each in sorted(tried, key=lambda each: (each.place, each.found.frame))
    ]
