"""Whether a file's source, scale, polarity or number of pages tells its class, as far as a look can say."""

from collections import Counter
from collections.abc import Iterable

from chestbench.catalog.glance import Glance
from chestbench.catalog.layout import NO_CLASS
from chestbench.catalog.tells import TOLD_BY, in_words, told_by
from chestbench.reports.look_counts import Counts


def tells_of(found: Glance, used: Counts) -> list[str]:
    """Return what `catalog` would warn of: sources by all names, the others by the files that were read.

    Args:
        found: what names say, and the sample.
        used: which members are used.
    """
    layout = found.plan.layout
    sampled = [each for each in found.sampled if not each.reason and each.label != NO_CLASS]
    values: dict[str, Iterable[tuple[str, int, int]]] = {
        "source": zip(layout.source, layout.label.tolist(), used.pictures.tolist(), strict=False),
        "scale": ((each.found.scale, each.label, 1) for each in sampled),
        "inverted": ((each.found.grey.inverted if each.found.grey else "", each.label, 1) for each in sampled),
        "frames": ((str(each.found.frames), each.label, 1) for each in sampled),
    }
    told = []
    for name in TOLD_BY:
        counts = Counter[tuple[str, str]]()
        for value, code, count in values[name]:
            if count:
                counts[value, layout.classes[code]] += count
        if len({value for value, _ in counts}) > 1 and (text := in_words(name, told_by(counts))):
            told.append(text if name == "source" or used.is_exact else f"{text} (of the files that were read)")
    return told
