"""Numbers of patients in files' names are pointed out, and the line that is shown groups by them."""

import re

import pytest

from chestbench.catalog.folders.patient_hints import patient_hint


@pytest.mark.parametrize(
    "name",
    ["person{}_virus_{}.jpeg", "IMG_patient-{}_{}.png", "Subject {} view{}.png", "PID{:04}_{}.jpg", "x_case{}-{}.png"],
)
def test_people_in_files_names_are_pointed_out(name: str) -> None:
    members = [f"set/{label}/{name.format(person, n)}" for label in "ab" for person in range(1, 6) for n in range(3)]
    hint = patient_hint(members)
    assert (hint["pictures"], hint["groups"]) == (30, 5)
    pattern = re.search(r"='?\"?(\(\?i\).*\$\))", hint["line"])
    assert pattern
    found = re.compile(pattern[1].replace("\\\\", "\\"))
    assert len({match["group"] for member in members if (match := found.search(member))}) == 5


@pytest.mark.parametrize(
    "members",
    [
        [f"a/{n}.png" for n in range(9)],
        [f"person1/{n}.png" for n in range(9)],
        [f"a/person{n}.png" for n in range(9)],
        [f"a/showcase{n % 3}_{n}.png" for n in range(9)],
        [*(f"a/{n}.png" for n in range(9)), "a/person1_1.png", "a/person1_2.png"],
    ],
)
def test_others_are_not(members: list[str]) -> None:
    assert patient_hint(members) == {}
