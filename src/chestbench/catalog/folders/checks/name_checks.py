"""Classes whose names differ in a number, a place or a copy only, or look like those of people."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import takewhile

from chestbench.catalog.folders.readings.candidates import MOST_CANDIDATES
from chestbench.catalog.folders.readings.reading import Reading
from chestbench.catalog.folders.readings.reading_errors import EXPECTED, NoClassesError, or_joined
from chestbench.catalog.folders.readings.reading_lines import line_of
from chestbench.catalog.folders.splits.split_words import PartNames
from chestbench.catalog.folders.words.finding_words import is_ordinal
from chestbench.catalog.folders.words.kind_words import FILLERS, IMAGE_WORDS
from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.folders.words.unnamed import without_copy
from chestbench.catalog.folders.words.wording import listed
from chestbench.catalog.folders.words.words import words_of
from chestbench.core.errors import ChestbenchError

# From so many folders of so few pictures each on, names that mean nothing known are taken for people.
_MANY, _FEW = 10, 10


def check_numbers(folders: Mapping[str, int], reading: Reading, parts: PartNames) -> None:
    """Refuse classes that look like parts, places or people rather than classes.

    Raises:
        ChestbenchError: "COVID_1" and "COVID_2" beside others, or many folders of few pictures.
    """
    counts = reading.counts(folders)
    base_of = _bases(sorted(counts))
    bases = Counter(base_of.values())
    if 2 <= len(bases) < len(counts):
        joined: Counter[str] = Counter()
        for name, base in base_of.items():
            joined[base] += counts[name]
        wanted = {name: base for name, base in base_of.items() if name != base}
        raise or_joined(folders, reading, parts, joined, wanted, "names that differ in a number or a place only")
    if wanted := _crossed(sorted(counts)):
        joined = Counter[str]()
        for name, base in wanted.items():
            joined[base] += counts[name]
        raise or_joined(folders, reading, parts, joined, wanted, "names of a class and of something else each")
    shapes = {re.sub(r"\d+", "9", name) for name in counts}
    if len(shapes) == 1 and "9" in shapes.pop() and not all(is_ordinal(name) or name.isdigit() for name in counts):
        raise NoClassesError(
            f"data set: {EXPECTED}; received {len(counts)} folders that differ in a number only, as those of "
            f"patients or parts do: {listed(sorted(counts), 6)}; if they are the classes: "
            + (line_of(folders, reading, parts) if len(counts) <= MOST_CANDIDATES else "name them in dataset.classes")
        )
    if len(bases) == 1 < len(counts):  # "Covid" and "Covid (2)" alone: one class, downloaded twice
        one = next(iter(bases))
        wanted = {name: one for name in counts if name != one}
        what = "names that differ in a number or a place only"
        raise or_joined(folders, reading, parts, {one: sum(counts.values())}, wanted, what)
    is_known = any(role_of(name) is Role.FINDING for name in counts)
    mean = sum(counts.values()) / len(counts)
    if not is_known and len(counts) >= _MANY and mean < _FEW:
        raise ChestbenchError(
            f"data set: {EXPECTED}; received {len(counts)} folders of {mean:.1f} pictures each, which look like "
            f"patients or studies: {listed(sorted(counts), 6)}; name the classes with dataset.classes, or say where "
            "they stand with dataset.labels"
        )


def _crossed(names: Sequence[str]) -> dict[str, str]:
    """Return name -> class where each name is a finding and one of several other words: {covid,normal}_{Wuhan,Bern}."""
    for cut in (r"(.+)[ _.-]+([^ _.-]+)", r"([^ _.-]+)[ _.-]+(.+)"):
        pairs = [found.groups() for name in names if (found := re.fullmatch(cut, name))]
        first, second = {one for one, _ in pairs}, {other for _, other in pairs}
        if len(pairs) < len(names) or min(len(first), len(second)) < 2 or len(names) != len(first) * len(second):
            continue
        are_findings = [all(role_of(part) is Role.FINDING for part in parts) for parts in (first, second)]
        are_others = [all(role_of(part) is not Role.FINDING for part in parts) for parts in (first, second)]
        for at in (0, 1):
            if are_findings[at] and are_others[1 - at]:
                return {name: pair[at] for name, pair in zip(names, pairs, strict=True)}
    return {}


def _bases(names: Sequence[str]) -> dict[str, str]:
    """Return name -> what it is without a running number: a name that is there ("COVID" of "COVID (1)") or words."""
    base_of = {name: name if is_ordinal(name) else _base(name) for name in names}
    alike: dict[str, list[str]] = {}
    for name, base in base_of.items():
        alike.setdefault(base, []).append(name)
    for base, found in alike.items():
        start = re.sub(r"[\W\d_]+$", "", _shared_start(found))
        natural = [name for name in (*found, start) if " ".join(words_of(name)) == base]
        base_of |= dict.fromkeys(found, natural[0] if natural else base)
    return base_of


def _shared_start(names: Sequence[str]) -> str:
    return "".join(letters[0] for letters in takewhile(lambda each: len(set(each)) == 1, zip(*names, strict=False)))


def _base(name: str) -> str:
    """Return a name without running numbers, single letters and words that say nothing; "covid 19" keeps its number."""
    words, kept = words_of(without_copy(name)), []
    for before, word in zip(("", *words), words, strict=False):
        is_of_name = (before, word) in (("covid", "19"), ("cov", "2"), ("ncov", "2"))
        if is_of_name or (not word.isdigit() and not _says_nothing(word)):
            kept.append(word)
    sign = name[-1] if name.endswith(("+", "-")) else ""
    return " ".join(kept) + sign if kept else name


def _says_nothing(word: str) -> bool:
    return len(word) == 1 or word in FILLERS or word in IMAGE_WORDS or role_of(word) in (Role.CONTEXT, Role.ID)
