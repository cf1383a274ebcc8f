"""Ids of patients in files' names: behind a word that means a person, or at the head, before the last number."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence, Set

from chestbench.catalog.folders.words.augmented_words import roboflow_stem, stem_of
from chestbench.catalog.folders.words.finding_words import is_finding_word
from chestbench.catalog.folders.words.kind_words import IMAGE_WORDS
from chestbench.catalog.folders.words.roles import is_date
from chestbench.catalog.folders.words.split_vocabulary import split_word
from chestbench.catalog.folders.words.words import words_of

# A word that means a person, and its number: person12_virus.jpeg, patient-003_2.png, "Subject 7 a.png", PID0042.png.
_WORDS = ("patient", "person", "subject", "subj", "pid")
_LEAST_SHARE = 1 / 3
_FEWEST = 3
_TOKEN = re.compile(r"[^\W_]+")
# "S0012a" and "S0012b" are of one patient.
_GLUED = re.compile(r"(?P<head>.*\d)[A-Za-z]")
# What is counted inside one patient: it ends the id.
_LISTED = (
    "ses session run series ser se study st slice slices sl frame view day visit scan acq time t stack image images "
    "img im pic photo page left right l r pa ap lat axial coronal sagittal copy version final part aug crop flip rot "
    "rotated jpg jpeg png dcm"
)
_DETAILS = frozenset(_LISTED.split())
# A sex and an age below 120.
_SEX_AND_AGE = re.compile(
    r"(?P<sex>[fmw]|male|female)?[ _-]?(age)?(0?\d{1,2}|1[01]\d)(y|yr|yo|years)?[ _-]?(?P<behind>[fmw]|male|female)?"
)
# What cameras and screens write before the time of a picture.
_CAMERAS = frozenset(["whatsapp", "screenshot", "screen", "captura", "capture", "bildschirmfoto", "snapshot"])


def word_ids(members: Sequence[str]) -> dict[str, str]:
    """Return path -> "patient-003" and the like in its name, by the word that most names have, a third or more."""
    best: dict[str, str] = {}
    for word in _WORDS:
        pattern = re.compile(rf"(?<![A-Za-z])(?P<group>{word}[ _-]?\d+)(?=[^/]*$)", re.IGNORECASE)
        found = {member: match["group"] for member in members if (match := pattern.search(member))}
        groups = len(set(found.values()))
        if len(found) >= max(2, _LEAST_SHARE * len(members)) and 1 < groups < len(found) and len(found) > len(best):
            best = found
    return best


def head_ids(members: Sequence[str], codes: Sequence[int], classes: Collection[str]) -> dict[str, str]:
    """Return path -> what its file's name begins with, up to the last number, where that comes back for several.

    Words of classes and splits before it are left off: "covid_P12_3.png" and "normal_P12_1.png" are one patient's.

    Args:
        members: N paths.
        codes: N class codes.
        classes: names of classes.

    Example:
        >>> names = [f"a/IM-{person:04}-{n:04}.png" for person in range(1, 4) for n in range(2)]
        >>> sorted(set(head_ids(names, [0] * 6, "a").values()))
        ['IM-0001', 'IM-0002', 'IM-0003']
    """
    known = {word for name in classes for word in words_of(name)}
    heads = {member: _heads(member.rpartition("/")[2], known) for member in members}
    best: dict[str, str] = {}
    for cut in range(max(map(len, heads.values()), default=0)):
        found = {member: of[min(cut, len(of) - 1)] for member, of in heads.items() if of}
        if len(set(found.values())) < _FEWEST or _is_much_coarser(members, codes, found, best):
            break
        if _comes_back(members, codes, found):
            best = found
    return {} if _are_sex_and_age(set(best.values())) else best


def _are_sex_and_age(heads: Set[str]) -> bool:
    """Tell "F_31" and "M_60", which many people share: both sexes, each with an age."""
    found = [_SEX_AND_AGE.fullmatch(head.casefold()) for head in heads]
    sexes = {(match["sex"] or match["behind"] or "-")[0] for match in found if match}
    return all(found) and "m" in sexes and bool(sexes & {"f", "w"})


def _is_much_coarser(
    members: Sequence[str], codes: Sequence[int], found: dict[str, str], finer: dict[str, str]
) -> bool:
    """Tell whether in some class a fourth as many are left, or fewer: hospitals or years rather than people."""
    counts = []
    for ids in (found, finer):
        pairs = {(code, ids[member]) for member, code in zip(members, codes, strict=True) if member in ids}
        counts.append(Counter(code for code, _ in pairs))
    return any(4 * counts[0][code] <= count for code, count in counts[1].items())


def _heads(name: str, known: Collection[str]) -> list[str]:
    """Return what may be an id at the head of a name, the longest first; each has a number, and more follows it."""
    stem = stem_of(name)
    stem = roboflow_stem(stem) or stem
    tokens = [(match.start(), match.end(), match[0]) for match in _TOKEN.finditer(stem)]
    while tokens and _says_class([token for _, _, token in tokens], known):
        is_covid = tokens[0][2].lower() == "covid" and len(tokens) > 1 and tokens[1][2] == "19"
        tokens = tokens[2:] if is_covid else tokens[1:]
    # "000_train" is no picture of one "000" that "000_test" is another of.
    while tokens and split_word(tokens[-1][2].lower()) is not None:
        tokens.pop()
    if not tokens or tokens[0][2].lower() in _CAMERAS:
        return []
    start = tokens[0][0]
    found: list[str] = []
    if glued := _GLUED.fullmatch(stem[start:]):
        found.append(glued["head"])
    for place in range(len(tokens) - 1, 0, -1):
        before = tokens[:place]
        while len(before) > 1 and _is_detail(before[-1][2]):
            before = before[:-1]
        while len(before) > 2 and before[-1][2].isdigit() and _is_detail(before[-2][2]):
            before = before[:-2]
        # An id ends before a number, or is all but the last word.
        if not (any(map(str.isdigit, tokens[place][2])) or place == len(tokens) - 1):
            continue
        head = stem[start : before[-1][1]]
        if any(map(str.isdigit, head)) and not _is_time(token for _, _, token in before) and head not in found:
            found.append(head)
    return found


def _says_class(tokens: Sequence[str], known: Collection[str]) -> bool:
    """Tell whether the first word is a class's, a finding's or a split's; with a number only where two more follow."""
    words = words_of(tokens[0])
    letters = [word for word in words if not word.isdigit()]
    numbers = sum(any(map(str.isdigit, token)) for token in tokens[1:])
    return (
        bool(letters)
        and all(
            is_finding_word(word) or split_word(word) is not None or (word in known and letters == [*words])
            for word in letters
        )
        and (letters == [*words] or numbers > 1)
    )


def _is_time(tokens: Iterable[str]) -> bool:
    """Tell whether the only numbers of a head are a date."""
    numbers = [token for token in tokens if any(map(str.isdigit, token))]
    return bool(numbers) and is_date("-".join(numbers))


def _is_detail(token: str) -> bool:
    """Tell a word that counts inside one patient ("ses", "slice", "virus"), or it with its number ("ses02")."""
    letters = [word for word in words_of(token) if not word.isdigit()]
    return bool(letters) and all(word in _DETAILS or word in IMAGE_WORDS or is_finding_word(word) for word in letters)


def _comes_back(members: Sequence[str], codes: Sequence[int], found: dict[str, str]) -> bool:
    """Tell whether enough heads are of several pictures of one class each."""
    pairs = Counter((code, found[member]) for member, code in zip(members, codes, strict=True) if member in found)
    again = sum(count for count in pairs.values() if count > 1)
    return len(found) >= max(2, _LEAST_SHARE * len(members)) and 5 * again >= len(found) and len(pairs) > 1
