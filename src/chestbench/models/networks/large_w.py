"""LargeW of the Transfusion paper: wide."""

from chestbench.models.transfusion import transfusion

NETWORK = transfusion("large_w", 7, (64, 128, 256, 512), whole=8_438_530)
