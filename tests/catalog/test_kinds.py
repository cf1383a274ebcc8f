"""What a file is that is no picture."""

import gzip
import io
import struct
import zipfile

import numpy as np
import pytest

from chestbench.catalog.kinds import ADVICE, advice, kind_of_content, kind_of_name, words
from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import encode, picture

NIFTI = struct.pack("<i", 348) + bytes(340) + b"n+1\0" + bytes(200)
ANALYZE = struct.pack(">i", 348) + bytes(36) + struct.pack(">h", 3) + bytes(400)


def _zip(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        opened.writestr(name, "x")
    return stream.getvalue()


def _array() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.zeros(3))
    return stream.getvalue()


def dicomdir() -> bytes:
    data = make_dicom(None, SOPClassUID="1.2.840.10008.1.3.10")
    assert b"1.2.840.10008.1.3.10" in data[:1024]
    return data


CONTENTS = {
    "Git LFS pointer": [b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"],
    "git-annex pointer": [b"/annex/objects/SHA256E-s100--00.png\n"],
    "zero bytes": [b""],
    "web page": [
        b"<!DOCTYPE html><html><title>Google Drive - Virus scan warning</title>",
        b"\xef\xbb\xbf\n  <HTML><body>404",
        b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
        b"<Error><Code>NoSuchKey</Code>",
        b'{"message": "Not Found", "status": "404"}',
    ],
    "volume": [NIFTI, gzip.compress(NIFTI), ANALYZE, b"NRRD0004\ntype: short", b"ObjectType = Image\nNDims = 3",
               struct.pack("<i", 540) + b"n+2\0" + bytes(600)],
    "array": [_array(), b"\x89HDF\r\n\x1a\n" + bytes(40), b"MATLAB 5.0 MAT-file", _zip("a.npy")],
    "document": [b"%PDF-1.4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(40), _zip("[Content_Types].xml")],
    "archive": [b"Rar!\x1a\x07\x00", b"7z\xbc\xaf\x27\x1c", gzip.compress(b"text"), _zip("a.png"), b"\xfd7zXZ\0"],
    "video or sound": [b"\0\0\0\x18ftypmp42", b"RIFF\0\0\0\0AVI ", b"\x1aE\xdf\xa3"],
    "unread format": [b"\0\0\0\x18ftypheic", b"8BPS\0\x01", b"\xff\x0a\0"],
    "DICOM directory": [dicomdir()],
    "": [b"I am text", b"\x08\x00 text", bytes(1000), encode(picture(1), "PNG"), encode(picture(1), "TIFF"),
         b'<?xml version="1.0"?><annotation/>', b'{"boxes": []}', b"\x1f"],
}  # fmt: skip


@pytest.mark.parametrize("kind", CONTENTS)
def test_content_tells_the_kind(kind):
    assert [kind_of_content(data) for data in CONTENTS[kind]] == [kind] * len(CONTENTS[kind])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a/scan.NII.gz", "volume"), ("a/scan.mha", "volume"), ("x.npz", "array"), ("a/b.h5", "array"),
        ("DICOMDIR", "DICOM directory"), ("cd1/dicomdir", "DICOM directory"), ("README", "table or text"),
        ("viewer/run.EXE", "code"), ("a.tar.gz", "archive"), ("clip.mp4", "video or sound"), ("w.pth", "network"),
        ("page.html", "web page"), ("a/1.png", ""), ("a/I0000001", ""), ("1.2.840.113619", ""), ("a/1.dcm", ""),
        ("a.b/picture", ""), ("x.jp2", ""),
    ],
)  # fmt: skip
def test_names_tell_what_is_no_picture(name, kind):
    assert kind_of_name(name) == kind


def test_every_kind_has_words_and_an_advice():
    assert words("volume", 1) == "1 volume" and words("volume", 8) == "8 volumes"
    assert words("zero bytes", 1) == "1 file of zero bytes" and words("zero bytes", 2) == "2 files of zero bytes"
    assert all(advice(kind) == text and "\n" not in text for kind, text in ADVICE.items())
    assert "git lfs pull" in advice("Git LFS pointer")
