"""All cards of one machine for one training (`train.devices: all`): data parallel, through keras.distribution on JAX.

Each card computes its share of every batch, with the weights of all. One compiled program computes on the batch as a
whole, so that batch norm, loss and gradient are those of one card, but for the order of sums.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from chestbench.core.errors import ChestbenchError


@contextmanager
def spread(setting: str, batch_size: int) -> Iterator[int]:
    """Let what is built and fitted in the block use one device, or all of this process.

    Args:
        setting: train.devices, "one" or "all".
        batch_size: images per step, over all devices.

    Yields:
        The number of devices.

    Raises:
        ChestbenchError: the backend cannot, or a batch cannot be dealt out in equal shares.
    """
    if setting == "one":
        yield 1
        return
    backend = keras.backend.backend()
    if backend != "jax":
        # keras would train on one TensorFlow device without a word.
        raise ChestbenchError(
            f"train.devices: expected train.backend=jax for all cards of a machine, received {backend}; "
            "choose -S train.backend=jax, or -S train.devices=one"
        )
    devices = keras.distribution.list_devices()
    if batch_size % len(devices):
        fitting = max(len(devices), batch_size // len(devices) * len(devices))
        raise ChestbenchError(
            f"train.batch_size: expected a multiple of {len(devices)}, the number of devices that train.devices=all "
            f"uses, received {batch_size}; choose -S train.batch_size={fitting}"
        )
    before = keras.distribution.distribution()
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices))
    try:
        yield len(devices)
    finally:
        keras.distribution.set_distribution(before)


def dealt_out(images: np.ndarray) -> Any:
    """Return images (B, ...) with an equal share on each card; where they cannot be shared, each computes all of them.

    Only for JAX.
    """
    distribution = keras.distribution.distribution()
    if distribution is None or len(images) % distribution.device_mesh.devices.size:
        return images
    import jax

    return jax.device_put(images, distribution.get_data_layout(images.shape).backend_layout)
