"""Words for train, val and test, in names of lists and cells of tables, in any usual spelling, glued or not."""

import re

TRAIN, VAL, TEST = range(3)
_WORDS = {
    **dict.fromkeys(("train", "training", "trn", "trainset", "learn", "learning"), TRAIN),
    **dict.fromkeys(
        ("val", "valid", "validation", "validate", "validating", "valset", "dev", "development", "tune", "tuning"), VAL
    ),
    **dict.fromkeys(("test", "testing", "tst", "testset", "holdout"), TEST),
}
# Words that begin or end like one of these and are none.
_OTHERS = re.compile(
    r"trained|trainers?|valu\w*|valves?|valvular|valley\w*|valence|tested|testers?|testes|testis|testimon\w*|testament\w*"
    r"|strain\w*|\w*strain|\w*straint|latest|contest|protest|attest|detest|\w+(?:at|ight|ew|st|ear|ar|ort)est|in\w*valid"
)
_GLUED = re.compile(
    r"^(training|train|validation|valid|val|testing|test)(?=.)|(?<=.)(training|train|validation|valid|test)$"
)
_TOKEN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
# What else names of lists consist of.
_FILLERS = {
    *("list", "lists", "set", "sets", "data", "dataset", "split", "splits", "file", "files", "filename", "filenames"),
    *("image", "images", "img", "imgs", "picture", "pictures", "name", "names", "id", "ids", "label", "labels", "txt"),
    *("csv", "tsv", "path", "paths", "index", "meta", "metadata", "part", "subset", "final", "official", "and", "the"),
}


def tokens_of(text: str) -> list[str]:
    """Return the words of a name in small letters, parted at punctuation, digits and changes of case."""
    return [token.lower() for token in _TOKEN.findall(text)]


def parts_in_name(name: str) -> tuple[set[int], tuple[str, ...]]:
    """Return the parts that a file's (or folder's) name says, and the words that remain without fillers.

    Example:
        >>> parts_in_name("trainCT_COVID"), parts_in_name("train_val_list"), parts_in_name("latest value")
        (({0}, ('ct', 'covid')), ({0, 1}, ()), (set(), ('latest', 'value')))
    """
    parts: set[int] = set()
    rest: list[str] = []
    for token in tokens_of(name):
        if token in _WORDS:
            parts.add(_WORDS[token])
            continue
        if (match := _GLUED.search(token)) and not _OTHERS.fullmatch(token):
            parts.add(_WORDS[match[0]])
            token = token[: match.start()] + token[match.end() :]
            if token in _WORDS:
                parts.add(_WORDS[token])
                continue
        if token not in _FILLERS:
            rest.append(token)
    return parts, tuple(rest)


def part_of_cell(cell: str) -> int | None:
    """Return the part that a cell names: "Train", "TRAINING", "validate", "test set" or "train_val" (which is train).

    Example:
        >>> [part_of_cell(cell) for cell in ("TRAIN", "validate", "Test set", "train_val", "2", "unknown")]
        [0, 1, 2, 0, None, None]
    """
    parts, rest = parts_in_name(cell)
    if rest and any(not token.isdigit() for token in rest):
        return None
    if parts == {TRAIN, VAL}:
        return TRAIN
    return parts.pop() if len(parts) == 1 else None
