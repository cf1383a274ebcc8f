"""A bounded sample of pictures per class for the contact sheet."""

import numpy as np

PER_CLASS = 8
# A few more than are shown, because some turn out to be duplicates when all are seen.
_HELD = 16
MAX_CLASSES = 24


class Tiles:
    """Holds the pictures with the smallest ids: a random sample, yet the same in every run and file order.

    The audit's ids are the ranks of limits.py, so that what a limit keeps is what is shown.
    """

    def __init__(self, classes: list[str]) -> None:
        self._held: list[dict[str, tuple[int, np.ndarray]]] = [{} for _ in classes[:MAX_CLASSES]]
        # The largest id held by a full class. It only ever falls: a thread that reads an old one errs on the safe side.
        self._highest: list[str | None] = [None] * len(self._held)

    def wants(self, label: int, image_id: str) -> bool:
        """Tell whether this picture of a class (code, -1 for none) may still get in; threads may ask at any time."""
        if not 0 <= label < len(self._held):
            return False
        highest = self._highest[label]
        return highest is None or image_id < highest

    def offer(self, label: int, image_id: str, row: int, tile: np.ndarray) -> None:
        """Hand in a picture of class `label` that stands in `row` of the catalog."""
        held = self._held[label]
        held.setdefault(image_id, (row, tile))
        if len(held) > _HELD:
            del held[max(held)]
            self._highest[label] = max(held)

    def holds(self, label: int, image_id: str) -> bool:
        """Tell whether a picture of a class (code, -1 for none) is held."""
        return 0 <= label < len(self._held) and image_id in self._held[label]

    def replace(self, label: int, image_id: str, tile: np.ndarray) -> None:
        """Exchange a picture that is held; its row stays."""
        row, _ = self._held[label][image_id]
        self._held[label][image_id] = (row, tile)

    def chosen(self, label: int, is_kept: np.ndarray) -> list[np.ndarray]:
        """Return up to PER_CLASS pictures of a class whose rows are kept (bool (N,))."""
        held = self._held[label]
        return [tile for _, (row, tile) in sorted(held.items()) if is_kept[row]][:PER_CLASS]

    def rows(self, label: int, is_kept: np.ndarray) -> list[int]:
        """Return the rows of the pictures that `chosen` returns."""
        return [row for _, (row, _) in sorted(self._held[label].items()) if is_kept[row]][:PER_CLASS]

    def __len__(self) -> int:
        return len(self._held)
