"""Errors in a terminal: no line wider than it is, and nothing that is to be copied is broken."""

import doctest

import pytest

from chestbench.core import settings_in_text, wrapping
from chestbench.core.settings_in_text import lines_to_set
from chestbench.core.wrapping import error_text

LONG = (
    "expected one reading of the folders, found two: set -S 'dataset.labels={table: a table.csv}' "
    "-S 'dataset.classes=[No Finding,Effusion]' or dataset.exclude=['a b/*', 'c d/*'], "
    "or run `dvc exp run -S dataset=folder -S dataset.path=/data/mine` again; nothing was changed, and nothing is lost"
)


def test_examples_hold() -> None:
    for module in (settings_in_text, wrapping):
        found = doctest.testmod(module)
        assert found.attempted and not found.failed


@pytest.mark.parametrize("width", [40, 72, 100])
def test_what_is_copied_stays_whole(width: int) -> None:
    lines = error_text("catalog: error: ", LONG, width).splitlines()
    together = "\n".join(lines)
    for whole in (
        "-S 'dataset.labels={table: a table.csv}' -S 'dataset.classes=[No Finding,Effusion]'",
        "dataset.exclude=['a b/*', 'c d/*']",
        "`dvc exp run -S dataset=folder -S dataset.path=/data/mine`",
    ):
        assert whole in together
    assert lines[0].startswith("catalog: error: expected")
    assert all(len(line) <= width or "dataset." in line for line in lines)
    assert " ".join(line.strip() for line in lines) == f"catalog: error: {LONG}"


def test_trees_keep_their_lines_and_indent() -> None:
    text = error_text(
        "look: error: ", "two readings:\n  A: classes\n    covid  20\n    normal 30\n  set dataset.x=1", 80
    )
    assert text.splitlines()[2:4] == ["      covid  20", "      normal 30"]


def test_in_a_file_a_sentence_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Logs are searched by line."""
    assert error_text("catalog: error: ", LONG) == f"catalog: error: {LONG}"
    assert error_text("x: ", "a\nb") == "x: a\nx: b"


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("set dataset.classes=[a,b] or dataset.grey.bits=12.", [("dataset.classes=[a,b]",), ("dataset.grey.bits=12",)]),
        ("set dataset.KEY=VALUE", []),
        ("dataset.class_names={FOUND: WANTED}", []),
        ("-S 'dataset.class_names={COVID \\(1\\):COVID}'", [("dataset.class_names={COVID \\(1\\):COVID}",)]),
        ("dataset.classes=[a,b] and again dataset.classes=[a,b]", [("dataset.classes=[a,b]",)]),
    ],
)
def test_what_a_message_says_to_set(text: str, ways: list) -> None:
    assert lines_to_set(text) == ways
