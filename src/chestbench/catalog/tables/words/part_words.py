"""Words for train, val and test, in names of lists and cells of tables, in any usual spelling, glued or not."""

import re

from chestbench.catalog.folders.splits.split_words import whole_part
from chestbench.catalog.folders.words.split_vocabulary import SPLIT_WORDS, TEST, TRAIN, VAL, split_tokens

__all__ = ["TEST", "TRAIN", "VAL", "part_of_cell", "parts_in_name", "tokens_of"]

# Words that begin or end like one of these and are none.
_OTHERS = re.compile(
    r"trained|trainers?|valu\w*|valves?|valvular|valley\w*|valence|tested|testers?|testes|testis|testimon\w*|testament\w*"
    r"|strain\w*|\w*strain|\w*straint|latest|contest|protest|attest|detest|\w+(?:at|ight|ew|st|ear|ar|ort)est|in\w*valid"
)
_GLUED = re.compile(
    r"^(training|train|validation|valid|val|testing|test)(?=.)|(?<=.)(training|train|validation|valid|test)$"
)
# What else names of lists consist of.
_FILLERS = {
    *("list", "lists", "set", "sets", "data", "dataset", "split", "splits", "file", "files", "filename", "filenames"),
    *("image", "images", "img", "imgs", "picture", "pictures", "name", "names", "id", "ids", "label", "labels", "txt"),
    *("csv", "tsv", "path", "paths", "index", "meta", "metadata", "part", "subset", "final", "official", "and", "the"),
}


def tokens_of(text: str) -> list[str]:
    """Return the words of a name in small letters, parted at punctuation, digits and changes of case."""
    return list(split_tokens(text))


def parts_in_name(name: str) -> tuple[set[int], tuple[str, ...]]:
    """Return the parts that a file's (or folder's) name says, and the words that remain without fillers.

    Example:
        >>> parts_in_name("trainCT_COVID"), parts_in_name("train_val_list"), parts_in_name("latest value")
        (({0}, ('ct', 'covid')), ({0, 1}, ()), (set(), ('latest', 'value')))
    """
    parts: set[int] = set()
    rest: list[str] = []
    for token in tokens_of(name):
        if token in SPLIT_WORDS and not _OTHERS.fullmatch(token):
            parts.add(SPLIT_WORDS[token])
            continue
        if (match := _GLUED.search(token)) and not _OTHERS.fullmatch(token):
            parts.add(SPLIT_WORDS[match[0]])
            token = token[: match.start()] + token[match.end() :]
            if token in SPLIT_WORDS:
                parts.add(SPLIT_WORDS[token])
                continue
        if token not in _FILLERS:
            rest.append(token)
    return parts, tuple(rest)


def part_of_cell(cell: str) -> int | None:
    """Return the part that a cell names: "Train", "TRAINING", "PrivateTest", "hold-out", "train_val" (which is train).

    Example:
        >>> [part_of_cell(cell) for cell in ("TRAIN", "validate", "Test set", "train_val", "2", "unknown")]
        [0, 1, 2, 0, None, None]
    """
    parts, rest = parts_in_name(cell)
    if rest and any(not token.isdigit() for token in rest):
        return whole_part(cell, weak=False)
    if parts == {TRAIN, VAL}:
        return TRAIN
    return parts.pop() if len(parts) == 1 else None
