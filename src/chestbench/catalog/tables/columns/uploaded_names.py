r"""What tools make of a file's name: an address with a query, a key before the name, or a text that holds the name.

Label Studio writes /data/upload/3/013d76d5-IMG_34.png, others https://…/IMG_34.png?token=…, thumb_IMG_34.jpg or
<a href="IMG_34.png">.
"""

import re
from collections.abc import Collection, Sequence

from chestbench.catalog.tables.columns.picture_index import PictureIndex, stem_of

# Values of dataset.labels.id_pattern.
_PATTERNS = (
    r"(?P<id>[^/\\?#]+)(?:[?#].*)?$",
    r"(?:^|[/\\])[0-9a-f]{8}(?:-[0-9a-f]{4}){0,3}(?:-[0-9a-f]{12})?[-_](?P<id>[^/\\?#]+)(?:[?#].*)?$",
)
# Nearly each cell; and so many at least. Fewer digits come in too many texts.
_NEARLY, _FEWEST, _DIGITS = 0.9, 3, 3
_SIGNS = re.compile(r"[?#]|^[a-z][a-z0-9+.-]+://|(?:^|[/\\])[0-9a-f]{8}[-_]")


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


def pattern_of_stems(cells: Collection[str], index: PictureIndex, pictures: Sequence[str]) -> str:
    r"""Return the pattern by which nearly each cell holds the name of another picture, without its ending; "" for none.

    Pictures must be called alike but for numbers; a number alone counts where all have so many digits.

    Args:
        cells: of a column, each once.
        index: of the pictures.
        pictures: their paths.

    Example:
        >>> pictures = ["a/IMG_01.png", "a/IMG_12.png"]
        >>> print(pattern_of_stems(["thumb_IMG_12.jpg", "thumb_IMG_01.jpg"], PictureIndex(pictures), pictures))
        (?<![0-9A-Za-z])(?P<id>IMG_[0-9]{2})(?![0-9A-Za-z])
    """
    if len(cells) < min(_FEWEST, len(pictures)):
        return ""
    stems = [stem_of(picture.rpartition("/")[2]) for picture in pictures]
    shapes = {re.sub(r"[0-9]+", "#", stem) for stem in stems}
    if len(shapes) != 1 or "#" not in (shape := shapes.pop()):
        return ""
    widths = [set(map(len, numbers)) for numbers in zip(*(re.findall(r"[0-9]+", stem) for stem in stems), strict=True)]
    if shape == "#" and (len(widths[0]) > 1 or max(widths[0]) < _DIGITS):
        return ""
    digits = iter(f"[0-9]{{{min(some)}}}" if len(some) == 1 else "[0-9]+" for some in widths)
    name = "".join(next(digits) if part == "#" else re.escape(part) for part in re.split("(#)", shape))
    pattern = rf"(?<![0-9A-Za-z])(?P<id>{name})(?![0-9A-Za-z])"
    found = [places for cell in cells if len(places := uploaded(cell, pattern, index)) == 1]
    is_each = len(found) >= _NEARLY * len(cells) and len({place for (place,) in found}) >= _NEARLY * len(found)
    return pattern if is_each and len(found) >= min(_FEWEST, len(pictures)) else ""
