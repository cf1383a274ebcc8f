"""Which members are masks or annotations, judged by names alone; whether pictures look like masks: mask_looks.py."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chestbench.catalog.folders.words.kind_words import MASK_WORDS, is_image_name, is_mask_name
from chestbench.catalog.folders.words.words import word_set, words_of

# In a file's name these are masks only where the picture of the same name without them is there.
_NEED_A_PAIR = frozenset({"seg", "segs", "gt", "gts", "label", "labels", "roi", "truth", "lesion", "overlay", "annot"})

# Folders of masks whose files are pictures with something drawn over them.
_DRAWN_OVER = word_set("box boxes bbox bboxes bounding overlay overlays overlayed overlaid heatmap heatmaps annotated")


@dataclass(frozen=True)
class FoundMasks:
    """Members that are masks or annotations.

    Attributes:
        members: their names.
        folders: how many lie in each folder of masks, by the folder's name; "" counts those that their own name tells.
        offers: (images, masks, pictures) of dataset.masks: by exchanging the first for the second, so many pictures'
            paths lead to their masks, the most first; lung masks before others.
    """

    members: frozenset[str]
    folders: dict[str, int]
    offers: list[tuple[str, str, int]]


def find_masks(members: Sequence[str]) -> FoundMasks:
    """Find masks by name.

    The folder nearest to the file that names pictures ("images") or masks ("lung masks", "labelsTr") decides. A file's
    own name decides before that: "12_mask.png"; words that could mean something else (seg, gt, label) need the picture
    12.png beside them. Where all members would be masks, none is: the word then names the set ("Lung Segmentation").

    Args:
        members: names of what may be pictures, with forward slashes.

    Example:
        >>> found = find_masks(["set/covid/images/1.png", "set/covid/lung masks/1.png", "set/normal/2.png"])
        >>> sorted(found.members), found.offers
        (['set/covid/lung masks/1.png'], [('/images/', '/lung masks/', 1)])
    """
    decided: dict[str, str | None] = {}
    stems = {_key(member.rpartition("/")[2]) for member in members}
    mask_of: dict[str, str] = {}
    for member in members:
        folder, _, name = member.rpartition("/")
        if folder not in decided:
            decided[folder] = _mask_folder(folder)
        if (of := decided[folder]) is not None:
            mask_of[member] = of
        elif _is_mask_file(name, stems):
            mask_of[member] = ""
    if len(mask_of) == len(members):
        return FoundMasks(frozenset(), {}, [])
    folders = Counter(mask_of.values())
    return FoundMasks(frozenset(mask_of), dict(sorted(folders.items())), _offers(members, mask_of))


def _mask_folder(folder: str) -> str | None:
    """Return the nearest folder's name where it says masks; None where it says pictures, or none says anything."""
    for part in reversed(folder.split("/")):
        if is_mask_name(part):
            return part
        if is_image_name(part):
            return None
    return None


def _is_mask_file(name: str, stems: set[str]) -> bool:
    stem = name.rpartition(".")[0] or name
    words = [word for word in words_of(stem) if not word.isdigit()]
    for word in (words[0], words[-1]) if words else ():
        if word in _NEED_A_PAIR:
            if " ".join(other for other in words_of(stem) if other != word) in stems:
                return True
        elif word in MASK_WORDS or word.endswith("mask"):
            return True
    return False


def _key(name: str) -> str:
    """Return a name without its ending and what joins its words."""
    return " ".join(words_of(name.rpartition(".")[0] or name))


def _offers(members: Sequence[str], mask_of: dict[str, str]) -> list[tuple[str, str, int]]:
    """Find by which exchange of one folder pictures lead to their masks."""
    pictures = {member.rpartition(".")[0]: member for member in members if member not in mask_of}
    counts: Counter[tuple[str, str]] = Counter()
    for mask, folder in mask_of.items():
        if not folder or not _DRAWN_OVER.isdisjoint(words_of(folder)):
            continue  # boxes and heat maps show where, and are no masks to lay over a picture
        before, _, after = mask.rpartition(".")[0].rpartition(f"/{folder}/")
        for images in ("images", "image", "imgs", "img", "pictures", "Images", "IMAGES"):
            if f"{before}/{images}/{after}" in pictures:
                counts[(f"/{images}/", f"/{folder}/")] += 1
                break
    order = sorted(counts.items(), key=lambda item: ("lung" not in item[0][1].lower(), -item[1], item[0]))
    return [(*names, count) for names, count in order]


def describe_masks(found: FoundMasks, is_set: bool) -> dict[str, Any]:
    """Return what is said of masks in the layout: counts by folder, and the line that uses them.

    Args:
        found: the masks.
        is_set: whether dataset.masks is set already.
    """
    if not found.members:
        return {}
    said: dict[str, Any] = {"masks": {name or "(by the file's name)": count for name, count in found.folders.items()}}
    if found.offers and not is_set:
        images, masks, pictures = found.offers[0]
        said["masks_usable"] = pictures
        said["masks_line"] = f"-S 'dataset.masks={{images: {images}, masks: {masks}}}' -S preprocess.roi=mask"
    return said
