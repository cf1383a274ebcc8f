"""Masks beside the pictures of an archive: which member holds whose."""

from bisect import bisect_left

from chestbench.core.config import Masks
from chestbench.core.errors import ChestbenchError

# Tried in turn where the mask does not have the picture's own ending.
_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")


class MaskFinder:
    """Finds the mask of a picture by its path."""

    def __init__(self, members: list[str], masks: Masks | None) -> None:
        """Take the sorted names of all members, excluded ones as well, and dataset.masks.

        Raises:
            ChestbenchError: both parts of dataset.masks are the same.
        """
        if masks and masks.images == masks.masks:
            raise ChestbenchError(
                f"dataset.masks: expected another name for masks than for images, received {masks.masks!r} for both; "
                "give the two folders' names"
            )
        self._members = members
        self._masks = masks

    def find(self, member: str) -> str:
        """Return the member that holds the mask of a picture, or "".

        The last `masks.images` in the picture's path is exchanged for `masks.masks`; case matters. Where no member has
        that name, the same name with another ending (.png, .jpg, ...) will do.
        """
        if self._masks is None:
            return ""
        # With a slash in front, "/images/" finds a folder at the top as well.
        before, found, after = f"/{member}".rpartition(self._masks.images)
        if not found:
            return ""
        wanted = f"{before}{self._masks.masks}{after}".strip("/")
        folder, slash, name = wanted.rpartition("/")
        stem = name.rpartition(".")[0] or name
        for candidate in (wanted, *(f"{folder}{slash}{stem}{ending}" for ending in _ENDINGS)):
            if candidate != member and self._has(candidate):
                return candidate
        return ""

    def drop_masks(self, members: list[str]) -> list[str]:
        """Return the members that are not the mask of another of `members`: masks are never pictures to classify."""
        if self._masks is None:
            return members
        masks = {mask for member in members if (mask := self.find(member))}
        return [member for member in members if member not in masks] if masks else members

    def _has(self, member: str) -> bool:
        place = bisect_left(self._members, member)
        return place < len(self._members) and self._members[place] == member
