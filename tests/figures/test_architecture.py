"""The drawing of a network has every layer in one of its stages, and few enough stages to read."""

from pathlib import Path

import pytest
from PIL import Image

from chestbench.figures.architecture import architecture_figure, stages_of
from chestbench.figures.drawing import save
from chestbench.models import registry
from chestbench.models.build import build

NAMES = [
    "simple_cnn",
    "resnet50",
    "resnet152v2",
    "inception_v3",
    "efficientnet_b0",
    "bit_r50x1",
    "large_t",
    "simple_gmp",
]


@pytest.mark.parametrize("name", NAMES)
def test_stages_hold_all_layers_and_parameters(name: str, tmp_path: Path) -> None:
    model = build(registry.get(name), 96, 3)
    stages = stages_of(model)
    assert sum(stage.layers for stage in stages) == len(model.layers)
    assert sum(stage.parameters for stage in stages) == model.count_params()
    assert [stage.kind for stage in stages][:2] == ["input", "normalisation"]
    assert stages[-1].shape == (3,)
    assert 6 <= len(stages) <= 20
    drawing = architecture_figure(model, name)
    save(drawing, tmp_path / "a.png", False)
    shown = " ".join(text.get_text() for text in drawing.findobj(lambda artist: hasattr(artist, "get_text")))
    assert f"{model.count_params():,} parameters" in shown
    assert "96 × 96 × 1" in shown
    with Image.open(tmp_path / "a.png") as picture:
        assert max(picture.size) < 1800


def test_a_resnets_stages_are_its_papers() -> None:
    """Table 1 of He et al. 2016: 3, 8, 36 and 3 blocks."""
    found = {stage.name: stage for stage in stages_of(build(registry.get("resnet152"), 64, 2))}
    assert [len(found[f"conv{number}"].blocks) for number in range(2, 6)] == [3, 8, 36, 3]
    # Three convolutions in each block and the shortcut's in the first.
    assert [found[f"conv{number}"].convolutions for number in range(2, 6)] == [10, 25, 109, 10]
    assert found["conv4"].shape == (4, 4, 1024)
