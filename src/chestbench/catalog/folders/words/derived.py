"""Folders whose names say that their pictures were made of others (the same patients again), or were put aside."""

from collections.abc import Mapping

from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.folders.words.words import words_of

_LISTED = (
    "gradcam gradcams cam cams saliency pred preds prediction predictions augmented augmentation augmentations aug "
    "resized cropped processed preprocessed enhanced equalized equalised clahe filtered denoised segmented flipped "
    "rotated synthetic generated recortadas recortada recortado recortados recadrees recadrage zugeschnitten "
    "ritagliate cortadas bijgesneden przyciete"
)
_WORDS = frozenset(_LISTED.split())


def derived_folders(folders: Mapping[str, int]) -> dict[str, int]:
    """Return names of folders of pictures that were derived or put aside ("rejected", "thumbnails"), with counts.

    None where all pictures lie in such folders.

    Args:
        folders: path of a folder that has a class -> pictures directly in it.

    Example:
        >>> derived_folders({"covid": 9, "gradcam/covid": 9, "normal": 7})
        {'gradcam': 9}
    """
    found: dict[str, int] = {}
    inside = 0
    for folder, count in folders.items():
        names = [name for name in folder.split("/") if is_derived(name) or role_of(name) is Role.ASIDE]
        inside += count if names else 0
        if names:
            found[names[0]] = found.get(names[0], 0) + count
    return dict(sorted(found.items())) if inside < sum(folders.values()) else {}


def is_derived(name: str) -> bool:
    """Tell whether a folder's name says that its pictures were made of others: "Augmented", "resized_224"."""
    return not _WORDS.isdisjoint(words_of(name))
