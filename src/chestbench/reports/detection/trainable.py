"""Whether the detectors of a run can be trained as its parameters say: asked by `check`, and by a look before it."""

from chestbench.core.config import Config
from chestbench.core.errors import ChestbenchError
from chestbench.models.detection import registry as detectors
from chestbench.models.detection.detector import Detector, require_boxes_size
from chestbench.models.network import require_published
from chestbench.training.detection.settings import followed, refuse_meaningless


def check_detectors(config: Config) -> None:
    """Refuse detectors that cannot be trained; a run without detectors passes.

    Args:
        config: all parameters.

    Raises:
        ChestbenchError: they are not there, cannot take the images, have no such weights, have no boxes to learn from,
            or cannot follow the recipe.
    """
    detectors.check_names(config.detector.variants)
    for name in config.detector.variants:
        detector = detectors.get(name)
        require_boxes_size(detector, config.preprocess.size)
        if config.train.weights != "none":
            _require_weights(detector, config.train.weights)
    if config.detector.variants and config.dataset.boxes is None:
        raise ChestbenchError(
            f"dataset.boxes: expected a table of boxes for {', '.join(config.detector.variants)}, received none for "
            f"the data set {config.dataset.name}; name the table in the archive (`chestbench look PATH` "
            "finds it; docs/how-to.md, Find where it is), or classify only: -S task=classify"
        )
    if config.detector.variants:
        # Of a recipe that is for networks too, detectors leave what is of networks alone, and say so.
        both = config.task == "both"
        recipe = followed(config.train)[0] if both else config.train
        refuse_meaningless(recipe, ", ".join(config.detector.variants), beside_networks=both)


def _require_weights(detector: Detector, weights: str) -> None:
    """Refuse weights that nobody publishes for the body of a detector: the body's name is no word of the user's."""
    try:
        require_published(detector.body, weights)
    except ChestbenchError:
        expected = "none" if detector.body.published is None else "imagenet or none"
        raise ChestbenchError(
            f"train.weights: expected {expected} for the detector {detector.name}, as there are no {weights} weights "
            f"of its body, the network {detector.body.name}, received {weights}; choose -S train=detect, the recipe of "
            "detectors that begins with random weights, or another detector: -S detector=fcos_resnet50v2 "
            "-S train=detect_finetune"
        ) from None
