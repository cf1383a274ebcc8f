"""The line that sets dataset.labels anew, with one thing changed: errors and warnings give it whole, to be copied."""

from collections.abc import Mapping
from typing import Any

from chestbench.catalog.override import value_line
from chestbench.core.config import Labels


def labels_line(settings: Labels, **changes: Any) -> str:
    """Return `-S 'dataset.labels=...'` of the settings with changes; None takes a key out.

    Example:
        >>> print(labels_line(Labels(table=["*a.csv"], id="file", column="class"), patient="pid"))
        -S 'dataset.labels={table:"*a.csv",id:file,column:class,patient:pid}'
    """
    # The order in which people read them.
    stated = {**settings.model_dump(exclude_defaults=True), **changes}
    stated = {key: value for key, value in stated.items() if value is not None}
    for key in ("table", "sheet"):
        if isinstance(stated.get(key), list) and len(stated[key]) == 1:
            stated[key] = stated[key][0]
    return value_line("dataset.labels", stated["pattern"] if set(stated) == {"pattern"} else stated)


def renamed(settings: Labels, columns: Mapping[str, str]) -> Labels:
    """Return the settings with other names of columns.

    Args:
        settings: dataset.labels.
        columns: name that stands there -> name to put in its place.
    """

    def of(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: of(part) for key, part in value.items()}
        return [of(part) for part in value] if isinstance(value, list) else columns.get(value, value)

    stated = settings.model_dump(exclude_defaults=True)
    kept = {
        key: stated[key]
        for key in ("table", "sheet", "pattern", "id_pattern", "member_pattern", "zeros")
        if key in stated
    }
    return Labels(**{key: of(value) for key, value in stated.items()} | kept)
