"""Folders of a split that a person would ask about: two of one part, or one part alone."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from chestbench.catalog.folders.splits.split_words import PARTS, PartNames
from chestbench.catalog.folders.words.derived import is_derived
from chestbench.catalog.folders.words.kind_words import IMAGE_WORDS
from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.folders.words.split_vocabulary import split_tokens, split_word
from chestbench.catalog.folders.words.words import words_of
from chestbench.catalog.override import value_line
from chestbench.core.errors import ChestbenchError

logger = logging.getLogger(__name__)

_PLAIN = IMAGE_WORDS | {"set", "sets", "data", "dataset", "datasets", "folder", "files", "the", "for", "of"}
_NO_TEST = (Role.ASIDE, Role.ID, Role.MASK, Role.KIND)
_REST = {"other", "others", "rest"}


def warn_of_two_of_one_part(folders: Mapping[str, int], parts: PartNames) -> None:
    """Say that "train_old" beside "train" is train as well: it may be what that replaced, or a part of it.

    Args:
        folders: path of a folder -> pictures of a class directly in it.
        parts: which folders are parts of a split.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for folder, count in folders.items():
        names = folder.split("/")
        for level, name in enumerate(names):
            if parts.part_of(name) >= 0:
                counts["/".join(names[:level]), name] += count
    for (above, bare), count in sorted(counts.items()):
        if _more(bare):
            continue
        part = parts.part_of(bare)
        more = [name for (home, name) in counts if home == above and parts.part_of(name) == part and _more(name)]
        if more:
            logger.warning(
                "%r (%d) and %s are all read as %s: where one holds pictures of the other, or was replaced by it, "
                "leave it out, as with %s",
                bare,
                count,
                ", ".join(f"{name!r} ({counts[above, name]})" for name in sorted(more)),
                PARTS[part],
                value_line("dataset.exclude", [p for name in sorted(more) for p in (f"{name}/*", f"*/{name}/*")]),
            )


def warn_of_two_validations(folders: Mapping[str, int], parts: PartNames) -> None:
    """Say that "validation1" and "validation2" are both val, where nothing is called test: one of them may be it.

    Args:
        folders: path of a folder -> pictures of a class directly in it.
        parts: which folders are parts of a split.
    """
    if 2 in {*parts.part.values(), *(part for part, _ in parts.rest.values())} or parts.rest:
        return
    tops = _tops(folders, parts)
    vals = sorted(tops.get(1, {}))
    if len(vals) < 2 or len({path.rpartition("/")[0] for path in vals}) > 1:
        return
    lists = {"train": [f"{path}/*" for path in sorted(tops.get(0, {}))], "val": [f"{path}/*" for path in vals[:-1]]}
    logger.warning(
        "%s are all read as val, and nothing is called test, which is cut from train: if the last is the test, %s",
        " and ".join(f"{path.rpartition('/')[2]!r} ({tops[1][path]})" for path in vals),
        value_line("dataset.split_lists", lists | {"test": [f"{vals[-1]}/*"]}),
    )


def warn_of_held_out(folders: Mapping[str, int], parts: PartNames) -> None:
    """Say that a validation cohort is read as the test, and the line by which it is val.

    Args:
        folders: path of a folder -> pictures of a class directly in it.
        parts: which folders are parts of a split.
    """
    if not parts.held_out:
        return
    tops = _tops(folders, parts)
    lists = {name: [f"{path}/*" for path in sorted(tops.get(part, {}))] for part, name in ((0, "train"), (2, "val"))}
    logger.warning(
        "%s: read as the test, because nothing else is and a validation cohort is the one that was held out; if "
        "networks are to be chosen by it: %s",
        ", ".join(map(repr, parts.held_out)),
        value_line("dataset.split_lists", lists),
    )


def _tops(folders: Mapping[str, int], parts: PartNames) -> dict[int, dict[str, int]]:
    """Return part -> {path of the first folder that names it: pictures at or below it}."""
    tops: dict[int, dict[str, int]] = {}
    for folder, count in folders.items():
        names = folder.split("/")
        for level, name in enumerate(names):
            if (part := parts.part_of(name)) >= 0:
                of_part, path = tops.setdefault(part, {}), "/".join(names[: level + 1])
                of_part[path] = of_part.get(path, 0) + count
                break
    return tops


def _more(name: str) -> list[str]:
    """Return what a part's name says besides the part: "old" of "train_old", nothing of "test 2" and "training set"."""
    return [
        word
        for word in split_tokens(name)
        if split_word(word, weak=True) is None and not word.isdigit() and word not in _PLAIN
    ]


def refuse_part_beside_one(members: Sequence[str], label: np.ndarray, classes: Sequence[str], names: PartNames) -> None:
    """Refuse to split anew where train lies beside one other folder of all classes, which may be the test.

    Args:
        members: N paths of pictures.
        label: int (N,), class codes, -1 for none.
        classes: names.
        names: which folders are parts of a split; all are the same part.

    Raises:
        ChestbenchError: shows both readings.
    """
    rows = [(member, int(code)) for member, code in zip(members, label, strict=True) if code >= 0]
    held: dict[tuple[str, str], set[int]] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for member, code in rows:
        folders = member.split("/")[:-1]
        for level, name in enumerate(folders):
            key = "/".join(folders[:level]), name
            held.setdefault(key, set()).add(code)
            counts[key] += 1
    mine = [key for key in held if names.part_of(key[1]) >= 0]
    if len(mine) != 1 or names.part_of(mine[0][1]) != 0:
        return
    ((above, train),) = mine
    beside = [key for key in held if key[0] == above and key[1] != train]
    if len(beside) != 1 or len(held[beside[0]]) != len(classes) or not _may_be_test(beside[0][1]):
        return
    other = beside[0][1]
    start = f"{above}/" if above else ""
    mean, kept = f"{start}{other}/*", f"{start}{train}/*"
    count, total = counts[beside[0]], counts[mine[0]]
    raise ChestbenchError(
        "\n".join(
            [
                f"given split: expected a test folder beside {train!r} (train, {total:,} pictures), received {other!r} "
                f"({count:,} pictures of all classes), whose name says no part that is known:",
                f"reading A: train {total:,}, test {count:,}: {other!r} is the test",
                f"  choose it with {value_line('dataset.split_lists', {'train': [kept], 'test': [mean]})}",
                f"reading B: {other!r} is left out, and the pictures of {train!r} are split",
                f"  choose it with {value_line('dataset.exclude', [mean])}",
                f"reading C: all {len(rows):,} pictures are split anew",
                "  choose it with -S dataset.given_split=ignore",
            ]
        )
    )


def _may_be_test(name: str) -> bool:
    words = set(words_of(name))
    return role_of(name) not in _NO_TEST and not is_derived(name) and words.isdisjoint(_REST)
