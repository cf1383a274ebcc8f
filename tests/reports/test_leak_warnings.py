from chestbench.reports.leak_warnings import leak_notes, leak_warnings
from chestbench.reports.leak_words import CATALOG_WORDS, SPLIT_WORDS


def test_a_split_without_leaks_is_not_warned_of() -> None:
    assert leak_warnings({"leaks": dict.fromkeys(SPLIT_WORDS, 0)}) == []
    assert leak_notes(dict.fromkeys(CATALOG_WORDS, 0)) == []


def test_what_crosses_is_one_warning_with_its_counts() -> None:
    (warning,) = leak_warnings({"leaks": {"groups": 4, "look_alike_clusters": 0, "near_duplicate_pairs": 104}})
    assert "4 patients" in warning and "104 look-alike pairs" in warning and "clusters" not in warning


def test_copies_inside_one_part_are_no_finding_and_conflicts_are() -> None:
    leaks = dict.fromkeys(CATALOG_WORDS, 0) | {"exact_duplicates": 7, "near_duplicate_pairs": 9}
    assert leak_notes(leaks) == []
    notes = leak_notes(leaks | {"exact_label_conflicts": 2, "near_duplicate_label_conflicts": 3})
    assert len(notes) == 2 and notes[0].startswith("2 images") and notes[1].startswith("3 pairs")


def test_patients_of_several_labels_are_noted() -> None:
    (note,) = leak_notes(dict.fromkeys(CATALOG_WORDS, 0) | {"groups_of_two_labels": 2})
    assert note.startswith("2 patients (or studies) have images of several labels")
