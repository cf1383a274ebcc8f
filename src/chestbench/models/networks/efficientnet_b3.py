"""EfficientNet B3, for images of 300 pixels."""

from chestbench.models.efficientnets import efficientnet

NETWORK = efficientnet("efficientnet_b3", "EfficientNetB3", image_size=300, parameters=10_783_535)
