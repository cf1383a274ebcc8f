"""The first pass of the audit: every picture is read once, and only what is compact stays in memory."""

import numpy as np

from chestbench.catalog.identity import part_of, pseudonym
from chestbench.catalog.layout import NO_CLASS
from chestbench.catalog.limits import rank_of
from chestbench.catalog.member import Audit, audit_member
from chestbench.catalog.plan import Plan
from chestbench.catalog.records import SPLITS
from chestbench.catalog.scale_choice import choose_scale, stated_scale
from chestbench.catalog.scale_facts import ScaleFacts
from chestbench.catalog.scale_state import Choice
from chestbench.catalog.second_look import rows_to_see_again, see_again
from chestbench.catalog.spool import Spool
from chestbench.catalog.tiles import Tiles
from chestbench.catalog.verdicts import NO_GROUP, NUMBERS, Verdict, judge_alone
from chestbench.core.dataset_config import Grey
from chestbench.core.errors import ChestbenchError
from chestbench.core.parallel import ordered_map
from chestbench.core.progress import track
from chestbench.datasets.archive import Archive
from chestbench.imaging.fingerprint import SIDE
from chestbench.imaging.grey import DEFAULT, GreyScale

_SHOWN_PROBLEMS = 1000


class Seen:
    """What stays of the first pass.

    Attributes:
        numbers: NUMBERS (N,), one entry per row.
        copies: uint8 (N, 1024), small copies of `fingerprint`, one per row.
        modes: (format, channels, bit_depth) -> code.
        patients: names that the paths gave -> code.
        problems: "member (reason)" of what cannot be read, the first thousand.
        other_files: members that turned out to be no pictures.
        polarity_corrected: DICOM files whose header calls them negatives that they are not.
        tiles: pictures for the contact sheet.
        scales: what each row says of its grey scale.
        choice: the scale of the set.
    """

    def __init__(self, members: int, classes: list[str]) -> None:
        self.rows = 0
        self.other_files = self.polarity_corrected = 0
        self.modes: dict[tuple[str, int, int], int] = {}
        self.patients: dict[str, int] = {}
        self.problems: list[str] = []
        self.tiles = Tiles(classes)
        self.scales = ScaleFacts()
        self.choice = Choice(DEFAULT)
        self._numbers = np.empty(members, NUMBERS)
        self._copies = np.zeros((members, SIDE * SIDE), np.uint8)

    @property
    def numbers(self) -> np.ndarray:
        """The rows so far; changes to them stay."""
        return self._numbers[: self.rows]

    @property
    def copies(self) -> np.ndarray:
        """The small copies so far, of zeros where there is no picture."""
        return self._copies[: self.rows]

    def add(self, numbers: tuple[object, ...], copy: np.ndarray | None) -> None:
        """Append a row."""
        self._numbers[self.rows] = numbers
        if copy is not None:
            self._copies[self.rows] = copy
        self.rows += 1


def see_all(
    archive: Archive, plan: Plan, spool: Spool, workers: int | None, grey: Grey, ours: GreyScale | None = None
) -> Seen:
    """Audit all members over all cores, and put by what the table needs of each; then settle the grey scale.

    Raises:
        ChestbenchError: the set has no one grey scale, and dataset.grey does not say what to do.
    """
    layout = plan.layout
    stated = stated_scale(grey, ours)
    seen = Seen(len(plan.members), layout.classes)
    tiles = seen.tiles

    def audit(place: int) -> Audit:
        label = int(layout.label[place])
        return audit_member(
            archive, plan.members[place], lambda image_id: tiles.wants(label, rank_of(image_id)), plan.salt, stated
        )

    audits = ordered_map(audit, range(len(plan.members)), workers)
    for place, found in enumerate(track(audits, len(plan.members), "catalog")):
        if found.is_other:
            seen.other_files += 1
            continue
        seen.polarity_corrected += found.polarity_corrected
        member, label, given = plan.members[place], int(layout.label[place]), int(layout.given[place])
        fault = layout.faults[layout.fault[place]]
        verdict, reason = judge_alone(found, label, given, layout.is_split, fault)
        if found.problem and not found.format and len(seen.problems) < _SHOWN_PROBLEMS:
            seen.problems.append(f"{member} ({found.problem})")
        patient = ""
        if plan.patient_in_path:
            patient = part_of(plan.patient_in_path, "group", member)
        elif layout.patient:
            patient = layout.patient[place]
        study = part_of(plan.study_in_path, "study", member) if plan.study_in_path else ""
        if layout.study and not plan.study_in_path:
            study = layout.study[place]
        mode = (found.format, found.channels, found.bit_depth)
        numbers = (
            int(found.sha256[:16] or "0", 16),
            np.void(bytes.fromhex(found.pixel_sha256[:32])),
            found.phash,
            label,
            given,
            verdict,
            seen.patients.setdefault(patient, len(seen.patients)) if patient else NO_GROUP,
            found.width,
            found.height,
            seen.modes.setdefault(mode, len(seen.modes)) if found.format else -1,
            int(found.patient or "0", 16),
            int((pseudonym(plan.salt, "study", study) if study else found.study) or "0", 16),
            int(layout.unit[place]),
        )
        if found.tile is not None and verdict == Verdict.KEPT:
            tiles.offer(label, rank_of(found.sha256[:16]), seen.rows, found.tile)
        label_name = layout.classes[label] if label != NO_CLASS else ""
        spool.add(place, found, member, label_name, SPLITS[given] if given >= 0 else "", reason)
        seen.scales.add(found.grey, found.scale, layout.source[place] if layout.source else "")
        seen.add(numbers, found.copy)
    settle_scale(archive, plan, spool, seen, workers, grey, ours)
    return seen


def settle_scale(
    archive: Archive,
    plan: Plan,
    spool: Spool,
    seen: Seen,
    workers: int | None,
    grey: Grey,
    ours: GreyScale | None = None,
) -> None:
    """Choose the grey scale of the set, and read those files anew that it shows otherwise.

    Raises:
        ChestbenchError: see `see_all`.
    """
    layout = plan.layout
    choice = choose_scale(seen.scales, seen.numbers, layout.classes, layout.is_split, grey, ours)
    if choice.trouble:
        raise ChestbenchError(choice.trouble)
    seen.choice = choice
    rows = rows_to_see_again(seen.scales, stated_scale(grey, ours), choice.scale)
    if rows:
        see_again(archive, plan, spool, rows, choice.scale, seen.numbers, seen.copies, seen.tiles, seen.scales, workers)
        seen.polarity_corrected = seen.scales.mislabelled
