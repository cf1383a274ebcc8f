"""Short capitals that are words of a split, beside others that are none: "VAL" beside "MAD" and "BCN" is Valencia."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from chestbench.catalog.folders.splits.split_words import PARTS, PartNames
from chestbench.catalog.override import value_line
from chestbench.core.errors import ChestbenchError


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
