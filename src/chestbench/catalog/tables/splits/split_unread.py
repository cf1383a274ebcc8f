"""Files that are called like a split and that nothing reads as one: said by their names."""

import logging
from collections.abc import Sequence

from chestbench.catalog.folders.words.wording import listed
from chestbench.catalog.tables.words.part_words import parts_in_name, tokens_of

logger = logging.getLogger(__name__)

_ENDINGS = (
    *(".txt", ".csv", ".tsv", ".lst", ".list", ".json", ".jsonl", ".yaml", ".yml", ".toml", ".ini", ".cfg"),
    *(".xml", ".xlsx", ".xls", ".npy", ".npz", ".pkl", ".pickle", ".mat", ".pt", ".joblib"),
)
_LABELS = {"label", "labels", "answers"}
_SPLIT = {"split", "splits", "partition", "partitions"}
_INDICES = {"idx", "idxs", "indices", "indexes"}


def unread_splits(members: Sequence[str], told: Sequence[str]) -> str:
    """Return a sentence on files called like a split ("train_test_split.txt", "ids_train.npy"); "" for none.

    Args:
        members: those that dataset.exclude leaves, of a set whose split is cut anew.
        told: sentences on tables, whose names they hold: said already.
    """
    named = [member for member in members if member.lower().endswith(_ENDINGS) and _is_split_name(member)]
    named = [member for member in named if not any(member.rpartition("/")[2] in text for text in told)]
    if not named:
        return ""
    text = (
        f"{listed(named, 6)} {'is' if len(named) == 1 else 'are'} called like a split of this set, which is not used: "
        "what is read is a list for each part (train.txt and test.txt, a file name in each line), or a column that "
        "says train, val and test"
    )
    logger.warning("%s", text)
    return text


def _is_split_name(member: str) -> bool:
    stem = member.rpartition("/")[2].rpartition(".")[0]
    parts, rest = parts_in_name(stem)
    if _LABELS & set(tokens_of(stem)):
        return False
    return all(word.isdigit() or word in _SPLIT | _INDICES for word in rest) and bool(
        parts or _SPLIT & set(tokens_of(stem))
    )
