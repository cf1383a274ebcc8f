"""EfficientNet-Lite0, for images of 224 pixels."""

from chestbench.models.efficientnet_lite import body, published
from chestbench.models.heads import pooled_head
from chestbench.models.network import Network

NETWORK = Network(
    name="efficientnet_lite0",
    body=body,
    head=pooled_head,
    normalisation="grey to three channels, minus 127, over 128",
    image_size=224,
    # 4,652,008 with the classifier's 1,281,000 are published; 42,016 means and variances of batch norm come on top.
    parameters=3_413_024,
    published=published,
    citation=(
        "R. Liu. Higher accuracy on vision models with EfficientNet-Lite. TensorFlow blog, 16 March 2020; after "
        "M. Tan, Q. V. Le. EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks. "
        "ICML 2019, arXiv:1905.11946"
    ),
)
