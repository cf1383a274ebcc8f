"""Templates: what is put in is text and not markup, what is missing is an error, and the examples hold."""

import doctest
import importlib.resources
import subprocess
import sys

import jinja2
import pytest

from chestbench.core import words
from chestbench.evaluation import leaderboard_builder
from chestbench.figures.vector import charts
from chestbench.reports import audit_page, leaderboard_cells, markdown, rendering, unit_words
from chestbench.reports.study import told, trained
from chestbench.reports.templates import audit, board, card, claim

NASTY = "<script>alert(1)</script> | a_b *c* [d](http://e) `f` {{ 7 * 7 }}"


def shown(text: str, kind: str, **facts: object) -> str:
    """Render a template that is no file: its text, the ending that its file would have, its facts."""
    return rendering._environment(kind).from_string(text).render(**facts)


MODULES = [
    words,
    leaderboard_builder,
    leaderboard_cells,
    markdown,
    rendering,
    audit_page,
    charts,
    unit_words,
    told,
    trained,
]


@pytest.mark.parametrize("module", MODULES)
def test_examples_hold(module) -> None:
    found = doctest.testmod(module)
    assert found.attempted and not found.failed


def test_markdown_escapes_whatever_is_put_in() -> None:
    escaped = markdown.escaped(NASTY)
    assert shown("{{ name }}", "md", name=NASTY) == escaped
    assert shown("{% for name in names %}{{ name }}{% endfor %}", "md", names=[NASTY]) == escaped
    assert shown("{{ [name, name] | join(' ') }}", "md", name="a_b") == "a\\_b a\\_b"
    assert shown("{% macro m(x) %}*{{ x }}*{% endmacro %}{{ m(name) }}", "md", name="a_b") == "*a\\_b*"
    assert shown("{{ table(['a|b'], [[name]]) }}", "md", name="*") == "| a\\|b |\n|---|\n| \\* |"
    assert shown("{{ facts({'a': name, 'b': none}) }}", "md", name="<") == "- a: \\<"
    assert shown("{{ name }}", "md", name="/home/someone") == "(absolute path)"


def test_html_escapes_and_the_terminal_does_not() -> None:
    assert "<" not in shown("{{ name }}", "html", name=NASTY)
    assert shown("{{ name }}", "txt", name=NASTY) == NASTY


@pytest.mark.parametrize("kind", ["md", "html", "txt"])
def test_what_is_missing_is_an_error(kind: str) -> None:
    with pytest.raises(jinja2.UndefinedError):
        shown("{{ absent }}", kind)
    with pytest.raises(jinja2.UndefinedError):
        shown("{% if row.absent %}{% endif %}", kind, row={})


def test_templates_are_files_of_the_package() -> None:
    folders = {package.__name__: importlib.resources.files(package) for package in (audit, board, card, claim)}
    names = {f"{name}/{entry.name}" for name, folder in folders.items() for entry in folder.iterdir()}
    names = {name.removeprefix("chestbench.reports.templates.") for name in names if name.endswith(".j2")}
    assert {"audit/page.html.j2", "board/leaderboard.txt.j2", "card/model_card.md.j2", "claim/claim.md.j2"} <= names
    for name in names:
        assert rendering._environment(name.split(".")[-2]).get_template(name), name


def test_stages_that_word_nothing_start_without_jinja() -> None:
    code = "import sys, stages.compare, stages.audit, stages.evaluate; print('jinja2' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
