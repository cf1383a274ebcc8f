import numpy as np
import pytest

from chestbench.catalog.groups import Groups, form_groups
from chestbench.catalog.verdicts import NUMBERS, Verdict
from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import picture, png


def _form(rows: list[dict], patients: tuple[str, ...] = ()) -> Groups:
    """Form groups of rows that say what they are not by default: no patient, study or unit, a cluster of their own."""
    numbers = np.zeros(len(rows), NUMBERS)
    numbers["patient"], numbers["unit"] = -1, -1
    cluster = np.arange(len(rows))
    for place, row in enumerate(rows):
        for key, value in row.items():
            if key == "cluster":
                cluster[place] = value
            else:
                numbers[key][place] = value
    cluster[numbers["verdict"] != Verdict.KEPT] = -1
    return form_groups(numbers, cluster, list(patients))


def _names(groups: Groups) -> list[str]:
    return [groups.name(row) for row in range(len(groups.number))]


def test_the_path_goes_before_the_header_before_the_study_before_looks() -> None:
    groups = _form(
        [{"patient": 0, "header": 5, "study": 1}, {"header": 6, "study": 2}, {"study": 7}, {"cluster": 40}], ("kim",)
    )
    assert _names(groups) == ["kim", f"{6:016x}", f"{7:016x}", "look-alike-00041"]
    assert groups.without == 1


def test_images_of_one_study_share_the_better_group() -> None:
    groups = _form(
        [{"study": 9}, {"patient": 1, "study": 9}, {"patient": 0, "study": 9}, {"patient": 0}], ("zoe", "amy")
    )
    assert _names(groups) == ["amy"] * 2 + ["amy"] * 2 and len(set(groups.number.tolist())) == 1


def test_pictures_under_one_id_of_the_label_table_share_a_group() -> None:
    groups = _form([{"unit": 3}, {"unit": 4}, {"unit": 3}])
    assert _names(groups) == ["look-alike-00001", "look-alike-00002", "look-alike-00001"]
    assert groups.unit == "image" and groups.without == 0


def test_excluded_rows_link_nothing_and_keep_only_their_own_name() -> None:
    out = {"verdict": Verdict.DUPLICATE}
    groups = _form([{"header": 1, "study": 5}, {"header": 2}, {"header": 2, "study": 5, **out}, {"cluster": 2, **out}])
    assert _names(groups) == [f"{1:016x}", f"{2:016x}", f"{2:016x}", ""]
    assert groups.number[0] != groups.number[1] and groups.number[2] == -1


def test_nothing_that_belongs_together_is_ever_apart_and_the_order_of_rows_does_not_matter() -> None:
    generator = np.random.default_rng(0)
    for _ in range(50):
        rows = [
            {
                "patient": int(generator.integers(-1, 4)) if generator.random() < 0.4 else -1,
                "header": int(generator.integers(0, 6)),
                "study": int(generator.integers(0, 12)) if generator.random() < 0.7 else 0,
                "unit": int(generator.integers(-1, 15)) if generator.random() < 0.5 else -1,
                "verdict": Verdict.KEPT if generator.random() < 0.8 else Verdict.DUPLICATE,
                "cluster": int(generator.integers(0, 10)),
            }
            for _ in range(30)
        ]
        groups = _form(rows, ("d", "c", "b", "a"))
        kept = [place for place, row in enumerate(rows) if row["verdict"] == Verdict.KEPT]
        for key, none in (("patient", -1), ("study", 0), ("unit", -1)):
            for value in {rows[place][key] for place in kept} - {none}:
                assert len({groups.number[place] for place in kept if rows[place][key] == value}) == 1
        order = generator.permutation(30).tolist()
        shuffled = _names(_form([rows[place] for place in order], ("d", "c", "b", "a")))
        assert [shuffled[order.index(place)] for place in kept] == [groups.name(place) for place in kept]


@pytest.mark.parametrize(
    ("rows", "unit"),
    [
        ([{"patient": 0}, {"header": 1}, {"study": 2}], "patient"),
        ([{"study": 1}, {"study": 2}, {"header": 2}], "study"),
        ([{}, {}, {"study": 2}], "image"),
        ([{"study": 2}, {"header": 2}], "study"),
        ([{}, {"header": 2}], "image"),
    ],
    ids=["patients", "studies", "looks", "a tie claims less", "a tie with looks"],
)
def test_the_unit_is_what_most_images_go_by(rows: list[dict], unit: str) -> None:
    assert _form(rows, ("kim",)).unit == unit


def test_headers_name_patients_and_studies_by_code_only(build, caplog) -> None:
    members = {
        f"{label}/{patient}-{study}-{image}.dcm": make_dicom(
            picture(1000 * code + 100 * patient + 10 * study + image),
            patient=f"KIM-{label}{patient}",
            study=f"1.2.3.{code}.{patient}.{study}",
        )
        for code, label in enumerate("ab")
        for patient in range(3)
        for study in range(2)
        for image in range(2)
    }
    catalog, rows = build(members)
    assert catalog.split_unit == "patient" and {row.format for row in rows.values()} == {"dicom"}
    assert len({row.group for row in rows.values()}) == 6 and len({row.study for row in rows.values()}) == 12
    assert all(len(row.study) == len(row.group) == 16 for row in rows.values())
    assert not any(secret in f"{list(rows.values())}{caplog.text}" for secret in ("KIM", "1.2.3", "Doe", "1956"))
    _, salted = build(members, salt="another")
    assert not {row.group for row in salted.values()} & {row.group for row in rows.values()}


def test_without_patients_in_the_headers_studies_are_the_groups(build) -> None:
    members = {
        f"{label}/{number}.dcm": make_dicom(picture(50 * code + number), patient="", study=f"1.{code}.{number // 2}")
        for code, label in enumerate("ab")
        for number in range(6)
    }
    catalog, rows = build(members)
    assert catalog.split_unit == "study"
    assert all(row.group == row.study for row in rows.values()) and len({row.group for row in rows.values()}) == 6


def test_one_patient_in_all_headers_is_told(build, caplog) -> None:
    members = {
        f"{label}/{number}.dcm": make_dicom(picture(50 * code + number), patient="P1", study="")
        for code, label in enumerate("ab")
        for number in range(3)
    }
    build(members)
    assert "all 6 images are of one patient, perhaps because the headers were made anonymous" in caplog.text


def test_patients_who_share_an_anonymous_id_are_not_made_one(build, caplog) -> None:
    members = {
        f"{label}/{number}.dcm": make_dicom(
            picture(50 * code + number),
            patient=f"KIM-{number}" if number > 1 else "ANONYMOUS",
            study=f"1.{code}.{number}" if number else "",
        )
        for code, label in enumerate("ab")
        for number in range(6)
    }
    catalog, rows = build(members)
    assert (catalog.split_unit, catalog.without_group) == ("patient", 2)
    assert rows["a/1.dcm"].group == rows["a/1.dcm"].study != rows["b/1.dcm"].group
    assert rows["a/0.dcm"].group.startswith("look-alike-")
    assert "2 of 12 images have a study but no patient" in caplog.text


def test_a_study_in_the_path_is_hashed_and_goes_before_the_header(build, caplog) -> None:
    members = {
        f"{label}/p{number // 4}/study-{code}{number // 2}/{number}.png": png(picture(80 * code + number))
        for code, label in enumerate("ab")
        for number in range(8)
    }
    members["a/p0/study-00/again.dcm"] = make_dicom(picture(999), study="1.2")
    catalog, rows = build(
        members, group_pattern="(?P<group>[ab]/p[0-9])", study_pattern="/(?P<study>study-[0-9]+)/", salt="s"
    )
    assert rows["a/p0/study-00/again.dcm"].study == rows["a/p0/study-00/0.png"].study
    assert len({row.study for row in rows.values()}) == 8 and {row.group for row in rows.values()} == {
        "a/p0",
        "a/p1",
        "b/p0",
        "b/p1",
    }
    assert "study-" not in "".join(row.study for row in rows.values()) and catalog.split_unit == "patient"


def test_patients_joined_by_a_study_are_told(build, caplog) -> None:
    members = {
        f"{label}/p{number}/x.dcm": make_dicom(picture(80 * code + number), study=f"1.{code}.{max(number, 1)}")
        for code, label in enumerate("ab")
        for number in range(4)
    }
    _, rows = build(members, group_pattern="(?P<group>[ab]/p[0-9])")
    assert rows["a/p1/x.dcm"].group == rows["a/p0/x.dcm"].group == "a/p0"
    assert "2 patients share a study with another patient" in caplog.text
