"""YAML as parameters are written: no key twice in one mapping (PyYAML would take the last without a word), and bounded.

Aliases can make a few lines stand for thousands of millions of values. PyYAML keeps each once; whoever copies, checks
or prints them does not.
"""

from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import ConstructorError

from chestbench.core.bounds import MOST_YAML_BYTES, MOST_YAML_VALUES
from chestbench.core.errors import ChestbenchError
from chestbench.core.gate import read_file


class _UniqueLoader(yaml.SafeLoader):
    """PyYAML's safe loader, but for keys that stand twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    raise ConstructorError(None, None, f"the key {key.value!r} stands twice", key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def load_yaml(text: str) -> Any:
    """Return what a YAML text holds: plain Python values only.

    Raises:
        yaml.YAMLError: it is not YAML, a key stands twice in one mapping, or aliases make too many values of it.
    """
    loader = _UniqueLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _count(node, {})
        return loader.construct_document(node)
    except RecursionError:
        raise yaml.YAMLError("values in one another, deeper than can be read") from None
    finally:
        loader.dispose()


def read_yaml_text(path: Path) -> str:
    """Return the text of a YAML file that a person named or wrote.

    Raises:
        ChestbenchError: it is no regular file, is larger than any such file is, or is no UTF-8.
    """
    content = read_file(path, str(path), MOST_YAML_BYTES)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ChestbenchError(
            f"{path}: expected text in UTF-8, received other bytes (the first is byte {error.start + 1}); save it as "
            "UTF-8, or restore the default with `make params`"
        ) from None


def check_yaml(path: Path) -> None:
    """Refuse a file of conf/ that Hydra should not be given: it copies what aliases stand for.

    Raises:
        ChestbenchError: see `read_yaml_text`; or aliases make too many values of it.
    """
    text = read_yaml_text(path)
    if "*" not in text or "&" not in text:  # without an alias its length bounds it
        return
    try:
        if (node := yaml.compose(text, yaml.SafeLoader)) is not None:
            _count(node, {})
    except ConstructorError as error:
        raise ChestbenchError(f"{path}: expected parameters, received {error.problem}; write them out") from None
    except (yaml.YAMLError, RecursionError):  # Hydra says what is wrong, and where
        return


def _count(node: yaml.Node, known: dict[int, int]) -> int:
    """Return how many values a node stands for; what an alias repeats counts as often."""
    if id(node) in known:
        if not known[id(node)]:
            raise ConstructorError(None, None, "an alias within what it stands for", None)
        return known[id(node)]
    known[id(node)] = 0
    count = 1
    if isinstance(node, yaml.SequenceNode):
        count += sum(_count(item, known) for item in node.value)
    elif isinstance(node, yaml.MappingNode):
        count += sum(_count(key, known) + _count(value, known) for key, value in node.value)
    if count > MOST_YAML_VALUES:
        problem = f"aliases that stand for more than {MOST_YAML_VALUES:,} values"
        raise ConstructorError(None, None, problem, None)
    known[id(node)] = count
    return count
