"""check: refuse wrong parameters before any work.

Reads params.yaml; writes data/parameters-are-valid, whose content never changes, so that only a wrong
parameter stops the stages behind it.
"""

import argparse
from pathlib import Path

from chestbench.core.config import Config
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import atomic_file
from chestbench.core.positive import check_stated
from chestbench.core.stage import run_stage
from chestbench.datasets.base import check_source
from chestbench.external.sets import check_sets
from chestbench.models.detection import registry as detectors
from chestbench.models.detection.detector import require_boxes_size
from chestbench.models.network import require_published, require_size
from chestbench.models.registry import check_names, get
from chestbench.models.taken_names import check_free
from chestbench.training.detection.settings import followed, refuse_meaningless
from chestbench.training.faster import faster_backend


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Check names and paths that the parameters' own types cannot."""
    check_names(config.model.variants)
    check_free([*config.model.variants, *config.detector.variants])
    for name in config.model.variants:
        require_size(get(name), config.preprocess.size)
    if config.train.weights != "none":
        for name in config.model.variants:
            require_published(get(name), config.train.weights)
    _check_detectors(config)
    if config.preprocess.roi == "mask" and config.dataset.masks is None:
        raise ChestbenchError(
            f"preprocess.roi: expected a region that {config.dataset.name} has, received mask, but dataset.masks says "
            "of none; set dataset.masks, or choose none, body, body_crop, lungs or lungs_crop"
        )
    if config.dataset.classes:
        check_stated(config.dataset.classes, config.dataset.positive)
    check_source(config.dataset)
    check_sets(config)
    with atomic_file(Path("data/parameters-are-valid")) as temporary:
        temporary.write_text("yes\n", encoding="utf-8")
    trained = ", ".join([*config.model.variants, *config.detector.variants])
    summary = f"parameters are valid: data set {config.dataset.name}, recipe {config.train.recipe}, {trained}"
    hint = faster_backend(config.train.backend)
    return f"{summary}\n{hint}" if hint else summary


def _check_detectors(config: Config) -> None:
    """Refuse detectors that are not there, cannot take the images, have no boxes, or cannot follow the recipe."""
    detectors.check_names(config.detector.variants)
    for name in config.detector.variants:
        detector = detectors.get(name)
        require_boxes_size(detector, config.preprocess.size)
        if config.train.weights != "none":
            require_published(detector.body, config.train.weights)
    if config.detector.variants and config.dataset.boxes is None:
        raise ChestbenchError(
            f"dataset.boxes: expected a table of boxes for {', '.join(config.detector.variants)}, received none for "
            f"the data set {config.dataset.name}; name the table in the archive (docs/how-to.md, Find where it is), or "
            "classify only: -S task=classify"
        )
    if config.detector.variants:
        # Of a recipe that is for networks too, detectors leave what is of networks alone, and say so.
        both = config.task == "both"
        recipe = followed(config.train)[0] if both else config.train
        refuse_meaningless(recipe, ", ".join(config.detector.variants), beside_networks=both)


if __name__ == "__main__":
    run_stage(work, __doc__)
