"""ResNet of 50 layers, pre-activation."""

from chestbench.models.resnets import resnet

NETWORK = resnet("ResNet50V2", parameters=23_564_800)
