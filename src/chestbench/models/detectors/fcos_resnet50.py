"""FCOS on ResNet of 50 layers."""

from chestbench.models.detection.detector import fcos
from chestbench.models.networks.resnet50 import NETWORK

DETECTOR = fcos(NETWORK)
