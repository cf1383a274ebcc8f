"""Found names of classes become wanted ones: dataset.class_names, for folders, patterns and tables alike."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

import numpy as np

from chestbench.catalog.folders.words.wording import listed
from chestbench.catalog.layout import NO_CLASS
from chestbench.catalog.override import value_line
from chestbench.core.errors import ChestbenchError
from chestbench.core.label_config import can_name_a_folder, folded

_MOST_SUGGESTED = 20


def rename_classes(
    names: list[str],
    label: np.ndarray,
    class_names: Mapping[str, str] | None,
    classes: list[str] | None = None,
    where: str = "the folders",
) -> tuple[list[str], np.ndarray]:
    """Give classes their wanted names; those that get the same name become one.

    Args:
        names: C found names.
        label: int32 (N,), index into `names`, or NO_CLASS.
        class_names: found -> wanted; None: names stay.
        classes: dataset.classes, wanted names in their order; None: by name.
        where: what the names were found in, for messages.

    Returns:
        The wanted names, and int32 (N,), index into them, or NO_CLASS.

    Raises:
        ChestbenchError: see `wanted_names`.

    Example:
        >>> label = np.array([0, 1, 2, -1], np.int32)
        >>> rename_classes(["NORMAL", "Viral", "healthy"], label, {"NORMAL": "normal", "healthy": "normal"})
        (['Viral', 'normal'], array([ 1,  0,  1, -1], dtype=int32))
    """
    wanted = wanted_names(names, class_names, where)
    chosen = [name for name in classes or sorted(set(wanted.values())) if name in wanted.values()]
    code = {name: place for place, name in enumerate(chosen)}
    table = np.array([*(code.get(wanted[name], NO_CLASS) for name in names), NO_CLASS], np.int32)
    return chosen, table[label]


def wanted_names(found: Iterable[str], class_names: Mapping[str, str] | None, where: str) -> dict[str, str]:
    """Return found name -> wanted name; those that the mapping leaves out keep theirs.

    Raises:
        ChestbenchError: a name of the mapping was not found, or two classes would differ in case or blanks only.
    """
    found = list(dict.fromkeys(found))
    mapping = class_names or {}
    missing = [name for name in mapping if name not in found]
    if missing:
        hints = [f"did you mean {near!r}?" for name in missing if (near := _near(name, found))]
        raise ChestbenchError(
            f"dataset.class_names: expected names that are found in {where}, found no {listed(missing)}; there are "
            f"{listed(sorted(found))}; {' '.join(hints) or 'correct the mapping'}"
        )
    wanted = {name: mapping.get(name, name) for name in found}
    spelled: dict[str, list[str]] = {}
    for name in sorted(set(wanted.values())):
        spelled.setdefault(folded(name), []).append(name)
    alike = [names for names in spelled.values() if len(names) > 1]
    if alike:
        one = {name: names[0] for names in alike for name in found if wanted[name] in names[1:]}
        raise ChestbenchError(
            f"classes: expected names that differ in more than case and blanks, found {listed(alike[0])} in {where}; "
            f"say that they are one with {value_line('dataset.class_names', {**mapping, **one})}, or rename one"
        )
    return wanted


def found_names(
    classes: list[str] | None, class_names: Mapping[str, str] | None, present: Iterable[str]
) -> list[str] | None:
    """Return which found names the chosen classes have, in the order of the classes; None for None.

    Args:
        classes: dataset.classes, wanted names.
        class_names: found -> wanted, or None.
        present: names that occur, such as all folders: a class may also be found under its wanted name.
    """
    if classes is None or class_names is None:
        return classes
    here = set(present)
    found: list[str] = []
    for name in classes:
        mapped = [key for key, wanted in class_names.items() if wanted == name]
        found += [*mapped, *([name] if name not in class_names and (name in here or not mapped) else [])]
    return found


def check_folder_names(names: Iterable[str], where: str, class_names: Mapping[str, str] | None) -> None:
    """Refuse classes that cannot name a folder.

    Raises:
        ChestbenchError: a name has a slash or a control character, or is too long; says the mapping that helps.
    """
    names = list(names)
    bad = [name for name in names if not can_name_a_folder(name)]
    if bad:
        good = [name for name in names if can_name_a_folder(name)]
        mapping = {**(class_names or {}), **short_names(bad[:_MOST_SUGGESTED], good)}
        more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        raise ChestbenchError(
            f"dataset.labels: expected classes that can name a folder (no slash, no control character, at most "
            f"200 bytes), received {bad[0][:80]!r}{more} from {where}; give it a name with "
            f"{value_line('dataset.class_names', mapping)} (several found names may be one class), or choose others "
            "with dataset.classes"
        )


def short_names(names: Iterable[str], others: Iterable[str] = ()) -> dict[str, str]:
    """Return name -> name to suggest, for those that cannot name a folder: what stands after the last slash.

    Where two would be called the same, or like one of the others, the whole path stays: these are two classes.

    Example:
        >>> short_names(["Pneumonia/Viral", "No/Finding"], ["Other", "Finding"])
        {'Pneumonia/Viral': 'Viral', 'No/Finding': 'No Finding'}
    """
    names = list(dict.fromkeys(names))
    last = {name: next(reversed([*_usable_parts(name)]), "unnamed") for name in names}
    taken = Counter(map(folded, [*last.values(), *dict.fromkeys(others)]))
    return {
        name: short if taken[folded(short)] == 1 else (" ".join(_usable_parts(name)) or short)
        for name, short in last.items()
    }


def _usable_parts(name: str) -> Iterator[str]:
    parts = (part.strip() for part in re.split(r"[/\\\x00-\x1f\x7f]", name))
    return (part for part in parts if can_name_a_folder(part))


def _near(name: str, found: list[str]) -> str:
    alike = {folded(known): known for known in found}
    near = get_close_matches(folded(name), alike, n=1)
    return alike[near[0]] if near else ""
