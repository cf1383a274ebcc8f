"""ResNet of 50 layers, the original."""

from chestbench.models.resnets import resnet

NETWORK = resnet("ResNet50", parameters=23_587_712)
