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
from chestbench.models.network import require_published, require_size
from chestbench.models.registry import check_names, get
from chestbench.models.taken_names import check_free
from chestbench.reports.detection.trainable import check_detectors
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
    check_detectors(config)
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


if __name__ == "__main__":
    run_stage(work, __doc__)
