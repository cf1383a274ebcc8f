"""What a look found, in facts of a few words each: the same for the page and for the terminal."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from chestbench.catalog.glance import Glance
from chestbench.catalog.layout import NO_CLASS, may_be_picture
from chestbench.catalog.records import SPLITS
from chestbench.core.config import Config
from chestbench.core.positive import positive_class
from chestbench.reports.look_counts import Counts
from chestbench.reports.look_fact import Fact
from chestbench.reports.look_inferred import MOST_NAMED, sentences_of, short
from chestbench.reports.look_patients import crossing, ids_of
from chestbench.reports.look_pictures import pictures_fact


def facts_of(found: Glance, config: Config, used: Counts) -> list[Fact]:
    """Return what a person asks first: the classes, the split, the patients."""
    return [_classes(found, config, used), _split(found, config, used), _patients(found, config, used)]


def details_of(found: Glance, config: Config, used: Counts) -> list[Fact]:
    """Return the other facts, what matters most first."""
    facts = [
        _all_classes(found, used),
        _parts(found, used),
        _sources(found, used),
        pictures_fact(found),
        Fact("inferred", sentences_of(found, {"level", "split_words"} if _is_arrays(config) else set())),
    ]
    return [fact for fact in facts if fact.lines]


def _classes(found: Glance, config: Config, used: Counts) -> Fact:
    layout = found.plan.layout
    lines = [_counted(layout.classes, used.of_class)]
    if (where := layout.said.get("read_from", "folders")) != "folders":
        what = where if where.startswith("paths") else f"a table of labels: {where}"
        lines.append(f"read from {what} (dataset.labels)")
    elif _is_arrays(config):
        lines.append("read from the arrays of labels: their numbers, named with dataset.class_names")
    elif level := _level(found):
        lines.append(f"read from the folder names: {level}")
    lines.append(positive_class(layout.classes, config.dataset.positive).in_words())
    return Fact("classes", lines)


def _counted(classes: list[str], counts: list[int]) -> str:
    """Return the classes with their pictures; of many the first, and how many the others have (see `_all_classes`)."""
    told = ", ".join(f"{name} {count:,}" for name, count in zip(classes[:MOST_NAMED], counts, strict=False))
    rest = counts[MOST_NAMED:]
    return told + (f" and {len(rest)} more classes of {min(rest):,} to {max(rest):,} (all below)" if rest else "")


def _all_classes(found: Glance, used: Counts) -> Fact:
    names = found.plan.layout.classes
    if len(names) <= MOST_NAMED:
        return Fact("all", [])
    rows = [[name, f"{count:,}"] for name, count in zip(names, used.of_class, strict=True)]
    return Fact("all", [f"the {len(names)} classes"], ["class", "pictures"], rows)


def _is_arrays(config: Config) -> bool:
    """Tell whether the set is a file of arrays, which is read as folders that nobody has seen."""
    return (config.dataset.path or "").lower().endswith(".npz")


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


def _split(found: Glance, config: Config, used: Counts) -> Fact:
    layout, shares = found.plan.layout, config.split
    if not layout.is_split:
        why = " (dataset.given_split=ignore)" if config.dataset.given_split == "ignore" else ", found none in the data"
        return Fact("split", [f"cut anew{why}: train {shares.train:.0%}, val {shares.val:.0%}, test {shares.test:.0%}"])
    table = _table(found, used)
    told = ", ".join(
        f"{name} {count:,}" for name, count in zip(SPLITS, table.sum(axis=0).tolist(), strict=True) if count
    )
    absent = [name for name, count in zip(SPLITS, table.sum(axis=0).tolist(), strict=True) if not count]
    lines = [f"given by the data, and kept: {told}"]
    if absent:
        lines.append(f"there is no {' and no '.join(absent)}: it is cut from train")
    return Fact("split", lines)


def _table(found: Glance, used: Counts) -> np.ndarray:
    """Return pictures by class and part of the given split, int (C, 3)."""
    layout = found.plan.layout
    table = np.zeros((len(layout.classes), len(SPLITS)), int)
    rows = used.pictures > 0
    np.add.at(table, (layout.label[rows], layout.given[rows]), used.pictures[rows])
    return table


def _parts(found: Glance, used: Counts) -> Fact:
    layout = found.plan.layout
    if not layout.is_split:
        return Fact("parts", [])
    table = _table(found, used)
    parts = [place for place in range(len(SPLITS)) if table[:, place].any()]
    rows = [[name, *(f"{table[code, place]:,}" for place in parts)] for code, name in enumerate(layout.classes)]
    return Fact(
        "parts",
        ["pictures of each class in the parts of the given split"],
        ["class", *(SPLITS[place] for place in parts)],
        rows,
    )


def _patients(found: Glance, config: Config, used: Counts) -> Fact:
    plan = found.plan
    ids, where = ids_of(found, used)
    if ids:
        known = sum(bool(each) for each in ids)
        count, _ = crossing(found, used)
        apart = "none is in two parts of a new split"
        if plan.layout.is_split:
            apart = f"{count or 'none'} {'is' if count < 2 else 'are'} in two parts of the given split"
        lines = [f"{len(set(ids) - {''}):,} patients, {where}; {apart}"]
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
        people = f"{hint['pictures']} pictures seem to be named after {hint['groups']} patients"
        lines.append(f"{people}: {hint['line']}{hint.get('note', '')}")
    elif not plan.patient_in_path and not _is_arrays(config):
        lines.append("where a part of the path names the patient, dataset.group_pattern can say which")
    return Fact("patients", lines)


def _sources(found: Glance, used: Counts) -> Fact:
    layout = found.plan.layout
    if len(set(layout.source)) < 2:
        return Fact("sources", [])
    counts: Counter[tuple[str, int]] = Counter()
    for source, label, count in zip(layout.source, layout.label.tolist(), used.pictures.tolist(), strict=True):
        if count:
            counts[source, label] += count
    names = sorted({source for source, _ in counts}, key=lambda name: (-sum(_of(counts, name).values()), name))
    where = layout.said.get("sources_at", "above")
    told = short([name or "(none)" for name in names])
    lines = [f"{sum(map(bool, names))} folders {where} the classes; whether they tell the class is audited: {told}"]
    rows = [
        [name or "none", *(f"{counts[name, code]:,}" for code in range(len(layout.classes)))]
        for name in names[:MOST_NAMED]
    ]
    return Fact("sources", lines, ["source", *layout.classes], rows)


def _of(counts: Mapping[tuple[str, int], int], name: str) -> dict[int, int]:
    return {label: count for (source, label), count in counts.items() if source == name}
