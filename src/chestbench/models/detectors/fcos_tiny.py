"""FCOS on Tiny of the Transfusion paper."""

from chestbench.models.detection.detector import fcos
from chestbench.models.networks.tiny import NETWORK

DETECTOR = fcos(NETWORK, width=64, depth=2)
