"""A table that labels pictures which folders (or names) label already: how far they agree, and the line that takes it.

The classes that are in use stay in use; a table beside them is never taken unasked, and never passed over in silence.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chestbench.catalog.folders.words.finding_words import alike_key
from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.override import value_line
from chestbench.catalog.tables.columns.hot_columns import truth_of
from chestbench.catalog.tables.looks.class_readings import Reading
from chestbench.catalog.tables.words.column_words import key_of

# Labels in other words (0 and 1 for normal and covid) are the same labels where so many pictures agree, and where the
# others are at most such a part of those that the most frequent class alone would miss.
_AGREE, _OF_MISSED = 0.7, 0.5
# The same for a column whose name does not say that it holds a class: it may be anything that goes with the class.
_AGREE_UNNAMED, _OF_MISSED_UNNAMED = 0.8, 0.4
# What goes with the class in many sets without being one.
_CONTEXT = re.compile(
    r"hospital|site|cent(er|re|ro)|scanner|device|manufactur|vendor|source|origin|location|country|city|institut|machine"
    r"|model|modality|folder|dataset|year|date|url|licen|format|size|width|height|reader|doctor"
)
# Texts that say yes or no, which a column of any name may use for the class.
_YES_NO = re.compile(
    r"-1|0|1|y(es)?|no?|true|false|pos(itive)?|neg(ative)?|[+-]|oui|non|s[ií]|ja|nein|да|нет|예|아니오|是|否"
)
_FEWEST = 2


@dataclass(frozen=True)
class Compared:
    """How a table's labels stand to those in use.

    Attributes:
        text: a sentence.
        differ: pictures that they label differently; -1 where the table's labels are of another kind.
        is_by_name: whether the table uses the names of the classes; else most pictures say which is meant.
    """

    text: str
    differ: int
    is_by_name: bool = False


def compare(
    reading: Reading, classes: Sequence[str], label: np.ndarray, mapping: Mapping[str, str], used: str
) -> Compared | None:
    """Compare a table's labels with the classes in use; None where the columns say nothing of these classes.

    Args:
        reading: of the table.
        classes: names of the classes in use, by code.
        label: int32 (N,), class code of each picture that the reading's places count, or -1.
        mapping: dataset.class_names.
        used: what the classes were read from, such as "the folders".
    """
    said = {place: labels for place, labels in reading.said.items() if label[place] >= 0}
    if len(said) < _FEWEST:
        return None
    names = {label for labels in said.values() for label in labels}
    code_of = _by_name(names, classes, mapping)
    by_name = sum(any(name in code_of for name in labels) for labels in said.values())
    line = reading.candidate.line
    is_constant, is_by_name = not line, True
    if 2 * by_name < len(said) or (len(set(code_of.values())) < 2 and not is_constant):
        code_of = _by_majority(said, label, reading, classes)
        is_by_name = False
        line = _with_names(reading, code_of, classes)
    elif reading.candidate.separator:
        line = _with_classes(line, code_of)
    if not code_of:
        return _of_another_kind(reading, said, used)
    differ = [
        place for place, labels in sorted(said.items()) if label[place] not in {code_of.get(name) for name in labels}
    ]
    is_surely = is_by_name or reading.candidate.is_label
    verb = "labels" if is_surely else "seems to label"
    whole = f"{reading.table} {verb} these pictures too: by its {reading.column} it"
    of = f"{len(said):,}" if len(said) == int((label >= 0).sum()) else f"{len(said):,} that it names"
    if not differ:
        return Compared(f"{whole} agrees with {used} for all {of}", 0, is_by_name)
    first = differ[0]
    words = " and ".join(repr(name[:40]) for name in sorted(reading.said[first])) or "none"
    return Compared(
        f"{whole} agrees with {used} for {len(said) - len(differ):,} and differs for {len(differ):,} of {of} (such as "
        f"line {reading.line_of[first]}: {words} for a picture of {classes[label[first]]!r}); {used} are used"
        + (f"; {line} would use it instead" if line else ""),
        len(differ),
        is_by_name,
    )


def _by_name(names: set[str], classes: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """Return label -> class code where names are the same in some spelling."""
    code = {alike_key(name): place for place, name in enumerate(classes)}
    code |= {
        alike_key(found): code[alike_key(wanted)] for found, wanted in mapping.items() if alike_key(wanted) in code
    }
    return {name: code[alike_key(name)] for name in names if alike_key(name) in code}


def _by_majority(
    said: Mapping[int, frozenset[str]], label: np.ndarray, reading: Reading, classes: Sequence[str]
) -> dict[str, int]:
    """Return label -> the class of most of its pictures, where that tells the classes; {} where it does not."""
    candidate = reading.candidate
    names = Counter(next(iter(labels)) for labels in said.values() if len(labels) == 1)
    is_of_class = any(alike_key(column) in map(alike_key, classes) for column in candidate.columns)
    is_named = candidate.is_label or is_of_class
    is_yes_no = all(_YES_NO.fullmatch(name.casefold()) for name in names)
    is_context = any(_CONTEXT.search(key_of(column)) for column in candidate.columns)
    may_be_it = is_named or is_yes_no or (len(names) == len(classes) and not is_context)
    if not may_be_it or not 2 <= len(names) <= max(12, 2 * len(classes)):
        return {}
    table = {name: np.zeros(len(classes), np.int64) for name in names}
    for place, labels in said.items():
        if len(labels) == 1:
            table[next(iter(labels))][label[place]] += 1
    code_of = {name: int(counts.argmax()) for name, counts in table.items()}
    total = sum(names.values())
    agree = sum(int(counts.max()) for counts in table.values())
    most = int(np.sum(list(table.values()), axis=0).max())
    least, of_missed = (_AGREE, _OF_MISSED) if is_named else (_AGREE_UNNAMED, _OF_MISSED_UNNAMED)
    is_told = len(set(code_of.values())) > 1 and agree >= least * total
    return code_of if is_told and total - agree <= of_missed * (total - most) else {}


def _with_names(reading: Reading, code_of: Mapping[str, int], classes: Sequence[str]) -> str:
    """Return the line with the names that its codes have by most pictures: 0 for normal."""
    line = reading.candidate.line
    if all(map(truth_of, code_of)):  # how 0 and 1 were to be called by themselves
        line = line.partition(" -S 'dataset.class_names=")[0]
    if reading.candidate.is_hot or not code_of or "dataset.class_names" in line:
        return line
    return f"{line} {value_line('dataset.class_names', {name: classes[code_of[name]] for name in sorted(code_of)})}"


def _with_classes(line: str, code_of: Mapping[str, int]) -> str:
    """Return the line of a column of several labels a cell with the classes in use as its question."""
    names = {code: name for name, code in sorted(code_of.items(), reverse=True)}
    chosen = value_line("dataset.classes", [names[code] for code in sorted(names)])
    labels, _, _ = line.partition(" -S 'dataset.classes=")
    return f"{labels} {chosen}"


def _of_another_kind(reading: Reading, said: Mapping[int, frozenset[str]], used: str) -> Compared | None:
    names = {label for labels in said.values() for label in labels}
    is_context = any(_CONTEXT.search(key_of(column)) for column in reading.candidate.columns)
    are_findings = not is_context and len(names) > 1 and any(role_of(name) is Role.FINDING for name in names)
    if not reading.candidate.line or not (reading.candidate.is_label or are_findings):
        return None
    return Compared(
        f"{reading.table} labels {len(said):,} of these pictures too, with other classes than {used}: {reading.column}"
        f"{reading.candidate.shown}; {used} are used; {reading.candidate.line} would use it instead",
        -1,
    )
