"""Published figures stand beside the like-named network's, and beside nothing where there is none."""

from dataclasses import replace

import pytest

from chestbench.core.config import Published
from chestbench.evaluation import leaderboard_builder
from chestbench.evaluation.published import COLUMNS, beside_ours
from chestbench.reports import leaderboard_text
from tests.evaluation.test_leaderboard import make_record


def record(name: str, weights: str = "none", studies: bool = False) -> dict:
    def split(shift: float) -> dict:
        measures = {"accuracy": 0.9, "macro_f1": 0.8, "macro_auc": 0.7}
        found = {key: {"value": value - shift, "low": 0.1, "high": 1.0} for key, value in measures.items()}
        if studies:
            found["per_study"] = {"study_map": {"value": 0.5 - shift, "low": 0.4, "high": 0.6}}
        return found

    return {"model": name, "training": {"weights": weights}, "val": split(0), "test": split(0.05)}


def ours(published: Published, *records: dict) -> tuple:
    (row,) = beside_ours([published], records)
    assert set(row) == set(COLUMNS)
    return row["our_network"], row["our_split"], row["ours"]


@pytest.mark.parametrize(
    ("theirs", "name", "weights"),
    [
        ("ResNet101V2", "resnet101v2", "imagenet"),
        ("EfficientNet B3 (ImageNet)", "efficientnet_b3", "imagenet"),
        ("EfficientNet B3 ImageNet", "efficientnet_b3", "imagenet"),
        ("EfficientNet B3 (from scratch)", "efficientnet_b3", "none"),
        ("LargeT", "large_t", "none"),
        ("LargeW", "large_w", "none"),
        ("Simple", "simple_gmp", "none"),
        ("Tiny", "tiny", "none"),
        ("ResNet-50 (BiT-S)", "bit_r50x1", "imagenet"),
        ("BiT-S ResNet-50 (R50x1)", "bit_r50x1", "none"),
        ("InceptionV3", "inception_v3", "none"),
    ],
)
def test_networks_are_matched_loosely(theirs: str, name: str, weights: str) -> None:
    entry = Published(network=theirs, split="test", measure="accuracy", value=0.5)
    others = [record(other) for other in ("resnet50", "resnet101", "tiny_wide", "simple_cnn", "small")]
    assert ours(entry, *others, record(name, weights)) == (name, "test", pytest.approx(0.85))
    assert ours(entry, *others) == (None, None, None)


def test_other_weights_are_another_network() -> None:
    scratch = Published(network="EfficientNet B3 (from scratch)", split="test", measure="f1", value=0.57)
    assert ours(scratch, record("efficientnet_b3", "imagenet"))[0] is None
    imagenet = Published(network="EfficientNet B3 (ImageNet)", split="test", measure="f1", value=0.63)
    assert ours(imagenet, record("efficientnet_b3", "none"))[0] is None


@pytest.mark.parametrize(
    ("split", "measure", "expected"),
    [
        ("validation", "accuracy", ("val", 0.9)),
        ("test", "f1", ("test", 0.75)),
        ("unknown", "auc", ("test", 0.65)),
        ("test", "study_map", ("test", 0.45)),
        ("train", "accuracy", (None, None)),
        ("test", "kappa", (None, None)),
    ],
)
def test_measures_and_splits(split: str, measure: str, expected: tuple) -> None:
    entry = Published(network="Small", split=split, measure=measure, value=0.5)
    found = ours(entry, record("small", studies=True))[1:]
    assert found == (expected if expected[0] is None else (expected[0], pytest.approx(expected[1])))


def test_a_published_best_network_meets_the_one_that_val_chose() -> None:
    entry = Published(network="best single network", split="unknown", measure="study_map", value=0.589)
    assert ours(entry, record("b", studies=True), record("a", studies=True))[0] == "b"
    # No studies, no figure.
    assert ours(entry, record("b"))[0] is None


def test_the_words_say_whose_figures_they_are() -> None:
    rows = beside_ours(
        [
            Published(network="ResNet101V2", split="unknown", measure="accuracy", value=0.9884),
            Published(network="VGG", split="test", measure="auc", value=0.5),
        ],
        [record("resnet101v2")],
    )
    board = leaderboard_builder.build([make_record("resnet101v2", 0.3, 0.3)])
    shown = leaderboard_text.text(replace(board, published=rows))
    for expected in ("Published by the original project", "not ours", "0.988", "resnet101v2, test", "0.850 [0.100"):
        assert expected in shown, expected
    assert "Published" not in leaderboard_text.text(board)
