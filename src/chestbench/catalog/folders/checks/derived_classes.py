"""Classes called after others with the same thing more: "covid_Wärmebild" and "normal_Wärmebild" beside both."""

import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping

from chestbench.catalog.folders.readings.reading import Place, Reading
from chestbench.catalog.folders.readings.reading_errors import or_joined, two_readings
from chestbench.catalog.folders.readings.reading_lines import counted
from chestbench.catalog.folders.splits.split_words import PartNames
from chestbench.catalog.folders.words.aside_words import NOT_WORDS
from chestbench.catalog.folders.words.rendition_words import is_drawn_word
from chestbench.catalog.folders.words.words import words_of
from chestbench.catalog.override import value_line
from chestbench.core.errors import ChestbenchError

# What may join the two, or end the name.
_JOINTS = " _-.,;:()[]{}+/–"


def check_derived_classes(folders: Mapping[str, int], reading: Reading, parts: PartNames) -> None:
    """Refuse classes that two others or more have beside them with one and the same thing more, whatever it is.

    These may be pictures made of theirs, so the same patients; or more pictures of theirs; or classes indeed. One such
    name alone is refused where the thing is a word of drawing ("effusion_marked").

    Raises:
        ChestbenchError: shows the three readings.
    """
    counts = reading.counts(folders)
    base_of = derived_names(counts)
    if not base_of:
        return
    joined = Counter({name: count for name, count in counts.items() if name not in base_of})
    what = "names of classes with the same thing more"
    if len(joined) == 1:
        joined = Counter({name: sum(counts.values()) for name in joined})
        raise or_joined(folders, reading, parts, joined, base_of, what)
    places = {
        folder: Place(None, -1, (*place.above, *place.below), ()) if place.label in base_of else place
        for folder, place in reading.places.items()
    }
    shown = str(two_readings(folders, [Reading(places, reading.why), reading], parts)).replace(
        "received 2:", "received 3:"
    )
    for name, base in base_of.items():
        joined[base] += counts[name]
    lines = [f"reading C: {counted(joined)}", f"  choose it with {value_line('dataset.class_names', base_of)}"]
    raise ChestbenchError("\n".join([shown, *lines]))


def derived_names(names: Collection[str]) -> dict[str, str]:
    """Return name -> the name it is called after, of names that say the same more than others do.

    Example:
        >>> derived_names(["covid", "normal", "covid_map", "normal_map", "covid severe"])
        {'covid_map': 'covid', 'normal_map': 'normal'}
    """
    found: dict[str, str] = {}
    for (_, more), bases in _bases_of(names).items():
        is_drawn = any(map(is_drawn_word, words_of(more)))
        if len(set(bases.values())) > 1 or is_drawn:
            found |= bases
    return {name: base for name, base in sorted(found.items()) if base not in found}


def called_after(names: Collection[str]) -> dict[str, str]:
    """Return name -> the longest name that it is another's and something more of, whatever the others are called."""
    found: dict[str, str] = {}
    for bases in _bases_of(names).values():
        for name, base in bases.items():
            found[name] = max(found.get(name, base), base, key=len)
    return found


def _bases_of(names: Collection[str]) -> dict[tuple[str, str], dict[str, str]]:
    """Return (where, what names have more than others) -> {name: the other}."""
    folded = {name: unicodedata.normalize("NFKC", name).casefold() for name in sorted(names)}
    bases_of: dict[tuple[str, str], dict[str, str]] = {}
    for name, text in folded.items():
        for base, start in folded.items():
            if base == name or len(start) >= len(text):
                continue
            for where, more in (("behind", text.removeprefix(start)), ("before", text.removesuffix(start))):
                if more != text and (words := more.strip(_JOINTS)) and not _says_nothing(words):
                    bases_of.setdefault((where, words), {})[name] = base
    return bases_of


def _says_nothing(more: str) -> bool:
    """Tell a number, a letter, and a denial ("no covid" beside "no tb"), which make other classes."""
    words = words_of(more)
    return (
        not words
        or all(word.isdigit() or (len(word) == 1 and word.isascii()) for word in words)
        or all(word in NOT_WORDS for word in words)
    )
