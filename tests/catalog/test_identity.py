import re

import pytest

from chestbench.catalog.identity import compiled, part_of, pseudonym, shape_of
from chestbench.core.errors import ChestbenchError


def test_a_code_is_stable_and_depends_on_salt_kind_and_value() -> None:
    code = pseudonym("salt", "patient", "PAT-1")
    assert re.fullmatch("[0-9a-f]{16}", code) and code == pseudonym("salt", "patient", " PAT-1\0")
    others = [
        pseudonym("pepper", "patient", "PAT-1"),
        pseudonym("salt", "study", "PAT-1"),
        pseudonym("salt", "patient", "PAT-2"),
    ]
    assert len({code, *others}) == 4


def test_no_value_has_no_code() -> None:
    assert pseudonym("salt", "patient", "") == pseudonym("salt", "study", " \0") == ""


def test_a_shape_tells_nothing_of_the_id() -> None:
    assert shape_of("00086460a852_study") == "99999999a999_aaaaa"
    assert shape_of("김철수-7") == "aaa-9"
    assert len(shape_of("x" * 500)) < 70


def test_the_named_part_is_found() -> None:
    pattern = re.compile(r"(?P<id>\w+)_study|none(?P<other>x)")
    assert part_of(pattern, "id", "ab_study") == "ab"
    assert part_of(pattern, "id", "nonex") == part_of(pattern, "id", "?") == ""
    assert part_of(None, "id", " ab ") == "ab"


def test_a_pattern_that_matches_nothing_is_refused() -> None:
    assert compiled("dataset.study_pattern", None, ["a"]) is None
    with pytest.raises(ChestbenchError) as caught:
        compiled("dataset.study_pattern", "(?P<study>x)", ["normal/Kim Chul-su 2/1.png", "b/1.png"], "mend it")
    message = str(caught.value)
    assert "dataset.study_pattern: " in message
    assert "matches none of 2, which look like 'aaaaaa/aaa aaaa-aa 9/9.aaa'; mend it" in message
    assert "Kim" not in message
