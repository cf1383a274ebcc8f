"""Tiny of the Transfusion paper, as its parameter count says."""

from chestbench.models.transfusion import transfusion

# The paper's text gives Tiny the widths of `tiny_wide`; its count of parameters fits only those of `tiny`.
NETWORK = transfusion("tiny", 5, (32, 64, 128, 256), whole=1_078_914)
