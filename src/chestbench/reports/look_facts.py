"""What a look found, in facts of a few words each: the same for the page and for the terminal."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chestbench.catalog.glance import Glance
from chestbench.catalog.identity import part_of
from chestbench.catalog.kinds import advice
from chestbench.catalog.layout import NO_CLASS, may_be_picture
from chestbench.catalog.member import Audit
from chestbench.catalog.records import SPLITS
from chestbench.catalog.tried import TWO_LABELS
from chestbench.core.config import Config
from chestbench.core.positive import positive_class

# Fewer patients (or groups) of a class than these are too few to train on, or to judge by.
LEAST = {"train": 10, "val": 3, "test": 3}
MOST_NAMED = 12
_SAID_ELSEWHERE = {
    *("classes", "sources", "read_from", "split_honoured", "masks_beside_pictures", "sources_at"),
    # Warned of.
    *("unused_tables", "second_labels"),
}
_OUR_KEYS = {
    **{key: key.replace("_", " ") for key in ("names_without_a_picture", "named_twice", "pictures_in_no_list")},
    **{key: key for key in ("column", "pictures", "part", "lists")},
}


@dataclass(frozen=True)
class Fact:
    """One thing that a person wants to know.

    Attributes:
        title: a word.
        lines: sentences or lists.
        head, rows: of a table below; empty for none.
    """

    title: str
    lines: list[str]
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


def facts_of(found: Glance, config: Config) -> list[Fact]:
    """Return the facts, what matters most first."""
    facts = [
        _classes(found, config),
        _split(found, config),
        _patients(found, config),
        _sources(found),
        _pictures(found),
        _inferred(found),
    ]
    return [fact for fact in facts if fact.lines]


def warnings_of(found: Glance, config: Config) -> list[str]:
    """Return what is likely to disappoint: too few, copies, files that cannot be read."""
    told = [*found.choice.warnings]
    if few := _too_little(found, config):
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


def left_out_of(found: Glance) -> list[tuple[str, str, str]]:
    """Return count, reason and an example of what is left out: all by name, of the pictures' own faults the sample."""
    rows = [
        (f"{len(names):,}", f"{reason}: {advice(reason)}" if advice(reason) else reason, names[0])
        for reason, names in found.left_out.items()
    ]
    if found.plan.excluded_by_pattern:
        rows.append((f"{found.plan.excluded_by_pattern:,}", "left out by dataset.exclude", ""))
    if masks := found.plan.notes.get("masks_beside_pictures"):
        rows.append((f"{masks:,}", "masks of other pictures", ""))
    tried = len(found.sampled)
    by_name = set(found.left_out)
    first: dict[str, str] = {}
    for each in found.sampled:
        first.setdefault(each.reason, found.plan.members[each.place])
    counts = Counter(each.reason for each in found.sampled if each.reason and each.reason not in by_name)
    rows += [(f"{count} of {tried} read", reason, first[reason]) for reason, count in counts.most_common(MOST_NAMED)]
    return rows


def _classes(found: Glance, config: Config) -> Fact:
    layout = found.plan.layout
    counts = _counts(found)
    lines = [", ".join(f"{name} {counts[code]:,}" for code, name in enumerate(layout.classes))]
    if (where := layout.said.get("read_from", "folders")) != "folders":
        what = where if where.startswith("paths") else f"a table of labels: {where}"
        lines.append(f"read from {what} (dataset.labels)")
    elif level := _level(found):
        lines.append(f"read from the folder names: {level}")
    lines.append(positive_class(layout.classes, config.dataset.positive).in_words())
    return Fact("classes", lines)


def _counts(found: Glance) -> Counter[int]:
    """Return pictures by name, by class code; those that have none under NO_CLASS."""
    plan = found.plan
    return Counter(
        label for member, label in zip(plan.members, plan.layout.label.tolist(), strict=True) if may_be_picture(member)
    )


def _level(found: Glance) -> str:
    """Return which folder of the path is the class, with an example in which it is bracketed; "" where none is."""
    places: Counter[int] = Counter()
    example = ""
    for member, label in zip(found.plan.members, found.plan.layout.label.tolist(), strict=True):
        if label == NO_CLASS or not may_be_picture(member):
            continue
        folders = member.split("/")[:-1]
        name = found.plan.layout.classes[label]
        at = next((place for place in reversed(range(len(folders))) if folders[place] == name), None)
        if at is not None:
            places[at] += 1
            example = example or "/".join([*folders[:at], f"[{name}]", *member.split("/")[at + 1 :]])
    if not places:
        return ""
    levels = " or ".join(str(at + 1) for at, _ in sorted(places.items())[:4])
    return f"level {levels} of the path, as in {example}"


def _split(found: Glance, config: Config) -> Fact:
    layout, shares = found.plan.layout, config.split
    if not layout.is_split:
        why = " (dataset.given_split=ignore)" if config.dataset.given_split == "ignore" else ", found none in the data"
        return Fact("split", [f"cut anew{why}: train {shares.train:.0%}, val {shares.val:.0%}, test {shares.test:.0%}"])
    table = np.zeros((len(layout.classes), len(SPLITS)), int)
    used = (layout.label != NO_CLASS) & (layout.given >= 0)
    used &= np.array([may_be_picture(member) for member in found.plan.members], bool)
    np.add.at(table, (layout.label[used], layout.given[used]), 1)
    parts = [place for place in range(len(SPLITS)) if table[:, place].any()]
    told = ", ".join(f"{SPLITS[place]} {table[:, place].sum():,}" for place in parts)
    absent = [name for place, name in enumerate(SPLITS) if place not in parts]
    lines = [f"given by the data, and kept: {told}"]
    if absent:
        lines.append(f"there is no {' and no '.join(absent)}: it is cut from train")
    rows = [[name, *(f"{table[code, place]:,}" for place in parts)] for code, name in enumerate(layout.classes)]
    return Fact("split", lines, ["class", *(SPLITS[place] for place in parts)], rows)


def _patients(found: Glance, config: Config) -> Fact:
    plan = found.plan
    ids, where = _ids(found)
    if ids:
        known = sum(bool(each) for each in ids)
        lines = [f"{len(set(ids) - {''}):,} patients, {where}; none is in two parts of a new split"]
        if known < len(ids):
            lines.append(f"{len(ids) - known:,} of {len(ids):,} files have none: look-alikes are kept together there")
        return Fact("patients", lines)
    named = [each.found for each in found.sampled if each.found.patient]
    if named:
        count = len({each.patient for each in named})
        return Fact("patients", [f"DICOM headers name them: {count} in {len(named)} of the files that were read"])
    if any(each.found.study for each in found.sampled):
        return Fact("patients", ["not known, DICOM headers name studies: these are kept together"])
    lines = ["not known: pictures that look alike are kept together, and reports say split_unit=image"]
    if hint := plan.layout.said.get("patients_hint"):
        lines.append(f"{hint['pictures']} pictures seem to be named after {hint['groups']} patients: {hint['line']}")
    elif not plan.patient_in_path:
        lines.append(
            "where a part of the path names the patient, a regular expression in dataset.group_pattern says so"
        )
    return Fact("patients", lines)


def _ids(found: Glance) -> tuple[list[str], str]:
    """Return the patient of each member that has a class, "" for none, and where that comes from; [] for nowhere."""
    plan = found.plan
    places = [place for place, label in enumerate(plan.layout.label.tolist()) if label != NO_CLASS]
    if plan.patient_in_path:
        names = [part_of(plan.patient_in_path, "group", plan.members[place]) for place in places]
        return names, "by dataset.group_pattern"
    if any(plan.layout.patient):
        return [plan.layout.patient[place] for place in places], "by folders or a table of the data"
    return [], ""


def _too_little(found: Glance, config: Config) -> list[str]:
    """Return what parts of the split have, or would have by their shares, too few of; patients where all have one."""
    layout, (ids, _) = found.plan.layout, _ids(found)
    word = "patients" if ids and all(ids) else "pictures"
    rows = np.flatnonzero(layout.label != NO_CLASS)
    if word == "pictures":
        rows = np.array([row for row in rows.tolist() if may_be_picture(found.plan.members[row])], int)
        ids = [str(row) for row in rows.tolist()]
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
    return told if len(told) <= MOST_NAMED else [*told[:MOST_NAMED], f"and {len(told) - MOST_NAMED} more"]


def _sources(found: Glance) -> Fact:
    layout = found.plan.layout
    if len(set(layout.source)) < 2:
        return Fact("sources", [])
    counts = Counter(
        (source, label) for source, label in zip(layout.source, layout.label.tolist(), strict=True) if label != NO_CLASS
    )
    names = sorted({source for source, _ in counts}, key=lambda name: (-sum(_of(counts, name).values()), name))
    where = layout.said.get("sources_at", "above")
    told = _short([name or "(none)" for name in names])
    lines = [f"{sum(map(bool, names))} folders {where} the classes; whether they tell the class is audited: {told}"]
    rows = [
        [name or "none", *(f"{counts[name, code]:,}" for code in range(len(layout.classes)))]
        for name in names[:MOST_NAMED]
    ]
    return Fact("sources", lines, ["source", *layout.classes], rows)


def _of(counts: Mapping[tuple[str, int], int], name: str) -> dict[int, int]:
    return {label: count for (source, label), count in counts.items() if source == name}


def _pictures(found: Glance) -> Fact:
    read = [each for each in found.sampled if each.found.format]
    if not read:
        return Fact("pictures", [])
    layout = found.plan.layout
    kinds = Counter(kind_of(each.found) for each in read)
    lines = [f"{len(read):,} were read: " + _short([f"{kind} ({count})" for kind, count in kinds.most_common()])]
    sizes = sorted((each.found.width, each.found.height) for each in read)
    middle = sizes[len(sizes) // 2]
    smallest, largest = sizes[0], sizes[-1]
    if smallest == largest:
        lines.append(f"all of {smallest[0]} x {smallest[1]} pixels")
    else:
        lines.append(
            f"sizes from {smallest[0]} x {smallest[1]} to {largest[0]} x {largest[1]} pixels, the middle one "
            f"{middle[0]} x {middle[1]}"
        )
    if several := sum(each.found.frames > 1 for each in read):
        lines.append(f"{several} are pages or frames of files of several (dataset.frames={found.plan.frames})")
    lines += [f"grey scale, {key}: {words}" for key, words in found.choice.decided.items()]
    if any(each.found.polarity_corrected for each in read):
        count = sum(each.found.polarity_corrected for each in read)
        lines.append(f"{count} DICOM headers call a picture a negative (MONOCHROME1) that is none; it is not inverted")
    if len(kinds) < 2:
        return Fact("pictures", lines)
    by_class = Counter((kind_of(each.found), each.label) for each in read)
    rows = [
        [kind, *(str(by_class[kind, code]) for code in range(len(layout.classes)))]
        for kind, _ in kinds.most_common(MOST_NAMED)
    ]
    return Fact("pictures", lines, ["of those read", *layout.classes], rows)


def kind_of(found: Audit) -> str:
    """Return format, channels and scale of a picture in words."""
    channels = {1: "grey", 3: "colour", 4: "colour and alpha", 2: "grey and alpha"}
    turned = ", inverted" if found.grey and found.grey.inverted == "yes" else ""
    return f"{found.format} {found.scale} {channels.get(found.channels, f'{found.channels} channels')}{turned}"


def _inferred(found: Glance) -> Fact:
    """Return what else was inferred, in the words of `Layout.said`; its counts of classes and sources stand above."""
    said = {key: value for key, value in found.plan.layout.said.items() if value and key not in _SAID_ELSEWHERE}
    counts = {key: count for key, count in sorted(found.plan.notes.items()) if count and key not in _SAID_ELSEWHERE}
    return Fact("inferred", [f"{key.replace('_', ' ')}: {_words(value)}" for key, value in (said | counts).items()])


def _words(value: Any) -> str:
    """Return what `Layout.said` holds, lists and mappings of any depth, in a line."""
    if isinstance(value, Mapping):
        # Of what is ours in `Layout.said` the keys are words, and a count of 0 is no news; other keys are names.
        parts = {_OUR_KEYS.get(key, key): each for key, each in value.items() if each or key not in _OUR_KEYS}
        return _short([f"{key} {_words(each)}" for key, each in parts.items()])
    if isinstance(value, list | tuple | set):
        return _short([_words(each) for each in value])
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _short(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
