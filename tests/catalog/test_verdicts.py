import numpy as np
import pytest

from chestbench.catalog.finding import Audit
from chestbench.catalog.verdicts import (
    KINDS,
    NUMBERS,
    Verdict,
    check_classes,
    judge_alone,
    judge_duplicates,
    stable_numbers,
)
from chestbench.core.errors import ChestbenchError


def _numbers(pixels: str, labels: list[int], verdicts: list[Verdict] | None = None) -> np.ndarray:
    numbers = np.zeros(len(pixels), NUMBERS)
    numbers["pixels"] = [np.void(letter.encode() * 16) for letter in pixels]
    numbers["label"] = labels
    numbers["verdict"] = verdicts or [Verdict.KEPT] * len(pixels)
    return numbers


@pytest.mark.parametrize(
    ("problem", "label", "given", "is_split", "verdict"),
    [
        ("", 0, -1, False, Verdict.KEPT),
        ("", -1, -1, False, Verdict.NO_CLASS),
        ("", 0, -1, True, Verdict.OUTSIDE),
        ("", 0, 2, True, Verdict.KEPT),
        ("not an image", -1, -1, True, Verdict.NOT_AN_IMAGE),
        ("unreadable: truncated", 0, 0, True, Verdict.UNREADABLE),
        ("too small: 1 x 1", 0, 0, True, Verdict.TOO_SMALL),
    ],
)
def test_one_image(problem: str, label: int, given: int, is_split: bool, verdict: Verdict) -> None:
    found, reason = judge_alone(Audit("", 0, problem=problem), label, given, is_split)
    assert found == verdict
    assert reason == (problem or ("" if verdict == Verdict.KEPT else KINDS[verdict]))


@pytest.mark.parametrize(
    "kind", [Verdict.NO_LABEL, Verdict.TWO_TABLE_LABELS, Verdict.UNCLEAR_LABEL, Verdict.NOT_CHOSEN]
)
def test_a_fault_of_the_label_table_excludes_unless_the_file_itself_is_bad(kind: Verdict) -> None:
    fault = f"{KINDS[kind]} in labels.csv"
    assert judge_alone(Audit("", 0), -1, -1, True, fault) == (kind, fault)
    unusable = Audit("", 0, problem="unusable DICOM: no pixels")
    assert judge_alone(unusable, -1, -1, True, fault) == (Verdict.UNUSABLE_DICOM, "unusable DICOM: no pixels")


def test_every_kind_is_told_from_the_others_by_how_it_begins() -> None:
    assert len(KINDS) == len(Verdict)
    for place, kind in enumerate(KINDS):
        assert next(at for at, other in enumerate(KINDS) if f"{kind}: more".startswith(other)) == place


def test_the_first_of_equals_stays_and_two_labels_leave_all_out() -> None:
    numbers = _numbers("abacbcc", [0, 0, 0, 0, 1, 0, 0])
    first_of = judge_duplicates(numbers)
    kept, twice, labels = Verdict.KEPT, Verdict.DUPLICATE, Verdict.TWO_LABELS
    assert numbers["verdict"].tolist() == [kept, labels, twice, kept, labels, twice, twice]
    assert first_of[[2, 5, 6]].tolist() == [0, 3, 3]


def test_excluded_rows_neither_have_nor_are_duplicates() -> None:
    numbers = _numbers("aaa", [0, 0, 1], [Verdict.UNREADABLE, Verdict.KEPT, Verdict.TOO_SMALL])
    judge_duplicates(numbers)
    assert numbers["verdict"].tolist() == [Verdict.UNREADABLE, Verdict.KEPT, Verdict.TOO_SMALL]


def test_a_copy_with_another_label_outside_the_given_split_still_counts_against_the_picture() -> None:
    numbers = _numbers("aa", [0, 1], [Verdict.KEPT, Verdict.OUTSIDE])
    judge_duplicates(numbers)
    assert numbers["verdict"].tolist() == [Verdict.TWO_LABELS, Verdict.TWO_LABELS]


def test_a_class_without_images_is_refused() -> None:
    with pytest.raises(ChestbenchError, match=r"class 'b'.*b/1 \(cut\)"):
        check_classes(_numbers("a", [0]), ["a", "b"], ["a/9 (cut)", "b/1 (cut)"])
    check_classes(_numbers("ab", [0, 1]), ["a", "b"], [])


def test_numbers_follow_the_smallest_id() -> None:
    ids = np.array([50, 10, 40, 20], np.uint64)
    assert stable_numbers(np.array([0, 1, 0, 2]), ids).tolist() == [2, 0, 2, 1]
