"""LargeT of the Transfusion paper: tall."""

from chestbench.models.transfusion import transfusion

NETWORK = transfusion("large_t", 7, (32, 64, 128, 256, 512), whole=8_537_474, last_pool=False)
