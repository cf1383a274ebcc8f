"""FCOS on EfficientNet B3."""

from chestbench.models.detection.detector import fcos
from chestbench.models.networks.efficientnet_b3 import NETWORK

DETECTOR = fcos(NETWORK, width=160, depth=3)
