"""Words in the pictures' own names that may be their classes, as a line for dataset.labels with a pattern."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from chestbench.catalog.folders.words.finding_words import NEGATIONS, is_case_name, is_control_name
from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.folders.words.split_vocabulary import split_word
from chestbench.catalog.folders.words.words import words_of
from chestbench.catalog.override import value_line
from chestbench.catalog.tables.columns.picture_index import stem_of

# Classes in names: from 2 to so many, each in so many pictures, together in nearly all.
_MOST_CLASSES, _FEWEST, _NEARLY = 12, 2, 0.95
# A last digit that so many names have beside another one numbers their slices.
_SHARED = 0.2
# Left and right, male and female.
_SIDES = ({"l", "r"}, {"m", "f"})
_TOKEN = re.compile(r"[^_. \-]+")
_LAST, _FIRST = "[_. -](?P<label>{})\\.[^./]+$", "(?:^|/)(?P<label>{})[^A-Za-z/][^/]*$"
_BETWEEN = "(?:^|[/_. -])(?P<label>{})[_. -][^/]*$"


def lines_of_names(pictures: Sequence[str]) -> list[str]:
    """Return a pattern where nearly all names end, or begin, in a few words that come back, or hold one finding each.

    Where they do neither, a place between the same signs that holds few different words is one. Words of a split, of
    views and places are no classes, nor is what numbers the pictures of one name ("P1_TB_0.png", "P1_TB_1.png").

    Args:
        pictures: paths.

    Example:
        >>> for line in lines_of_names(["P01_TB_AP.png", "P02_TB_PA.png", "P03_NORMAL_AP.png", "P04_NORMAL_AP.png"]):
        ...     print(line)
        -S 'dataset.labels="(?:^|[/_. -])(?P<label>NORMAL|TB)[_. -][^/]*$"' (NORMAL 2, TB 2, by the pictures' names)
    """
    stems = [stem_of(picture.rpartition("/")[2]) for picture in pictures]
    shapes = (
        ([match[1] for stem in stems if (match := re.search(r"[_\-. ]([A-Za-z]+)$", stem))], _LAST),
        (_last_digits(stems), _LAST),
        ([match[1] for stem in stems if (match := re.match(r"([A-Za-z]+)(?=[^A-Za-z])", stem))], _FIRST),
        (_findings(stems), _BETWEEN),
    )
    lines: dict[str, str] = {}
    for found, pattern in shapes:
        if line := _line(found, pattern, pictures):
            lines.setdefault(line.rpartition(" (")[2], line)
    return list(lines.values()) or [line for line in _by_place(stems, pictures) if line][:1]


def _line(found: Iterable[str], pattern: str, pictures: Sequence[str]) -> str:
    """Return the line of words that come back, with what its pattern really finds; "" where they can be no classes."""
    common = {word for word, count in Counter(found).items() if count >= _FEWEST}
    if not 2 <= len(common) <= _MOST_CLASSES or not _may_be_classes(common):
        return ""
    # A word that another begins with comes after it.
    words = sorted(common, key=lambda word: (-len(word), word)) if pattern == _BETWEEN else sorted(common)
    one = f"[{''.join(words)}]" if all(len(word) == 1 for word in words) else "|".join(map(_escaped, words))
    text = pattern.replace("{}", one)
    matches = Counter(match["label"] for picture in pictures if (match := re.search(text, picture)))
    if matches.total() < _NEARLY * len(pictures) or len(matches) < 2:
        return ""
    shown = ", ".join(f"{word} {matches[word]}" for word in sorted(matches))
    return f"{value_line('dataset.labels', text)} ({shown}, by the pictures' names)"


def _escaped(word: str) -> str:
    return re.escape(word).replace("\\ ", " ").replace("\\-", "-")


def _may_be_classes(words: Iterable[str]) -> bool:
    """Tell whether words can be classes: none is a part of a split or a denial alone, not all are views or kinds."""
    words = [word.lower() for word in words]
    if set(words) & NEGATIONS or set(words) in _SIDES:
        return False
    if any(split_word(part, weak=True) is not None for word in words for part in words_of(word)):
        return False
    roles = [role_of(word) for word in words]
    # "img_1" beside "b_1": where one word says nothing but "picture", the other is how somebody else named theirs.
    is_noise = Role.KIND in roles and Role.FINDING not in roles
    return not is_noise and not all(role in (Role.CONTEXT, Role.KIND, Role.MASK, Role.ASIDE) for role in roles)


def _last_digits(stems: Sequence[str]) -> list[str]:
    """Return the digit that stands last, alone, in each name; none where many names differ in it only."""
    found = [match for stem in stems if (match := re.fullmatch(r"(.*)[_\-. ](\d)", stem))]
    return [match[2] for match in found] if _tells([match[1] for match in found]) else []


def _tells(rests: Sequence[str]) -> bool:
    """Tell whether what remains of names without a word tells most of them apart: the word numbers nothing."""
    return sum(count for count in Counter(rests).values() if count > 1) <= _SHARED * len(rests)


def _findings(stems: Sequence[str]) -> list[str]:
    """Return the finding of each name that holds one, with a word before it that denies it: "non_covid"."""
    names = [list(_TOKEN.finditer(stem)) for stem in stems]
    words = {token[0] for tokens in names for token in tokens if not token[0].isdigit()}
    findings = {word for word in words if role_of(word) is Role.FINDING}
    if all(map(is_control_name, findings)):
        findings |= {word for word in words if is_case_name(word)}
    found = []
    for stem, tokens in zip(stems, names, strict=True):
        places = [at for at, token in enumerate(tokens) if token[0] in findings]
        if len(places) == 1 and places[0] < len(tokens) - 1:
            at = places[0]
            is_denied = at > 0 and tokens[at - 1][0].lower() in NEGATIONS
            found.append(stem[tokens[at - is_denied].start() : tokens[at].end()])
    return found


def _by_place(stems: Sequence[str], pictures: Sequence[str]) -> Iterator[str]:
    """Yield a line for each place of names of one shape ("S12_A_PA") that holds few words."""
    names = [_TOKEN.findall(stem) for stem in stems]
    if len(set(map(len, names))) != 1:
        return
    for at in range(len(names[0])):
        found = [tokens[at] for tokens in names]
        is_number = any(len(word) > 1 and word.isdigit() for word in found)
        if not is_number and _tells(["_".join([*tokens[:at], *tokens[at + 1 :]]) for tokens in names]):
            before = f"(?:[^_. /-]+[_. -]){{{at}}}" if at else ""
            yield _line(found, f"(?:^|/){before}(?P<label>{{}})[_. -][^/]*$", pictures)
