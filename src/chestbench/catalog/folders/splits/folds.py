"""Folders that are folds of a cross-validation ("fold0" to "fold4", "cv_2"): neither classes nor sources nor parts."""

from collections.abc import Iterable, Mapping

from chestbench.catalog.folders.words.kind_words import FILLERS, IMAGE_WORDS
from chestbench.catalog.folders.words.wording import listed
from chestbench.catalog.folders.words.words import word_set, words_of

_FOLDS = word_set(
    "fold folds kfold kfolds cv xval crossval crossvalidation falte faltung pliegue pli katlama фолд 폴드 折"
)
# In folders that bring a split of their own, these count repetitions of it as well.
_REPEATS = _FOLDS | {"split", "splits", "repeat", "run"}
_BESIDE = FILLERS | IMAGE_WORDS | {"k", "cross", "validation", "no", "nr", "id", "idx", "number"}


def is_fold(name: str) -> bool:
    """Tell whether a folder's name is a fold's: "fold0", "Fold A", "cv_fold_1", "5-fold 2", "split3".

    >>> [is_fold(name) for name in ("fold_1", "kfold-2", "cv3", "split0", "fold", "blind fold study", "folder 1")]
    [True, True, True, True, False, False, False]
    """
    words = words_of(name)
    counted = [word for word in words if word.isdigit() or (len(word) == 1 and word.isascii() and word != "k")]
    rest = [word for word in words if word not in counted and word not in _FOLDS and word not in _BESIDE]
    is_split = [word for word in words if not word.isdigit()] in (["split"], ["splits"])
    return bool(counted) and not rest and (is_split or any(word in _FOLDS for word in words))


def counts_repeats(name: str) -> bool:
    """Tell whether a folder's name counts folds or repetitions, whatever else is in it: "run 2 of split A"."""
    words = words_of(name)
    return any(word in _REPEATS for word in words) and any(word.isdigit() for word in words)


def folds_among(names: Iterable[str]) -> set[str]:
    """Return the names that are folds' where there are two or more, else none."""
    found = {name for name in names if is_fold(name)}
    return found if len(found) > 1 else set()


def fold_words(counts: Mapping[str, int], is_split: bool) -> str:
    """Return the sentence on folds.

    Args:
        counts: name of a fold -> pictures.
        is_split: whether other folders, or names, give a split that is honoured.
    """
    shown = listed([f"{name} ({count})" for name, count in sorted(counts.items())], 10)
    head = f"folders that number the folds of a cross-validation, by their names: {shown}; they are no part of a split"
    if is_split:
        return f"{head}, no classes and no sources"
    return (
        f"{head}, no classes and no sources, and the split is cut anew: to test on one of them, put it into a folder "
        "test and the others into a folder train"
    )
