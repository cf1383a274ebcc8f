"""The types of measures/record.py and other_records.py say what stages write: every key, and none besides."""

import argparse
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

import numpy as np
import pytest

from chestbench.core.files import read_json
from chestbench.evaluation.network import evaluate_network
from chestbench.evaluation.seeds import own_values, summarise_seeds
from chestbench.measures.other_records import BaselinesRecord
from chestbench.measures.record import Figure, NetworkRecord, figure_of, over_seeds, split_of
from stages import baselines
from tests.evaluation.workspace import write_network, write_processed

CLASSES = ("Normal", "정상 'q'")


def unlike(value: Any, kind: Any, where: str = "record") -> list[str]:
    """Return what of `value`, as JSON gives it, is not as the type says."""
    if kind is Any:
        return []
    if is_typeddict(kind):
        if not isinstance(value, dict):
            return [f"{where}: no object"]
        keys = set(value)
        wrong = [f"{where}: no {key}" for key in kind.__required_keys__ - keys]
        wrong += [f"{where}: unknown {key}" for key in keys - kind.__required_keys__ - kind.__optional_keys__]
        hints = get_type_hints(kind)
        return wrong + [text for key in keys & set(hints) for text in unlike(value[key], hints[key], f"{where}.{key}")]
    if get_origin(kind) is dict:
        return [text for key, item in value.items() for text in unlike(item, get_args(kind)[1], f"{where}.{key}")]
    if get_origin(kind) is list:
        return [text for item in value for text in unlike(item, get_args(kind)[0], f"{where}[]")]
    if isinstance(kind, UnionType):
        found = [unlike(value, one, where) for one in get_args(kind)]
        return [] if [] in found else [f"{where}: {value!r} is no {kind}"]
    # A whole number is a float too; a bool is no number.
    good = type(value) is kind or (kind is float and type(value) is int)
    return [] if good else [f"{where}: {value!r} is no {kind}"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, make_config) -> dict[str, Any]:
    """Return a record as evaluate writes it, of a data set with studies."""
    root = tmp_path_factory.mktemp("record")
    write_processed(root, CLASSES, studies=True)
    training = write_network(root, "simple_cnn", CLASSES)

    def predict(model: Any, images: np.ndarray, batch_size: int) -> np.ndarray:
        second = np.asarray(images)[:, 10:14].mean(axis=(1, 2, 3)) / 256
        return np.stack([1 - second, second], axis=1).astype(np.float32)

    import keras

    folder = root / "models/simple_cnn"
    evaluate_network(
        keras.models.load_model(folder / "model.keras"),
        predict,
        training,
        folder / "history.csv",
        root / "data/processed",
        make_config({"evaluate.bootstrap": 100, "evaluate.gradcam_images": 0}).evaluate,
        1,
        root / "results",
        root / "record.json",
    )
    return read_json(root / "record.json")


def test_a_written_record_is_a_network_record(written: dict[str, Any]) -> None:
    assert unlike(written, NetworkRecord) == []
    assert {"per_group", "per_study"} <= set(written["test"])
    values = own_values(written)
    seeds = summarise_seeds([1, 2], [values, values])
    assert unlike({**written, "seeds": seeds}, NetworkRecord) == []
    assert over_seeds(seeds) == {key: seeds[key] for key in values}


def test_a_record_that_is_otherwise_is_seen(written: dict[str, Any]) -> None:
    without = {key: value for key, value in written.items() if key != "temperature"}
    assert unlike(without, NetworkRecord) == ["record: no temperature"]
    assert unlike({**written, "colour": 1}, NetworkRecord) == ["record: unknown colour"]
    assert unlike({**written, "classes": [1]}, NetworkRecord) == ["record.classes[]: 1 is no <class 'str'>"]
    assert unlike({"value": 1.0, "low": None, "high": "x"}, Figure) == ["record.high: 'x' is no float | None"]


def test_figures_are_found_by_name(written: dict[str, Any]) -> None:
    assert figure_of(split_of(written, "val"), "macro_auc") == written["val"]["macro_auc"]
    with pytest.raises(KeyError):
        split_of(written, "train")
    with pytest.raises(KeyError):
        figure_of(written["test"], "colour")


def test_the_baselines_are_of_the_same_parts(tmp_path: Path, make_config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_processed(tmp_path, CLASSES, studies=True)
    baselines.work(make_config({"evaluate.bootstrap": 100}), argparse.Namespace())
    found = read_json(tmp_path / "metrics/baselines.json")
    assert unlike(found, BaselinesRecord) == []
    without = {**found, "majority": {**found["majority"], "class": None}}
    assert unlike(without, BaselinesRecord) == ["record.majority.class: None is no <class 'str'>"]
