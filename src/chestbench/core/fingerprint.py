"""The hash of what code does: comments, docstrings and layout do not count, and every Python from 3.11 to 3.13 agrees.

`ast.dump` writes the same code differently from version to version; here the tree is walked, node types and the fields
that are not empty.
"""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from chestbench.core.closure import parsed

DIGITS = 16


def code_sha256(files: Iterable[Path], base: Path) -> str:
    """Return 64 hex digits for a set of files: other digits when what one of them does, or its name, is another.

    Args:
        files: Python files and others.
        base: what their names are told relative to.
    """
    return hashlib.sha256(fingerprint(files, base).encode()).hexdigest()


def fingerprint(files: Iterable[Path], base: Path) -> str:
    """Return one line for each file, `HASH  NAME`, sorted by name; names are POSIX paths relative to `base`."""
    lines = {path.relative_to(base).as_posix(): file_digest(path.suffix == ".py", path.read_bytes()) for path in files}
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(lines.items()))


def read_fingerprint(text: str) -> dict[str, str]:
    """Return {name: hash} of a `fingerprint`."""
    return {name: digest for digest, name in (line.split("  ", 1) for line in text.splitlines())}


@cache
def file_digest(is_python: bool, content: bytes) -> str:
    """Return 16 hex digits: of the syntax tree, or of all bytes for what is no Python or does not parse.

    Args:
        is_python: whether the file is named as Python code.
        content: all its bytes.

    Example:
        A comment does not count, a number does:

        >>> plain = file_digest(True, b"x = 1")
        >>> file_digest(True, b"x = 1  # one") == plain, file_digest(True, b"x = 2") == plain
        (True, False)
    """
    tree = parsed(content) if is_python else None
    if tree is None:
        return hashlib.sha256(b"bytes:" + content).hexdigest()[:DIGITS]
    parts: list[str] = []
    _write_node(tree, parts)
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:DIGITS]


def _write_node(node: ast.AST, parts: list[str]) -> None:
    """Append the canonical text of a node to `parts`."""
    parts.append(f"{type(node).__name__}(")
    if isinstance(node, ast.Constant):
        parts.append(_constant(node.value))
    else:
        for name in sorted(node._fields):
            value = getattr(node, name, None)
            # Whether a name is read or written follows from where it stands.
            if value is None or name == "ctx":
                continue
            if isinstance(value, list):
                if name == "body":
                    value = [statement for statement in value if not _is_words(statement)]
                elif isinstance(node, ast.JoinedStr):
                    # Python 3.12 ends the format of f"{x:{width}}" with an empty string.
                    value = [part for part in value if not (isinstance(part, ast.Constant) and part.value == "")]
                if not value:
                    continue
            parts.append(f"{name}=")
            _write_field(value, parts)
    parts.append(")")


def _write_field(value: object, parts: list[str]) -> None:
    if isinstance(value, ast.AST):
        _write_node(value, parts)
    elif isinstance(value, list):
        parts.append("[")
        for item in value:
            _write_field(item, parts)
            parts.append(",")
        parts.append("]")
    else:
        parts.append(_constant(value))


def _is_words(statement: ast.AST) -> bool:
    """Tell whether a statement is nothing but a string: a docstring, of whatever it stands under."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _constant(value: object) -> str:
    """Return a constant with its type; `repr` of a string depends on the Unicode tables of a Python version."""
    if isinstance(value, str):
        text = value.encode("unicode_escape").decode("ascii")
    else:
        text = value.hex() if isinstance(value, bytes) else repr(value)
    return f"{type(value).__name__}:{len(text)}:{text};"
