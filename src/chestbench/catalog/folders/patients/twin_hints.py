"""Files of one name in folders of several times, phases, windows or views: baseline/pt00.png, follow-up/pt00.png."""

import re
from collections.abc import Sequence

from chestbench.catalog.folders.words.moment_words import is_moment

# So large a share of the pictures in such folders, and of all pictures, has a twin in another.
_OF_FOLDERS, _OF_ALL = 0.5, 1 / 3
_MOST_FOLDERS, _FEWEST_NUMBERED = 12, 3


def twin_pattern(members: Sequence[str]) -> str:
    """Return a pattern whose part `group` is the path below such a folder without the ending; "" for no twins.

    Args:
        members: paths of the pictures, with forward slashes.

    Example:
        >>> twin_pattern(["baseline/a/1.png", "baseline/a/2.png", "follow-up/a/1.png", "follow-up/a/2.png"])
        '(?:^|/)(?:baseline|follow-up)/(?P<group>.+)\\\\.[^./]+$'
    """
    folders_of: dict[tuple[str, str], set[str]] = {}
    keys: list[tuple[str, str]] = []
    for member in members:
        *folders, file = member.split("/")
        at = next((place for place, name in enumerate(folders) if is_moment(name)), None)
        if at is not None:
            stem = file.rpartition(".")[0] or file
            keys.append(("/".join(folders[:at]), "/".join([*folders[at + 1 :], stem])))
            folders_of.setdefault(keys[-1], set()).add(folders[at])
    names = set().union(*folders_of.values())
    twins = sum(len(folders_of[key]) > 1 for key in keys)
    if not 2 <= len(names) <= _MOST_FOLDERS or twins < max(2, _OF_FOLDERS * len(keys), _OF_ALL * len(members)):
        return ""
    choices = "|".join(re.sub(r"([.+*?()\[\]{}^$|\\])", r"\\\1", name) for name in sorted(names))
    # Files in numbered folders ("week 0/case_001/a.png") are of one person each folder.
    homes = {below.rpartition("/")[0].rpartition("/")[2] for _, below in keys}
    numbered = [home for home in homes if any(map(str.isdigit, home))]
    behind = r"/[^/]+$" if len(numbered) >= _FEWEST_NUMBERED and 2 * len(numbered) > len(homes) else r"\.[^./]+$"
    return rf"(?:^|/)(?:{choices})/(?P<group>.+){behind}"
