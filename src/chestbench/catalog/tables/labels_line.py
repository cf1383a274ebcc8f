"""The line that sets dataset.labels anew, with one thing changed: errors and warnings give it whole, to be copied."""

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
    if isinstance(stated.get("table"), list) and len(stated["table"]) == 1:
        stated["table"] = stated["table"][0]
    return value_line("dataset.labels", stated["pattern"] if set(stated) == {"pattern"} else stated)
