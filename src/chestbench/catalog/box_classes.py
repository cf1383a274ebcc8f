"""Which classes have the boxes: those on pictures of a class without a finding are doubtful."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from chestbench.core.negation import says_nothing_is_there


def boxes_of_classes(
    drawn: Sequence[tuple[str, str]], classes: Sequence[str], positive: str | None
) -> Iterator[tuple[bool, str]]:
    """Yield what is said of boxes by class, and whether it is warned of.

    >>> list(boxes_of_classes([("p1", "sick"), ("p2", "well"), ("p2", "well")], ["sick", "well"], "sick"))
    [(True, "2 boxes lie on 1 picture of the class 'well', while 'sick' is the positive one; they are kept")]

    Args:
        drawn: picture and class of each box.
        classes: all that have pictures.
        positive: the one that is looked for, None where that is not known. With more classes than two, others may
            well have boxes, but for those whose name says that nothing is there.
    """
    boxes = Counter(label for _, label in drawn)
    pictures = Counter(label for _, label in set(drawn))
    doubtful = [label for label in sorted(boxes) if positive and _is_doubtful(label, classes, positive)]
    for label in doubtful:
        counts = f"{_some(boxes[label], 'box', 'boxes')} {'lies' if boxes[label] == 1 else 'lie'} on "
        kept = "it is kept" if boxes[label] == 1 else "they are kept"
        where = f"{_some(pictures[label], 'picture', 'pictures')} of the class {label!r}"
        yield True, f"{counts}{where}, while {positive!r} is the positive one; {kept}"
    if len(boxes) > 1 and not doubtful:
        each = (
            f"{label!r} {_some(boxes[label], 'box', 'boxes')} on {_some(pictures[label], 'picture', 'pictures')}"
            for label in sorted(boxes)
        )
        yield False, f"boxes by class: {', '.join(each)}"


def pictures_by_class(drawn: Sequence[tuple[str, str]], kept: Mapping[str, int]) -> str:
    """Return how many pictures of each class have boxes; "" where there are fewer than two classes.

    >>> pictures_by_class([("p1", "sick"), ("p1", "sick")], {"sick": 40, "well": 38})
    "pictures with boxes by class: 'sick' 1 of 40, 'well' 0 of 38"

    Args:
        drawn: picture and class of each box.
        kept: pictures of each class.
    """
    with_boxes = Counter(label for _, label in set(drawn))
    each = [f"{label!r} {with_boxes[label]} of {kept[label]}" for label in sorted(kept)]
    return f"pictures with boxes by class: {', '.join(each)}" if len(each) > 1 else ""


def _is_doubtful(label: str, classes: Sequence[str], positive: str) -> bool:
    return label != positive and (len(classes) == 2 or says_nothing_is_there(label, positive))


def _some(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
