"""What the units are called that a split keeps whole and that intervals draw: patients where patients are known."""

from collections.abc import Mapping
from typing import Any

from chestbench.core.notice import ungrouped_note

_ONE = {"patient": "patient", "study": "study", "image": "group"}
_MANY = {"patient": "patients", "study": "studies", "group": "groups"}


def unit_of(record: Mapping[str, Any]) -> str:
    """Return `patient`, `study`, or `group` where neither is known of every image.

    >>> unit_of({"split_unit": "patient"}), unit_of({"split_unit": "image"})
    ('patient', 'group')
    >>> unit_of({"split_unit": "patient", "images_without_group": 5, "images_in_all": 90})
    'group'

    Args:
        record: has split_unit, and images_without_group with images_in_all where there are images of other units.
    """
    return "group" if ungrouped_note(record) else _ONE[record["split_unit"]]


def units_of(record: Mapping[str, Any]) -> str:
    """Return the same for several, such as `patients`."""
    return _MANY[unit_of(record)]
