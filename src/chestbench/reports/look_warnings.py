"""What a look warns of, and what a run would leave out."""

from collections import Counter

import numpy as np

from chestbench.catalog.glance import Glance
from chestbench.catalog.kinds import ADVICE, advice, words
from chestbench.catalog.tried import TWO_LABELS
from chestbench.catalog.verdicts import KINDS
from chestbench.core.config import Config
from chestbench.preparation.tiny import LEAST
from chestbench.reports.look_counts import Counts, copies_of
from chestbench.reports.look_facts import ids_of
from chestbench.reports.look_inferred import MOST_NAMED

_MOST_TOLD = 6  # three parts of two classes


def warnings_of(found: Glance, config: Config, used: Counts) -> list[str]:
    """Return what is likely to disappoint: too few, copies, files that cannot be read."""
    told = [*found.choice.warnings]
    if not found.stops and (few := _too_little(found, config, used)):
        told.append(
            f"too little to train and judge on: {'; '.join(few)}; a run is refused unless dataset.allow_tiny=true"
        )
    pixels = [(each.found.pixel_sha256, each.label) for each in found.sampled if each.found.pixel_sha256]
    copies = len(pixels) - len({digest for digest, _ in pixels})
    both = sum(each.reason == TWO_LABELS for each in found.sampled)
    if copies:
        told.append(
            f"{copies} of the {len(pixels)} pictures that were read are copies of another of them"
            f"{f', {both} of them under two classes (left out)' if both else ''}; a run compares all, counts each once"
        )
    if masks := sum(each.is_mask_like and not each.reason for each in found.sampled):
        told.append(f"{masks} of the {len(pixels)} pictures that were read have two grey values, as masks have")
    return told


def left_out_of(found: Glance, used: Counts) -> list[tuple[str, str, str]]:
    """Return count, reason and an example of what is left out: all by name, of the pictures' own faults the sample."""
    rows = [(*_words(reason, len(names)), names[0]) for reason, names in found.left_out.items()]
    if found.plan.excluded_by_pattern:
        rows.append((f"{found.plan.excluded_by_pattern:,}", "left out by dataset.exclude", ""))
    if masks := found.plan.notes.get("masks_beside_pictures"):
        rows.append((f"{masks:,}", "masks of other pictures", ""))
    of_sample = "" if used.is_exact else f" of {len(found.sampled):,} read:"
    by_name = set(found.left_out)
    first: dict[str, str] = {}
    for each in found.sampled:
        first.setdefault(each.reason, found.plan.members[each.place])
    counts = Counter(each.reason for each in found.sampled if each.reason and each.reason not in by_name)
    rows += [
        (f"{count:,}{of_sample}", _plural(reason, count), first[reason])
        for reason, count in counts.most_common(MOST_NAMED)
    ]
    if copies := copies_of(found):
        example = found.plan.members[min(copies)]
        rows.append(
            (f"{sum(copies.values()):,}{of_sample}", "exact copies of other pictures, which count once", example)
        )
    return rows


def _plural(reason: str, count: int) -> str:
    """Return a file's reason for so many of them."""
    kind, colon, more = reason.partition(": ")
    if reason == TWO_LABELS:
        return "pictures that stand under two classes"
    return words(kind, count).split(" ", 1)[1] + colon + more if kind in ADVICE else reason


def _words(kind: str, count: int) -> tuple[str, str]:
    """Return the count of a kind of files, and the kind in words with what can be done."""
    number, what = (f"{count:,}", kind) if kind in KINDS and not advice(kind) else words(kind, count).split(" ", 1)
    return number, f"{what}: {advice(kind)}" if advice(kind) else what


def _too_little(found: Glance, config: Config, used: Counts) -> list[str]:
    """Return what parts of the split have, or would have by their shares, too few of; patients where all have one."""
    layout, (ids, _) = found.plan.layout, ids_of(found, used)
    word = "patients" if ids and all(ids) else "pictures"
    rows = np.flatnonzero(used.pictures)
    if word == "pictures":
        # Copies that were made of one picture are one of the split.
        ids = [f"unit {layout.unit[row]}" if layout.unit[row] >= 0 else str(row) for row in rows.tolist()]
    label, given, group = layout.label[rows], layout.given[rows], np.unique(ids, return_inverse=True)[1]
    told = []
    for place, (part, least) in enumerate(LEAST.items()):
        is_given = layout.is_split and bool((given == place).any())
        for code, name in enumerate(layout.classes):
            if is_given:
                count, about = len(np.unique(group[(label == code) & (given == place)])), "has"
            elif layout.is_split:
                continue  # cut from train, by its share of what is there
            else:
                share = getattr(config.split, part)
                count, about = round(share * len(np.unique(group[label == code]))), "would have about"
            if count < least:
                told.append(f"{part} {about} {count} {word} of {name!r} (at least {least})")
    return told if len(told) <= _MOST_TOLD else [*told[:_MOST_TOLD], f"and {len(told) - _MOST_TOLD} more"]
