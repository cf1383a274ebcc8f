"""Small of the Transfusion paper."""

from chestbench.models.transfusion import transfusion

NETWORK = transfusion("small", 7, (32, 64, 128, 256), whole=2_111_874)
