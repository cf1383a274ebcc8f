"""FCOS on EfficientNet B0."""

from chestbench.models.detection.detector import fcos
from chestbench.models.networks.efficientnet_b0 import NETWORK

DETECTOR = fcos(NETWORK, width=128, depth=3)
