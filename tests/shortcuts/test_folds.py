import numpy as np
import pytest

from chestbench.shortcuts.folds import FEWEST_GROUPS, TooFew, is_above, judge, make_folds, tells_nothing


def _study(patients: int, per: int = 2, classes: int = 2, held: float = 0.3) -> tuple[np.ndarray, ...]:
    patient = np.repeat(np.arange(patients), per)
    is_train = (np.arange(patients) % 10 >= 10 * held)[patient]
    return patient // 1 % classes, np.array([f"p{number:04d}" for number in patient]), is_train


def test_val_and_test_are_one_fold_and_train_is_cut_by_patient() -> None:
    label, group, is_train = _study(60)
    folds = make_folds(label, group, is_train, ["a", "b"], 0, 1000)
    assert (folds.fold[~is_train] == 0).all() and (folds.fold[is_train] > 0).all()
    assert np.unique(folds.fold).tolist() == [0, 1, 2]
    for name in np.unique(folds.group):
        assert len(np.unique(folds.fold[folds.group == name])) == 1
    for fold in range(3):
        assert set(folds.label[folds.fold == fold]) == {0, 1}


def test_a_patient_on_both_sides_of_a_given_split_is_judged_by_a_model_that_never_saw_him() -> None:
    label, group, is_train = _study(40)
    is_train = is_train.copy()
    is_train[6] = not is_train[6]
    folds = make_folds(label, group, is_train, ["a", "b"], 0, 1000)
    assert folds.fold[6] == folds.fold[7] == 0
    everyone_crosses = np.arange(len(label)) % 2 == 0
    folds = make_folds(label, group, everyone_crosses, ["a", "b"], 0, 1000)
    assert len(np.unique(folds.fold)) == 3


def test_classes_of_few_patients_are_left_out_and_named() -> None:
    label, group, is_train = _study(60)
    label = label.copy()
    label[:4] = 2
    folds = make_folds(label, group, is_train, ["a", "b", "rare", "absent"], 0, 1000)
    assert folds.classes == ["a", "b"] and folds.left_out == {"rare": 2, "absent": 0}
    assert len(folds.chosen) == len(label) - 4 and folds.label.max() == 1


@pytest.mark.parametrize("patients", [2, 2 * FEWEST_GROUPS - 1])
def test_too_few_patients_are_said(patients: int) -> None:
    label, group, is_train = _study(patients)
    with pytest.raises(TooFew, match=f"two classes of {FEWEST_GROUPS} patients.*received a"):
        make_folds(label, group, is_train, ["a", "b"], 0, 1000)


def test_one_class_only_is_said() -> None:
    label, group, is_train = _study(30, classes=1)
    with pytest.raises(TooFew, match="received a 30"):
        make_folds(label, group, is_train, ["a"], 0, 1000)


def test_a_class_that_is_absent_from_val_and_test_is_judged_all_the_same() -> None:
    label, group, _ = _study(40)
    is_train = (label == 0) | (np.arange(len(label)) >= 40)
    is_train[:8] = False
    is_train[label == 1] = True
    folds = make_folds(label, group, is_train, ["a", "b"], 0, 1000)
    assert set(folds.label[folds.fold == 0]) == {0} and len(np.unique(folds.fold)) > 1


def test_of_many_images_whole_groups_are_left_out() -> None:
    label, group, is_train = _study(200, per=5)
    folds = make_folds(label, group, is_train, ["a", "b"], 3, 300)
    assert 250 < len(folds.chosen) <= 300
    assert all((folds.group == name).sum() == 5 for name in np.unique(folds.group))
    again = make_folds(label, group, is_train, ["a", "b"], 3, 300)
    np.testing.assert_array_equal(folds.chosen, again.chosen)


def test_an_interval_above_the_bound_is_told_from_one_that_reaches_below() -> None:
    label, group, is_train = _study(60)
    folds = make_folds(label, group, is_train, ["a", "b"], 0, 1000)
    certain = np.eye(2)[folds.label]
    assert is_above(judge(folds, certain, 0))
    assert not is_above(judge(folds, np.full((len(label), 2), 0.5), 0))
    assert not is_above({"value": 0.9, "low": None, "high": None})


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(None, None, True), (0.3, 0.95, True), (0.5, 0.9, True), (0.51, 0.99, False), (0.4, 0.6, False)],
)
def test_an_interval_from_chance_to_nearly_always_tells_nothing(low, high, expected: bool) -> None:
    assert tells_nothing({"value": 0.6, "low": low, "high": high}) is expected
