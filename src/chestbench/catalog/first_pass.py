"""The first pass of the audit: every picture is read once, and only what is compact stays in memory."""

import numpy as np

from chestbench.catalog.identity import part_of, pseudonym
from chestbench.catalog.layout import NO_CLASS
from chestbench.catalog.limits import rank_of
from chestbench.catalog.mask_looks import looks_like_mask
from chestbench.catalog.member import Audit, audit_member
from chestbench.catalog.plan import Plan
from chestbench.catalog.records import SPLITS
from chestbench.catalog.spool import Spool
from chestbench.catalog.tiles import Tiles
from chestbench.catalog.verdicts import NO_GROUP, NUMBERS, Verdict, judge_alone
from chestbench.core.parallel import ordered_map
from chestbench.core.progress import track
from chestbench.datasets.archive import Archive
from chestbench.imaging.fingerprint import SIDE

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
        mask_looks: a byte per row, 1 where the picture looks like a mask.
        tiles: pictures for the contact sheet.
    """

    def __init__(self, members: int, classes: list[str]) -> None:
        self.rows = 0
        self.other_files = self.polarity_corrected = 0
        self.modes: dict[tuple[str, int, int], int] = {}
        self.patients: dict[str, int] = {}
        self.problems: list[str] = []
        self.mask_looks = bytearray()
        self.tiles = Tiles(classes)
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


def see_all(archive: Archive, plan: Plan, spool: Spool, workers: int | None) -> Seen:
    """Audit all members over all cores, and put by what the table needs of each."""
    layout = plan.layout
    seen = Seen(len(plan.members), layout.classes)
    tiles = seen.tiles

    def audit(place: int) -> Audit:
        label = int(layout.label[place])
        return audit_member(
            archive, plan.members[place], lambda image_id: tiles.wants(label, rank_of(image_id)), plan.salt
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
        seen.add(numbers, found.copy)
        seen.mask_looks.append(found.histogram is not None and looks_like_mask(found.histogram))
    return seen
