"""Names of the files in an archive in one clean form, and which of them are hidden."""

import re
import unicodedata
from collections.abc import Iterable

_HIDDEN_NAMES = {"__macosx", "thumbs.db", "desktop.ini"}


def member_path(name: str) -> str:
    """Return a member's name in its one clean form: forward slashes, no `.` or empty parts, Unicode NFC.

    Raises:
        ValueError: the name is absolute, has a drive letter, climbs with `..`, or is empty.
    """
    posix = unicodedata.normalize("NFC", name.replace("\\", "/"))
    parts = [part for part in posix.split("/") if part not in ("", ".")]
    if posix.startswith("/") or re.match(r"[A-Za-z]:", posix) or ".." in parts or not parts:
        raise ValueError(f"expected a name inside the archive, received {name!r}")
    return "/".join(parts)


def is_hidden(name: str) -> bool:
    """Tell whether any part of a clean name is a hidden file or folder, or left there by an operating system."""
    return any(part.startswith(".") or part.lower() in _HIDDEN_NAMES for part in name.split("/"))


def encoding_of(raw_names: Iterable[bytes]) -> str:
    """Guess how names without the UTF-8 mark were written: "utf-8", "cp949" or "cp437", for the archive as a whole."""
    text = b"\n".join(raw_names)
    try:
        text.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        foreign = [character.encode("cp949") for character in text.decode("cp949") if ord(character) > 127]
    except UnicodeDecodeError:
        return "cp437"
    # A western accent and the letter after it also pass for a rare Korean syllable; Korean words use common ones,
    # whose two bytes are both above 0xA0.
    common = sum(min(pair) > 0xA0 for pair in foreign)
    return "cp949" if common * 2 > len(foreign) else "cp437"
