"""Every detector by name: the files of `chestbench.models.detectors`, of which only the one asked for is imported.

As `chestbench.models.registry` does for networks; needs no keras.
"""

from collections.abc import Iterable

from chestbench.models import detectors
from chestbench.models.detection.detector import Detector
from chestbench.models.registry import entry, file_names


def known_names() -> list[str]:
    """Return the names of all detectors in alphabetical order; imports none of them.

    >>> [name for name in known_names() if name.startswith("fcos_resnet50")]
    ['fcos_resnet50', 'fcos_resnet50v2']
    """
    return file_names(detectors)


def get(name: str) -> Detector:
    """Return the entry of one detector.

    >>> get("fcos_tiny").body.name
    'tiny'

    Args:
        name: of a file in `chestbench.models.detectors`.

    Raises:
        ChestbenchError: there is no such detector (the nearest names are given), its file cannot be imported, or
            defines no `DETECTOR` of that name.
    """
    return entry(detectors, name, Detector, "DETECTOR", "detector", "detector.variants")


def check_names(names: Iterable[str]) -> None:
    """Raise the `ChestbenchError` of `get` for the first name that is not a detector."""
    for name in names:
        get(name)
