"""ResNet of 101 layers, the original."""

from chestbench.models.resnets import resnet

NETWORK = resnet("ResNet101", parameters=42_658_176)
