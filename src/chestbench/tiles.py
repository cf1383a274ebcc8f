"""A bounded sample of pictures per class for the contact sheet."""

import numpy as np

PER_CLASS = 8
# A few more than are shown, because some turn out to be duplicates when all are seen.
_HELD = 16
MAX_CLASSES = 24


class Tiles:
    """Holds the pictures with the smallest image ids: a sample that is random, yet the same in every run and file order."""

    def __init__(self, classes: list[str]) -> None:
        self._held: list[dict[str, tuple[int, np.ndarray]]] = [{} for _ in classes[:MAX_CLASSES]]

    def wants(self, label: int) -> bool:
        """Tell whether pictures of this class (code, -1 for none) are shown at all."""
        return 0 <= label < len(self._held)

    def offer(self, label: int, image_id: str, row: int, tile: np.ndarray) -> None:
        """Hand in a picture of class `label` that stands in `row` of the catalog."""
        held = self._held[label]
        held.setdefault(image_id, (row, tile))
        if len(held) > _HELD:
            del held[max(held)]

    def chosen(self, label: int, is_kept: np.ndarray) -> list[np.ndarray]:
        """Return up to PER_CLASS pictures of a class whose rows are kept (bool (N,))."""
        held = self._held[label]
        return [tile for _, (row, tile) in sorted(held.items()) if is_kept[row]][:PER_CLASS]

    def __len__(self) -> int:
        return len(self._held)
