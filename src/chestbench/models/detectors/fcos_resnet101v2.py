"""FCOS on ResNet of 101 layers, pre-activation."""

from chestbench.models.detection.detector import fcos
from chestbench.models.networks.resnet101v2 import NETWORK

DETECTOR = fcos(NETWORK)
