"""A look at a data set without an audit: the plan that is made from names, and some pictures of each class.

All names are read, as `catalog` reads them; of the pictures a bounded number, for a bounded time.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

import numpy as np

from chestbench.catalog.kinds import advice, kind_of_name, words
from chestbench.catalog.layout import NO_CLASS
from chestbench.catalog.mask_looks import check_masks
from chestbench.catalog.masks import MaskFinder
from chestbench.catalog.negatives import warn_of_negatives
from chestbench.catalog.plan import Plan, make_plan
from chestbench.catalog.scale.choice import Choice
from chestbench.catalog.tried import TWO_LABELS, Tried, choose_of, try_some
from chestbench.catalog.verdicts import KINDS, Verdict
from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.core.positive import check_stated
from chestbench.datasets.archive import Archive
from chestbench.imaging.decode import prepare_opencv


@dataclass(frozen=True)
class Glance:
    """What a look found.

    Attributes:
        plan: what the names, and a table of labels, say.
        sampled: the files that were read, in the order of the plan.
        is_whole: whether all that were to be read were; else time was up.
        choice: the grey scale, chosen by the files that were read.
        left_out: reason -> names, of those that names alone leave out; the pictures' own faults stand in `sampled`.
        stops: what `catalog` would stop with, as far as the sample shows; "" for nothing.
    """

    plan: Plan
    sampled: list[Tried]
    is_whole: bool
    choice: Choice
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
    check_stated(plan.layout.classes, dataset.positive)
    sampled, is_whole = try_some(archive, plan, dataset, seconds, workers)
    choice, sampled = choose_of(sampled, plan, dataset)
    usable = [each for each in sampled if not each.reason and each.found.copy is not None]
    copies = np.array([each.found.copy for each in usable], np.uint8)
    labels = np.array([each.label for each in usable], np.int64)
    choice.warnings += warn_of_negatives(copies, labels, plan.layout.classes)
    found = Glance(plan, sampled, is_whole, choice, _left_out_by_name(plan) | archive.left_out)
    return replace(found, stops=choice.trouble or _stops(found, dataset))


def _left_out_by_name(plan: Plan) -> dict[str, list[str]]:
    layout = plan.layout
    found: dict[str, list[str]] = defaultdict(list, {kind: [*names] for kind, names in plan.left_out.items()})
    rows = zip(plan.members, layout.label.tolist(), layout.given.tolist(), layout.fault.tolist(), strict=True)
    for member, label, given, fault in rows:
        if kind := kind_of_name(member):
            if member not in plan.read:
                found[kind].append(member)
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
    is_kept = np.array([each.reason in ("", TWO_LABELS) for each in found.sampled], bool)
    looks = np.array([each.is_mask_like for each in found.sampled], bool)
    try:
        check_masks(members, label, is_kept, looks, plan.layout.classes, dataset.exclude, plan.members)
    except ChestbenchError as error:
        return str(error)
    usable = Counter(each.label for each in found.sampled if not each.reason)
    for code, name in enumerate(plan.layout.classes):
        mine = [each for each in found.sampled if each.label == code]
        if mine and not usable[code]:
            why = ", ".join(
                words(kind, count) if advice(kind) else f"{count} {kind}"
                for kind, count in found.reasons(code).most_common()
            )
            first = f"{plan.members[mine[0].place]} ({mine[0].reason})"
            return (
                f"class {name!r}: expected usable images, received {len(mine)} files that were tried and of which none "
                f"can be used: {why}; such as {first}; mend them, or leave the class out with dataset.classes"
            )
    return ""


def _kind(reason: str) -> str:
    """Return a reason without what differs from picture to picture: sizes and the like behind the kind."""
    return next((kind for kind in KINDS if reason.startswith(f"{kind}:") or reason == kind), reason)
