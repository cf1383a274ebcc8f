"""The machine that training runs on. The only module that speaks to a backend (TensorFlow, JAX, PyTorch) itself."""

import logging
import os
import platform
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chestbench.core.errors import ChestbenchError
from chestbench.core.parallel import core_count
from chestbench.training.host_memory import keep_memory

logger = logging.getLogger(__name__)

BACKENDS = ("tensorflow", "jax", "torch")
XLA_DETERMINISTIC = "--xla_gpu_deterministic_ops"
_NOTE = re.compile(
    r"I\d{4} |WARNING: All log messages before absl|\d{4}-\d\d-\d\d [\d:.]+: I |To enable the following instructions"
)


@dataclass(frozen=True)
class Device:
    """What computes.

    Attributes:
        kind: "cpu" or "gpu".
        name: the chip, as its driver or system calls it.
        count: GPUs that are visible (one is used), or cores.
        capability: CUDA compute capability such as (9, 0); None on a CPU.
    """

    kind: str
    name: str
    count: int
    capability: tuple[int, int] | None = None

    def __str__(self) -> str:
        return f"{self.name} ({'GPU' if self.kind == 'gpu' else f'CPU, {self.count} cores'})"


def select_backend(name: str, deterministic: bool = False) -> str:
    """Choose keras' backend. Call it before anything imports keras.

    Args:
        name: tensorflow, jax or torch; `KERAS_BACKEND` in the environment wins.
        deterministic: tell XLA, which reads it once, that training will be (see `make_deterministic`).

    Returns:
        The backend that keras will use.

    Raises:
        ChestbenchError: the backend is not installed or not known.
    """
    chosen = os.environ.get("KERAS_BACKEND") or name
    if chosen != name:
        logger.info("backend %s from KERAS_BACKEND instead of %s from train.backend", chosen, name)
    if chosen not in BACKENDS:
        raise ChestbenchError(
            f"KERAS_BACKEND: expected one of {', '.join(BACKENDS)}, received {chosen!r}; unset or change it"
        )
    os.environ["KERAS_BACKEND"] = chosen
    if deterministic and chosen == "jax" and XLA_DETERMINISTIC not in os.environ.get("XLA_FLAGS", ""):
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {XLA_DETERMINISTIC}=true".strip()
    # TensorFlow writes a page of notes about its own build; errors still come as exceptions.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    keep_memory()
    try:
        with _without_start_up_notes(), _as_if_absent("sklearn"):
            import keras
    except ImportError as error:
        raise ChestbenchError(
            f"train.backend: expected {chosen} to be installed, received: {error}; "
            f"install it, or choose -S train.backend=tensorflow"
        ) from error
    if keras.backend.backend() != chosen:
        raise RuntimeError(f"keras was imported before select_backend({chosen!r}), with {keras.backend.backend()}")
    if chosen == "tensorflow":
        import tensorflow as tf

        for gpu in tf.config.list_physical_devices("GPU"):
            # Take memory as it is needed instead of all of it, so that others can use the GPU too.
            if not tf.config.experimental.get_memory_growth(gpu):
                tf.config.experimental.set_memory_growth(gpu, True)
    return chosen


def describe_device() -> Device:
    """Return the device that keras' backend computes on."""
    import keras

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        if gpus:
            details = tf.config.experimental.get_device_details(gpus[0])
            return Device("gpu", details.get("device_name", "GPU"), len(gpus), details.get("compute_capability"))
    elif backend == "torch":
        import torch

        if torch.cuda.is_available():
            return Device(
                "gpu", torch.cuda.get_device_name(0), torch.cuda.device_count(), torch.cuda.get_device_capability(0)
            )
    elif backend == "jax":
        import jax

        first = jax.devices()[0]
        if first.platform == "gpu":
            major, minor = str(getattr(first, "compute_capability", "0.0")).split(".")
            return Device("gpu", first.device_kind, jax.device_count(), (int(major), int(minor)))
    return Device("cpu", cpu_name(), core_count())


def choose_precision(setting: str, device: Device) -> str:
    """Return keras' dtype policy for `train.precision`: "auto" takes 16 bits where the GPU has units for them.

    Compute capability 8.0 (Ampere) brought bfloat16, which needs no loss scaling; 7.0 (Volta) float16.
    """
    if setting != "auto":
        return setting
    if device.capability is None or device.capability < (7, 0):
        return "float32"
    return "mixed_bfloat16" if device.capability >= (8, 0) else "mixed_float16"


def make_deterministic() -> None:
    """Ask the backend for the same bits in every run on the same machine. Slower.

    JAX has no switch at run time: on a CPU it needs none, on a GPU `select_backend` sets it.
    """
    import keras

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    elif backend == "torch":
        import torch

        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)
    elif backend == "jax" and describe_device().kind == "gpu":
        flags = os.environ.get("XLA_FLAGS", "")
        if XLA_DETERMINISTIC not in flags:
            raise ChestbenchError(
                f"train.deterministic: expected XLA_FLAGS to hold {XLA_DETERMINISTIC}=true before JAX starts on a GPU, "
                f"received XLA_FLAGS={flags!r}; set it in the environment"
            )


def seed_epoch(seed: int, epoch: int) -> None:
    """Let dropout draw the same in an epoch whether or not the process was there for the epochs before.

    PyTorch draws from one generator of the process; with the other backends the state is among the model's variables.
    """
    import keras

    if keras.backend.backend() == "torch":
        import torch

        torch.manual_seed(seed + epoch)


@contextmanager
def no_gradients() -> Iterator[None]:
    """Compute eagerly without recording for gradients (PyTorch records by default, the others do not)."""
    import keras

    if keras.backend.backend() == "torch":
        import torch

        with torch.no_grad():
            yield
    else:
        yield


@contextmanager
def _as_if_absent(package: str) -> Iterator[None]:
    """Have keras, which offers wrappers for scikit-learn that nothing here uses, not wait half a second for it."""
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[package]


@contextmanager
def _without_start_up_notes() -> Iterator[None]:
    """Hold back what TensorFlow's C++ writes to stderr while it is imported, and pass on all but its notes.

    These lines come before its logging is set up, so that TF_CPP_MIN_LOG_LEVEL does not silence them.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with tempfile.TemporaryFile("w+b") as held:
            os.dup2(held.fileno(), 2)
            try:
                yield
            finally:
                sys.stderr.flush()
                os.dup2(kept, 2)
                held.seek(0)
                lines = held.read().decode("utf-8", "replace").splitlines()
                for line in lines:
                    if not _NOTE.match(line):
                        print(line, file=sys.stderr)
    finally:
        os.close(kept)


def cpu_name() -> str:
    """Return what the system calls the processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:  # not Linux
        pass
    return platform.processor() or platform.machine()
