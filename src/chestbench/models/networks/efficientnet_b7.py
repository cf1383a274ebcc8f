"""EfficientNet B7, for images of 600 pixels."""

from chestbench.models.efficientnets import efficientnet

NETWORK = efficientnet("efficientnet_b7", "EfficientNetB7", image_size=600, parameters=64_097_687)
