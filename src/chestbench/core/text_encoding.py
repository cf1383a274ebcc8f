"""In which older encoding a text was written that is not UTF-8: decided by words and letters, or told to be open.

Programs before UTF-8 wrote bytes that many encodings read, each as other letters; a wrong one gives names of columns
that nobody called so. A reading is taken where it alone holds words that tables of pictures have ("诊断", "환자"), or
where it alone looks like a language: common characters, letters of one script in each word, capitals where they stand.
"""

import re
import unicodedata
from dataclasses import dataclass

from chestbench.core.encoding_words import KNOWN, KNOWN_SIGNS
from chestbench.core.names import without_marks

# Python's name -> what people call it.
NAMES = {
    "cp949": "Korean (cp949)",
    "gb18030": "simplified Chinese (gb18030)",
    "big5": "traditional Chinese (big5)",
    "cp932": "Japanese (cp932)",
    "euc_jp": "Japanese (euc_jp)",
    "cp1252": "Western European (Windows-1252)",
    "cp1250": "Central European (Windows-1250)",
    "cp1254": "Turkish (Windows-1254)",
    "cp437": "Western European (DOS, cp437)",
    "cp1251": "Cyrillic (Windows-1251)",
    "cp866": "Cyrillic (DOS, cp866)",
    "koi8_r": "Cyrillic (koi8_r)",
    "cp1253": "Greek (Windows-1253)",
    "cp1255": "Hebrew (Windows-1255)",
    "cp1256": "Arabic (Windows-1256)",
    "cp874": "Thai (Windows-874)",
}
_SCRIPTS = {
    **dict.fromkeys(("cp1251", "cp866", "koi8_r"), "CYRILLIC"),
    "cp1253": "GREEK",
    "cp1255": "HEBREW",
    "cp1256": "ARABIC",
    "cp874": "THAI",
}
_LATIN = ("cp1252", "cp1250", "cp1254", "cp437")
# What texts, and names in a zip without the mark of UTF-8, are in where nothing else fits.
WINDOWS, DOS = _LATIN[:3], _LATIN[3:]
# First bytes of the common characters of each, whose second byte is above 0xA0 or (Japanese, big5) any.
_COMMON = {
    "cp949": ((0xB0, 0xC8),),
    "gb18030": ((0xB0, 0xD7),),
    "big5": ((0xA4, 0xC6),),
    "cp932": ((0x82, 0x83), (0x88, 0x98)),
    "euc_jp": ((0xA4, 0xA5), (0xB0, 0xCF)),
}
_PLAUSIBLE = 0.9
# So many different syllables, all of them common Korean ones: Chinese and Japanese would hold others.
_SURELY_KOREAN = 20
_MOST_CELLS = 3000
_CELL = re.compile(rb'[^\r\n\t",;]*[\x80-\xff][^\r\n\t",;]*')
_TOKEN = re.compile(r"[^\s!-/:-@\[-`{-~]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_SIGNS = "°µ±²³–—“”‘’«»…€§№×·ºª©®"
# A sign between two letters stays: it is no letter of the language.
_SIGN_BESIDE = re.compile(rf"(?<![^\W\d_])[{_SIGNS}]|[{_SIGNS}](?![^\W\d_])")
# Thai vowels and tones stand where they can: behind a consonant, the leading vowels before one.
_THAI = re.compile(
    r"(?:[\u0e40-\u0e44]?[\u0e01-\u0e2e][\u0e31\u0e34-\u0e3a\u0e47]?[\u0e48-\u0e4e]?[\u0e30\u0e32\u0e33\u0e45]?\u0e46?)+"
)
_ICELANDIC = "ðþýÐÞÝ"


@dataclass(frozen=True)
class Written:
    """In which encodings a text may be written.

    Attributes:
        encodings: Python's names; the first where it is alone, else none of them is better than the others.
        others: that give another text of no worse looks, where one was taken by its being the most common.
        examples: encoding -> some of its foreign words.
    """

    encodings: list[str]
    others: list[str]
    examples: dict[str, str]


def find_encoding(data: bytes, western: tuple[str, ...] = WINDOWS) -> Written:
    """Judge how a text that is not UTF-8 was written.

    Args:
        data: the text.
        western: which encodings of Latin letters it may be in, the first where nothing fits: WINDOWS, or DOS for names
            in a zip.
    """
    cells = list(dict.fromkeys(_CELL.findall(data)))[:_MOST_CELLS]
    names = [name for name in NAMES if name in western or name not in _LATIN]
    readings = {name: found for name in names if (found := _decoded(cells, name))}
    examples = {name: ", ".join(found[:3])[:60] for name, found in readings.items()}
    known = {name: {at for at, cell in enumerate(found) if _is_known(cell)} for name, found in readings.items()}
    best = _of_one_text([name for name in known if known[name] and not _is_outdone(known, name)], readings)
    if len(best) == 1:
        return Written(best, [], examples)
    likely = [name for name, found in readings.items() if _looks_right(cells, found, name)]
    if {"cp1251", "koi8_r"} <= set(likely):  # one is the other with capitals for small letters
        likely.remove(min("koi8_r", "cp1251", key=lambda name: sum(map(str.islower, "".join(readings[name])))))
    likely = [name for name in likely if name in best] or likely
    syllables = {letter for text in readings.get("cp949", ()) for letter in text if ord(letter) > 127}
    if "cp949" in likely and len(syllables) >= _SURELY_KOREAN and _commonness(cells, "cp949") == 1.0:
        likely = ["cp949"]
    texts = _of_one_text(likely, readings)
    if texts and texts[0] == western[0] and set(texts) <= set(_LATIN):
        return Written([western[0]], texts[1:], examples)
    return Written(texts or [western[0]], [], examples)


def _is_outdone(known: dict[str, set[int]], name: str) -> bool:
    """Tell whether another reading knows cells that this one does not, and hardly the other way round."""
    mine = known[name]
    return any(len(other - mine) > 4 * len(mine - other) for other in known.values())


def _decoded(cells: list[bytes], encoding: str) -> list[str]:
    try:
        return [cell.decode(encoding).strip() for cell in cells]
    except UnicodeDecodeError:
        return []


def _of_one_text(names: list[str], readings: dict[str, list[str]]) -> list[str]:
    """Return the first encoding of each different text."""
    first: dict[tuple[str, ...], str] = {}
    for name in names:
        first.setdefault(tuple(readings[name]), name)
    return list(first.values())


def _is_known(cell: str) -> bool:
    """Tell whether a cell holds a word that tables of pictures have: signs anywhere, letters as a whole word."""
    return KNOWN_SIGNS.search(cell) is not None or any(
        word in KNOWN
        for token in _TOKEN.findall(cell)
        if not token.isascii()
        for word in _LETTERS.findall(without_marks(token).casefold())
    )


def _looks_right(cells: list[bytes], found: list[str], encoding: str) -> bool:
    if encoding in _COMMON:
        return _commonness(cells, encoding) >= _PLAUSIBLE
    tokens = [token for text in found for token in _TOKEN.findall(text) if not token.isascii()]
    fit = sum(_is_word(token, encoding) for token in tokens)
    return bool(tokens) and fit >= _PLAUSIBLE * len(tokens)


def _commonness(cells: list[bytes], encoding: str) -> float:
    """Return the share of the foreign characters that are common ones; one right behind a small letter is none."""
    total = common = 0
    for cell in cells:
        text = cell.decode(encoding)
        for before, letter in zip(" " + text, text, strict=False):
            if ord(letter) > 127:
                total += 1
                common += _is_common(letter, encoding) and not ("a" <= before <= "z")
    return common / total if total else 0.0


def _is_common(letter: str, encoding: str) -> bool:
    pair = letter.encode(encoding)
    if len(pair) != 2:
        return False
    is_wide = unicodedata.east_asian_width(letter) == "F" or unicodedata.category(letter)[0] in "PS"
    in_range = any(first <= pair[0] <= last for first, last in _COMMON[encoding])
    return is_wide or (in_range and (encoding in ("cp932", "big5") or pair[1] > 0xA0))


def _is_word(token: str, encoding: str) -> bool:
    """Tell whether a word looks like one of its language: letters of one script, capitals where they stand."""
    letters = re.sub(r"\d|’", "", _SIGN_BESIDE.sub("", token))
    if not letters:
        return True
    if not all(letter.isalpha() or unicodedata.category(letter).startswith("M") for letter in letters):
        return False
    if encoding == "cp1252" and any(letter in _ICELANDIC for letter in letters):
        return False
    script = _SCRIPTS.get(encoding, "LATIN")
    foreign = (unicodedata.name(letter, "").split()[0] for letter in letters if ord(letter) > 127)
    plain = sum(map(str.isascii, letters))
    # A word of accents alone is one of another script; a word of that other script has no Latin letters in it.
    is_one = 2 * plain >= len(letters) - 1 if encoding in _LATIN else not plain
    if script == "THAI" and not _THAI.fullmatch(letters):
        return False
    has_case = letters.lower() != letters.upper()
    is_written = letters.islower() or letters.isupper() or (letters[:1].isupper() and letters[1:].islower())
    return is_one and all(of == script for of in foreign) and (is_written or not has_case)
