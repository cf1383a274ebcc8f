"""Fingerprints change with what code does and with nothing else, and are the same under every Python."""

from pathlib import Path

import pytest

from chestbench.core.fingerprint import code_sha256, file_digest, fingerprint, read_fingerprint

SOURCE = '''"""A module."""
from __future__ import annotations
import os.path as path, sys

CONSTANTS = (None, True, ..., 1_000, 0x1F, 1e-4, 2j, "words", "\\u00e9 \\U0001fa77", b"\\x00bytes", "", [], {}, {1, 2})

@decorated(1, *args, key="value", **more)
class Thing(Base, metaclass=Meta):
    """A docstring."""
    attribute: int = 3
    """What the attribute is."""

    async def wait(self, first, /, second=2, *rest, named: str = "x", **others) -> list[int]:
        # A comment.
        async with self.lock as lock, other:
            return [await item async for item in self if item if not lock]

def work(x):
    """Only words."""

def formats(x, width, name):
    text = f"{x!r:>{width}} and {name=} {{braces}}" f"{x:{width}.{name}f}" "joined"
    return text if x else (lambda *a, b=1: a)(x)

def flow(value):
    global counter
    for place, item in enumerate(value):
        if place > 3 and item is not None or item in (1, 2):
            continue
        elif place:
            break
    else:
        del value[1:2, ::3]
    while (counter := 1) < 2: counter += 1
    try:
        raise ValueError("no") from None
    except (ValueError, TypeError) as error:
        assert error, "said"
    finally:
        yield from value
    match value:
        case {"a": [1, *rest], **others} if rest: return rest
        case Thing(x=0) | None: return -value @ 2
        case _: return {**value, "b": ~1}
'''
# Held under 3.11, 3.12 and 3.13, whichever runs this test.
EXPECTED = "7c816f158bcda9be"


def digest(source: str) -> str:
    return file_digest(True, source.encode())


def test_it_is_the_same_under_every_python() -> None:
    assert digest(SOURCE) == EXPECTED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("        # A comment.\n", ""),
        ('    """A docstring."""\n', '    """Another."""\n'),
        ('    """What the attribute is."""\n', ""),
        ('"""A module."""\n', ""),
        ("    while (counter := 1) < 2: counter += 1\n", "    while (counter := 1) < 2:\n\n        counter += 1\n"),
        ("0x1F", "31"),
        ('"joined"', "'joined'"),
    ],
)
def test_words_and_layout_do_not_count(before: str, after: str) -> None:
    assert before in SOURCE
    assert digest(SOURCE.replace(before, after)) == digest(SOURCE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1e-4", "1e-3"),
        ("True", "1"),
        ('b"\\x00bytes"', '"\\x00bytes"'),
        ("2j", "2.0"),
        ("attribute: int = 3", "attribute: int = 4"),
        ("first, /, second", "first, second"),
        ("!r:>", "!s:>"),
        (".{name}f", ".{name}g"),
        ("continue", "pass"),
        ("-value @ 2", "+value @ 2"),
        ("return rest", "return others"),
        ("from None", "from error"),
        ('"joined"', '"joined "'),
        ("import os.path as path", "import os.path as paths"),
        ("Base, metaclass", "metaclass"),
    ],
)
def test_what_code_does_counts(before: str, after: str) -> None:
    assert before in SOURCE
    assert digest(SOURCE.replace(before, after)) != digest(SOURCE)


def test_what_does_not_parse_or_is_no_python_counts_whole() -> None:
    assert digest("def (: # one") != digest("def (: # two")
    assert file_digest(False, b"x = 1 # one") != file_digest(False, b"x = 1 # two")
    assert file_digest(True, b"x = 1 # one") == file_digest(True, b"x = 1 # two")


def test_lines_are_sorted_names_with_their_hash(tmp_path: Path) -> None:
    for name, text in (("b.py", "x = 1"), ("a.j2", "{{ y }}")):
        (tmp_path / name).write_text(text)
    text = fingerprint(tmp_path.iterdir(), tmp_path)
    assert list(read_fingerprint(text)) == ["a.j2", "b.py"]
    before = code_sha256(tmp_path.iterdir(), tmp_path)
    (tmp_path / "b.py").rename(tmp_path / "c.py")
    assert code_sha256(tmp_path.iterdir(), tmp_path) != before
