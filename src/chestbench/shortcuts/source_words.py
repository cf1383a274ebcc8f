"""What is said where the folder above the class tells the class: how many there are of each, and what can be done."""

import re
from collections.abc import Mapping

MOST_NAMED = 6
_OTHERS = "others"


def sources_in_words(sources: Mapping[str, Mapping[str, int]]) -> str:
    """Return sentences that go on after the warning, "" without sources.

    Args:
        sources: source -> class -> images, "" for those of no folder or of rare ones.

    Example:
        >>> found = {"hospital_A": {"covid": 30, "normal": 4}, "hospital_B": {"covid": 2, "normal": 25}}
        >>> text = sources_in_words(found)
        >>> text.split(". ")[0]
        ' The folders are hospital_A (covid 30, normal 4), hospital_B (covid 2, normal 25)'
        >>> "dataset.exclude=['*hospital_B*'] trains without one" in text
        True
    """
    named = sorted((name for name in sources if name), key=lambda name: (-sum(sources[name].values()), name))
    if not named:
        return ""
    shown = [f"{name} ({_counts(sources[name])})" for name in named[:MOST_NAMED]]
    if len(named) > MOST_NAMED or "" in sources:
        rest = [sources[name] for name in sources if name not in named[:MOST_NAMED]]
        shown.append(f"{_OTHERS} ({_counts({label: sum(each[label] for each in rest) for label in rest[0]})})")
    smallest = named[-1]
    told = (
        f" The folders are {', '.join(shown)}. dataset.exclude=['*{smallest}*'] trains without one, and "
        f"evaluate.external=[{{name: {_plain(smallest)}, path: FOLDER/{smallest}}}] then tries the networks on it"
    )
    if len(named) > 2:
        told += f"; dataset.group_pattern='(?P<group>{'|'.join(map(_pattern, named))})' keeps each in one part"
    return told + "."


def _counts(images: Mapping[str, int]) -> str:
    return ", ".join(f"{label} {count}" for label, count in images.items())


def _plain(name: str) -> str:
    """Return a name that evaluate.external takes: small letters, digits and `_`."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "other"


def _pattern(name: str) -> str:
    return re.escape(name).replace(r"\-", "-").replace(r"\ ", " ")
