"""The pages of a TIFF: counted by following the chain of directories, and each as a file of its own."""

import struct
from typing import NamedTuple

from chestbench.imaging.formats import UnreadableImage

# What says how pixels are stored (TIFF 6.0 and its supplements). Nothing else goes into a page's own file: no
# description, no name, no date.
_OF_PIXELS = {256, 257, 258, 259, 262, 266, 274, 277, 278, 280, 281, 284, 292, 293, 317, 320, 322, 323, 332, 334}
_OF_PIXELS |= {336, 338, 339, 340, 341, 347, 529, 530, 531, 532}
_OFFSETS, _COUNTS = {273, 324}, {279, 325}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_OLD_JPEG = 6
_MOST_TAGS = 4096


class _Kind(NamedTuple):
    """How a TIFF writes numbers: byte order, and code and bytes of an offset (BigTIFF: 8)."""

    order: str
    word: str
    inline: int

    @property
    def is_big(self) -> bool:
        return self.inline == 8


class _Tag(NamedTuple):
    kind: int
    length: int
    value: bytes


def page_offsets(data: bytes, most: int) -> list[int]:
    """Return where the directories of the pages begin, `most` + 1 of them at most.

    Thumbnails and masks of another page (tag 254, or 255 in old files) are no pages, but the first directory always is
    one. A chain that leads back to an earlier directory ends there.

    Raises:
        UnreadableImage: "truncated: ...": the chain leads out of the file.
    """
    kind = _kind(data)
    (at,) = struct.unpack_from(kind.order + kind.word, data, kind.inline)
    pages: list[int] = []
    seen: set[int] = set()
    while at and at not in seen and len(pages) <= most and len(seen) <= 4 * most:
        seen.add(at)
        try:
            tags, at_next = _directory(data, kind, at)
        except struct.error:
            raise UnreadableImage("truncated: a page of the tiff lies behind the end of the file") from None
        if not pages or not _is_reduced(data, kind, tags):
            pages.append(at)
        at = at_next
    return pages


def single_page(data: bytes, offset: int) -> bytes:
    """Return one page as a TIFF of its own, its compressed pixels as they are.

    Args:
        data: the file.
        offset: where the page's directory begins, from `page_offsets`.

    Raises:
        UnreadableImage: truncated, damaged, or packed as old-style JPEG, whose parts cannot be told apart.
    """
    kind = _kind(data)
    try:
        tags, _ = _directory(data, kind, offset)
        strips, counts = (_numbers(data, kind, tags, which) for which in (_OFFSETS, _COUNTS))
        kept = {number: _value(data, kind, place) for number, place in tags.items() if number in _OF_PIXELS}
    except struct.error:
        raise UnreadableImage("truncated: a page of the tiff is cut off") from None
    if 259 in kept and int.from_bytes(kept[259].value[:2], "little" if kind.order == "<" else "big") == _OLD_JPEG:
        raise UnreadableImage("pages packed as old-style JPEG: convert the file")
    if not strips or len(strips) != len(counts) or sum(counts) > len(data):
        raise UnreadableImage("damaged: a page of the tiff without whole strips")
    if any(at + count > len(data) for at, count in zip(strips, counts, strict=True)):
        raise UnreadableImage("truncated: a strip of the tiff lies behind the end of the file")
    is_tiled = 324 in tags
    body = bytearray(struct.pack(kind.order + "2sHHHQ", b"", 43, 8, 0, 0) if kind.is_big else bytes(8))
    moved = []
    for at, count in zip(strips, counts, strict=True):
        moved.append(len(body))
        body += data[at : at + count] + b"\0" * (count % 2)
    code = 16 if kind.is_big else 4
    for number, values in ((324 if is_tiled else 273, moved), (325 if is_tiled else 279, counts)):
        kept[number] = _Tag(code, len(values), struct.pack(f"{kind.order}{len(values)}{kind.word}", *values))
    return _assembled(body, kind, kept)


def _assembled(body: bytearray, kind: _Kind, tags: dict[int, _Tag]) -> bytes:
    """Add long values and the directory to the strips, and put the header in front."""
    entries = b""
    for number, tag in sorted(tags.items()):
        value = tag.value
        if len(value) > kind.inline:
            value = struct.pack(kind.order + kind.word, len(body))
            body += tag.value + b"\0" * (-len(tag.value) % 8)
        entries += struct.pack(kind.order + "HH" + kind.word, number, tag.kind, tag.length) + value.ljust(
            kind.inline, b"\0"
        )
    body += b"\0" * (-len(body) % 8)
    directory = len(body)
    body += struct.pack(kind.order + ("Q" if kind.is_big else "H"), len(tags)) + entries + bytes(kind.inline)
    mark = b"II" if kind.order == "<" else b"MM"
    if kind.is_big:
        body[:16] = mark + struct.pack(kind.order + "HHHQ", 43, 8, 0, directory)
    else:
        body[:8] = mark + struct.pack(kind.order + "HI", 42, directory)
    return bytes(body)


def _kind(data: bytes) -> _Kind:
    order = "<" if data[:2] == b"II" else ">"
    return _Kind(order, "Q", 8) if 43 in (data[2], data[3]) else _Kind(order, "I", 4)


def _directory(data: bytes, kind: _Kind, at: int) -> tuple[dict[int, int], int]:
    """Return the tags of a directory, number -> place of its entry, and where the next directory begins."""
    (count,) = struct.unpack_from(kind.order + ("Q" if kind.is_big else "H"), data, at)
    if count > _MOST_TAGS:
        raise UnreadableImage(f"damaged: a tiff directory of more than {_MOST_TAGS} tags")
    start, size = at + (8 if kind.is_big else 2), 4 + 2 * kind.inline
    places = [start + size * number for number in range(count)]
    tags = {struct.unpack_from(kind.order + "H", data, place)[0]: place for place in places}
    (following,) = struct.unpack_from(kind.order + kind.word, data, start + size * count)
    return tags, following


def _value(data: bytes, kind: _Kind, place: int) -> _Tag:
    code, count = struct.unpack_from(f"{kind.order}H{kind.word}", data, place + 2)
    size = _SIZES.get(code, 1) * count
    at = place + 4 + kind.inline
    if size > kind.inline:
        (at,) = struct.unpack_from(kind.order + kind.word, data, at)
    if at + size > len(data):
        raise UnreadableImage("truncated: a tag of the tiff lies behind the end of the file")
    return _Tag(code, count, data[at : at + size])


def _numbers(data: bytes, kind: _Kind, tags: dict[int, int], which: set[int]) -> list[int]:
    place = next((tags[number] for number in sorted(which, reverse=True) if number in tags), None)
    if place is None:
        return []
    tag = _value(data, kind, place)
    code = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}.get(tag.kind)
    if code is None:
        raise UnreadableImage("damaged: a tiff with odd places of its strips")
    return list(struct.unpack(f"{kind.order}{tag.length}{code}", tag.value))


def _is_reduced(data: bytes, kind: _Kind, tags: dict[int, int]) -> bool:
    """Tell whether a directory shows another page smaller, or its mask."""

    def number(tag: int) -> int:
        found = _numbers(data, kind, tags, {tag})
        return found[0] if found else 0

    return bool(number(254) & 0b101) or number(255) == 2
