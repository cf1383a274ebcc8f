"""The first pass of the audit: every picture is read once, and only what is compact stays in memory."""

import numpy as np

from chestbench.catalog.finding import Audit
from chestbench.catalog.identity import part_of, pseudonym
from chestbench.catalog.kinds import ADVICE
from chestbench.catalog.layout import NO_CLASS, Layout
from chestbench.catalog.limits import rank_of
from chestbench.catalog.mask_looks import looks_like_mask
from chestbench.catalog.member import audit_member
from chestbench.catalog.plan import Plan
from chestbench.catalog.records import SPLITS
from chestbench.catalog.scale.choice import choose_scale, stated_scale
from chestbench.catalog.scale.second_look import rows_to_see_again, see_again
from chestbench.catalog.seen import Seen
from chestbench.catalog.spool import Spool
from chestbench.catalog.verdicts import KINDS, NO_GROUP, Verdict, judge_alone
from chestbench.core.dataset_config import Grey
from chestbench.core.errors import ChestbenchError
from chestbench.core.parallel import ordered_map
from chestbench.core.progress import track
from chestbench.datasets.archive import Archive
from chestbench.imaging.grey import GreyScale


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

    def audit(place: int) -> list[Audit]:
        label = int(layout.label[place])
        return audit_member(
            archive,
            plan.members[place],
            lambda image_id: tiles.wants(label, rank_of(image_id)),
            plan.salt,
            plan.frames,
            stated,
        )

    files = track(ordered_map(audit, range(len(plan.members)), workers), len(plan.members), "catalog")
    for place, found in ((place, one) for place, file in enumerate(files) for one in file):
        if found.other:
            if plan.members[place] not in plan.read:
                seen.left_out.add(found.other, plan.members[place])
            continue
        _count_pages(seen, found, plan.frames)
        seen.polarity_corrected += found.polarity_corrected
        member, label, given = plan.members[place], int(layout.label[place]), int(layout.given[place])
        fault = layout.faults[layout.fault[place]]
        verdict, reason = judge_alone(found, label, given, layout.is_split, fault)
        if verdict != Verdict.KEPT:
            seen.add_problem(verdict, label, f"{member} ({reason})")
            kind = KINDS[verdict]
            if kind in ADVICE:
                seen.left_out.add(kind, member, has_row=True)
        patient = ""
        if plan.patient_in_path:
            patient = part_of(plan.patient_in_path, "group", member)
        elif layout.patient and not (layout.patient_is_inferred and found.patient):
            patient = layout.patient[place]
        study = part_of(plan.study_in_path, "study", member) if plan.study_in_path else ""
        if layout.study and not plan.study_in_path:
            study = layout.study[place]
        mode = (found.format, found.channels, found.bit_depth)
        numbers = (
            int(found.image_id or "0", 16),
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
            _unit_of(layout, place, found),
        )
        if found.tile is not None and verdict == Verdict.KEPT:
            tiles.offer(label, rank_of(found.image_id), seen.rows, found.tile)
        label_name = layout.classes[label] if label != NO_CLASS else ""
        spool.add(place, found, member, label_name, SPLITS[given] if given >= 0 else "", reason)
        seen.scales.add(found.grey, found.scale, layout.source[place] if layout.source else "")
        seen.add(numbers, found.copy)
        seen.mask_looks.append(found.histogram is not None and looks_like_mask(found.histogram))
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


def _unit_of(layout: Layout, place: int, found: Audit) -> int:
    """Return the number that a row shares with those it must not be parted from: of a table's id, else of its file."""
    unit = int(layout.unit[place])
    if unit >= 0 or found.frames <= 1:
        return unit
    return len(layout.unit) + place  # a table numbers its ids below that


def _count_pages(seen: Seen, found: Audit, frames: str) -> None:
    if found.frames <= 1 or frames == "refuse":
        return
    seen.of_pages += 1
    seen.pages_beyond_first += found.frame > 1
    if frames == "first":
        seen.pages_not_read += found.frames - 1
