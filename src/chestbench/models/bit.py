"""BiT ResNet-50 (R50x1): pre-activation units with group norm and weight-standardised convolutions.

Built as published (github.com/google-research/big_transfer), and loads the published BiT-S file, which was trained on
ImageNet (ILSVRC-2012).
"""

import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from chestbench.core.gate import open_file
from chestbench.datasets.byte_source import ByteSource
from chestbench.datasets.headers import Headers
from chestbench.models.published import PublishedWeights

if TYPE_CHECKING:
    import keras

FILE = "BiT-S-R50x1.npz"
URL = f"https://storage.googleapis.com/bit_models/{FILE}"
# (units, width of the 3x3 convolution) of the four blocks; a unit ends in four times its width.
BLOCKS = ((3, 64), (4, 128), (6, 256), (3, 512))
GROUPS = 32
EPSILON = 1e-5
HEAD_KERNEL = "resnet/head/conv2d/kernel"
BIT_M_CLASSES = 21_843
_MOST_BYTES = 400_000_000  # the published file has 102 million in its body and 8 in its head


class Array(NamedTuple):
    """One array of the published file: its name and shape there, the layer and the layer's variable it belongs to."""

    name: str
    shape: tuple[int, ...]
    layer: str
    variable: str


def body(grey: "keras.KerasTensor", weights_file: Path | None = None) -> "keras.KerasTensor":
    """Return the last feature maps, (N, h, w, 2048), of raw grey values.

    Random weights need no trick to learn: every convolution's output is normalised again before it is used, and
    neither a zero kernel nor a zero gamma before the ReLU would pass a gradient here.

    Args:
        grey: symbolic uint8 tensor (N, H, W, 1).
        weights_file: published BiT-S file, or None for random weights.

    Raises:
        ValueError: the file holds other weights, or is no .npz file.
        OSError: it cannot be read.
    """
    import keras

    # In float32 also under mixed precision: bfloat16 has eight significant bits, exactly a grey value's own.
    x = keras.layers.Concatenate(name="grey_to_three_channels", dtype="float32")([grey, grey, grey])
    x = keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="normalisation", dtype="float32")(x)
    x = keras.layers.ZeroPadding2D(3, name="root_pad")(x)
    x = _conv(x, 64, 7, 2, "root_conv")
    # Zeros, not "same": the values are not yet rectified, and keras would pad with minus infinity.
    x = keras.layers.ZeroPadding2D(1, name="root_pool_pad")(x)
    x = keras.layers.MaxPooling2D(3, strides=2, name="root_pool")(x)
    for block, (units, width) in enumerate(BLOCKS, 1):
        for number in range(1, units + 1):
            stride = 2 if number == 1 and block > 1 else 1
            x = unit(x, width, stride, number == 1, f"block{block}_unit{number:02d}")
    x = _norm_relu(x, "norm", "relu")
    if weights_file is not None:
        _assign(keras.Model(grey, x), read_arrays(weights_file))
    return x


def unit(x: "keras.KerasTensor", width: int, stride: int, project: bool, name: str) -> "keras.KerasTensor":
    """Return x (or its projection) plus the branch 1x1, 3x3, 1x1, each after group norm and ReLU.

    The stride is on the 3x3 convolution; the projection reads the normalised input.
    """
    import keras

    branch = _norm_relu(x, f"{name}_a_norm", f"{name}_a_relu")
    shortcut = _conv(branch, 4 * width, 1, stride, f"{name}_proj") if project else x
    branch = _conv(branch, width, 1, 1, f"{name}_a_conv")
    branch = _norm_relu(branch, f"{name}_b_norm", f"{name}_b_relu")
    branch = keras.layers.ZeroPadding2D(1, name=f"{name}_b_pad")(branch)  # on all sides, also where the stride is 2
    branch = _conv(branch, width, 3, stride, f"{name}_b_conv")
    branch = _norm_relu(branch, f"{name}_c_norm", f"{name}_c_relu")
    branch = _conv(branch, 4 * width, 1, 1, f"{name}_c_conv")
    return keras.layers.Add(name=f"{name}_add")([shortcut, branch])


def _norm_relu(x: "keras.KerasTensor", norm: str, relu: str) -> "keras.KerasTensor":
    import keras

    x = keras.layers.GroupNormalization(GROUPS, epsilon=EPSILON, name=norm)(x)
    return keras.layers.Activation("relu", name=relu)(x)


def _conv(x: "keras.KerasTensor", filters: int, kernel: int, stride: int, name: str) -> "keras.KerasTensor":
    from chestbench.models.standardised import StandardisedConv2D

    return StandardisedConv2D(filters, kernel, strides=stride, use_bias=False, name=name)(x)


def arrays() -> Iterator[Array]:
    """Yield what the published file holds of the body."""
    yield Array("resnet/root_block/standardized_conv2d/kernel", (7, 7, 3, 64), "root_conv", "kernel")
    channels = 64
    for block, (units, width) in enumerate(BLOCKS, 1):
        for number in range(1, units + 1):
            name, layer = f"resnet/block{block}/unit{number:02d}", f"block{block}_unit{number:02d}"
            if number == 1:
                shape = (1, 1, channels, 4 * width)
                yield Array(f"{name}/a/proj/standardized_conv2d/kernel", shape, f"{layer}_proj", "kernel")
            sides = {"a": (1, channels, width), "b": (3, width, width), "c": (1, width, 4 * width)}
            for part, (side, before, after) in sides.items():
                shape = (side, side, before, after)
                yield Array(f"{name}/{part}/standardized_conv2d/kernel", shape, f"{layer}_{part}_conv", "kernel")
                for variable in ("gamma", "beta"):
                    yield Array(f"{name}/{part}/group_norm/{variable}", (before,), f"{layer}_{part}_norm", variable)
            channels = 4 * width
    for variable in ("gamma", "beta"):
        yield Array(f"resnet/group_norm/{variable}", (channels,), "norm", variable)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Return the body's arrays of a published file by name, float32.

    Raises:
        ValueError: it is no .npz file, or is damaged, or arrays are missing, too many, of another shape or not
            finite; one of them is named.
        OSError: it cannot be read.
    """
    try:
        _check_sizes(path)
        loaded = np.load(path, allow_pickle=False)
        if not isinstance(loaded, np.lib.npyio.NpzFile):
            raise ValueError("a single array, not an .npz file")
        with loaded as file:
            _check_names(set(file.files))
            if HEAD_KERNEL in file.files and file[HEAD_KERNEL].shape[-1] == BIT_M_CLASSES:
                raise ValueError(f"a head of {BIT_M_CLASSES:,} classes: this is BiT-M, not BiT-S")
            found = {array.name: file[array.name] for array in arrays()}
    except (zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"not an .npz file, or one that is cut short: {error}") from error
    for array in arrays():
        value = found[array.name]
        if value.shape != array.shape:
            raise ValueError(f"{array.name} has the shape {value.shape}, expected {array.shape}")
        if value.dtype.kind != "f" or not np.isfinite(value).all():
            raise ValueError(f"{array.name} is not of finite floating-point numbers")
    return {name: value.astype(np.float32) for name, value in found.items()}


def _check_sizes(path: Path) -> None:
    """Raise unless the file is an archive whose arrays are no larger than the published file's are.

    A header of an array can ask for any amount of memory, which NumPy takes before it reads a value.
    """
    with open_file(path, path.name, _MOST_BYTES) as stream:
        if stream.read(6) == b"\x93NUMPY":
            raise ValueError("a single array, not an .npz file")
        with zipfile.ZipFile(Headers(ByteSource(stream), path.name)) as opened:  # type: ignore[arg-type]
            members = opened.infolist()
            if (size := sum(member.file_size for member in members)) > _MOST_BYTES:
                raise ValueError(f"arrays of {size:,} bytes, more than R50x1 has")
            for member in members:
                with opened.open(member) as array:
                    version = np.lib.format.read_magic(array)
                    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else None
                    shape, _, dtype = read(array) if read else ((), False, np.dtype("u1"))
                if math.prod(shape) * dtype.itemsize > member.file_size:
                    raise ValueError(f"{member.filename} states the shape {shape}, for which it is too short")


def _check_names(names: set[str]) -> None:
    """Raise unless the body's arrays are all there and no others: R101x1 has all of R50x1's, and more."""
    wanted = {array.name for array in arrays()}
    missing = sorted(wanted - names)
    if missing:
        raise ValueError(f"{len(missing)} of {len(wanted)} arrays are missing, such as {missing[0]}")
    others = sorted(name for name in names - wanted if name.startswith("resnet/block"))
    if others:
        raise ValueError(f"{len(others)} arrays more than R50x1 has, such as {others[0]}: a deeper network")


def check_file(path: Path) -> None:
    """Raise what `read_arrays` raises."""
    read_arrays(path)


def _assign(model: "keras.Model", values: dict[str, Any]) -> None:
    for array in arrays():
        getattr(model.get_layer(array.layer), array.variable).assign(values[array.name])


def published() -> PublishedWeights:
    """Return the published file. Its authors give no checksum, so names and shapes are what it is judged by."""
    return PublishedWeights(file=FILE, url=URL, md5=None, check=check_file)
