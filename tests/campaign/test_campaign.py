"""What only the campaign runs is still there, has a sibling that CI runs, and is left out of a plain run."""

import ast

import pytest

from tests.campaign import CAMPAIGN, Long, is_long
from tests.conftest import ROOT


@pytest.mark.parametrize("entry", CAMPAIGN, ids=lambda entry: entry.function)
def test_every_entry_names_a_test_that_exists_and_its_sibling(entry: Long) -> None:
    tree = ast.parse((ROOT / "tests" / entry.file).read_text(encoding="utf-8"))
    assert entry.function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert entry.sibling


def test_marked_and_left_out(request: pytest.FixtureRequest) -> None:
    # This very run: what was selected holds no test of the campaign unless it was asked for.
    selected = [item for item in request.session.items if is_long(item.nodeid)]
    assert all(item.get_closest_marker("campaign") for item in selected)
    if "not campaign" in request.config.getoption("markexpr"):
        assert selected == []
