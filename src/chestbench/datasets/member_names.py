"""Names of the files in an archive in one clean form, and which of them are hidden."""

import logging
import re
import unicodedata
from collections.abc import Iterable

from chestbench.core.text_encoding import DOS, NAMES, find_encoding

logger = logging.getLogger(__name__)

# What a file is called that is left out for its name alone.
BAD_NAME = "file with an unusable name"
HIDDEN_FOLDER = "hidden folder"
# Of programs, not of people: nobody keeps pictures there.
_OF_TOOLS = {".git", ".dvc", ".hg", ".svn", ".ipynb_checkpoints", ".idea", ".vscode", ".venv", ".spotlight-v100"}
_OF_TOOLS |= {".trashes", ".fseventsd", ".temporaryitems", ".github", ".config", ".ssh", ".pytest_cache"}
# Of systems and of network storage, which keeps thumbnails in @eaDir.
_HIDDEN_NAMES = {
    *("__macosx", "thumbs.db", "desktop.ini", "@eadir", "lost+found", "#recycle", "$recycle.bin"),
    "system volume information",
}


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


def name_in_zip(relative: str) -> tuple[str, bool]:
    """Return the name by which a file of a folder stands in a zip, and whether it can be read there by it.

    A name that is no UTF-8, or has a backslash or a drive letter, would be another one there: bytes in question are
    written as %XX.

    Args:
        relative: path below the folder, as the system gives it.

    Example:
        >>> name_in_zip("covid/caf\\udce9.png"), name_in_zip("a\\\\b.png"), name_in_zip("./covid/1.png")
        (('covid/caf%E9.png', False), ('a%5Cb.png', False), ('covid/1.png', True))
    """
    try:
        if "\\" in relative:
            raise ValueError("a backslash would be read as a folder")
        name = member_path(relative)
        name.encode("utf-8")
    except ValueError:
        safe = re.sub(r"[\udc80-\udcff]", lambda found: f"%{ord(found[0]) - 0xDC00:02X}", relative.replace("\\", "%5C"))
        return member_path(re.sub(r"^([A-Za-z]):", r"\1%3A", safe)), False
    return name, True


def is_hidden(name: str) -> bool:
    """Tell whether any part of a clean name is a hidden file or folder, or left there by an operating system."""
    return any(part.startswith(".") or part.lower() in _HIDDEN_NAMES for part in name.split("/"))


def hidden_folder(name: str) -> str:
    """Return the path to the first folder of a clean name that a dot hides; "" without one, or where a program made it.

    Args:
        name: of a file or folder; a file's own name is no folder.
    """
    parts = name.split("/")
    at = next((at for at, part in enumerate(parts) if part.startswith(".") or part.lower() in _HIDDEN_NAMES), None)
    if at is None or not parts[at].startswith(".") or parts[at].startswith("._") or parts[at].lower() in _OF_TOOLS:
        return ""
    return "/".join(parts[: at + 1])


def encoding_of(raw_names: Iterable[bytes]) -> str:
    """Guess how names without the UTF-8 mark were written, for the archive as a whole: "utf-8", "cp949", "cp437", ...

    Where several older encodings fit equally well, the first is taken and a warning shows the others.
    """
    text = b"\n".join(raw_names)
    try:
        text.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        pass
    written = find_encoding(text, DOS)
    chosen, *others = written.encodings
    if others:
        logger.warning(
            "names in the archive are in an older encoding and are read as %s (%r); they may as well be %s: where they "
            "are, unpack it with a program that knows its language, and give the folder",
            NAMES[chosen],
            written.examples[chosen],
            ", ".join(f"{NAMES[name]} ({written.examples[name]!r})" for name in others),
        )
    return chosen
