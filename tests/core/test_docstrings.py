"""Docstrings: one parameter an entry, every parameter of a documented function, examples that hold."""

import ast
import doctest
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for folder in ("src", "stages", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
# "name:", "name, other:" or "name (hint):" at the start of an entry, or after the full stop of another.
_ENTRY = re.compile(r"(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: \([^)]*\))?:(?: |$)")
_SECOND = re.compile(r"[.;] \*{0,2}[a-z_]\w*(?:, \*{0,2}[a-z_]\w*)*: ")
Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _documented(source: str) -> Iterator[tuple[Documented, str]]:
    """Yield functions and classes with their docstrings."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Documented) and (text := ast.get_docstring(node)):
            yield node, text


def _block(docstring: str, title: str) -> list[str]:
    """Return the lines of a docstring's block, without their common indent; empty where there is no such block."""
    lines = iter(docstring.splitlines())
    if not any(line == f"{title}:" for line in lines):
        return []
    block = []
    for line in lines:
        if not line.startswith(" "):
            break
        block.append(line.removeprefix("    "))
    return block


def _double_entries(source: str) -> list[str]:
    """Return the lines of Args and Attributes blocks that hold a second entry."""
    double = []
    for node, text in _documented(source):
        names = _parameters(node) | _fields(node)
        for line in _block(text, "Args") + _block(text, "Attributes"):
            entry = _ENTRY.match(line)
            own = {name.strip(" *") for name in entry[1].split(",")} if entry else set()
            others = set(re.findall(r"(\w+): ", line)) & names - own
            if others or _SECOND.search(line):
                double.append(line)
    return double


def _fields(node: Documented) -> set[str]:
    """Return the annotated attributes of a class."""
    body = [item for item in node.body if isinstance(item, ast.AnnAssign)] if isinstance(node, ast.ClassDef) else []
    return {item.target.id for item in body if isinstance(item.target, ast.Name)}


def _parameters(node: Documented) -> set[str]:
    """Return the names of a function's, or of a class's __init__'s, parameters."""
    if isinstance(node, ast.ClassDef):
        functions = [item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"]
        return _parameters(functions[0]) if functions else set()
    given = node.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    arguments += [argument for argument in (given.vararg, given.kwarg) if argument]
    return {argument.arg for argument in arguments} - {"self", "cls"}


def _unnamed(source: str) -> list[str]:
    """Return `function: parameter` of each parameter that an Args block of a public function or class leaves out."""
    unnamed = []
    for node, text in _documented(source):
        entries = [match[1] for line in _block(text, "Args") if (match := _ENTRY.match(line))]
        named = {name.strip(" *") for entry in entries for name in entry.split(",")}
        if entries and not node.name.startswith("_"):
            unnamed += [f"{node.name}: {name}" for name in sorted(_parameters(node) - named)]
    return unnamed


def test_the_rules_see_what_breaks_them() -> None:
    source = '''
def cut(picture, size, *rest):
    """Cut.

    Args:
        picture: uint8 (H, W), size: pixels
            of a side. modality: CT or X-ray.
    """
'''
    assert _double_entries(source) == ["picture: uint8 (H, W), size: pixels", "    of a side. modality: CT or X-ray."]
    assert _unnamed(source) == ["cut: rest", "cut: size"]


@pytest.mark.parametrize("folder", ["src", "stages", "benchmarks"])
def test_an_entry_is_of_one_parameter(folder: str) -> None:
    found = {
        str(path.relative_to(ROOT)): _double_entries(path.read_text("utf-8"))
        for path in FILES
        if path.is_relative_to(ROOT / folder)
    }
    assert found and {name: lines for name, lines in found.items() if lines} == {}


def test_an_args_block_names_every_parameter() -> None:
    found = {str(path.relative_to(ROOT)): _unnamed(path.read_text("utf-8")) for path in FILES}
    assert {name: missing for name, missing in found.items() if missing} == {}


EXAMPLES = {
    "catalog.layout": 3,
    "core.closure": 2,
    "core.config": 3,
    "core.fingerprint": 2,
    "datasets.phantom": 2,
    "datasets.sample": 2,
    "imaging.decode": 3,
    "imaging.regions.find": 5,
    "imaging.resize": 3,
    "preparation.splitting": 4,
}


@pytest.mark.parametrize(("name", "examples"), EXAMPLES.items())
def test_examples_give_what_they_say(name: str, examples: int) -> None:
    tried = doctest.testmod(importlib.import_module(f"chestbench.{name}"))
    assert (tried.failed, tried.attempted) == (0, examples)
