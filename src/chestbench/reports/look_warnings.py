"""What a look warns of, and what a run would leave out."""

import itertools
from collections import Counter
from collections.abc import Sequence

import numpy as np

from chestbench.catalog.glance import Glance
from chestbench.catalog.kinds import ADVICE, TABLE, advice, words
from chestbench.catalog.tried import TWO_LABELS
from chestbench.catalog.verdicts import KINDS
from chestbench.core.config import Config
from chestbench.preparation.tiny import LEAST
from chestbench.reports.look_counts import Counts, copies_of
from chestbench.reports.look_inferred import MOST_NAMED, short
from chestbench.reports.look_patients import crossing, ids_of
from chestbench.reports.look_tells import tells_of

# Few of these may say what nothing reads: which they are is worth a word.
_NAMED, _MOST_NAMES = {TABLE, "array"}, 3
_MOST_TOLD = 6  # three parts of two classes
# Shares of train, val and test to offer for few pictures.
_SHARES = ((0.7, 0.15, 0.15), (0.6, 0.2, 0.2), (0.5, 0.25, 0.25))


def warnings_of(found: Glance, config: Config, used: Counts) -> list[str]:
    """Return what is likely to disappoint: too few, copies, files that cannot be read."""
    told = [*found.choice.warnings]
    if not found.stops:
        told += [*tells_of(found, used), *_crossing(found, used)]
        if few := _too_little(found, config, used):
            told.append(f"too little to train and judge on: {'; '.join(few)}; {_cure(found, config, used)}")
    pixels = [each.found.pixel_sha256 for each in found.sampled if each.found.pixel_sha256]
    both = sum(each.reason == TWO_LABELS for each in found.sampled)
    if both:
        told.append(
            f"{both} of the {len(pixels)} pictures that were read have the same pixels under two classes: they are "
            "left out; a run compares all"
        )
    if copies := sum(copies_of(found).values()):
        are = "is a copy" if copies == 1 else "are copies"
        told.append(
            f"{copies} of the {len(pixels)} pictures that were read {are} of another of the same class, which counts "
            "once; a run compares all"
        )
    if masks := sum(each.is_mask_like and not each.reason for each in found.sampled):
        told.append(f"{masks} of the {len(pixels)} pictures that were read have two grey values, as masks have")
    return told


def left_out_of(found: Glance, used: Counts) -> list[tuple[str, str, str]]:
    """Return count, reason and an example of what is left out: all by name, of the pictures' own faults the sample."""
    rows = [(*_words(reason, names), names[0]) for reason, names in found.left_out.items()]
    if found.plan.excluded_by_pattern:
        rows.append((f"{found.plan.excluded_by_pattern:,}", "left out by dataset.exclude", ""))
    if masks := found.plan.notes.get("masks_beside_pictures"):
        rows.append((f"{masks:,}", "masks of other pictures", ""))
    if drawn := found.plan.layout.said.get("drawn_over"):
        told = short([f"{name} ({count:,})" for name, count in drawn.items()])
        what = f"pictures drawn over or cut out of others, which are there, by their names: {told}"
        rows.append((f"{sum(drawn.values()):,}", what, ""))
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
        total = sum(copies.values())
        what = (
            "exact copy of another picture, which counts once"
            if total == 1
            else "exact copies of other pictures, which count once"
        )
        rows.append((f"{total:,}{of_sample}", what, example))
    return rows


def _plural(reason: str, count: int) -> str:
    """Return a file's reason for so many of them."""
    kind, colon, more = reason.partition(": ")
    if reason == TWO_LABELS:
        return "pictures that stand under two classes"
    return words(kind, count).split(" ", 1)[1] + colon + more if kind in ADVICE else reason


def _words(kind: str, names: Sequence[str]) -> tuple[str, str]:
    """Return the count of a kind of files, and the kind in words with what can be done."""
    count = len(names)
    # "no label in labels.csv" is a reason for one file and for many.
    is_reason = any(kind.startswith(reason) for reason in KINDS) and not advice(kind)
    number, what = (f"{count:,}", kind) if is_reason else words(kind, count).split(" ", 1)
    if kind in _NAMED and count <= _MOST_NAMES:
        what += f" ({', '.join(name.rpartition('/')[2] for name in names)})"
    return number, f"{what}: {advice(kind)}" if advice(kind) else what


def _crossing(found: Glance, used: Counts) -> list[str]:
    """Return a word on patients who are in several parts of the given split."""
    count, of = crossing(found, used)
    if not count:
        return []
    have = "is" if count == 1 else "are"
    return [
        f"{count} of {of} patients {have} in two parts of the given split, so that its figures flatter; "
        "dataset.given_split=ignore splits anew, patients apart"
    ]


def _groups(found: Glance, used: Counts) -> tuple[str, np.ndarray, np.ndarray, np.ndarray]:
    """Return "patients" where all have one, else "pictures"; and label, given part and group of each that is used."""
    layout, (ids, _) = found.plan.layout, ids_of(found, used)
    word = "patients" if ids and all(ids) else "pictures"
    rows = np.flatnonzero(used.pictures)
    if word == "pictures":
        # Copies that were made of one picture are one of the split.
        ids = [f"unit {layout.unit[row]}" if layout.unit[row] >= 0 else str(row) for row in rows.tolist()]
    return word, layout.label[rows], layout.given[rows], np.unique(ids, return_inverse=True)[1]


def _cure(found: Glance, config: Config, used: Counts) -> str:
    """Return what gives each part enough: the line that sets other shares, a new split, or more pictures."""
    word, label, _, group = _groups(found, used)
    fewest = min(len(np.unique(group[label == code])) for code in range(len(found.plan.layout.classes)))
    if fewest < len(LEAST) and not found.plan.layout.is_split:
        return (
            f"add {word}: a run is refused, and dataset.allow_tiny=true cannot help, as some part of the split would "
            "have none of a class"
        )
    return f"{_mend(found, fewest, word)}; a run is refused unless dataset.allow_tiny=true"


def _mend(found: Glance, fewest: int, word: str) -> str:
    """Return what gives each part enough, of so many groups in the smallest class."""
    if fewest < sum(LEAST.values()):
        return f"add pictures{' of other patients' if word == 'patients' else ''}"
    if found.plan.layout.is_split:
        return "the whole set has enough: dataset.given_split=ignore splits anew"
    # Groups are dealt out whole, so that a part may get one less than its share.
    for spare, shares in itertools.product((1, 0), _SHARES):
        if all(int(share * fewest) >= least + spare for share, least in zip(shares, LEAST.values(), strict=True)):
            lines = (f"-S split.{part}={share:g}" for part, share in zip(LEAST, shares, strict=True))
            return f"the whole set has enough: `{' '.join(lines)}` deals it out"
    return "the whole set has enough: split.train, split.val and split.test decide"


def _too_little(found: Glance, config: Config, used: Counts) -> list[str]:
    """Return what parts of the split have, or would have by their shares, too few of; patients where all have one."""
    layout = found.plan.layout
    word, label, given, group = _groups(found, used)
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
                few = word[:-1] if count == 1 else word
                told.append(f"{part} {about} {count} {few} of {name!r} (at least {least})")
    return told if len(told) <= _MOST_TOLD else [*told[:_MOST_TOLD], f"and {len(told) - _MOST_TOLD} more"]
