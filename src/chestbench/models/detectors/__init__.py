"""One file per detector, each with the constant DETECTOR; `chestbench.models.detection.registry` finds them."""
