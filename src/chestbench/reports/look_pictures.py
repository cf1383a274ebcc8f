"""What the pictures of a look are: formats, sizes, grey scales."""

from collections import Counter

from chestbench.catalog.finding import Audit
from chestbench.catalog.glance import Glance
from chestbench.reports.look_fact import Fact
from chestbench.reports.look_inferred import MOST_NAMED, short


def pictures_fact(found: Glance) -> Fact:
    """Return formats, sizes and scales of the files that were read; without lines where none is a picture."""
    read = [each for each in found.sampled if each.found.format]
    if not read:
        return Fact("pictures", [])
    layout = found.plan.layout
    kinds = Counter(kind_of(each.found) for each in read)
    lines = [f"{len(read):,} were read: " + short([f"{kind} ({count})" for kind, count in kinds.most_common()])]
    sizes = sorted((each.found.width, each.found.height) for each in read)
    middle = sizes[len(sizes) // 2]
    smallest, largest = sizes[0], sizes[-1]
    if smallest == largest:
        lines.append(f"all of {smallest[0]} x {smallest[1]} pixels")
    else:
        lines.append(
            f"sizes from {smallest[0]} x {smallest[1]} to {largest[0]} x {largest[1]} pixels, the middle one "
            f"{middle[0]} x {middle[1]}"
        )
    if several := sum(each.found.frames > 1 for each in read):
        lines.append(f"{several} are pages or frames of files of several (dataset.frames={found.plan.frames})")
    lines += [f"grey scale, {key}: {words}" for key, words in found.choice.decided.items()]
    if any(each.found.polarity_corrected for each in read):
        count = sum(each.found.polarity_corrected for each in read)
        lines.append(f"{count} DICOM headers call a picture a negative (MONOCHROME1) that is none; it is not inverted")
    if len(kinds) < 2:
        return Fact("pictures", lines)
    by_class = Counter((kind_of(each.found), each.label) for each in read)
    rows = [
        [kind, *(str(by_class[kind, code]) for code in range(len(layout.classes)))]
        for kind, _ in kinds.most_common(MOST_NAMED)
    ]
    return Fact("pictures", lines, ["of those read", *layout.classes], rows)


def kind_of(found: Audit) -> str:
    """Return format, channels and scale of a picture in words."""
    channels = {1: "grey", 3: "colour", 4: "colour and alpha", 2: "grey and alpha"}
    turned = ", inverted" if found.grey and found.grey.inverted == "yes" else ""
    return f"{found.format} {found.scale} {channels.get(found.channels, f'{found.channels} channels')}{turned}"
