"""A training computes in compiled functions, each traced once however many epochs there are. On every backend:

KERAS_BACKEND=jax python -m pytest tests/training/test_traces.py
"""

import gc
import weakref
from collections import Counter

import keras
import numpy as np
import pytest

from chestbench.models.build import build
from chestbench.models.registry import get
from chestbench.training import callbacks
from chestbench.training.checkpoint import Checkpoint
from chestbench.training.forward import forward_of
from chestbench.training.predict import predict
from chestbench.training.recipes import train_network
from tests.training.helpers import small_data, squares

HERE = keras.backend.backend()
compiled_here = pytest.mark.skipif(HERE == "torch", reason="PyTorch computes op by op by design")


@pytest.fixture
def calls(monkeypatch):
    """Counts the calls of the networks' pooling layer by whether it was given numbers, or was traced."""
    found: Counter[str] = Counter()
    original = keras.layers.GlobalMaxPooling2D.call

    def call(self, inputs):
        symbolic = isinstance(inputs, keras.KerasTensor)
        kind = "built" if symbolic else "eager" if is_eager(inputs) else "traced"
        found[kind] += 1
        return original(self, inputs)

    monkeypatch.setattr(keras.layers.GlobalMaxPooling2D, "call", call)
    return found


def is_eager(tensor) -> bool:
    if HERE == "tensorflow":
        import tensorflow as tf

        return tf.executing_eagerly()
    import jax

    return not isinstance(tensor, jax.core.Tracer)


def counted(calls, make_config, tmp_path, **changes):
    calls.clear()
    train = make_config({"train.batch_size": 8, **{f"train.{key}": value for key, value in changes.items()}}).train
    checkpoint = Checkpoint(tmp_path / f"state-{len(list(tmp_path.iterdir()))}")
    train_network("simple_gmp", small_data(24), train, seed=1, checkpoint=checkpoint)
    return dict(calls)


@compiled_here
def test_one_trace_per_function_per_training(calls, make_config, tmp_path):
    build(get("simple_gmp"), 32, 2)
    building = calls.copy()
    short = counted(calls, make_config, tmp_path, epochs=1)
    long = counted(calls, make_config, tmp_path, epochs=5)
    assert long == short and not long.get("eager")
    # Beyond building: the step and the prediction. No batch norm lies in this network.
    assert long["traced"] - building["traced"] == 2
    # The head alone learns first, then all: two steps, but one prediction for both.
    averaged = counted(calls, make_config, tmp_path, epochs=3, ema=0.9, mix="mixup", warmup_epochs=1)
    assert averaged == short
    phases = counted(calls, make_config, tmp_path, epochs=2, head_epochs=2)
    assert phases["traced"] - building["traced"] == 3 and not phases.get("eager")


def test_prediction_is_what_the_network_computes_also_after_a_step_and_a_change_of_what_learns():
    keras.utils.set_random_seed(2)
    model, (images, _) = build(get("tiny"), 32, 2), squares(11)
    for _ in range(2):
        expected = keras.ops.convert_to_numpy(model(images, training=False))
        np.testing.assert_allclose(predict(model, images, 4), expected, atol=1e-5)
        old = model.predict(images, batch_size=4, verbose=0)  # as it was done before
        np.testing.assert_allclose(predict(model, images, 4), old, atol=1e-5)
        model.layers[2].trainable = False
        model.set_weights([weight * 1.5 for weight in model.get_weights()])
    assert forward_of(model) is forward_of(model)


@compiled_here
def test_shifts_are_one_pass_that_is_traced_once(calls):
    model, (images, _) = build(get("simple_gmp"), 32, 2), squares(11)
    calls.clear()
    for _ in range(2):
        predict(model, images, 20, shifts=2)
    assert calls == {"traced": 1}


def test_a_network_is_freed_with_its_compiled_function():
    model = build(get("simple_gmp"), 32, 2)
    predict(model, squares(4)[0], 4)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


@pytest.mark.skipif(HERE != "jax", reason="counts what JAX sends to the device by itself")
@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_between_the_steps_jax_sends_nothing_operation_by_operation(make_config, monkeypatch, ema):
    """After the first epoch, whose functions are compiled then: validation, batch norm, divergence, best, state."""
    from jax._src import dispatch

    sent: list[str] = []
    epoch_now = [0]
    original, end = dispatch.xla_primitive_callable, callbacks.EpochEnd.on_epoch_end

    def one_operation(prim, **parameters):
        sent.append(f"{epoch_now[0]}: {prim}")
        return original(prim, **parameters)

    def counted_end(self, epoch, logs=None):
        epoch_now[0], dispatch.xla_primitive_callable = epoch, one_operation
        try:
            end(self, epoch, logs)
        finally:
            dispatch.xla_primitive_callable = original

    monkeypatch.setattr(callbacks.EpochEnd, "on_epoch_end", counted_end)
    train = make_config({"train.batch_size": 8, "train.epochs": 3, "train.ema": ema}).train
    train_network("tiny", small_data(24), train, seed=1)
    assert [name for name in sent if not name.startswith("0:")] == []
