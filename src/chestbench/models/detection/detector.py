"""What the registry knows of one detector. Importable without keras."""

from dataclasses import dataclass

from chestbench.core.errors import ChestbenchError
from chestbench.models.network import Network

FCOS_PAPER = (
    "Z. Tian, C. Shen, H. Chen, T. He. FCOS: Fully Convolutional One-Stage Object Detection. ICCV 2019, "
    "arXiv:1904.01355"
)


@dataclass(frozen=True)
class Detector:
    """One entry of the registry.

    Attributes:
        name: what users type.
        body: the network of the registry that gives the feature maps; its ImageNet weights are the detector's.
        width: channels of the pyramid and of the towers, a multiple of 8.
        depth: convolutions of each of the two towers.
        citation: the paper.
    """

    name: str
    body: Network
    width: int
    depth: int
    citation: str = FCOS_PAPER

    @property
    def image_size(self) -> int:
        """Side in pixels that the body was published with."""
        return self.body.image_size


def fcos(body: Network, width: int = 256, depth: int = 4) -> Detector:
    """Return FCOS on one body, named after it; width and depth are the paper's where nothing else is said.

    >>> from chestbench.models.networks.tiny import NETWORK
    >>> fcos(NETWORK, width=64, depth=2).name
    'fcos_tiny'
    """
    return Detector(f"fcos_{body.name}", body, width, depth)


def require_boxes_size(detector: Detector, size: int) -> None:
    """Raise unless the detector can take square images of `size` pixels.

    Raises:
        ChestbenchError: they are too small.
    """
    if size < detector.body.smallest:
        raise ChestbenchError(
            f"preprocess.size: expected {detector.body.smallest} or more for {detector.name}, received {size}; "
            f"add -S preprocess.size={detector.image_size} (the size its body was published with)"
        )
