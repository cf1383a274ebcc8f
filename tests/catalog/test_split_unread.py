"""A file that is called like a split and is not read as one is said by its name."""

import pytest

PICTURES = {f"{'xy'[at % 2]}/p{at:02d}.png": "" for at in range(20)}


@pytest.mark.parametrize(
    "name",
    ["train_test_split.txt", "splits.pkl", "train_files.npy", "meta/split_2.json", "ids_train.txt", "partition.yaml"],
)
def test_it_is_named(plan, caplog, name: str) -> None:
    read = plan(PICTURES | {name: "q1\nq2\nq3\n"})
    assert f"{name!r} is called like a split of this set, which is not used" in caplog.text
    assert read.layout.said["unread_splits"] in caplog.text
    caplog.clear()
    plan(PICTURES | {name: "q1\n"}, given_split="ignore")
    assert "called like a split" not in caplog.text


@pytest.mark.parametrize(
    "name", ["train_log.txt", "split.py", "latest.csv", "README.md", "training_curve.csv", "a.json"]
)
def test_others_are_not(plan, caplog, name: str) -> None:
    plan(PICTURES | {name: "q1\nq2\n"})
    assert "called like a split" not in caplog.text


def test_what_is_said_or_used_is_not_said_again(plan, caplog) -> None:
    rows = "".join(f"p{at:02d}.png,{'train' if at < 12 else 'test'}\n" for at in range(20))
    plan(PICTURES | {"split.csv": "file,split\n" + rows})
    assert "seems to say the split" in caplog.text and "called like a split" not in caplog.text
    flat = {f"images/p{at:02d}.png": "" for at in range(20)}
    rows = "".join(f"p{at:02d}.png,{'xy'[at % 2]}\n" for at in range(20))
    plan(flat | {"train.csv": "file,dx\n" + rows}, labels={"table": "train.csv", "id": "file", "column": "dx"})
    assert "called like a split" not in caplog.text
