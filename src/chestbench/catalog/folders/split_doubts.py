"""Folders of a split that a person would ask about: two of one part, one part alone, codes of places that are words."""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from chestbench.catalog.folders.derived import is_derived
from chestbench.catalog.folders.kind_words import IMAGE_WORDS
from chestbench.catalog.folders.roles import Role, role_of
from chestbench.catalog.folders.split_vocabulary import split_tokens, split_word
from chestbench.catalog.folders.split_words import PARTS, PartNames
from chestbench.catalog.folders.words import words_of
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


def codes_among_places(folders: Iterable[str], parts: PartNames) -> dict[str, list[str]]:
    """Return short capitals that are read as parts -> the like beside them that are none, with the same folders below.

    "VAL" beside "MAD" and "BCN" is Valencia.
    """
    below: dict[tuple[str, ...], dict[str, set[str]]] = {}
    homes: dict[str, set[tuple[str, ...]]] = {}
    for folder in folders:
        path = tuple(folder.split("/"))
        for level, name in enumerate(path):
            below.setdefault(path[:level], {}).setdefault(name, set()).update(path[level + 1 : level + 2])
            homes.setdefault(name, set()).add(path[:level])
    found: dict[str, list[str]] = {}
    for children in below.values():
        named = [name for name in children if parts.part.get(name, -1) >= 0]
        if not named or not all(map(_is_code, named)):
            continue
        held = set.union(*(children[name] for name in named))
        others = [name for name in children if name not in named and children[name] <= held | children[name]]
        # Below the classes they hold nothing, and lie in the same ones.
        at = set.intersection(*(homes[name] for name in named))
        alike = [
            name
            for name in others
            if _is_code(name) and (len(children[name] & held) > 1 or (not held and len(homes[name] & at) > 1))
        ]
        if alike and len(alike) == len(others):
            found |= dict.fromkeys(sorted(named), sorted(alike))
    return found


def _is_code(name: str) -> bool:
    return 2 <= len(name) <= 4 and name.isascii() and name.isalpha() and name.isupper() and name != "TEST"


def refuse_codes(codes: Mapping[str, Collection[str]], parts: PartNames, folders: Mapping[str, int]) -> None:
    """Refuse TR and TE beside MU: they may be train and test, or places as that is.

    Raises:
        ChestbenchError: shows both readings.
    """
    if not codes:
        return
    others = sorted({name for beside in codes.values() for name in beside})
    counts: Counter[str] = Counter()
    for folder, count in folders.items():
        counts.update({name: count for name in set(folder.split("/")) & {*codes, *others}})
    split = ", ".join(f"{PARTS[parts.part_of(name)]} {counts[name]:,} ({name!r})" for name in codes)
    shown = ", ".join(f"{name!r} ({counts[name]:,})" for name in others)
    patterns = [pattern for name in others for pattern in (f"{name}/*", f"*/{name}/*")]
    raise ChestbenchError(
        "\n".join(
            [
                f"given split: expected parts of a split or places, received short capitals that may be either, beside "
                f"{shown}:",
                f"reading A: {split}; {shown} left out",
                f"  choose it with {value_line('dataset.exclude', patterns)}",
                f"reading B: {', '.join(map(repr, codes))} are places as {shown} are, and all is split anew",
                "  choose it with -S dataset.given_split=ignore",
            ]
        )
    )
