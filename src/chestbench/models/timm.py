"""EfficientNets as timm keeps them: the authors' TensorFlow weights under PyTorch's names, in safetensors files.

Of the several sets of weights that timm has of each, the one trained with AutoAugment (tag aa_in1k), which is of the
kind that keras.applications has, with ImageNet's own means and deviations. Others (ap_in1k) expect other inputs.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chestbench.models.published import PublishedWeights
from chestbench.models.pytorch_arrays import Array, Block, arrays, assign, check
from chestbench.models.safetensors import read_safetensors

if TYPE_CHECKING:
    import keras

# Multiples of B0's width and depth, by the constructor's name in keras.applications.
SCALES = {"EfficientNetB0": (1.0, 1.0), "EfficientNetB3": (1.2, 1.4), "EfficientNetB7": (2.0, 3.1)}
# Those that are known; the others are judged by the names and shapes of their arrays.
SHA256 = {"EfficientNetB0": "bc97e48e1360ee9d9c9d8a39ad2fb9b85ad150eb89d6fc69cd0f08301b5e0b3e"}
CLASSIFIER = "classifier"


def names(block: Block | None) -> Mapping[str, str]:
    """Return what timm calls the parts of a block, or those outside of blocks."""
    if block is None:
        return {"stem_conv": "conv_stem", "stem_bn": "bn1", "top_conv": "conv_head", "top_bn": "bn2"}
    here = f"blocks.{block.stage}.{block.repeat}"
    squeeze = {"se_reduce": f"{here}.se.conv_reduce", "se_expand": f"{here}.se.conv_expand"}
    if block.inside == block.before:
        parts = {"dwconv": "conv_dw", "bn": "bn1", "project_conv": "conv_pw", "project_bn": "bn2"}
    else:
        parts = {"expand_conv": "conv_pw", "expand_bn": "bn1", "dwconv": "conv_dw", "bn": "bn2"}
        parts |= {"project_conv": "conv_pwl", "project_bn": "bn3"}
    return {ours: f"{here}.{theirs}" for ours, theirs in parts.items()} | squeeze


def wanted(constructor: str) -> list[Array]:
    """Return what the file of one network holds of its body."""
    return list(arrays(names, *SCALES[constructor], squeeze=True))


def check_file(constructor: str, path: Path) -> None:
    """Raise `ValueError` unless a file holds the arrays of one network, and no others."""
    check(read_safetensors(path), wanted(constructor), CLASSIFIER)


def load(network: "keras.Model", constructor: str, path: Path) -> None:
    """Give a network of keras.applications the weights of timm's file.

    Raises:
        ValueError: the file holds others.
    """
    found = read_safetensors(path)
    check(found, wanted(constructor), CLASSIFIER)
    assign(network, found, wanted(constructor))


def published(constructor: str) -> PublishedWeights:
    """Return timm's file of one network."""
    repository = f"tf_efficientnet_{constructor[-2:].lower()}.aa_in1k"
    return PublishedWeights(
        file=f"{repository}.safetensors",
        url=f"https://huggingface.co/timm/{repository}/resolve/main/model.safetensors",
        md5=None,
        check=partial(check_file, constructor),
        sha256=SHA256.get(constructor),
    )
