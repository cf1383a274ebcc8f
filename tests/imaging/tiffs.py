"""TIFF and PNG files written byte by byte, so that tests choose every tag and chunk."""

import struct
import zlib

import numpy as np

_CODES = {1: "B", 3: "H", 4: "I"}


def packed(values: np.ndarray, bits: int) -> bytes:
    """Return whole numbers (H, W) as rows of `bits` bits each, the highest bit first, rows filled up to whole bytes."""
    height, width = values.shape
    wide = np.ascontiguousarray(values.astype(">u2")).view(np.uint8).reshape(height, width, 2)
    return np.packbits(np.unpackbits(wide, axis=2)[:, :, 16 - bits :].reshape(height, -1), axis=1).tobytes()


def write_tiff(strips: list[bytes], shape: tuple[int, int], order: str = "<", **tags: int | list[int]) -> bytes:
    """Return a TIFF of one page.

    Args:
        strips: content of the strips (or tiles, with tag 322).
        shape: height and width.
        order: "<" or ">", of the tags; the strips are taken as they are.
        tags: t262=0 and the like, as SHORT; they replace what is written by default (one grey sample, uncompressed).
    """
    out, offsets = bytearray((b"II*\0" if order == "<" else b"MM\0*") + bytes(4)), []
    for strip in strips:
        offsets.append(len(out))
        out += strip + b"\0" * (len(strip) % 2)
    given = {int(name[1:]): value if isinstance(value, list) else [value] for name, value in tags.items()}
    where, sizes = (324, 325) if 322 in given else (273, 279)
    found = {256: (4, [shape[1]]), 257: (4, [shape[0]]), where: (4, offsets), sizes: (4, [len(s) for s in strips])}
    if where == 273:
        found[278] = (4, [shape[0]])
    found |= {tag: (3, [value]) for tag, value in ((259, 1), (262, 1), (258, 8), (277, 1))}
    found |= {tag: (3, values) for tag, values in given.items()}
    entries = []
    for tag, (kind, values) in sorted(found.items()):
        if not values:
            continue
        raw = struct.pack(f"{order}{len(values)}{_CODES[kind]}", *values)
        if len(raw) > 4:
            place = len(out)
            out += raw + b"\0" * (len(raw) % 2)
            raw = struct.pack(order + "I", place)
        entries.append(struct.pack(order + "HHI", tag, kind, len(values)) + raw.ljust(4, b"\0"))
    struct.pack_into(order + "I", out, 4, len(out))
    return bytes(out + struct.pack(order + "H", len(entries)) + b"".join(entries) + bytes(4))


def grey_tiff(values: np.ndarray, bits: int, order: str = "<", **tags: int | list[int]) -> bytes:
    """Return a grey TIFF of whole numbers (H, W) of `bits` bits."""
    raw = values.astype(f"{order}u2").tobytes() if bits == 16 else packed(values, bits)
    return write_tiff([raw], values.shape, order, **({"t258": bits} | tags))


def write_png(values: np.ndarray, bits: int, colour: int = 0, chunks: list[tuple[bytes, bytes]] = ()) -> bytes:
    """Return a PNG of grey values or palette indices (H, W) of `bits` bits, with more chunks before its pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    height, width = values.shape
    rows = packed(values, bits)
    length = len(rows) // height
    filtered = b"".join(b"\0" + rows[at : at + length] for at in range(0, len(rows), length))
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(filtered)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, body) for kind, body in parts)
