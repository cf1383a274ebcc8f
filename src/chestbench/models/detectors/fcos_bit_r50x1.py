"""FCOS on BiT-S R50x1."""

from chestbench.models.detection.detector import fcos
from chestbench.models.networks.bit_r50x1 import NETWORK

DETECTOR = fcos(NETWORK)
