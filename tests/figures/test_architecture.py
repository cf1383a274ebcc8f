"""The text of a network has every layer, in full, whatever terminal it is written from."""

import io
import os
import sys

import pytest

from chestbench.figures.architecture import WIDTH, architecture_text
from chestbench.models.build import build
from chestbench.models.parts import split_backbone
from chestbench.models.registry import get
from chestbench.models.standardised import plain_copy


def first_cells(text: str) -> str:
    """Return the first column without the spaces that wrapping put in."""
    cells = [line.split("│")[1] for line in text.splitlines() if line.startswith("│")]
    return "".join("".join(cells).split())


@pytest.mark.parametrize("name", ["simple_cnn", "resnet50v2", "inception_v3", "efficientnet_b0", "bit_r50x1"])
def test_every_layer_stands_in_full(name: str) -> None:
    model = plain_copy(build(get(name), 96, 3))
    text = architecture_text(model)
    assert f'Model: "{name}"' in text
    assert first_cells(text) == "".join(f"{layer.name}({type(layer).__name__})" for layer in model.layers)
    assert f"Total params: {model.count_params():,} (" in text
    assert "(None, 96, 96, 1)" in text and "(None, 3)" in text
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "\x1b" not in text and "…" not in text and text.endswith("\n")


def test_models_inside_a_model_are_opened() -> None:
    import keras

    backbone, head = split_backbone(build(get("simple_gmp"), 32, 2))
    grey = keras.Input((32, 32, 1), dtype="uint8")
    text = architecture_text(keras.Model(grey, head(backbone(grey)), name="whole"))
    for layer in ("conv3", "hidden", "probabilities"):
        assert f"└ {layer} (" in text


@pytest.mark.parametrize("terminal", [{"COLUMNS": "40"}, {"TERM": "dumb", "FORCE_COLOR": "1", "LINES": "3"}, {}])
def test_it_is_the_same_in_every_terminal(terminal: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    model = build(get("simple_cnn"), 48, 2)
    expected = architecture_text(model)
    for name in ("COLUMNS", "LINES", "TERM", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in terminal.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    before = dict(os.environ)
    assert architecture_text(model) == expected
    assert dict(os.environ) == before
