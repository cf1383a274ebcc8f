"""The folders of a data set as a small tree with counts, such as `tree` draws: what a person sees first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

MOST_LINES, MOST_CHILDREN, DEEPEST = 40, 7, 5


@dataclass
class _Folder:
    files: int = 0
    total: int = 0  # with those of the folders below
    example: str = ""
    children: "dict[str, _Folder]" = field(default_factory=dict)


def draw_tree(members: Iterable[str], empty: Sequence[str] = (), most: int = MOST_LINES) -> list[str]:
    """Return the lines of a tree of folders, each with the number of files below it.

    A folder that holds one folder and no file is drawn in one line with it. Of many folders beside each other (one for
    each patient) the first are drawn; so are the levels nearest to the top.

    Args:
        members: names with forward slashes.
        empty: folders without files.
        most: lines, at least 3; what is beyond is counted.

    Example:
        >>> print("\\n".join(draw_tree(["ct/a/1.png", "ct/a/2.png", "ct/b/1.png", "ct/labels.csv"], ["ct/c"])))
        ct  4 files
        ├── a  2 files, 1.png
        ├── b  1 file, 1.png
        ├── c  empty
        └── 1 file, labels.csv
    """
    root = _Folder()
    for member in members:
        *folders, name = member.split("/")
        here = _at(root, folders, 1)
        here.files += 1
        here.example = min(here.example, name) if here.example else name
    for path in empty:
        _at(root, path.split("/"), 0)
    for depth in range(DEEPEST, 0, -1):
        for children in (MOST_CHILDREN, 4, 3):
            lines = list(_lines(root, depth, children))
            if len(lines) <= most:
                return lines
    return [*lines[: most - 1], f"... and {len(lines) - most + 1} more lines"]


def _at(folder: _Folder, path: Sequence[str], files: int) -> _Folder:
    folder.total += files
    for name in path:
        folder = folder.children.setdefault(name, _Folder())
        folder.total += files
    return folder


def _joined(name: str, folder: _Folder) -> tuple[str, _Folder]:
    """Return a folder together with the only one in it, and so on."""
    while not folder.files and len(folder.children) == 1:
        ((below, folder),) = folder.children.items()
        name = f"{name}/{below}" if name else below
    return name, folder


def _lines(folder: _Folder, depth: int, most: int, indent: str = "", is_top: bool = True) -> Iterator[str]:
    """Yield the lines of what lies in a folder."""
    if is_top:
        name, folder = _joined("", folder)
        yield f"{name or '.'}  {_count(folder.total)}"
    entries: list[tuple[str, _Folder | None]] = [
        (f"{name}  {_told(below)}", below)
        for name, below in (_joined(name, below) for name, below in sorted(folder.children.items())[:most])
    ]
    rest = sorted(folder.children.items())[most:]
    if len(rest) == 1:
        name, below = _joined(*rest[0])
        entries.append((f"{name}  {_told(below)}", below))
    elif rest:
        entries.append((f"... {len(rest)} more folders  {_count(sum(below.total for _, below in rest))}", None))
    if folder.files and (folder.children or is_top):
        entries.append((f"{_count(folder.files)}, {folder.example}", None))
    for place, (text, child) in enumerate(entries):
        is_last = place == len(entries) - 1
        yield f"{indent}{'└' if is_last else '├'}── {text}"
        if child is not None and child.children and depth > 1:
            yield from _lines(child, depth - 1, most, f"{indent}{' ' if is_last else '│'}   ", False)


def _told(folder: _Folder) -> str:
    total = folder.total
    if not total:
        return "empty"
    return f"{_count(total)}, {folder.example}" if not folder.children else _count(total)


def _count(files: int) -> str:
    return f"{files:,} file{'' if files == 1 else 's'}"
