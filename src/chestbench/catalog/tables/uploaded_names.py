r"""What tools for labelling make of a file's name: an address with a query, or a key before the name.

Label Studio writes /data/upload/3/013d76d5-IMG_34.png, others https://…/IMG_34.png?token=…
"""

import re
from collections.abc import Collection

from chestbench.catalog.tables.picture_index import PictureIndex

# Values of dataset.labels.id_pattern.
_PATTERNS = (
    r"(?P<id>[^/\\?#]+)(?:[?#].*)?$",
    r"(?:^|[/\\])[0-9a-f]{8}(?:-[0-9a-f]{4}){0,3}(?:-[0-9a-f]{12})?[-_](?P<id>[^/\\?#]+)(?:[?#].*)?$",
)
_SIGNS = re.compile(r"[?#]|(?:^|[/\\])[0-9a-f]{8}[-_]")


def pattern_of_upload(cells: Collection[str], index: PictureIndex) -> str:
    r"""Return the pattern by which most of such names mean one picture each, "" where they are none of this kind.

    Args:
        cells: of a column, each once.
        index: of the pictures.

    Example:
        >>> print(pattern_of_upload(["/data/upload/1/013d76d5-a.png"], PictureIndex(["images/a.png"])))
        (?:^|[/\\])[0-9a-f]{8}(?:-[0-9a-f]{4}){0,3}(?:-[0-9a-f]{12})?[-_](?P<id>[^/\\?#]+)(?:[?#].*)?$
    """
    marked = [cell for cell in cells if _SIGNS.search(cell)]
    if 2 * len(marked) <= len(cells):
        return ""
    found = {pattern: sum(len(uploaded(cell, pattern, index)) == 1 for cell in marked) for pattern in _PATTERNS}
    best = max(_PATTERNS, key=lambda pattern: found[pattern])
    return best if 2 * found[best] > len(marked) else ""


def uploaded(cell: str, pattern: str, index: PictureIndex) -> list[int]:
    """Return the places of the pictures that a cell means by such a pattern."""
    match = re.search(pattern, cell)
    return index.find(match["id"]) if match else []
