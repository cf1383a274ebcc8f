"""DICOM data sets without the preamble of a file, as old scanners and some archives write them.

They have no signature, so that what is taken for one must read like one, element by element. Then the preamble and
the file meta information (PS3.10, section 7.1) are put before it, and it is a file as any other.
"""

import re
import struct

_META = b"\x02\x00"
_VRS = {b"AE", b"AS", b"CS", b"DA", b"DS", b"DT", b"IS", b"LO", b"LT", b"PN", b"SH", b"ST", b"TM", b"UI", b"UL", b"US"}
_LONG_VRS = {b"OB", b"OW", b"SQ", b"UN", b"UT", b"UC", b"UR"}
_IMPLICIT, _EXPLICIT = b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.1"
_MOST_ELEMENTS, _LONGEST = 64, 1 << 16
_UID = re.compile(rb"[0-9]+(\.[0-9]+){2,}[\0 ]?")
_MODALITY = re.compile(rb"[A-Z]{2,8} ?")


def is_bare_dicom(data: bytes) -> bool:
    """Tell whether the bytes read like a little-endian data set that begins with group 0008, or like file meta
    information without the preamble before it.

    Elements of group 0008 must follow each other in order with sound lengths, and one of them must be a SOP class, an
    instance or a modality that looks like one.
    """
    if data[:2] == _META:
        return data[2:6] in (b"\x00\x00UL", b"\x01\x00OB") or (data[2:6] == b"\x10\x00UI")
    if data[:2] != b"\x08\x00":
        return False
    return any(_reads_well(data, explicit) for explicit in (True, False))


def with_preamble(data: bytes) -> bytes:
    """Return a bare data set as the file that it should have been."""
    if data[:2] == _META:
        return bytes(128) + b"DICM" + data
    syntax = _EXPLICIT if _reads_well(data, explicit=True) else _IMPLICIT
    syntax += b"\0" * (len(syntax) % 2)
    element = b"\x02\x00\x10\x00UI" + struct.pack("<H", len(syntax)) + syntax
    return bytes(128) + b"DICM" + b"\x02\x00\x00\x00UL\x04\x00" + struct.pack("<I", len(element)) + element + data


def _reads_well(data: bytes, explicit: bool) -> bool:
    """Walk the first elements; True where all of them in group 0008 are sound and one says what the file is."""
    at, last, identified = 0, -1, False
    for _ in range(_MOST_ELEMENTS):
        if at + 8 > len(data):
            return False
        group, element = struct.unpack_from("<HH", data, at)
        if group != 8:
            return identified and group > 8
        found = _explicit(data, at) if explicit else (at + 8, struct.unpack_from("<I", data, at + 4)[0])
        if found is None or element <= last:
            return False
        start, length = found
        if length == 0xFFFFFFFF:
            return identified  # a sequence of unknown length; what came before it is enough
        if length > _LONGEST or length % 2 or start + length > len(data):
            return False
        value = data[start : start + length]
        identified |= element in (0x16, 0x18) and _UID.fullmatch(value) is not None
        identified |= element == 0x60 and _MODALITY.fullmatch(value) is not None
        at, last = start + length, element
    return identified


def _explicit(data: bytes, at: int) -> tuple[int, int] | None:
    """Return where a value with explicit VR begins and its length, None for no such element."""
    kind = data[at + 4 : at + 6]
    if kind in _VRS:
        return at + 8, struct.unpack_from("<H", data, at + 6)[0]
    if kind in _LONG_VRS and at + 12 <= len(data) and data[at + 6 : at + 8] == b"\0\0":
        return at + 12, struct.unpack_from("<I", data, at + 8)[0]
    return None
