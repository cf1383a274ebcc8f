"""Patients in the names of folders and files are pointed out, and the line that is shown groups by them when copied."""

import re
import shlex
from typing import Any

import numpy as np
import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given, settings
from hypothesis import strategies as st

from chestbench.catalog.folders.patients.patient_hints import patient_hint
from chestbench.catalog.layout import read_layout
from tests.catalog.layout_notation import members_of

PARSER = OverridesParser.create()


def groups_of(members: list[str], hint: dict[str, Any]) -> dict[str, str]:
    """Return path -> group by the line that a hint shows, taken apart as a shell and Hydra do."""
    option, line = shlex.split(hint["line"])
    override = PARSER.parse_override(line)
    assert option == "-S" and override.key_or_group == "dataset.group_pattern"
    pattern = re.compile(override.value())
    found = {member: match["group"] for member in members if (match := pattern.search(member))}
    assert (len(found), len(set(found.values()))) == (hint["pictures"], hint["groups"])
    return found


def hint_of(tree: str) -> tuple[list[str], dict[str, Any]]:
    members = members_of(tree)
    layout = read_layout(members, None, True)
    assert not layout.patient
    return members, patient_hint(members, layout.label, layout.classes)


@pytest.mark.parametrize(
    "name",
    ["person{}_virus_{}.jpeg", "IMG_patient-{}_{}.png", "Subject {} view{}.png", "PID{:04}_{}.jpg", "x_case{}-{}.png"],
)
def test_people_in_files_names_are_pointed_out(name: str) -> None:
    members = [f"set/{label}/{name.format(person, n)}" for label in "ab" for person in range(1, 6) for n in range(3)]
    hint = patient_hint(members)
    assert (hint["pictures"], hint["groups"]) == (30, 5)
    groups_of(members, hint)


@pytest.mark.parametrize(
    ("tree", "pictures", "groups"),
    [
        ("{covid,normal}/PTc{001..010}", 80, 10),
        ("covid/PTc{001..010} | normal/PTd{001..010}", 80, 20),
        ("set/{covid,normal}/case{1..9}_c", 72, 9),
        ("{train,test}/{covid,normal}/A1c{77..88}", 192, 12),
        ("covid/{01..05} | normal @20", 20, 5),
        ("covid/{a3f4c9d2e1,b3f4c9d2e1,c3f4c9d2e1,dd34c9d2e1} | normal/{e3f4c9d2e1,f3f4c9d2e1}", 24, 6),
        ("covid/{Ann,Bob,Cal,Dan,Eva} | normal/{Gus,Hal,Ina,Jon,Kim}", 40, 10),
        ("covid/{Smith_J,Doe_J,Roe_R} | normal/{Poe_E,Coe_C,Moe_M}", 24, 6),
        ("covid/{PTc000,case1_c,A1c77} | normal/{S-0012,sub-01,P10_a}", 24, 6),
        ("{covid,normal}/{PTc000,case1_c,A1c77}", 24, 3),
        ("covid/hospitalA/PTc{001..005} | normal/hospitalB/PTc{006..009}", 36, 9),
        ("{covid,normal}/MRN_{12345..12349}", 40, 5),
    ],
)
def test_folders_below_the_classes_that_may_be_patients(tree: str, pictures: int, groups: int) -> None:
    members, hint = hint_of(tree)
    assert (hint["pictures"], hint["groups"]) == (pictures, groups)
    assert all(f"/{group}/" in member for member, group in groups_of(members, hint).items())


@pytest.mark.parametrize(
    ("tree", "pictures", "groups"),
    [
        ("{covid,normal}/PTc{000..005}_*.png", 48, 6),
        ("{covid,normal}/case{1..6}_c_*.png", 48, 6),
        ("covid/A1c{77..79}_*.png | normal/B1c{77..79}_*.png", 24, 6),
        ("{covid,normal}/S-{0012..0016}-*.png", 40, 5),
        ("{covid,normal}/sub-{01..06}_ses-{01..02}_*.png", 96, 6),
        ("covid/P{10..15}_a*.png | normal/P{20..25}_b*.png", 48, 12),
        ("covid/IM-{0001..0004}-*.png | normal/IM-{0005..0008}-*.png", 32, 8),
        ("covid/person{1..5}_virus_*.png | normal/{IM,NORMAL2-IM}-{0115..0119}-*.png", 60, 10),
        ("covid/covid_P{1..5}_*.png | normal/normal_P{1..5}_*.png", 40, 5),
        ("covid/COVID-19_{1..5}_*.png | normal/Normal_{1..5}_*.png", 40, 5),
        ("P/P{10..15}_*.png | N/N{20..25}_*.png", 48, 12),
        ("covid/000000{01..09}_*.png | normal/000000{11..19}_*.png", 72, 18),
        ("covid/vid{1..5}_frame*.png | normal/vid{6..9}_frame*.png", 36, 9),
        ("covid/img{1..9}_jpg.rf.ab12*.png | normal/pic{1..9}_jpg.rf.ab12*.png", 72, 18),
        ("{covid,normal}/환자{1..5}_*.png", 40, 5),
        ("covid/CP_{1070..1075}_{3015..3016}_*.png | normal/Normal_{1670..1675}_{3015..3016}_*.png", 96, 12),
        ("covid/volume-covid19-A-{0014..0019}_z*.png | normal/volume-normal-A-{0024..0029}_z*.png", 48, 12),
        ("covid/{0012..0019}_{L,R} (*).png @1 | normal/{0022..0029}_{L,R} (*).png @1", 32, 16),
        ("covid/ID{00123..00127}_day{1..2}_*.png | normal/ID{00223..00227}_day{1..2}_*.png", 80, 10),
        ("covid/hosp{1..3}_p{001..012}_*.png | normal/hosp{1..3}_p{013..022}_*.png", 264, 66),
    ],
)
def test_ids_at_the_head_of_files_names(tree: str, pictures: int, groups: int) -> None:
    members, hint = hint_of(tree)
    assert (hint["pictures"], hint["groups"]) == (pictures, groups)
    groups_of(members, hint)


@pytest.mark.parametrize(
    ("tree", "pictures", "groups"),
    [
        ("{baseline,follow-up}/{covid,normal}/pt*.png @12", 48, 24),
        ("{arterial,venous,delayed}/{covid,normal}/*.png @12", 72, 24),
        ("{lung,soft tissue}/{covid,normal}/pt*.png @12", 48, 24),
        ("{Vor Therapie,Nach Therapie}/{covid,normal}/*.png @12", 48, 24),
        ("set/{T0,T1}/{covid,normal}/*.png @12", 48, 24),
        ("set/{frontal,lateral}/{covid,normal}/*.png @12", 48, 24),
        ("{治疗前,治疗后}/{covid,normal}/*.png @12", 48, 24),
        ("{before,after}/*.png @12", 24, 12),
    ],
)
def test_files_of_one_name_at_several_times_or_in_several_windows(tree: str, pictures: int, groups: int) -> None:
    members, hint = hint_of(tree)
    assert (hint["pictures"], hint["groups"]) == (pictures, groups)
    for member, group in groups_of(members, hint).items():
        assert member.removesuffix(".png").endswith(f"/{group}")


def test_numbered_folders_below_the_times_are_one_persons_each() -> None:
    hint = hint_of("{week 0,week 6}/{covid,normal}/case_{000..011} @3")[1]
    assert (hint["pictures"], hint["groups"]) == (144, 24) and hint["line"].endswith("/(?P<group>.+)/[^/]+$\"'")


def test_classes_above_the_times_are_said_to_join() -> None:
    hint = hint_of("{covid,normal}/{baseline,follow-up}/pt*.png @12")[1]
    assert (hint["pictures"], hint["groups"]) == (48, 12) and "count as one patient" in hint["note"]


@pytest.mark.parametrize(
    "tree",
    [
        "{Bern,Wuhan}/{covid,normal}/pt*.png @12",  # each hospital counts from 0
        "{post covid,normal}/pt*.png @12",
        "{covid,normal}/{M,F}_{30..35}_*.png",
        "{covid,normal}/{male,female}-{060..065}y-*.png",
    ],
)
def test_other_files_of_one_name_and_ages_are_no_patients(tree: str) -> None:
    assert hint_of(tree)[1] == {}


@pytest.mark.parametrize(
    ("tree", "patients"),
    [
        ("{before,after}/patient_{00..11}", 12),
        ("{before,after}/patient_{05..16}", 12),
        ("{baseline,follow-up}/{covid,normal}/patient_{00..11}", 24),
        ("{covid,normal}/{pre-op,post-op}/patient_{01..12}", 24),
        ("{severe,mild}/patient_{00..11}", 24),
        ("{Bern,Wuhan}/{covid,normal}/patient_{00..11}", 48),
    ],
)
def test_numbers_that_begin_anew_are_other_people_unless_at_another_time(tree: str, patients: int) -> None:
    assert len(set(read_layout(members_of(tree), None, True).patient)) == patients


def test_no_whole_id_is_in_the_line() -> None:
    for tree in ("{covid,normal}/PTc{101..110}", "covid/{Ann,Bob,Cal,Dan,Eva} | normal", "{a,b}/S-{0012..0016}-*.png"):
        members, hint = hint_of(tree)
        assert not any(group in hint["line"] for group in set(groups_of(members, hint).values()))


def test_no_persons_name_is_in_the_line() -> None:
    members, hint = hint_of("covid/Smith John {1..3} | normal/Doe Jane {4..6}")
    assert len(groups_of(members, hint)) == 24 and not re.search("smith|john|doe|jane", hint["line"], re.IGNORECASE)


@pytest.mark.parametrize(
    "members",
    [
        [f"a/{n}.png" for n in range(9)],
        [f"person1/{n}.png" for n in range(9)],
        [f"a/person{n}.png" for n in range(9)],
        [f"a/showcase_{n}.png" for n in range(9)],
        [*(f"a/{n}.png" for n in range(9)), "a/person1_1.png", "a/person1_2.png"],
    ],
)
def test_others_are_not(members: list[str]) -> None:
    assert patient_hint(members) == {}


@pytest.mark.parametrize(
    "tree",
    [
        "{covid,normal}",
        "covid/COVID-*.png | normal/Normal-*.png",
        "covid/COVID (*).png | normal/NORMAL (*).png",
        "covid/*_covid.png | normal/*_normal.png",
        "{covid,normal}/{PA,AP}",
        "{covid,normal}/{2019,2020,2021}",
        "{site1,site2,site3}/{covid,normal}",
        "{train,test}/{grade 0,grade 1}/{png,jpg}",
        "covid/IMG_20200301_*.png | normal/IMG_20200302_*.png",
        "covid/IMG-2020030{1..6}-WA*.png | normal/IMG-2020030{1..6}-WA*.png",
        "{covid,normal}/WhatsApp Image 2020-03-0{1..5} at 10.2{0..3}.*.png",
        "COVID/{Gemelli,Charite} | Normal/{Bern,Basel}",
        "{NCP,CP,Normal}/my study",
        "{set,set/set}/{covid,normal}/IM-{0001..0009}-0001.png*.png @1",
    ],
)
def test_running_numbers_dates_places_and_kinds_are_no_patients(tree: str) -> None:
    assert hint_of(tree)[1] == {}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.from_regex(r"[a-zA-Z0-9 _.\-()]{1,14}(/[a-zA-Z0-9 _.\-()]{1,12}){0,3}", fullmatch=True), max_size=30)
)
def test_whatever_the_names_the_line_gives_what_is_said(names: list[str]) -> None:
    members = [f"set/{'ab'[place % 2]}/{name}.png" for place, name in enumerate(names)]
    hint = patient_hint(members, np.array([place % 2 for place in range(len(names))], np.int64), ["a", "b"])
    if hint:
        groups_of(members, hint)


@pytest.mark.parametrize("below", ["2020-03-01/1", "2020-03-01/PA/1", "PA/1", "study 1/LAT/1", "1/2/1"])
def test_patients_are_pointed_out_whatever_levels_lie_below_them(below: str) -> None:
    other = below.replace("03-01", "04-02").replace("PA", "AP").replace("study 1", "study 2").replace("1/2/1", "2/2/1")
    members = [f"{label}/{label[0]}{n:03}/{path}.png" for label in ("covid", "normal") for n in range(8)
               for path in dict.fromkeys((below, other))]  # fmt: skip
    hint = patient_hint(members, np.repeat([0, 1], 16), ["covid", "normal"])
    assert (hint["pictures"], hint["groups"]) == (32, 16)


def test_a_picture_that_lies_in_the_set_twice_is_one_of_its_patient() -> None:
    members = [f"{top}{label}/{label[0]}{n:03}/1.png" for top in ("", "set/") for label in ("a", "b") for n in range(8)]
    assert patient_hint(members, np.tile(np.repeat([0, 1], 8), 2), ["a", "b"]) == {}


@pytest.mark.parametrize(
    "times", [("month0", "month6", "month12"), ("visit_1", "visit_2"), ("1st", "2nd"), ("week 4", "week 8")]
)
@pytest.mark.parametrize("path", ["{time}/{label}/{file}", "{label}/{time}/{file}"])
def test_a_few_times_are_no_patients(times: tuple[str, ...], path: str) -> None:
    members = [
        path.format(time=time, label=label, file=f"{label[0]}{n:02}.png")
        for time in times
        for label in ("stable", "progressed")
        for n in range(8)
    ]
    layout = read_layout(members, ["stable", "progressed"], True)
    assert not layout.patient
    hint = patient_hint(members, layout.label, layout.classes)
    assert hint["groups"] == 16 and all(time in hint["line"] for time in times)


def test_ranges_of_numbers_are_no_patients_and_cases_may_be() -> None:
    ranges = [
        f"{label}/{first:03}-{first + 9:03}/{first + n:03}.png"
        for label in "ab"
        for first in (0, 10, 20)
        for n in range(5)
    ]
    assert not read_layout(ranges, ["a", "b"], True).patient
    cases = [f"{label}/case{n:02}/{at}.png" for label in "ab" for n in range(1, 7) for at in range(4)]
    assert patient_hint(cases, read_layout(cases, ["a", "b"], True).label, "ab")["pictures"] == 48
