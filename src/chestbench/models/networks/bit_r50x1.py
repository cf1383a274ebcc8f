"""BiT-S R50x1 of Big Transfer."""

from chestbench.models.bit import body, published
from chestbench.models.heads import pooled_head
from chestbench.models.network import Network

NETWORK = Network(
    name="bit_r50x1",
    body=body,
    head=pooled_head,
    normalisation="grey to three channels, -1 to 1",
    image_size=224,
    parameters=23_500_352,
    published=published,
    citation=(
        "A. Kolesnikov, L. Beyer, X. Zhai, J. Puigcerver, J. Yung, S. Gelly, N. Houlsby. Big Transfer (BiT): "
        "General Visual Representation Learning. ECCV 2020, arXiv:1912.11370"
    ),
)
