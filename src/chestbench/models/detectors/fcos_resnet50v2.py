"""FCOS on ResNet of 50 layers, pre-activation."""

from chestbench.models.detection.detector import fcos
from chestbench.models.networks.resnet50v2 import NETWORK

DETECTOR = fcos(NETWORK)
