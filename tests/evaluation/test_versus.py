"""Each network against the chosen one: verdicts, Holm over the family, and predictions that do not belong together."""

from collections.abc import Sequence

import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import write_csv
from chestbench.evaluation import versus
from chestbench.measures.predictions import COLUMNS, Predictions, read_predictions
from chestbench.measures.resampled import Resampled, resample
from chestbench.measures.significance import holm, mcnemar_exact
from tests.evaluation.pairs import answer

LABELS = np.tile([0, 1, 1], 60)


def network(right: float, seed: int, labels: np.ndarray = LABELS, groups: Sequence[str] | None = None) -> Predictions:
    """Return a network that is right about that share of the images, two images to a group."""
    wrong = np.random.default_rng(seed).random(len(labels)) >= right
    names = [f"{place:05d}" for place in range(len(labels))]
    units = list(groups) if groups is not None else [f"g{place // 2:03d}" for place in range(len(labels))]
    return Predictions(names, units, labels, answer(np.where(wrong, 1 - labels, labels), 2))


def compare(chosen: Predictions, **others: Predictions) -> dict[str, dict]:
    resampled = {name: resampled_of(said) for name, said in {"chosen": chosen, **others}.items()}
    return versus.compare_with_chosen("chosen", chosen, others, resampled, 0.95)


def resampled_of(said: Predictions, seed: int = 1) -> Resampled:
    return resample(said.labels, said.probabilities, said.groups, 300, seed)


def test_identical_worse_and_better_networks_are_called_so() -> None:
    chosen = network(0.8, 1)
    rows = compare(chosen, same=network(0.8, 1), equal=network(0.8, 2), worse=network(0.5, 3), better=network(0.99, 4))
    assert {name: row["verdict"] for name, row in rows.items()} == {
        "same": versus.SAME,
        "equal": versus.SAME,
        "worse": versus.WORSE,
        "better": versus.BETTER,
    }
    same = rows["same"]
    assert (same["balanced_accuracy_difference"], same["balanced_accuracy_p"], same["mcnemar_p"]) == (0.0, 1.0, 1.0)
    assert all(set(row) == set(versus.COLUMNS) for row in rows.values())
    for p in ("balanced_accuracy_p", "macro_auc_p", "mcnemar_p"):
        assert [row[f"{p}_holm"] for row in rows.values()] == holm([row[p] for row in rows.values()])
    better = rows["better"]
    assert better["mcnemar_p"] == mcnemar_exact(better["only_this_right"], better["only_chosen_right"])
    right = [(said.probabilities.argmax(axis=1) == LABELS) for said in (network(0.99, 4), chosen)]
    assert better["only_this_right"] == (right[0] & ~right[1]).sum()


def test_the_verdict_goes_by_the_corrected_p() -> None:
    # One difference that is significant alone, and not among many.
    chosen, other = network(0.80, 1), network(0.88, 7)
    alone = compare(chosen, other=other)["other"]
    assert 0.01 < alone["balanced_accuracy_p"] < 0.05
    assert alone["verdict"] == versus.BETTER
    many = compare(chosen, other=other, **{f"n{seed}": network(0.8, seed + 20) for seed in range(6)})["other"]
    assert many["balanced_accuracy_p"] == alone["balanced_accuracy_p"]
    assert many["verdict"] == versus.SAME


def test_one_network_alone_and_one_group() -> None:
    chosen = network(0.8, 1)
    assert compare(chosen) == {}
    one_group = ["g"] * len(LABELS)
    rows = compare(network(0.8, 1, groups=one_group), other=network(0.9, 2, groups=one_group))
    assert rows["other"]["verdict"] == versus.UNKNOWN
    assert rows["other"]["balanced_accuracy_p_holm"] is None
    assert rows["other"]["mcnemar_p"] is not None


def test_a_test_set_of_one_class_has_no_auc() -> None:
    ones = np.ones(40, int)
    row = compare(network(0.6, 1, ones), other=network(0.99, 2, ones))["other"]
    assert row["macro_auc_difference"] is row["macro_auc_p"] is row["macro_auc_p_holm"] is None
    assert row["verdict"] == versus.BETTER


def test_predictions_of_other_images_are_refused() -> None:
    chosen = network(0.8, 1)
    others = [
        Predictions(chosen.image_ids[:-1], chosen.groups[:-1], LABELS[:-1], chosen.probabilities[:-1]),
        Predictions([*chosen.image_ids[1:], "x"], chosen.groups, LABELS, chosen.probabilities),
        Predictions(chosen.image_ids, ["h"] * len(LABELS), LABELS, chosen.probabilities),
        Predictions(chosen.image_ids, chosen.groups, 1 - LABELS, chosen.probabilities),
        Predictions(chosen.image_ids, chosen.groups, LABELS, answer(LABELS, 3)),
    ]
    for other in others:
        with pytest.raises(ChestbenchError, match=r"expected predictions of other on the 180 test images of chosen"):
            compare(chosen, other=other)


def test_figures_of_other_draws_or_other_predictions_are_refused() -> None:
    chosen, other = network(0.8, 1), network(0.9, 2)
    figures = {"chosen": resampled_of(chosen), "other": resampled_of(other)}
    assert versus.compare_with_chosen("chosen", chosen, {"other": other}, figures, 0.95)
    for wrong, match in (
        (resampled_of(other, seed=2), r"resampled.npz of other: expected figures under the draws .* that chosen has"),
        (resampled_of(network(0.9, 3)), "of other: expected the figures of the predictions beside it"),
    ):
        with pytest.raises(ChestbenchError, match=match):
            versus.compare_with_chosen("chosen", chosen, {"other": other}, {**figures, "other": wrong}, 0.95)
    with pytest.raises(ChestbenchError, match="of chosen: expected the figures of the predictions beside it"):
        versus.compare_with_chosen("chosen", chosen, {"other": other}, {**figures, "chosen": figures["other"]}, 0.95)


def test_a_table_of_predictions_is_read_as_it_was_written(tmp_path) -> None:
    path = tmp_path / "predictions.csv"
    classes = ["Normal", "정상, 'q'"]
    said = np.random.default_rng(0).random(4).astype(np.float32)
    rows = [
        {"split": split, "image_id": str(place), "group": "g1", "study": "", "label": classes[place % 2]}
        | {"predicted": "Normal", "p:Normal": f"{1 - value:.9g}", "p:정상, 'q'": f"{value:.9g}"}
        for place, (split, value) in enumerate(zip(("val", "test", "test", "val"), said, strict=True))
    ]
    columns = [*COLUMNS, "p:Normal", "p:정상, 'q'"]
    write_csv(path, columns, rows)
    found = read_predictions(path, classes)
    assert (found.image_ids, found.groups, found.labels.tolist()) == (["1", "2"], ["g1", "g1"], [1, 0])
    assert (found.probabilities[:, 1].astype(np.float32) == said[1:3]).all()
    assert len(read_predictions(path, classes, "val").labels) == 2

    def refused(match: str, classes: list[str] = classes, split: str = "test") -> None:
        with pytest.raises(ChestbenchError, match=match):
            read_predictions(path, classes, split)

    refused("received none named p:COVID", ["Normal", "COVID"])
    refused("expected labels among", ["Normal"])
    refused("of the train images, received none", split="train")
    for bad in ("nan", "inf", "", "high"):
        write_csv(path, columns, [{**row, "p:Normal": bad} for row in rows])
        refused("expected finite probabilities")
    path.unlink()
    refused("expected predictions of every image, found none")
