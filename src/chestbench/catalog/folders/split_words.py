"""Which folders are parts of a split: train, val and test in any usual spelling, alone or beside a class's name."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chestbench.catalog.folders.vocabulary import (
    FILLERS,
    IMAGE_WORDS,
    ORGANS,
    TRAIN,
    VAL,
    is_mask_name,
    split_word,
    words_of,
)
from chestbench.core.errors import ChestbenchError

PARTS = ("train", "val", "test")
_BESIDE = {word for word in FILLERS | IMAGE_WORDS | ORGANS if len(word) > 1} | {
    *("v", "x", "y", "external", "internal", "independent", "hidden", "blind", "blinded", "first", "second", "local")
}


@dataclass(frozen=True)
class PartNames:
    """What the names of a set's folders say of its split.

    Attributes:
        part: folder name -> TRAIN, VAL or TEST, of folders that are nothing but a part.
        rest: folder name -> (part, what is left of the name), of folders that name a part and a class ("test_covid").
        suspects: folder names that hold a split word beside others and are taken for neither.
    """

    part: dict[str, int] = field(default_factory=dict)
    rest: dict[str, tuple[int, str]] = field(default_factory=dict)
    suspects: frozenset[str] = frozenset()

    def of(self, folders: Iterable[str], shared: int = 0) -> int:
        """Return the part that a path's folders name, -1 for none.

        Args:
            folders: from the top.
            shared: how many of them every path of the set has; they tell nothing unless none of the others does.

        Raises:
            ChestbenchError: two folders of the path name different parts.
        """
        named = [(name, self.part_of(name)) for name in folders]
        found = {part for _, part in named[shared:] if part >= 0} or {part for _, part in named if part >= 0}
        if len(found) > 1:
            shown = "/".join(name for name, _ in named)
            raise ChestbenchError(
                f"data set: expected one part of the split above each picture, received {shown!r}, which names "
                f"{' and '.join(PARTS[part] for part in sorted(found))}; rename a folder, or set "
                "dataset.given_split=ignore"
            )
        return found.pop() if found else -1

    def part_of(self, name: str) -> int:
        """Return the part that one folder names, alone or beside a class; -1 for none."""
        if name in self.part:
            return self.part[name]
        return self.rest[name][0] if name in self.rest else -1


def read_part_names(folders: Iterable[str]) -> PartNames:
    """Find the parts of a split among the names of all folders of a set.

    A name is a part when nothing else stands in it but words that say nothing, numbers, and kinds of pictures:
    "training_set", "Test 2", "validation images", "train_val" (which is train). Short words (tr, ts) count where
    another part is there. "train_covid" is a part and a class where each such class is there in several parts.

    Example:
        >>> found = read_part_names(["Training Set", "test_data", "covid", "imagesTr"])
        >>> found.part
        {'Training Set': 0, 'imagesTr': 0, 'test_data': 2}
    """
    names = sorted(set(folders))
    plain = {name: part for name in names if (part := _whole(name, weak=False)) is not None}
    weak = {name: part for name in names if name not in plain and (part := _whole(name, weak=True)) is not None}
    if len({*plain.values(), *weak.values()}) > 1:
        plain |= weak
    compounds = {name: found for name in names if name not in plain and (found := _compound(name))}
    parts_of: dict[str, set[int]] = {}
    for part, rest in compounds.values():
        parts_of.setdefault(_key(rest), set()).add(part)
    accepted = {name: found for name, found in compounds.items() if len(parts_of[_key(found[1])]) > 1}
    return PartNames(dict(sorted(plain.items())), accepted, frozenset(compounds) - frozenset(accepted))


def _whole(name: str, weak: bool) -> int | None:
    if is_mask_name(name) and not any(word.startswith(("label", "mask")) for word in words_of(name)):
        return None
    parts = []
    for word in words_of(name):
        part = split_word(word, weak)
        if part is not None:
            parts.append(part)
        elif not (word.isdigit() or word in _BESIDE):
            return None
    found = set(parts)
    if found == {TRAIN, VAL}:  # "trainval", "train_val": what the network learns and chooses by
        return TRAIN
    return found.pop() if len(found) == 1 else None


def _compound(name: str) -> tuple[int, str] | None:
    """Return part and rest of a name such as "train_covid" or "COVID-Test"; None where it names none, or several."""
    words = words_of(name)
    places = [place for place, word in enumerate(words) if split_word(word) is not None]
    if len(places) != 1 or len(words) < 2 or is_mask_name(name):
        return None
    rest = [word for place, word in enumerate(words) if place != places[0]]
    part = split_word(words[places[0]])
    return (part, _without(name, words[places[0]]) or " ".join(rest)) if part is not None else None


def _without(name: str, word: str) -> str:
    """Cut a word out of a name, and what joins it."""
    at = name.lower().find(word)
    return (name[:at].rstrip(" _-.") + "_" + name[at + len(word) :].lstrip(" _-.")).strip(" _-.") if at >= 0 else ""


def _key(name: str) -> str:
    return " ".join(word for word in words_of(name) if word not in FILLERS) or name
