"""FCOS on Inception v3."""

from chestbench.models.detection.detector import fcos
from chestbench.models.networks.inception_v3 import NETWORK

DETECTOR = fcos(NETWORK)
