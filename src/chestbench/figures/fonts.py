"""Text in pictures that every reader can see: a font that has the glyphs, or a clean fallback; never empty boxes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import matplotlib
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from chestbench.imaging.text import ascii_label

BUNDLED = "DejaVu Sans"
# Names of families that cover many scripts, tried before all others: the first hit ends the search.
WIDE = ("cjk", "nanum", "malgun", "gothic", "noto", "unicode", "droid", "unifont", "hei", "song", "ming", "sans")
LONGEST = 28


@dataclass(frozen=True)
class Lettering:
    """Font families to draw with, the text to show for each name, and a note that explains replaced names."""

    families: tuple[str, ...]
    shown: Mapping[str, str]
    key: str


def choose(names: Sequence[str]) -> Lettering:
    """Pick fonts for class names.

    A name in letters that the bundled font or an installed one has is shown as it is (shortened past 28 characters).
    Any other is shown as `class 1 (U+C815 U+C0C1)`, or `class 1 (normal)` where it has ASCII letters too: the number is
    its place in `names`, counted from 1 as on the sheets, and the key says so. Control characters count as letters that
    no font has.
    """
    families, shown, replaced = [BUNDLED], {}, False
    for index, name in enumerate(names, 1):
        family = (
            _family_with(frozenset(ord(letter) for letter in name if letter != " ")) if name.isprintable() else None
        )
        if family is None:
            shown[name] = _escaped(index, name)
            replaced = True
        else:
            shown[name] = _plain(name)
            if family not in families:
                families.append(family)
    # Shortened names that became equal are told apart by their place.
    labels = list(shown.values())
    for index, name in enumerate(names, 1):
        if labels.count(shown[name]) > 1:
            shown[name] = f"{index}: {shown[name]}"
    key = "classes are numbered in their order; no installed font has these letters" if replaced else ""
    return Lettering(tuple(families), shown, key)


@contextmanager
def drawn_with(lettering: Lettering) -> Iterator[None]:
    """Use the lettering's families for every text made inside the block (matplotlib falls back glyph by glyph)."""
    with matplotlib.rc_context({"font.family": list(lettering.families), "axes.unicode_minus": False}):
        yield


def _plain(name: str) -> str:
    """Return the name shortened, with dollars kept from starting a formula and no leading underscore or space."""
    short = name if len(name) <= LONGEST else name[: LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"
    short = short.replace("$", r"\$") if short.count("$") > 1 else short
    # matplotlib leaves labels that start with an underscore out of legends.
    return f"\N{NO-BREAK SPACE}{short}" if short.startswith("_") else short


def _escaped(index: int, name: str) -> str:
    number = f"class {index}"
    said = ascii_label(name, number)
    if said != number:
        return _plain(said if said.startswith(number) else f"{number} ({said})")
    codes = " ".join(f"U+{ord(letter):04X}" for letter in name[:3])
    return f"{number} ({codes}{' ...' if len(name) > 3 else ''})"


@cache
def _family_with(needed: frozenset[int]) -> str | None:
    """Return a font family that has every code point of `needed`; the bundled one when it does."""
    if needed <= _glyphs(font_manager.findfont(BUNDLED)):
        return BUNDLED
    for entry in _candidates():
        if needed <= _glyphs(entry.fname):
            return entry.name
    return None


@cache
def _candidates() -> tuple[font_manager.FontEntry, ...]:
    """Return one upright regular font per installed family, those known to be wide first."""
    regular: dict[str, font_manager.FontEntry] = {}
    for entry in font_manager.fontManager.ttflist:
        # Last Resort, which matplotlib brings along, draws every letter as the same kind of box.
        if "last" in entry.name.lower() and "resort" in entry.name.lower():
            continue
        if entry.style == "normal" and str(entry.weight) in ("400", "normal", "regular", "book"):
            regular.setdefault(entry.name, entry)
    return tuple(sorted(regular.values(), key=lambda entry: (_rank(entry.name), entry.name)))


def _rank(family: str) -> int:
    hits: Iterable[int] = (place for place, word in enumerate(WIDE) if word in family.lower())
    return min(hits, default=len(WIDE))


@cache
def _glyphs(path: str) -> frozenset[int]:
    """Return the code points a font file has glyphs for; none when the file is unreadable as a font."""
    try:
        return frozenset(FT2Font(path).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()
