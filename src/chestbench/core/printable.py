"""Text of data sets and file names in a terminal."""

import unicodedata


def printable(text: str) -> str:
    """Return text without what a terminal would obey: control characters are shown as `?`."""
    return "".join("?" if unicodedata.category(letter) in ("Cc", "Cf", "Cs") else letter for letter in text)
