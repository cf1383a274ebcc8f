"""Which end of the values is white? Some X-rays are labelled MONOCHROME1 and stored the other way.

Of this project's two files of one picture, labelled MONOCHROME1 and MONOCHROME2, both hold the same bytes of pixels.
"""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
import numpy as np

from chestbench.imaging.dicom.rules import is_ct
from chestbench.imaging.grey import GreyFacts, GreyScale

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

_SIDE = 128
_SMALLEST = 256
_CERTAIN = -0.6


def stated_polarity(dataset: "FileDataset") -> tuple[bool, bool]:
    """Tell whether a header says that its lowest value is white, and whether it contradicts itself.

    PresentationLUTShape decides where it stands (PS3.3, C.11.6: after IDENTITY values are P-Values, 0 black; after
    INVERSE they are that once inverted), else PhotometricInterpretation.
    """
    by_photometric = "MONOCHROME1" in dataset.PhotometricInterpretation
    shape = str(dataset.get("PresentationLUTShape") or "").strip(" \0").upper()
    if shape not in ("IDENTITY", "INVERSE"):
        return by_photometric, False
    return shape == "INVERSE", (shape == "INVERSE") != by_photometric


def choose_polarity(
    dataset: "FileDataset", scale: GreyScale, show: Callable[[bool], tuple[np.ndarray, GreyFacts]]
) -> tuple[np.ndarray, GreyFacts]:
    """Show a picture as its header says, or the other way round where that would certainly be a negative.

    Only X-rays that the header inverts, or of which it says two things, are judged by `is_negative`.

    Args:
        dataset: the header.
        scale: its `monochrome1` says for the set that MONOCHROME1 means nothing.
        show: told whether to invert, returns uint8 (H, W) and the facts.

    Returns:
        The picture, and the facts with `inverted` and `contradicts`.
    """
    inverted, contradicts = stated_polarity(dataset)
    if is_ct(dataset) or not (inverted or contradicts):
        pixels, facts = show(inverted)
        return pixels, dataclasses.replace(facts, inverted="yes" if inverted else "", contradicts=contradicts)
    followed = not (inverted and scale.monochrome1 == "stored")
    pixels, facts = show(inverted and followed)
    if followed and is_negative(pixels):
        followed, (pixels, facts) = False, show(not inverted)
    word = {(True, True): "yes", (True, False): "mislabelled", (False, True): "", (False, False): "yes"}
    return pixels, dataclasses.replace(facts, inverted=word[inverted, followed], contradicts=contradicts)


def is_negative(pixels: np.ndarray) -> bool:
    """Tell whether an X-ray, as it would be shown, is certainly a negative.

    In a positive the mediastinum and spine are brighter than the lungs and than the upper corners (air beside the
    neck), and those are darker than the middle grey. Grey values are replaced by their ranks, so that window and
    exposure do not matter; the three differences are added up. All three have to be negative and their sum below -0.6.
    Of 900 X-rays of the COVID-19 Radiography Database none is called a negative (7 are with a white frame drawn around
    them), and of their inversions 98% are. Lateral views were not at hand to try.

    Args:
        pixels: uint8 (H, W), 0 black. A side below 256 pixels is not judged: False.
    """
    if min(pixels.shape) < _SMALLEST:
        return False
    small = cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    counts = np.bincount(small.astype(np.uint8, copy=False).ravel(), minlength=256)
    rank = ((np.cumsum(counts) - counts / 2) / small.size)[small]
    lungs = (rank[45:85, 25:50].mean() + rank[45:85, 78:103].mean()) / 2
    middle = rank[45:95, 58:70].mean()
    corners = (rank[:10, :10].mean() + rank[:10, -10:].mean()) / 2
    signs = np.array([middle - lungs, 0.5 - corners, middle - corners])
    return bool((signs < 0).all() and signs.sum() < _CERTAIN)
