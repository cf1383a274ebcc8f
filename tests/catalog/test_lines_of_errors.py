"""Every line that an error proposes works when it is copied: through the shell and Hydra, and on the same members."""

import re
import shlex
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chestbench.catalog.folders.copies.mask_names import find_masks
from chestbench.catalog.layout import Layout, read_layout
from chestbench.core.compose import compose_params
from chestbench.core.errors import ChestbenchError
from tests.catalog.known_layouts import ALL
from tests.catalog.layout_notation import members_of
from tests.catalog.trees import TREES

CONF = Path(__file__).parents[2] / "conf"
ODD = [
    "it's",
    'say "x"',
    "a,b",
    "x: y",
    "null",
    "Yes",
    "1e3",
    "007",
    "no",
    "정상",
    "COVID+",
    "a\\",
    "$HOME",
    "{x}",
    "a=b",
    "x&y",
]


def pictures_of(members: list[str]) -> list[str]:
    masks = find_masks(members).members
    return [member for member in members if member not in masks]


def lines_of(error: ChestbenchError) -> list[tuple[str, str]]:
    """Return (what precedes it, override) of each line that is proposed, taken apart as a shell does."""
    found, before = [], ""
    for line in str(error).splitlines():
        for match in re.finditer(r"-S (?=')", line):
            found.append((before, shlex.split(line[match.end() :], posix=True)[0].rstrip(";")))
        before = line if line.startswith("reading ") else before
    return found


def apply(members: list[str], key: str, value: Any) -> Layout:
    """Read the members as the setting says."""
    if key == "dataset.classes":
        return read_layout(members, value, True)
    assert key == "dataset.class_names" and all(isinstance(name, str) for name in [*value, *value.values()])
    layout = read_layout(members, None, True, class_names=[*value, *value.values()])
    assert set(value) <= set(layout.classes), "the mapping's names are found"
    return layout


def check(members: list[str], parse: Any) -> int:
    """Read, and where that is refused read with each line that is proposed; return how many lines there were."""
    members = pictures_of(members)
    try:
        read_layout(members, None, True)
    except ChestbenchError as error:
        lines = lines_of(error)
        for heading, line in lines:
            key, value = parse(line)
            if key == "dataset.class_names" and isinstance(value, str):  # a text of YAML, as the configuration reads it
                value = yaml.safe_load(value)
            if key == "dataset.labels":
                counts = Counter(found["label"] for member in members if (found := re.search(value, member)))
            elif key in ("dataset.classes", "dataset.class_names"):
                try:
                    layout = apply(members, key, value)
                except ChestbenchError as second:
                    # Another fault of the set may be there as well; the line itself was understood.
                    assert not str(second).startswith("dataset."), (line, str(second))
                    assert str(second) != str(error) and f"-S '{line}'" not in str(second), (line, str(second))
                    continue
                names = [value.get(n, n) if key.endswith("names") else n for n in layout.classes]
                counts = Counter(names[code] for code in layout.label.tolist() if code >= 0)
            else:
                assert key in ("dataset.exclude", "dataset.given_split")
                continue
            shown = re.findall(r"(.+?) \((\d+)\)(?:, |$)", heading.partition("classes: ")[2])
            if shown and " more" not in heading and "..." not in heading:
                assert counts == Counter({name: int(count) for name, count in shown}), (heading, line)
        return len(lines)
    return 0


PARSER = OverridesParser.create()


def by_grammar(line: str) -> tuple[str, Any]:
    override = PARSER.parse_override(line)
    return override.key_or_group, _plain(override.value())


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key if not hasattr(key, "text") else key.text: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.text if hasattr(value, "text") else value


@settings(max_examples=300, deadline=None)
@given(TREES)
def test_lines_for_any_tree_choose_what_they_stand_under(folders: list[str]) -> None:
    check([f"{folder}/{number}.png".lstrip("/") for folder in folders for number in range(4)], by_grammar)


@pytest.mark.parametrize("tree", [known.tree for known in ALL.values() if not known.classes])
def test_lines_for_known_layouts(tree: str) -> None:
    check(members_of(tree), by_grammar)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(ODD), min_size=2, max_size=4, unique=True), st.sampled_from(["A", "covid test"]))
def test_lines_with_odd_names_pass_through_the_configuration(tmp_path: Path, names: list[str], above: str) -> None:
    def through_files(line: str) -> tuple[str, Any]:
        compose_params(CONF, tmp_path / "params.yaml", [line])
        key = line.partition("=")[0].split(".")[1]
        return f"dataset.{key}", yaml.safe_load((tmp_path / "params.yaml").read_text("utf-8"))["dataset"][key]

    folders = [f"{top}/{name}" for top in ("Oslo", above) for name in names]
    members = [f"{folder}/{number}.png" for folder in folders for number in range(4)]
    check(members, through_files)
