"""Names of classes as words: what a person reads in `CT_NonCOVID`, `COVIDneg` and `No Finding`."""

import re
import unicodedata

# Letters that carry their mark inside, which no normal form takes off.
_UNMARKED = str.maketrans({"ı": "i", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "đ": "d"})

# Parts between separators, in letters and digits of any script.
_CHUNK = re.compile(r"[^\W_]+")
# COVIDScan is COVID and Scan, ctScan is ct and Scan, COVID19 is COVID and 19.
_PART = re.compile(r"\d+|[^\W\d_]+?(?=\d|$|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]))")


def chunks(name: str) -> list[str]:
    """Return the parts of a name between separators, as they are written.

    >>> chunks("CT_NonCOVID (2020)")
    ['CT', 'NonCOVID', '2020']
    """
    return _CHUNK.findall(name)


def parts(chunk: str) -> list[str]:
    """Return the words of a part of a name, at capitals and digits, as they are written.

    >>> parts("NonCOVID"), parts("COVID19"), parts("noFinding"), parts("ctScan2")
    (['Non', 'COVID'], ['COVID', '19'], ['no', 'Finding'], ['ct', 'Scan', '2'])
    """
    return _PART.findall(chunk)


def without_marks(text: str) -> str:
    """Return a text without accents and vowel signs: they are written or left out, in two forms, and would cut words.

    >>> without_marks("saudável"), without_marks("sağlıklı"), without_marks("Lung")
    ('saudavel', 'saglikli', 'Lung')
    """
    if text.isascii():
        return text
    letters = unicodedata.normalize("NFKD", text.translate(_UNMARKED))
    return unicodedata.normalize("NFC", "".join(c for c in letters if not unicodedata.category(c).startswith("M")))
