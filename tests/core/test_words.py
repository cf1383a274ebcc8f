"""One table of measures: what is measured stands in it, nothing spells a name out beside it, and the examples hold."""

import ast
import doctest
from pathlib import Path

import numpy as np
import pytest

from chestbench.core import words
from chestbench.measures import metrics
from chestbench.measures.intervals import evaluate_split
from chestbench.tracking.measures import measures_table
from tests.conftest import ROOT

# The training may not read the table, or a measure more would train every network anew; its log lines are its own.
APART = ("src/chestbench/core/words.py", "src/chestbench/training/")
# Names that mean nothing else, as they stood in tables, pictures and messages.
SPELLED = (
    *("bal.acc", "bal. acc", "balanced accuracy", "macro-f1", "macro auc", "roc-auc", "brier score", "study map"),
    *("calibration error", "images/s", "macro specificity", "average precision"),
)


def test_examples_hold() -> None:
    found = doctest.testmod(words)
    assert found.attempted >= 6 and not found.failed


def test_what_is_measured_stands_in_the_table() -> None:
    assert {*metrics.OVERALL, *metrics.PER_CLASS, *metrics.AT_THRESHOLD} <= set(words.MEASURES)
    split = evaluate_split(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]), [1, 2], ["a", "b"], 100)
    rows = measures_table(_record(split))["data"]
    assert {key for part, unit, label, key, *_ in rows if (part, unit, label) == ("test", "image", "")} == {
        *metrics.OVERALL
    }
    assert all(entry.key == key and entry.name and entry.short for key, entry in words.MEASURES.items())


def _record(split: dict) -> dict:
    return {"classes": ["a", "b"], "split_unit": "patient", "val": split, "test": split}


def test_a_measure_without_words_is_refused() -> None:
    split = {"kappa": {"value": 0.5, "low": 0.4, "high": 0.6}, "per_class": {}}
    with pytest.raises(KeyError, match="kappa"):
        measures_table(_record(split))


def spelled(path: Path) -> list[str]:
    """Return the string literals of a module, docstrings apart, that spell a measure out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documentation
        and any(name in node.value.casefold() for name in SPELLED)
    ]


def test_no_name_is_spelled_out_elsewhere(tmp_path: Path) -> None:
    modules = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "stages").rglob("*.py")])
    assert len(modules) > 100
    found = {}
    for path in modules:
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(APART) and (literals := spelled(path)):
            found[name] = literals
    assert found == {}
    (tmp_path / "a.py").write_text('"""Balanced accuracy."""\nNAMES = ["val bal.acc"]\n', encoding="utf-8")
    assert spelled(tmp_path / "a.py") == ["val bal.acc"]
