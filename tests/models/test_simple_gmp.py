"""Simple: conv 16, 32, 64 with max pools, global max pool, dense 32, softmax."""

from chestbench.models.build import build
from chestbench.models.parts import head_layers
from chestbench.models.registry import get


def test_layers():
    model = build(get("simple_gmp"), 32, 3, dropout=0.2)
    kinds = [type(layer).__name__ for layer in model.layers[2:]]
    assert kinds == ["Conv2D", "MaxPooling2D"] * 3 + ["GlobalMaxPooling2D", "Dense", "Dropout", "Dense"]
    assert [model.get_layer(f"conv{number}").filters for number in (1, 2, 3)] == [16, 32, 64]
    assert model.get_layer("hidden").units == 32
    assert model.get_layer("dropout").rate == 0.2
    assert [layer.name for layer in head_layers(model)] == ["hidden", "dropout", "probabilities"]
    assert model.count_params() == (9 * 16 + 16) + (9 * 16 * 32 + 32) + (9 * 32 * 64 + 64) + (64 * 32 + 32) + (33 * 3)
