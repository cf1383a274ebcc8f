"""Classes in the pictures' own names: a pattern where nearly all begin or end in a few words that come back."""

import re
from collections import Counter
from collections.abc import Sequence

from chestbench.catalog.folders.split_vocabulary import split_word
from chestbench.catalog.override import value_line
from chestbench.catalog.tables.picture_index import stem_of

# From 2 to so many classes, each in so many pictures, together in nearly all.
_MOST_CLASSES, _FEWEST, _NEARLY = 12, 2, 0.95


def labels_in_names(pictures: Sequence[str]) -> list[str]:
    """Return lines for dataset.labels where nearly all names end, or begin, in a few words that come back.

    Words of a split before or behind them are left off, and are no classes: "train_covid_01.png", "01_covid_test.png".
    """
    stems = [stem_of(picture.rpartition("/")[2]) for picture in pictures]
    parts = sorted(
        {word for stem in stems for word in re.findall(r"[^\W\d_]+", stem) if split_word(word.lower()) is not None}
    )
    part = "|".join(map(re.escape, parts))
    # The label is the last word: after _, -, a blank or a dot; or the word that the name begins with.
    shapes = [
        (r"[_\-. ]([A-Za-z]+|\d)$", "[_. -](?P<label>{})\\.[^./]+$"),
        (r"^([A-Za-z]+)(?=[^A-Za-z])", "(?:^|/)(?P<label>{})[^A-Za-z/][^/]*$"),
    ]
    if parts:
        behind, before = rf"[_\-. ](?:{part})", rf"(?:{part})[\W\d_]+"
        shapes += [
            (rf"[_\-. ]([A-Za-z]+|\d){behind}$", f"[_. -](?P<label>{{}})[_. -](?:{part})\\.[^./]+$"),
            (rf"^{before}([A-Za-z]+)(?=[^A-Za-z]|$)", f"(?:^|/)(?:{part})[\\W\\d_]+(?P<label>{{}})[^A-Za-z/][^/]*$"),
        ]
    return [line for shape, pattern in shapes if (line := _line(stems, re.compile(shape), pattern))]


def _line(stems: Sequence[str], shape: re.Pattern[str], pattern: str) -> str:
    found = Counter(match[1] for stem in stems if (match := shape.search(stem)))
    common = {word: count for word, count in found.items() if count >= _FEWEST and split_word(word.lower()) is None}
    if not 2 <= len(common) <= _MOST_CLASSES or sum(common.values()) < _NEARLY * len(stems):
        return ""
    words = sorted(common)
    one = f"[{''.join(words)}]" if all(len(word) == 1 for word in words) else "|".join(words)
    shown = ", ".join(f"{word} {common[word]}" for word in words)
    return f"{value_line('dataset.labels', pattern.format(one))} ({shown}, by the pictures' names)"
