"""Files of several pages or frames: how many there are, and each as a file of one picture that `decode_grey` reads."""

import struct
from collections.abc import Iterator
from itertools import islice

from chestbench.imaging.formats import UnreadableImage
from chestbench.imaging.header import read_header, sniff_format

MAX_FRAMES = 10_000
# Of all frames of a file together, a bound on time: every frame is decoded by itself.
MAX_PIXELS_IN_ALL = 4_000_000_000
# How the reason of exclusion begins.
SEVERAL = "several pages or frames"


def count_frames(data: bytes) -> int:
    """Return how many pictures a file holds: 1 for no image, and for what is too damaged to say.

    TIFF pages, frames of animated GIF, WebP and PNG, DICOM frames. Never above MAX_FRAMES + 1.

    Raises:
        UnreadableImage: a TIFF whose chain of pages leads out of the file.
    """
    kind = sniff_format(data)
    try:
        return max(1, min(_count(data, kind), MAX_FRAMES + 1))
    except (struct.error, IndexError):
        return 1


def refusal(data: bytes, frames: int) -> str:
    """Return why a file of several pages is not read, and what to do, as the catalog says it."""
    ways = "dataset.frames=first takes the first, dataset.frames=each makes each an image"
    return f"{SEVERAL}: {counted(data, frames)}; {ways}"


def counted(data: bytes, frames: int) -> str:
    """Return "4 pages" or "3 frames"."""
    more = "more than " if frames > MAX_FRAMES else ""
    return f"{more}{min(frames, MAX_FRAMES):,} {'pages' if sniff_format(data) == 'tiff' else 'frames'}"


def split_frames(data: bytes, frames: int, first_only: bool = False) -> Iterator[bytes]:
    """Yield the pictures of a file, in order, each as the bytes of a file of one: all `frames` of them, or the first.

    A TIFF page stays a TIFF, and a DICOM frame a DICOM file, with depth and scale; frames of animations become PNG.

    Args:
        data: the file.
        frames: from `count_frames`; a file of one comes back as it is.
        first_only: yield the first only.

    Raises:
        UnreadableImage: more frames or pixels than are read, damaged, or truncated.
    """
    if frames == 1:
        yield data
        return
    header = read_header(data)
    if not first_only and (frames > MAX_FRAMES or frames * header.width * header.height > MAX_PIXELS_IN_ALL):
        raise UnreadableImage(
            f"too large: {counted(data, frames)} of {header.width} x {header.height} pixels, at most {MAX_FRAMES:,} "
            f"of {MAX_PIXELS_IN_ALL // 1_000_000_000} thousand million pixels in all are read"
        )
    wanted = 1 if first_only else frames
    number = 0
    for number, picture in enumerate(_pictures(data, header.format, header.width, header.height, first_only), 1):
        yield picture
        if number == wanted:
            return
    raise UnreadableImage(f"truncated: {number} of {counted(data, frames)} can be read")


def one_frame(data: bytes, frame: int, frames: int) -> bytes:
    """Return one picture of a file, by its number from 1 and how many there are; see `split_frames`."""
    return next(islice(split_frames(data, frames, first_only=frame == 1), frame - 1, None)) if frames > 1 else data


def _count(data: bytes, kind: str | None) -> int:
    match kind:
        case "tiff":
            from chestbench.imaging.tiff_pages import page_offsets

            return len(page_offsets(data, MAX_FRAMES))
        case "gif":
            from chestbench.imaging.animations import count_gif

            return count_gif(data, MAX_FRAMES)
        case "webp":
            from chestbench.imaging.animations import count_webp

            return count_webp(data, MAX_FRAMES)
        case "png":
            from chestbench.imaging.animations import count_png

            return count_png(data)
        case "dicom":
            from chestbench.imaging.dicom.frames import count_dicom

            return count_dicom(data)
    return 1


def _pictures(data: bytes, kind: str, width: int, height: int, first_only: bool) -> Iterator[bytes]:
    if kind == "tiff":
        from chestbench.imaging.tiff_pages import page_offsets, single_page

        for offset in page_offsets(data, MAX_FRAMES):
            yield single_page(data, offset)
    elif kind == "dicom":
        from chestbench.imaging.dicom.frames import dicom_frames

        yield from dicom_frames(data, first_only)
    else:
        from chestbench.imaging.animations import animation_frames

        yield from animation_frames(data, width, height)
