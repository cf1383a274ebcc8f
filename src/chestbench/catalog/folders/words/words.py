"""Names cut into words, and words that were misspelt."""

import re
import unicodedata
from functools import lru_cache
from string import ascii_lowercase

from chestbench.core.names import without_marks

# From so many letters on, a word with one letter more, less or other is still known.
_LONG = 7
# What denies the word that it begins, in the languages of the lists.
_DENYING_PREFIXES = (
    "a an ab in im il ir un non no not dis des de mis anti contra ano ne nie ei o u ni bes не без а "
    "非 不 無 无 未 비 미 불"
)
_DENYING = frozenset(_DENYING_PREFIXES.split())
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+")
_X_RAY = re.compile(r"(?<![^\W\d_])x[ _-]?ray(s?)(?![^\W\d_])", re.IGNORECASE)


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text as `words_of` gives them: without accents, in small letters."""
    return frozenset(without_marks(text).casefold().split())


@lru_cache(maxsize=200_000)
def words_of(name: str) -> tuple[str, ...]:
    """Cut a name into words: at whatever is no letter or digit, between letters and digits, and at capitals.

    Example:
        >>> words_of("trainCT_NonCOVID-19"), words_of("Lung_Opacity 2")
        (('train', 'ct', 'non', 'covid', '19'), ('lung', 'opacity', '2'))
    """
    plain = _X_RAY.sub(r"Xray\1", unicodedata.normalize("NFKC", name))
    if plain.isascii():
        return tuple(word.lower() for word in _WORD.findall(plain))
    # Accents would cut words; letters of other scripts have no case to cut at.
    return tuple(word.casefold() for word in _WORD.findall(without_marks(plain)))


def is_denial_of(word: str, other: str) -> bool:
    """Tell whether one of two words is the other with what denies it before it: "anormal" and "normal".

    Args:
        word, other: without accents, in small letters.
    """
    longer, shorter = sorted((word, other), key=len, reverse=True)
    return longer != shorter and longer.endswith(shorter) and longer.removesuffix(shorter) in _DENYING


def respelt(word: str, shortest: int) -> list[str]:
    """Return what a word may have been meant for: two neighbours changed; in long words a letter more, less or other.

    Short words are too near to each other for that: "brain" is no "train".
    """
    if not shortest <= len(word) <= 20 or not (word.isascii() and word.isalpha()):
        return []
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = [a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1]
    if len(word) >= _LONG:
        found += [a + b[1:] for a, b in cuts if b]
        found += [a + c + b for a, b in cuts for c in ascii_lowercase]
        found += [a + c + b[1:] for a, b in cuts if b for c in ascii_lowercase]
    return found
