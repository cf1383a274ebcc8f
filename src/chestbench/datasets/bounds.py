"""How much an archive may unpack to, whatever its headers say, and how deep archives may lie in one another."""

from chestbench.core.bounds import MOST_MEMBER_BYTES

MAX_MEMBER_BYTES = MOST_MEMBER_BYTES
# An archive inside an archive is never held in memory: it is read where it lies, or unpacked to a temporary file.
MAX_INNER_BYTES = 64 << 30
# Deflate cannot pack more than 1032:1; pictures stay below 100:1. Small members are let through: they cannot hurt.
MAX_RATIO = 200
SMALL_MEMBER_BYTES = 64 << 20
SMALL_ARCHIVE_BYTES = 1 << 30
# The archive itself is 1, one inside it is 2; a folder of files counts as 0.
MAX_DEPTH = 2


def is_too_much(unpacked: int, packed: int) -> bool:
    """Tell whether a whole archive would unpack to what no set of pictures does."""
    return unpacked > SMALL_ARCHIVE_BYTES and unpacked > MAX_RATIO * packed


def bomb(where: object, what: str, unpacked: int, packed: int) -> str:
    """Return the message on an archive that would unpack to more than it should."""
    return (
        f"{where}: expected images, received what looks like a zip bomb: {what} would unpack from {packed:,} to "
        f"{unpacked:,} bytes (limits: {MAX_MEMBER_BYTES:,} bytes a member, {MAX_RATIO}:1); do not trust this file"
    )
