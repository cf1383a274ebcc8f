"""EfficientNet B0, for images of 224 pixels."""

from chestbench.models.efficientnets import efficientnet

NETWORK = efficientnet("efficientnet_b0", "EfficientNetB0", image_size=224, parameters=4_049_571)
