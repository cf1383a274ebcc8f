"""Tiny of the Transfusion paper, as its text says."""

from chestbench.models.transfusion import transfusion

# The paper's text gives Tiny the widths of `tiny_wide`; its count of parameters fits only those of `tiny`.
NETWORK = transfusion("tiny_wide", 5, (64, 128, 256, 512), whole=4_308_226)
