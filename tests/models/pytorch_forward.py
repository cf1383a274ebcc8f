"""EfficientNets in PyTorch's own operations, from arrays by name: what a conversion to Keras is compared with.

Written apart from chestbench: blocks as timm's definitions have them, names as the files have them.
"""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch.nn import functional

B0 = ["ds_r1_k3_s1_e1_c16", "ir_r2_k3_s2_e6_c24", "ir_r2_k5_s2_e6_c40", "ir_r3_k3_s2_e6_c80"]
B0 += ["ir_r3_k5_s1_e6_c112", "ir_r4_k5_s2_e6_c192", "ir_r1_k3_s1_e6_c320"]


class Forward:
    """One network: `maps` and `logits` of images (N, 3, H, W), float32."""

    def __init__(self, arrays: Mapping[str, np.ndarray], activation: Callable[[torch.Tensor], torch.Tensor]) -> None:
        self.arrays = {name: torch.from_numpy(np.array(value)) for name, value in arrays.items()}
        self.activation = activation

    def conv(self, x: torch.Tensor, name: str, stride: int = 1, depthwise: bool = False) -> torch.Tensor:
        """Convolve with TensorFlow's padding: what is over goes behind."""
        kernel, bias = self.arrays[f"{name}.weight"], self.arrays.get(f"{name}.bias")
        pads = []
        for side in (x.shape[3], x.shape[2]):
            whole = max((-(-side // stride) - 1) * stride + kernel.shape[2] - side, 0)
            pads += [whole // 2, whole - whole // 2]
        x = functional.pad(x, pads)
        return functional.conv2d(x, kernel, bias, stride, groups=x.shape[1] if depthwise else 1)

    def norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        parts = [self.arrays[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        return functional.batch_norm(x, *parts, eps=1e-3)

    def squeezed(self, x: torch.Tensor, name: str) -> torch.Tensor:
        share = self.activation(self.conv(x.mean((2, 3), keepdim=True), f"{name}.conv_reduce"))
        return x * torch.sigmoid(self.conv(share, f"{name}.conv_expand"))


def timm_maps(network: Forward, x: torch.Tensor, depth: float = 1.0) -> torch.Tensor:
    """Return the last feature maps of a network with timm's names."""
    act = network.activation
    x = act(network.norm(network.conv(x, "conv_stem", 2), "bn1"))
    for stage, text in enumerate(B0):
        kind, repeats, _, stride, *_ = text.split("_")
        for number in range(int(np.ceil(depth * int(repeats[1:])))):
            at, step = f"blocks.{stage}.{number}", int(stride[1:]) if number == 0 else 1
            inside, order = x, ("bn1", "bn2", "bn3")
            if kind == "ir":
                inside = act(network.norm(network.conv(x, f"{at}.conv_pw"), f"{at}.bn1"))
                order = order[1:]
            inside = act(network.norm(network.conv(inside, f"{at}.conv_dw", step, True), f"{at}.{order[0]}"))
            if f"{at}.se.conv_reduce.weight" in network.arrays:
                inside = network.squeezed(inside, f"{at}.se")
            inside = network.norm(
                network.conv(inside, f"{at}.conv_pw{'l' if kind == 'ir' else ''}"), f"{at}.{order[1]}"
            )
            x = inside + x if inside.shape == x.shape else inside
    return act(network.norm(network.conv(x, "conv_head"), "bn2"))


def lite_maps(network: Forward, x: torch.Tensor) -> torch.Tensor:
    """Return the last feature maps of a network with the names of efficientnet-lite0-57934424.pth."""
    act = network.activation
    x = act(network.norm(network.conv(x, "_conv_stem", 2), "_bn0"))
    number = 0
    for text in B0:
        _, repeats, _, stride, *_ = text.split("_")
        for repeat in range(int(repeats[1:])):
            at, step, inside = f"_blocks.{number}", int(stride[1:]) if repeat == 0 else 1, x
            if f"{at}._expand_conv.weight" in network.arrays:
                inside = act(network.norm(network.conv(x, f"{at}._expand_conv"), f"{at}._bn0"))
            inside = act(network.norm(network.conv(inside, f"{at}._depthwise_conv", step, True), f"{at}._bn1"))
            inside = network.norm(network.conv(inside, f"{at}._project_conv"), f"{at}._bn2")
            x = inside + x if inside.shape == x.shape else inside
            number += 1
    return act(network.norm(network.conv(x, "_conv_head"), "_bn1"))


def classified(network: Forward, maps: torch.Tensor, classifier: str) -> torch.Tensor:
    """Return logits (N, 1000)."""
    weight, bias = network.arrays[f"{classifier}.weight"], network.arrays[f"{classifier}.bias"]
    return functional.linear(maps.mean((2, 3)), weight, bias)
