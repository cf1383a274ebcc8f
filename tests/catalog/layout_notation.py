"""How known layouts are written: trees of folders in short, with what a person would read in each.

A tree is written as paths between " | ": braces hold choices ("{train,test}") or numbers ("{1..5}"), "@9" at the end
says how many pictures lie in each folder (4 without), "*" in the last part makes it a file's name with a number.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """A layout and what is right.

    Attributes:
        tree: the folders.
        classes: names between ", "; "" where the run must stop.
        split: whether the tree brings a split.
        sources, patients, masks: the sources' names between ", ", the number of patients, of masks.
        stops: what the error must show, between " | ": the classes of each reading, or other words.
    """

    tree: str
    classes: str = ""
    split: bool = False
    sources: str = ""
    patients: int = 0
    masks: int = 0
    stops: str = ""


def members_of(tree: str) -> list[str]:
    """Return the files of a tree, sorted."""
    members = []
    for path in tree.split(" | "):
        path, _, count = path.partition(" @")
        for folder in expanded(path):
            name = folder if "*" in folder.rpartition("/")[2] else f"{folder}/*.png".lstrip("/")
            members += [name.replace("*", f"{number:03}") for number in range(1, int(count or 4) + 1)]
    return sorted(members)


def expanded(path: str) -> list[str]:
    """Return the paths that braces stand for."""
    start = path.find("{")
    if start < 0:
        return [path]
    choices, depth = [""], 0
    for end in range(start, len(path)):
        depth += (path[end] == "{") - (path[end] == "}")
        if depth == 0:
            break
        if path[end] == "," and depth == 1:
            choices.append("")
        elif end > start:
            choices[-1] += path[end]
    return [
        path[:start] + name + rest
        for choice in choices
        for numbered in _range(choice)
        for name in expanded(numbered)
        for rest in expanded(path[end + 1 :])
    ]


def _range(text: str) -> list[str]:
    found = re.fullmatch(r"(\d+)\.\.(\d+)", text)
    if not found:
        return [text]
    first, last = found.groups()
    return [str(number).zfill(len(first)) for number in range(int(first), int(last) + 1)]
