"""What lies in wait: paths that are no files, files that state what is not there, archives and texts that unfold."""

import gzip
import io
import os
import socket
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from tests.imaging.pictures import picture, png

HUGE = 100_000_000_000


def draw(folder: Path, counts: dict[str, int]) -> Path:
    """Draw a small data set, CLASS/N.png."""
    for place, (name, count) in enumerate(counts.items()):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            (folder / name / f"{number}.png").write_bytes(png(picture(1000 * place + number, 40, 40)))
    return folder


def sparse(path: Path, size: int, start: bytes = b"") -> Path:
    """Make a file of zeros that takes no room on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as stream:
        stream.write(start)
        stream.truncate(size)
    return path


def odd(path: Path, kind: str) -> Path:
    """Put at a path what is no file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    match kind:
        case "FIFO":
            os.mkfifo(path)
        case "socket":
            with socket.socket(socket.AF_UNIX) as opened:
                here = Path.cwd()
                os.chdir(path.parent)  # its name may have some 100 letters
                opened.bind(path.name)
                os.chdir(here)
        case "device":
            path.symlink_to("/dev/zero")
        case "broken link":
            path.symlink_to("nowhere")
        case "link that leads to itself":
            path.symlink_to(path.name)
    return path


ODD = ("FIFO", "socket", "device", "broken link", "link that leads to itself")


def png_that_says(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes whose header states a size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def tiff_that_says(width: int, height: int, tile: int = 0) -> bytes:
    """Return a TIFF of a few bytes whose tags state a size, and a side of its tiles."""
    place = (324, 325) if tile else (273, 279)
    tags = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (277, 1), (place[0], 8), (place[1], 100)]
    tags += [(322, tile), (323, tile)] if tile else [(278, height)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags))
    return b"II*\0" + struct.pack("<I", 108) + bytes(100) + struct.pack("<H", len(tags)) + entries + bytes(4)


def jpeg2000_that_says(width: int, height: int, tile: int) -> bytes:
    """Return a JPEG 2000 codestream of a few bytes whose header states a size, and a side of its tiles."""
    size = struct.pack(">HIIIIIIIIHBBB", 0, width, height, 0, 0, tile, tile, 0, 0, 1, 7, 1, 1)
    style = struct.pack(">BBHBBBBBB", 0, 0, 1, 0, 5, 4, 4, 0, 1)
    quantum = struct.pack(">B16B", 0x40, *[0x40] * 16)
    parts = [(b"\xff\x51", size), (b"\xff\x52", style), (b"\xff\x5c", quantum)]
    body = b"".join(mark + struct.pack(">H", len(data) + 2) + data for mark, data in parts)
    return b"\xff\x4f" + body + b"\xff\x90\x00\x0a\x00\x00\x00\x00\x00\x0e\x00\x01\xff\x93" + b"\xff\xd9"


def gif_that_says(width: int, height: int) -> bytes:
    """Return a GIF of a few bytes that states a size."""
    return (
        b"GIF89a"
        + struct.pack("<HH", width, height)
        + b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0"
        + struct.pack("<HH", width, height)
        + b"\0\2\2D\1\0;"
    )


def dicom_that_says(length: int) -> bytes:
    """Return a DICOM file whose pixels are stated to have so many bytes."""
    from tests.imaging.dicoms import make_dicom

    data = make_dicom(picture(1, 40, 40).astype(np.uint16))
    at = data.rfind(b"\xe0\x7f\x10\x00")
    return data[: at + 8] + struct.pack("<I", length) + data[at + 12 :]


def zip_of(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write a zip."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def zip_of_zeros(path: Path, files: int, size: int) -> Path:
    """Write a zip of files of zeros, `a/N.png`: the same bytes packed once, as packing gigabytes takes long."""
    piece, checksum = bytes(1_000_000), 0
    pieces, rest = divmod(size, len(piece))
    assert rest == 0
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # What is packed after a full flush looks at nothing before it.
    packed = (packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)) * pieces + packer.flush()
    for _ in range(pieces):
        checksum = zlib.crc32(piece, checksum)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(files):
            info = zipfile.ZipInfo(f"a/{number}.png")
            info.compress_type, info.header_offset = zipfile.ZIP_DEFLATED, archive.fp.tell()
            info.CRC, info.file_size, info.compress_size = checksum, size, len(packed)
            archive.fp.write(info.FileHeader(zip64=False) + packed)
            archive.start_dir = archive.fp.tell()
            archive.filelist.append(info)
        archive._didModify = True
    return path


def zip_of_many(path: Path, files: int) -> Path:
    """Write a zip whose directory lists so many empty files, without one of them being there."""
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 33, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0)
    directory = bytearray()
    for number in range(files):
        directory += entry + b"a/%010d" % number
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, files, files, len(directory), 0)
    end += struct.pack("<4sLQL", b"PK\6\7", 0, len(directory), 1)
    end += struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(bytes(directory) + end)
    return path


def npz_of_many(path: Path, labels: int) -> Path:
    """Write an array file of MedMNIST's kind, of so many pictures of one pixel."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, shape in (("train_images", (labels, 1, 1)), ("train_labels", (labels, 1))):
            archive.writestr(f"{name}.npy", npy_that_says(shape) + bytes(labels))
    return path


def npy_that_says(shape: tuple[int, ...], kind: str = "|u1") -> bytes:
    """Return the header of an array file that states a shape."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": kind, "fortran_order": False, "shape": shape})
    return stream.getvalue()


def tar_that_says(path: Path, kind: str) -> Path:
    """Write a tar whose second header leads into a sparse gigabyte of zeros."""
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("a/1.png")
        info.size = len(data := png(picture(1, 40, 40)))
        archive.addfile(info, io.BytesIO(data))
    content = path.read_bytes().rstrip(b"\0")
    content += b"\0" * (-len(content) % 512)
    header = tarfile.TarInfo("././@LongLink" if kind == "long name" else "a/2.png")
    header.size = 3_000_000_000
    if kind == "long name":
        header.type = tarfile.GNUTYPE_LONGNAME
        content += header.tobuf(tarfile.GNU_FORMAT)
    elif kind == "long attributes":
        header.type = tarfile.XHDTYPE
        content += header.tobuf(tarfile.PAX_FORMAT)
    else:  # a sparse file whose map has no end
        header.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "a/2.png"}
        content += header.tobuf(tarfile.PAX_FORMAT)
    return sparse(path, len(content) + 3_000_000_000, content)


def gzip_bomb(path: Path, size: int = 3_000_000_000) -> Path:
    """Write a packed tar that unfolds a thousand times over."""
    header = tarfile.TarInfo("a/1.png")
    header.size = size
    with gzip.open(path, "wb", 9) as stream:
        stream.write(header.tobuf())
        for _ in range(size // 10_000_000):
            stream.write(bytes(10_000_000))
    return path


def yaml_bomb(levels: int = 12) -> str:
    """Return a text whose last value stands for ten to the power of `levels` values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, levels):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]")
    return "\n".join(lines) + "\n"
