"""Names of files that say that the picture was made of another: "img_1_aug1.png", "aug_img_1", "img_1_jpg.rf.HASH"."""

import re
from collections.abc import Iterator

from chestbench.catalog.folders.words.words import word_set, words_of

# These say it wherever they stand; two copies of one name need no original beside them.
_SURE = word_set(
    "aug augs augm augment augmented augmentation augmentations flip flips flipped flipping hflip vflip lrflip udflip "
    "fliplr flipud flipx flipy mirror mirrored rot rotate rotated rotation rotating jitter jittered shear sheared "
    "affine elastic cutout mixup cutmix brightness brightened darkened translated rescaled perturbed distorted "
    "transposed colorjitter randomcrop hflipped vflipped "
    "증강 회전 반전 좌우반전 상하반전 增强 旋转 翻转 镜像 增強 旋轉 翻轉 拡張 回転 反転 "
    "aumentada aumentado girada espejo gespiegelt gedreht"
)
# These say it beside the name of a picture that is there.
_PERHAPS = word_set(
    "bright brighter dark darker contrast noise noisy gaussian blur blurred crop cropped zoom zoomed shift shifted "
    "scale scaled translate translation transpose transform transformed gamma clahe equalized equalised hist sharpen "
    "sharpened enhanced warp warped squeeze stretch stretched resized saltpepper speckle poisson invert inverted "
    "negative erased erasing erase synthetic generated gan grid optical color saturation hue "
    "mosaic smote"
)
# What may stand beside such a word and says nothing else.
_BESIDE = word_set(
    "h v x y z lr ud rl up down left right top bottom center centre horizontal horizontally vertical vertically both "
    "cw ccw clockwise anticlockwise deg degree degrees by and plus minus neg pos in out random rand low high "
    "salt pepper d p"
)
_ENDINGS = frozenset(("jpg", "jpeg", "png", "bmp", "tif", "tiff", "dcm"))
_MAY_BE_AUGMENTED = re.compile("|".join(sorted(_SURE | _PERHAPS, key=len)))
# Roboflow exports "name_jpg.rf.HASH.jpg", one such file for each copy that it made of "name.jpg".
_ROBOFLOW = re.compile(r"(?P<stem>.+)[._](?:jpe?g|png|bmp|tiff?|webp|gif|dcm)\.rf\.[0-9A-Za-z]{8,}", re.IGNORECASE)


def stem_of(member: str) -> str:
    """Return a file's name without its folders and ending."""
    name = member.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def roboflow_stem(stem: str) -> str:
    """Return the name that Roboflow's export was made of, "" for other names.

    >>> roboflow_stem("covid0_jpg.rf.3360c25903db19b8baf2b46fb18aad5b")
    'covid0'
    """
    found = _ROBOFLOW.fullmatch(stem) if ".rf." in stem.lower() else None
    return found["stem"] if found else ""


def may_be_augmented(stem: str) -> bool:
    """Tell at little cost whether a name may hold a word of augmentation."""
    return _MAY_BE_AUGMENTED.search(stem.lower()) is not None


def originals_of(stem: str) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    """Yield what a name may be a copy of, the longest first.

    Args:
        stem: a file's name without its ending.

    Yields:
        Words of the original's name, the word of augmentation beside them, and whether it is sure: then two copies of
        one name need no original beside them.

    Example:
        >>> list(originals_of("img_1_rot90"))
        [(('img', '1'), 'rot', True)]
    """
    words = words_of(stem)
    lead = _run_length(words)
    tail = _run_length(words[::-1])
    cuts = [(first, len(words) - last) for first in range(lead + 1) for last in range(tail + 1) if first + last]
    for first, last in sorted(cuts, key=lambda cut: cut[0] - cut[1]):
        runs = [run for run in (words[:first], words[last:]) if run]
        found = [[word for word in run if word in _SURE or word in _PERHAPS] for run in runs]
        original = words[first:last]
        beside = [words[first - 1] if first else "", words[last] if last < len(words) else ""]
        has_number = any(map(str.isdigit, beside))
        if not original or not all(found) or (has_number and not any(map(str.isdigit, original))):
            continue
        is_whole = not has_number and not any(word in _SURE for word in original)
        is_sure = is_whole and any(word in _SURE for run in found for word in run)
        yield original, found[-1][0], is_sure
        if len(original) > 1 and original[-1] in _ENDINGS:  # "1.jpg_flip.png" of "1.jpg"
            yield original[:-1], found[-1][0], is_sure


def _run_length(words: tuple[str, ...]) -> int:
    """Return how many words from the first on say how a copy was made, and nothing else: "aug 1", "horizontal flip"."""
    says = (word in _SURE or word in _PERHAPS or word in _BESIDE or word.isdigit() for word in words)
    return next((place for place, one in enumerate(says) if not one), len(words))
