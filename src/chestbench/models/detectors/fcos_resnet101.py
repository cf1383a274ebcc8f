"""FCOS on ResNet of 101 layers."""

from chestbench.models.detection.detector import fcos
from chestbench.models.networks.resnet101 import NETWORK

DETECTOR = fcos(NETWORK)
