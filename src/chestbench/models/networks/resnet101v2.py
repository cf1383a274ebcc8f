"""ResNet of 101 layers, pre-activation."""

from chestbench.models.resnets import resnet

NETWORK = resnet("ResNet101V2", parameters=42_626_560)
