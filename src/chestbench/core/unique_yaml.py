"""YAML in which a key that stands twice in one mapping is an error: PyYAML would take the last without a word."""

from typing import Any

import yaml
from yaml.constructor import ConstructorError


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
        yaml.YAMLError: it is not YAML, or a key stands twice in one mapping.
    """
    return yaml.load(text, _UniqueLoader)
