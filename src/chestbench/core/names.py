"""Names of classes as words: what a person reads in `CT_NonCOVID`, `COVIDneg` and `No Finding`."""

import re

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
