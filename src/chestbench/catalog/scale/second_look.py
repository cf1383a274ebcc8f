"""Files that the scale of the set shows otherwise than the first pass did are decoded once more; no others are."""

import logging
from collections.abc import Iterator

import numpy as np

from chestbench.catalog.finding import Audit
from chestbench.catalog.limits import rank_of
from chestbench.catalog.member import audit_member
from chestbench.catalog.plan import Plan
from chestbench.catalog.scale.facts import NO_PICTURE, ScaleFacts
from chestbench.catalog.spool import Spool
from chestbench.catalog.tiles import Tiles
from chestbench.catalog.verdicts import judge_alone
from chestbench.core.parallel import ordered_map
from chestbench.core.progress import track
from chestbench.datasets.archive import Archive
from chestbench.imaging.grey import GreyScale, Kind

logger = logging.getLogger(__name__)


def rows_to_see_again(found: ScaleFacts, first: GreyScale, scale: GreyScale) -> list[int]:
    """Return the rows whose pixels another scale changes.

    Args:
        found: what the files say.
        first: that they were read by.
        scale: that they are to be read by.
    """
    if first == scale:
        return []
    facts = found.facts
    may_differ = np.isin(facts["kind"], (Kind.PLAIN, Kind.DECLARED, Kind.UNIT, NO_PICTURE), invert=True)
    again = []
    for row in np.flatnonzero(may_differ).tolist():
        one = found.of(row)
        turned = one.kind == Kind.RADIOGRAPH and one.inverted == "yes" and first.monochrome1 != scale.monochrome1
        if turned or first.words(one) != scale.words(one):
            again.append(row)
    return again


def see_again(
    archive: Archive,
    plan: Plan,
    spool: Spool,
    rows: list[int],
    scale: GreyScale,
    numbers: np.ndarray,
    copies: np.ndarray,
    tiles: Tiles,
    found: ScaleFacts,
    workers: int | None,
) -> None:
    """Decode rows anew, and replace what depends on their pixels: hashes, small copies, tiles, histograms, appearance.

    Args:
        archive: holds the members.
        plan: names them.
        spool: the rows of the first pass.
        rows: ascending.
        scale: of the set.
        numbers: NUMBERS (N,).
        copies: uint8 (N, 1024).
        tiles: pictures for the contact sheet.
        found: what the files say.
        workers: threads; the result does not depend on it.
    """
    files = _files_of(spool, set(rows))

    def audit(place: int) -> dict[int, Audit]:
        label = int(plan.layout.label[place])
        found = audit_member(
            archive,
            plan.members[place],
            lambda image_id: tiles.holds(label, rank_of(image_id)),
            plan.salt,
            plan.frames,
            scale,
        )
        return {one.frame: one for one in found}

    def changes() -> Iterator[tuple[int, Audit]]:
        audits = ordered_map(audit, files, workers)
        for pages, file in zip(files.values(), track(audits, len(files), "grey scale"), strict=True):
            for frame, row in pages.items():
                seen = file[frame]
                if seen.grey is None:
                    numbers["verdict"][row], _ = judge_alone(seen, int(numbers["label"][row]), 0, False)
                    yield row, seen
                    continue
                numbers["pixels"][row] = np.void(bytes.fromhex(seen.pixel_sha256[:32]))
                numbers["phash"][row] = seen.phash
                copies[row] = seen.copy
                if seen.tile is not None:
                    tiles.replace(int(numbers["label"][row]), rank_of(seen.image_id), seen.tile)
                found.replace(row, seen.grey, seen.scale)
                yield row, seen

    spool.replace(changes())


def _files_of(spool: Spool, wanted: set[int]) -> dict[int, dict[int, int]]:
    """Return the rows to see again by file: place of the member -> frame -> row, all ascending."""
    files: dict[int, dict[int, int]] = {}
    for number, row in enumerate(spool.rows()):
        if number in wanted:
            files.setdefault(row.place, {})[row.frame] = number
    return files
