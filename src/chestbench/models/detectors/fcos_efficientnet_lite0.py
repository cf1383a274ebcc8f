"""FCOS on EfficientNet-Lite0."""

from chestbench.models.detection.detector import fcos
from chestbench.models.networks.efficientnet_lite0 import NETWORK

DETECTOR = fcos(NETWORK, width=128, depth=3)
