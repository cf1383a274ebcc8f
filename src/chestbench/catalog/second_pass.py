"""The second pass of the audit: the rows of the table, with what all images together decide."""

from collections.abc import Iterator

import numpy as np

from chestbench.catalog.groups import Groups, look_alike
from chestbench.catalog.layout import Layout
from chestbench.catalog.masks import MaskFinder
from chestbench.catalog.records import EXCLUDED, KEPT, CatalogRow
from chestbench.catalog.spool import Spool
from chestbench.catalog.verdicts import KINDS, Verdict


def finished_rows(
    spool: Spool,
    numbers: np.ndarray,
    first_of: np.ndarray,
    cluster: np.ndarray,
    groups: Groups,
    masks: MaskFinder,
    has_mask: np.ndarray,
    layout: Layout,
) -> Iterator[CatalogRow]:
    """Yield the rows with what all images together decide; `has_mask`, bool (N,), is set where a mask was found."""
    for place, row in enumerate(spool.rows()):
        verdict = Verdict(int(numbers["verdict"][place]))
        is_kept = verdict == Verdict.KEPT
        reason = row.reason
        if verdict == Verdict.DUPLICATE:
            reason = f"exact duplicate of {int(numbers['image_id'][first_of[place]]):016x}"
        elif verdict in (Verdict.TWO_LABELS, Verdict.OVER_LIMIT):
            reason = KINDS[verdict]
        mask = masks.find(row.member) if is_kept and row.frames == 1 else ""
        has_mask[place] = bool(mask)
        study = int(numbers["study"][place])
        yield CatalogRow(
            image_id=row.image_id,
            member=row.member,
            label=row.label,
            group=groups.name(place),
            given_split=row.given_split,
            width=row.width,
            height=row.height,
            channels=row.channels,
            bit_depth=row.bit_depth,
            format=row.format,
            bytes=row.bytes,
            sha256=row.sha256,
            pixel_sha256=row.pixel_sha256,
            phash=row.phash,
            status=KEPT if is_kept else EXCLUDED,
            reason=reason,
            cluster=look_alike(int(cluster[place])) if is_kept else "",
            study=f"{study:016x}" if study else "",
            mask=mask,
            mean_grey=row.mean_grey,
            border_grey=row.border_grey,
            border_spread=row.border_spread,
            corner_marks=row.corner_marks,
            scale=row.scale,
            inverted=row.inverted,
            source=layout.source[row.place] if layout.source else "",
            frame=row.frame,
            frames=row.frames,
            sex=_stratum(layout, "sex", row.place),
            age=_stratum(layout, "age", row.place),
            view=_stratum(layout, "view", row.place),
        )


def _stratum(layout: Layout, name: str, place: int) -> str:
    texts = layout.strata.get(name)
    return texts[place] if texts else ""
