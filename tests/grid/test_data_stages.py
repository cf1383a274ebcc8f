"""Which members have data, and trainings, in common."""

import yaml

from chestbench.core.unique_yaml import load_yaml
from chestbench.grid.data_stages import data_key, data_of, training_keys
from chestbench.grid.events import Member
from tests.conftest import ROOT

STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


def member(*networks: str, **changed: object) -> Member:
    """Return a member with other values than the committed ones; `train__epochs` is train.epochs."""
    values = load_yaml((ROOT / "params.yaml").read_text(encoding="utf-8"))
    values["model"]["variants"] = list(networks or ("tiny",))
    for name, value in changed.items():
        place, (*sections, key) = values, name.split("__")
        for section in sections:
            place = place[section]
        place[key] = value
    return Member("m", (), values)


def test_data_are_in_common_where_no_stage_of_theirs_reads_the_difference() -> None:
    plain = data_key(member(), STAGES)
    for alike in (member("small"), member(train__learning_rate=0.5), member(train__epochs=9)):
        assert data_key(alike, STAGES) == plain
    others = [{"preprocess__size": 32}, {"seed": 7}, {"train__weights": "imagenet"}, {"dataset__sample_patients": 7}]
    for other in (*(member(**changed) for changed in others), member(evaluate__external=[{"name": "x", "path": "/x"}])):
        assert data_key(other, STAGES) != plain


def test_a_training_is_in_common_where_it_would_be_trained_twice() -> None:
    both, one = training_keys(member("tiny", "small"), STAGES), training_keys(member("tiny"), STAGES)
    assert one < both and len(both) == 2
    assert training_keys(member(evaluate__shifts=2), STAGES) == one
    assert training_keys(member(train__learning_rate=0.5), STAGES).isdisjoint(one)


def test_detectors_have_boxes_weights_and_trainings_in_common() -> None:
    boxes = {"detector__boxes": ["drawn"]}
    one = member(model__variants=[], detector__variants=["fcos_tiny"], **boxes)
    other = member(model__variants=[], detector__variants=["fcos_small"], train__learning_rate=0.5, **boxes)
    data = data_of([one, other], STAGES)
    assert data.values["detector"]["variants"] == ["fcos_tiny", "fcos_small"] and data.values["model"]["variants"] == []
    assert {"boxes@drawn", "weights_boxes@fcos_tiny", "weights_boxes@fcos_small"} <= set(data.targets)
    assert data_key(one, STAGES) == data_key(other, STAGES) != data_key(member(), STAGES)
    assert len(training_keys(one, STAGES)) == 1 and training_keys(one, STAGES).isdisjoint(training_keys(other, STAGES))
    both = member("tiny", detector__variants=["fcos_tiny"], **boxes)
    assert training_keys(one, STAGES) < training_keys(both, STAGES), "it would be trained twice"


def test_data_stages_of_several_members_fetch_weights_of_all_their_networks() -> None:
    data = data_of([member("tiny"), member("small", "tiny")], STAGES)
    assert data.values["model"]["variants"] == ["tiny", "small"]
    assert {"upsample", "audit", "baselines", "weights@tiny", "weights@small"} <= set(data.targets)
    assert not {"external", "train@tiny", "compare", "boxes@drawn"} & set(data.targets)
    with_set = data_of([member(evaluate__external=[{"name": "x", "path": "/x"}])], STAGES)
    assert "external" in with_set.targets
    assert data_of([member()], {"train": STAGES["train"]}).targets == ()
