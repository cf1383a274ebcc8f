"""Too little is counted by part and class, and refused before a network is trained."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chestbench.core.errors import ChestbenchError
from chestbench.core.notice import tiny_note
from chestbench.preparation.tiny import LEAST, refuse_tiny, split_advice, too_little

COUNTS = st.fixed_dictionaries({part: st.dictionaries(st.sampled_from("abc"), st.integers(0, 20)) for part in LEAST})


@given(COUNTS)
def test_every_part_and_class_below_its_bound_is_named_and_no_other(groups: dict[str, dict[str, int]]) -> None:
    reasons = {reason.split()[0]: reason for reason in too_little(groups)}
    for part, counts in groups.items():
        few = {name for name, count in counts.items() if count < LEAST[part]}
        assert (part in reasons) == bool(few)
        for name, count in counts.items():
            told = part in reasons and any(
                text in reasons[part] for text in (f" {count} of {name}", f"groups of {name}", f"group of {name}")
            )
            assert told == (name in few)


def test_the_bounds_are_ten_in_train_and_three_elsewhere() -> None:
    enough = {"train": {"a": 10, "b": 10}, "val": {"a": 3, "b": 8}, "test": {"a": 3, "b": 3}}
    assert too_little(enough) == []
    for part, count in (("train", 9), ("val", 2), ("test", 0)):
        (reason,) = too_little({**enough, part: {"a": count, "b": 30}})
        assert reason == f"{part} has {count} groups of a ({LEAST[part]} are needed)"


def test_of_many_classes_some_are_named_and_the_others_counted() -> None:
    few = {f"class {place}": 1 for place in range(14)}
    (reason,) = too_little({"train": {}, "val": few, "test": {}})
    assert reason.startswith("val has 1 group of class 0, 1 of class 1, ")
    assert reason.endswith("1 of class 4 and too few of 9 classes more (3 are needed)")


def test_a_set_that_has_enough_is_told_to_be_split_otherwise() -> None:
    many = {"train": {"a": 40}, "val": {"a": 2}, "test": {"a": 3}}
    assert "split.val" in split_advice(many, False) and "given_split=ignore" in split_advice(many, True)
    assert "other patients" in split_advice({**many, "train": {"a": 5}}, False)


def test_training_is_refused_unless_it_is_allowed() -> None:
    reasons = ["val has 1 group of a (3 are needed)"]
    with pytest.raises(ChestbenchError, match=r"10 groups .* in train and 3 .*val has 1 group of a .*allow_tiny=true"):
        refuse_tiny({"tiny": reasons, "allow_tiny": False})
    refuse_tiny({"tiny": reasons, "allow_tiny": True})
    refuse_tiny({})
    assert tiny_note({"tiny": reasons}).startswith("TOO LITTLE DATA: val has 1 group of a")
    assert tiny_note({}) == tiny_note({"tiny": []}) == ""
