"""What a file is that is no picture: by its name, and by its first bytes where the name poses as a picture."""

import struct
import zlib

from chestbench.datasets.member_names import BAD_NAME, HIDDEN_FOLDER

TABLE = "table or text"
_ENDINGS = {
    "volume": "nii mha mhd nrrd nhdr mnc minc mgz mgh nii.gz",
    "array": "npy npz mat h5 hdf5 hdf pkl pickle tfrecord tfrecords parquet zarr",
    "network": "pt pth keras onnx ckpt pb safetensors tflite",
    "document": "pdf doc docx ppt pptx odt odp rtf bib tex ps",
    "web page": "html htm mht mhtml",
    TABLE: "txt md rst csv tsv tab lst list xls xlsx ods db sqlite xml json jsonl yaml yml toml ini cfg log "
    "license readme",
    "code": "py pyc ipynb r m sh bat js css java c cpp exe dll so jar inf class",
    "archive": "zip gz tar 7z rar tgz bz2 tbz2 xz txz zst iso",
    "video or sound": "mp4 avi mov mkv wmv webm mpg mpeg flv m4v wav mp3 ogg",
}
_KIND = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings.split()}
DICOM_DIRECTORY, LFS, ANNEX, EMPTY = "DICOM directory", "Git LFS pointer", "git-annex pointer", "zero bytes"
UNREAD, VIEWER = "unread format", "picture of a viewer"
# What content can tell of a file that poses as a picture, in the order in which it is reported -> what can be done.
ADVICE = {
    LFS: "`git lfs pull` fetches the picture that it stands for",
    ANNEX: "`git annex get` fetches the file that it stands for",
    EMPTY: "the file was not written or not fetched to its end; fetch it again",
    "web page": "an error or a warning of a server in place of the file; fetch it again",
    "volume": "pictures are read one by one; export its slices as PNG or DICOM",
    "array": "pictures are read one by one; save them as PNG (of .npz, the arrays of MedMNIST are read)",
    "document": "no picture; export what it shows as PNG",
    "archive": "it lies too deep, is empty or of a kind that is not read; unpack it into a folder of its own",
    "video or sound": "no picture; export its frames as PNG",
    UNREAD: "a picture of a kind that is not read (HEIC, AVIF, JPEG XL, Photoshop); save it as PNG",
}
# Left out without a row in the catalog, beside those above.
_OTHER_ADVICE = {
    "link": "links are not followed; put the files themselves in their place",
    "password": "pack them again without a password",
    "special file": "no file that could be read",
    **dict.fromkeys(("FIFO", "socket", "device"), "it is no file and is not opened; move it elsewhere"),
    "file without permission to read it": "change its permissions",
    BAD_NAME: "rename it: UTF-8, no backslash, no drive letter (what stands as %XX is the byte in question)",
    "copy in an inner archive": "the same file lies unpacked beside the archive and is read from there",
    DICOM_DIRECTORY: "an index of DICOM files; classes come from folders",
    HIDDEN_FOLDER: "its name begins with a dot, so nothing in it is read; rename it if its pictures are yours",
    VIEWER: "it belongs to the program on a disc of DICOM files; move it out of its folder if it is one of yours",
}
NOT_WORTH_A_WARNING = {TABLE, "document", "code", "network", DICOM_DIRECTORY, "copy in an inner archive"}
_PLURAL = {
    "array": "arrays",
    "network": "files of networks",
    "DICOM directory": "DICOM directories",
    TABLE: "tables and texts",
    "code": "files of code",
    "video or sound": "videos and sounds",
    "zero bytes": "files of zero bytes",
    UNREAD: "pictures of a format that is not read",
    VIEWER: "pictures of a viewer",
    "password": "files with a password",
    "file without permission to read it": "files without permission to read them",
    BAD_NAME: "files with unusable names",
    "copy in an inner archive": "copies in inner archives",
}
_SINGULAR = {
    "network": "file of a network",
    "code": "file of code",
    EMPTY: "file of zero bytes",
    UNREAD: "picture of a format that is not read",
    "password": "file with a password",
}
_MARKS = (
    *((b"version https://git-lfs", LFS), (b"version https://hawser", LFS), (b"/annex/objects/", ANNEX)),
    *((b"NRRD", "volume"), (b"ObjectType = Image", "volume"), (b"NDims =", "volume")),
    *((b"\x93NUMPY", "array"), (b"\x89HDF\r\n\x1a\n", "array"), (b"MATLAB 5.0", "array")),
    *((b"%PDF", "document"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "document"), (b"{\\rtf", "document")),
    *((b"Rar!\x1a\x07", "archive"), (b"7z\xbc\xaf\x27\x1c", "archive"), (b"\xfd7zXZ\0", "archive")),
    *((b"BZh", "archive"), (b"(\xb5/\xfd", "archive"), (b"\x1aE\xdf\xa3", "video or sound")),
    *((b"8BPS", UNREAD), (b"\0\0\0\x0cJXL ", UNREAD), (b"\xff\x0a", UNREAD)),
)
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<error", b"<title")
START = 4096


def kind_of_name(member: str) -> str:
    """Return what a file is by its name, "" where it may be a picture: files without or with an unknown ending may."""
    name = member.rpartition("/")[2].lower()
    if name == "dicomdir":
        return DICOM_DIRECTORY
    if name.endswith(".nii.gz"):
        return "volume"
    return _KIND.get(name.rpartition(".")[2], "")


def header_of(member: str) -> list[str]:
    """Return what the header of a volume would be called whose values lie in a file of this name, [] for none."""
    stem, dot, ending = member.rpartition(".")
    headers = {"img": ("hdr",), "raw": ("mhd", "nhdr"), "zraw": ("mhd",)}.get(ending.lower(), ())
    return [f"{stem}{dot}{spelt}" for header in headers for spelt in (header, header.upper())]


def kind_of_content(data: bytes) -> str:
    """Return what a file is by its first bytes (`START` are enough), "" where they tell nothing of the kind."""
    if not data:
        return EMPTY
    for mark, kind in _MARKS:
        if data.startswith(mark):
            return kind
    if data[128:132] == b"DICM" and b"1.2.840.10008.1.3.10" in data[132:1024]:
        return DICOM_DIRECTORY
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_zip(data)
    if data.startswith(b"\x1f\x8b"):
        return "volume" if _is_volume(_unpacked(data)) else "archive"
    if data[257:262] == b"ustar":
        return "archive"
    if data[4:8] == b"ftyp":
        return UNREAD if data[8:12] in (b"heic", b"heix", b"mif1", b"avif", b"msf1") else "video or sound"
    if data.startswith(b"RIFF") and data[8:12] in (b"AVI ", b"WAVE"):
        return "video or sound"
    if _is_volume(data):
        return "volume"
    return "web page" if _is_web_page(data) else ""


def words(kind: str, count: int) -> str:
    """Return "8 volumes"."""
    return f"1 {_SINGULAR.get(kind, kind)}" if count == 1 else f"{count:,} {_PLURAL.get(kind, f'{kind}s')}"


def advice(kind: str) -> str:
    """Return what can be done about files of a kind, "" where nothing needs to be."""
    return ADVICE.get(kind) or _OTHER_ADVICE.get(kind, "")


def _kind_of_zip(data: bytes) -> str:
    start = data[:1024]
    if b".npy" in start:
        return "array"
    return "document" if b"[Content_Types].xml" in start or b"mimetypeapplication/vnd" in start else "archive"


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(data[:START], 1024)
    except zlib.error:
        return b""


def _is_volume(data: bytes) -> bool:
    """Tell NIfTI-1, NIfTI-2 and Analyze 7.5 by the size of their header and its magic, or its first dimension."""
    if data[344:348] in (b"n+1\0", b"ni1\0") or data[4:8] in (b"n+2\0", b"ni2\0"):
        return True
    for order in "<>":
        if len(data) >= 348 and struct.unpack_from(order + "i", data)[0] == 348:
            return 1 <= struct.unpack_from(order + "h", data, 40)[0] <= 7
    return data.startswith((b"NRRD", b"ObjectType = Image"))


def _is_web_page(data: bytes) -> bool:
    start = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(b"<?xml"):
        return any(mark in start for mark in (b"<html", b"<!doctype html", b"<error"))
    # An answer of a programming interface, such as {"message": "Not Found", "error": ...}.
    is_answer = start.startswith(b"{") and (b'"error"' in start or b'"message"' in start)
    return is_answer or start.startswith(_HTML)
