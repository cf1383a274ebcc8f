"""The key `task` of params.yaml: whether a run trains networks for classes, detectors of boxes, or both."""

from collections.abc import Sequence
from typing import Literal

Task = Literal["classify", "detect", "both"]


def against_lists(task: Task, networks: Sequence[str], detectors: Sequence[str], boxes: Sequence[str]) -> str | None:
    """Return what is wrong between a task and what it would train, as a message says it; None where they agree.

    >>> against_lists("detect", [], ["fcos_tiny"], ["drawn"])
    >>> against_lists("classify", [], [], [])
    'model.variants: expected a list that is not empty with task classify, received []; -S model=NAME (in conf/model)'
    >>> against_lists("both", ["mine"], ["mine"], ["drawn"])[:63]
    'detector.variants: expected names apart from those of model.var'

    Args:
        task: of params.yaml.
        networks: model.variants.
        detectors: detector.variants.
        boxes: detector.boxes.
    """
    lists = (
        ("model.variants", networks, task != "detect", "-S task=both trains networks and detectors"),
        (
            "detector.variants",
            detectors,
            task != "classify",
            "-S task=detect trains detectors, -S task=both networks too",
        ),
        ("detector.boxes", boxes, task != "classify", "remove it, `task` brings what belongs there"),
    )
    for key, names, wanted, instead in lists:
        if wanted and not names:
            group = key.partition(".")[0]
            advice = "`task` brings what belongs there" if key == "detector.boxes" else _named(group)
            return f"{key}: expected a list that is not empty with task {task}, received []; {advice}"
        if names and not wanted:
            return f"{key}: expected [] with task {task}, received [{', '.join(names)}]; {instead}"
    if shared := sorted(set(networks) & set(detectors)):
        return (
            f"detector.variants: expected names apart from those of model.variants, received {', '.join(shared)} in "
            "both; models/NAME would be of two, so rename the detector's files"
        )
    return None


def _named(group: str) -> str:
    return f"-S {group}=NAME (in conf/{group})"
