"""Pictures that are photographic negatives of the others of their set, told by looks where no header says so.

Chest pictures of one kind are alike where it is coarse: a bright middle beside dark lungs. What is common to a set is
one pattern, and each picture holds it one way round; those that hold it the other way round are negatives of the
others. Nothing is said of sets without such a pattern, and of two kinds of pictures that are merely unlike.

Of 900 X-rays of the COVID-19 Radiography Database, 700 slices of SARS-CoV-2 CT and the X-rays of PneumoniaMNIST none is
called a negative, nor with frames drawn around half of them; of each class that is inverted 95% and more are.
"""

from collections.abc import Sequence

import numpy as np

from chestbench.imaging.fingerprint import SIDE

# Correlation with the common pattern from which a picture clearly holds it, and the share of the pictures that must.
_CLEAR, _COMMON = 0.4, 0.8
# Pixels of the small copy that are cut off at each side -> the correlation that the mean of negatives has at most with
# the mean of the others: without its margins a picture is judged by the chest, with them frames and letters count.
_OPPOSITE = {6: -0.7, 0: -0.85}
# So many pictures are needed; so many negatives, and so large a share of a class, are worth a word; so many are judged.
_LEAST, _FEWEST, _SHARE, _MOST = 30, 3, 0.1, 4000


def warn_of_negatives(copies: np.ndarray, label: np.ndarray, classes: Sequence[str]) -> list[str]:
    """Return a warning where pictures of some class look like negatives of others, else nothing.

    Args:
        copies: uint8 (N, SIDE * SIDE), small copies of pictures that are kept.
        label: int (N,), class codes.
        classes: names by code.
    """
    most = max(_FEWEST, _MOST // max(1, len(classes)))
    rows = [np.flatnonzero(label == code)[:most] for code in range(len(classes))]
    chosen = np.concatenate([np.zeros(0, np.int64), *rows])
    if len(chosen) < _LEAST:
        return []
    count = np.array([len(of_class) for of_class in rows])
    for margin, opposite in _OPPOSITE.items():
        sides = [
            np.bincount(label[chosen][which], minlength=len(classes))
            for which in _sides(copies[chosen], margin, opposite)
        ]
        if ((sides[1] >= _FEWEST) & (sides[1] >= _SHARE * count)).any():
            one, other = (", ".join(f"{name} {n}" for name, n in zip(classes, side, strict=True)) for side in sides)
            return [
                f"pictures look like photographic negatives of one another (one way round: {one}; the other: {other}): "
                "where classes differ in that, it tells the class; look at them in the contact sheet, and invert the "
                "files that are negatives"
            ]
    return []


def _sides(copies: np.ndarray, margin: int, opposite: float) -> tuple[np.ndarray, np.ndarray]:
    """Return which pictures hold the common pattern, and which hold it reversed, bool (N,) each; none without one."""
    pictures = _standardised(copies, margin)
    held = pictures @ np.linalg.eigh(pictures.T @ pictures)[1][:, -1]
    held = held if (held > 0).sum() >= (held < 0).sum() else -held
    positive, negative = held >= _CLEAR, held <= -_CLEAR
    is_common = (positive | negative).mean() >= _COMMON and negative.any()
    likeness = np.corrcoef(pictures[positive].mean(0), pictures[negative].mean(0))[0, 1] if is_common else 1.0
    return (positive, negative) if likeness <= opposite else (positive, np.zeros_like(negative))


def _standardised(copies: np.ndarray, margin: int) -> np.ndarray:
    """Return the middle of pictures at half the size with mean 0 and length 1, float32 (N, P); flat ones are 0."""
    middle = copies.reshape(-1, SIDE, SIDE)[:, margin : SIDE - margin, margin : SIDE - margin]
    half = (SIDE - 2 * margin) // 2
    small = middle.reshape(-1, half, 2, half, 2).mean((2, 4), dtype=np.float32).reshape(len(copies), -1)
    centred = small - small.mean(1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.divide(centred, length, out=np.zeros_like(centred), where=length > 0)
