"""Folders drawn as small trees with counts, for the log and for errors that show two readings."""

from collections.abc import Mapping

WIDTH = 60


def draw_tree(counts: Mapping[str, int], marks: Mapping[str, str], depth: int = 4, siblings: int = 4,
              lines: int = 16) -> list[str]:  # fmt: skip
    """Draw folders as indented lines, each with the number of pictures at or below it.

    Args:
        counts: folder path, with forward slashes -> pictures directly in it.
        marks: folder path -> what to write behind it.
        depth: levels to draw.
        siblings: folders to draw of each level, those with most pictures; the others are counted.
        lines: most lines in all.

    Example:
        >>> print("\\n".join(draw_tree({"a/covid": 2, "a/normal": 3}, {"a/covid": "class covid"})))
        a/        5
          normal/  3
          covid/  2  class covid
    """
    totals: dict[str, int] = {}
    children: dict[str, set[str]] = {}
    for folder, count in counts.items():
        parts = folder.split("/") if folder else []
        for level in range(len(parts)):
            path = "/".join(parts[: level + 1])
            totals[path] = totals.get(path, 0) + count
            children.setdefault("/".join(parts[:level]), set()).add(path)
    drawn: list[tuple[str, str]] = []

    def add(parent: str, level: int) -> None:
        below = sorted(children.get(parent, ()), key=lambda path: (-totals[path], path))
        for path in below[:siblings]:
            mark = marks.get(path, "")
            name = "  " * level + path.rpartition("/")[2] + "/"
            drawn.append((name, f"{totals[path]}{'  ' + mark if mark else ''}"))
            if level + 1 < depth:
                add(path, level + 1)
        if len(below) > siblings:
            more = sum(totals[path] for path in below[siblings:])
            drawn.append(("  " * level + f"... {len(below) - siblings} more folders", str(more)))

    add("", 0)
    if len(drawn) > lines:
        drawn = [*drawn[: lines - 1], (f"... {len(drawn) - lines + 1} more lines", "")]
    width = min(WIDTH, max((len(name) for name, _ in drawn), default=0))
    return [f"{name:<{width}}  {text}".rstrip() for name, text in drawn]
