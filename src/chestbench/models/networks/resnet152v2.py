"""ResNet of 152 layers, pre-activation."""

from chestbench.models.resnets import resnet

NETWORK = resnet("ResNet152V2", parameters=58_331_648)
