"""ResNet of 152 layers, the original."""

from chestbench.models.resnets import resnet

NETWORK = resnet("ResNet152", parameters=58_370_944)
