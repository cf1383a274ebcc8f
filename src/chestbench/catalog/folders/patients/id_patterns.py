"""From ids that were found in paths to a regular expression that finds them again, made from their own shapes."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from chestbench.catalog.folders.words.finding_words import FINDINGS, KNOWN_WORDS

# So many shapes stand in a pattern; more are taken together.
_MOST_SHAPES = 5
# Unknown words of so many letters may be shown.
_SHORT = 3
_HEX = re.compile(r"(?=.*\d)(?=.*[a-f])[0-9a-f-]{6,}", re.IGNORECASE)
_RUN = re.compile(r"\d+|[^\W\d_]+|[\W_]+")


def pattern_of(members: Sequence[str], ids: Mapping[str, str]) -> str:
    """Return a pattern with a part `group`, which is the id; "" where none gives the same ids again.

    Tried in turn, from the names' own letters to where they stand: "PTc\\d+", "[A-Z]\\d+[a-z]\\d+", the n-th folder.

    Args:
        members: paths of all pictures.
        ids: path -> id, a folder's name or a part of the file's name at a word's beginning.
    """
    if not ids:
        return ""
    is_folder = all(f"/{found}/" in f"/{member}" for member, found in ids.items())
    for shape in (_literal, _by_case, _by_kind):
        shapes = Counter(map(shape, set(ids.values())))
        if len(shapes) > _MOST_SHAPES or (shape is _literal and not _tells_nobody(ids.values(), len(shapes))):
            continue
        # The longest first: an alternative that is the beginning of another would win.
        choices = "|".join(sorted(shapes, key=lambda text: (-len(text), text)))
        inner = choices if len(shapes) == 1 else f"(?:{choices})"
        for pattern in _anchored(inner, is_folder, _befores(ids)):
            if _gives(pattern, members, ids):
                return pattern
    if is_folder:
        levels = {f"/{member}".split(f"/{found}/")[0].count("/") for member, found in ids.items()}
        if len(levels) == 1 and _gives(pattern := f"^(?:[^/]+/){{{levels.pop()}}}(?P<group>[^/]+)/", members, ids):
            return pattern
    return ""


def _tells_nobody(ids: Iterable[str], shapes: int) -> bool:
    """Tell whether the letters of ids may be shown: short or known words, each of several ids; "Smith_J 1" may not."""
    names = set(ids)
    words = {run for name in names for run in _RUN.findall(name) if run[0].isalpha()}
    are_known = all(len(word) <= _SHORT or word.lower() in KNOWN_WORDS | FINDINGS for word in words)
    return are_known and 2 * shapes <= len(names)


def _anchored(inner: str, is_folder: bool, befores: set[str]) -> Iterable[str]:
    if is_folder:
        yield f"(?:^|/)(?P<group>{inner})/"
        return
    # What comes behind an id is no part of its last word or number.
    yield f"(?:^|/)(?P<group>{inner})(?![^\\W_])[^/]*$"
    yield f"(?:^|[^A-Za-z0-9])(?P<group>{inner})(?![^\\W_])[^/]*$"
    if len(befores) <= _MOST_SHAPES:
        before = "|".join(map(_plain, sorted(befores, key=lambda text: (-len(text), text))))
        yield f"(?:^|/)(?:{before})(?P<group>{inner})(?![^\\W_])[^/]*$"
    yield f"(?:^|/)(?P<group>{inner})(?!\\d)[^/]*$"


def _befores(ids: Mapping[str, str]) -> set[str]:
    """Return what stands before the ids in the files' names: "COVID-19_", "Normal_"."""
    return {member.rpartition("/")[2].partition(found)[0] for member, found in ids.items()}


def _plain(text: str) -> str:
    """Return a text for a pattern, escaped only where that is needed."""
    return re.sub(r"\\([- ])", r"\1", re.escape(text))


def _gives(pattern: str, members: Sequence[str], ids: Mapping[str, str]) -> bool:
    """Tell whether a pattern finds each id, and hardly anything else."""
    compiled = re.compile(pattern)
    others = 0
    for member in members:
        match = compiled.search(member)
        if member in ids:
            if match is None or match["group"] != ids[member]:
                return False
        elif match is not None:
            others += 1
    return others <= len(ids) // 20


def _shaped(letters: Callable[[str], str]) -> Callable[[str], str]:
    def shape(text: str) -> str:
        if _HEX.fullmatch(text):
            return "[0-9a-fA-F-]{6,}"
        runs = [match[0] for match in _RUN.finditer(text)]
        return "".join(r"\d+" if run.isdigit() else letters(run) if run[0].isalpha() else _plain(run) for run in runs)

    return shape


def _case(run: str) -> str:
    if not run.isascii():
        return r"[^\W\d_]+"
    many = "+" if len(run) > 1 else ""
    return f"[A-Z]{many}" if run.isupper() else f"[a-z]{many}" if run.islower() else "[A-Za-z]+"


_literal = _shaped(_plain)
_by_case = _shaped(_case)
_by_kind = _shaped(lambda _: r"[^\W\d_]+")
