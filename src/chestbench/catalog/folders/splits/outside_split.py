"""Folders that lie beside the train, val and test folders, or lists, of a set and are in none of these."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from chestbench.catalog.folders.splits.split_siblings import read_parts
from chestbench.catalog.folders.splits.split_words import PARTS
from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.folders.words.split_vocabulary import TEST
from chestbench.catalog.override import value_line
from chestbench.core.errors import ChestbenchError

logger = logging.getLogger(__name__)

_SHOWN = 12
_NO_FOLDER = "(no folder)"


def outside_split(
    members: Sequence[str], label: np.ndarray, given: np.ndarray, classes: Sequence[str]
) -> dict[str, int]:
    """Return folder -> pictures of a class that are in no part of the given split, and say each with what can be done.

    Args:
        members: N paths of pictures.
        label: int (N,), class codes, -1 for none.
        given: int8 (N,), 0 train, 1 val, 2 test, -1 for none.
        classes: names.

    Raises:
        ChestbenchError: no part is the test, and one folder beside the parts holds all classes and may be it.
    """
    outside = _outside(members, label, given)
    if not outside:
        return {}
    names = [name for name in outside if name != _NO_FOLDER and not name.endswith("(loose)")]
    if TEST not in given and (test := _may_be_test(names, members, label, classes)):
        raise _two_readings(test, outside[test], given, label, _with_test(test, members, given, classes))
    shown = ", ".join(f"{name!r} ({count})" for name, count in list(outside.items())[:_SHOWN])
    more = f" and {len(outside) - _SHOWN} more folders" if len(outside) > _SHOWN else ""
    total = sum(outside.values())
    patterns = [f"{name}/*" for name in names[:_SHOWN]]
    leave = (
        "if it is a part, give it a name that says which (train, val or test); "
        f"{value_line('dataset.exclude', patterns)} says that this is meant; "
        if patterns
        else ""
    )
    logger.warning(
        "%s in no part of the given split and left out: %s%s; %s-S dataset.given_split=ignore splits all pictures anew",
        "1 picture is" if total == 1 else f"{total:,} pictures are",
        shown,
        more,
        leave,
    )
    return outside


def _outside(members: Sequence[str], label: np.ndarray, given: np.ndarray) -> dict[str, int]:
    """Return the topmost folders without a picture of the split, the most pictures first."""
    folders = [member.rpartition("/")[0] for member in members]
    inside: set[str] = set()
    for folder in {folders[at] for at in np.flatnonzero(given >= 0).tolist()}:
        names = folder.split("/")
        inside.update("/".join(names[:level]) for level in range(len(names) + 1))
    counts = Counter(folders[at] for at in np.flatnonzero((given < 0) & (label >= 0)).tolist())
    found: Counter[str] = Counter()
    for folder, count in counts.items():
        found[_top(folder, inside)] += count
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _top(folder: str, inside: set[str]) -> str:
    names = folder.split("/") if folder else []
    for level in range(1, len(names) + 1):
        path = "/".join(names[:level])
        if path not in inside:
            is_number = role_of(names[level - 1]) is Role.ID
            return "/".join([*names[: level - 1], "(numbered folders)"]) if is_number else path
    return f"{folder}/ (loose)" if folder else _NO_FOLDER


def _may_be_test(names: Sequence[str], members: Sequence[str], label: np.ndarray, classes: Sequence[str]) -> str:
    """Return the one folder that lies beside parts, holds all classes and is not put aside; "" for none."""
    if len(names) != 1:
        return ""
    (name,) = names
    above, _, last = name.rpartition("/")
    start = f"{above}/" if above else ""
    folders = {member.rpartition("/")[0] for member in members}
    parts = read_parts(folders, set(classes))
    beside = {folder[len(start) :].split("/")[0] for folder in folders if folder.startswith(start)}
    codes = {int(code) for member, code in zip(members, label, strict=True) if member.startswith(f"{name}/")} - {-1}
    is_aside = role_of(last) in (Role.ASIDE, Role.ID, Role.MASK)
    return name if not is_aside and len(codes) == len(classes) and any(map(parts.part.__contains__, beside)) else ""


def _with_test(folder: str, members: Sequence[str], given: np.ndarray, classes: Sequence[str]) -> str:
    """Return how to choose that a folder is the test: the line, or words where the parts stand in no folders."""
    parts = read_parts({member.rpartition("/")[0] for member in members}, set(classes))
    lists: dict[str, set[str]] = {}
    for member, part in zip(members, given.tolist(), strict=True):
        if part >= 0:
            names = member.split("/")[:-1]
            level = next((at for at, name in enumerate(names) if parts.part_of(name) == part), None)
            if level is None:
                return "by giving the folder a name that says so (test)"
            lists.setdefault(PARTS[part], set()).add("/".join([*names[: level + 1], "*"]))
    found = {name: sorted(lists[name]) for name in PARTS if name in lists} | {"test": [f"{folder}/*"]}
    return f"with {value_line('dataset.split_lists', found)}"


def _two_readings(folder: str, count: int, given: np.ndarray, label: np.ndarray, how: str) -> ChestbenchError:
    used: Mapping[int, int] = Counter(given[(given >= 0) & (label >= 0)].tolist())
    parts = ", ".join(f"{PARTS[part]} {used[part]:,}" for part in sorted(used))
    return ChestbenchError(
        "\n".join(
            [
                f"given split: expected a test folder, received {parts} and a folder {folder!r} ({count:,} pictures of "
                "all classes), whose name says no part:",
                f"reading A: {parts}, test {count:,}: {folder!r} is the test",
                f"  choose it {how}",
                f"reading B: {parts}: {folder!r} is left out, and a test is cut from train",
                f"  choose it with {value_line('dataset.exclude', [f'{folder}/*'])}",
                f"reading C: all {sum(used.values()) + count:,} pictures are split anew",
                "  choose it with -S dataset.given_split=ignore",
            ]
        )
    )
