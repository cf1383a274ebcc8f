"""Documentation that keeps its word: links resolve, files that are named exist, the README stays a front door."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Where docs/ is named outside the documentation: comments, docstrings, and words that users read.
CODE = [
    *(
        path
        for folder in ("src", "stages", "tests", "benchmarks", "conf")
        for path in sorted((ROOT / folder).rglob("*"))
    ),
    *(ROOT / name for name in ("Makefile", "dvc.yaml", "pyproject.toml")),
]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`([^`\n]*\b(?:src|tests|docs|conf|benchmarks)/[^`\n]*)`")
# What a how-to tells its reader to write.
TO_BE_WRITTEN = "vgg_like"
PATH = re.compile(r"(?<![\w./-])(?:src|tests|docs|conf|benchmarks)/[\w./-]*")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of the page's headings."""
    headings = re.findall(r"^#{1,6} (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def relative_links(page: Path) -> Iterator[tuple[str, Path, str]]:
    """Yield each link to a file of the repository: as written, the file, and the part after # (empty: none)."""
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        yield link, (page.parent / path).resolve() if path else page, anchor


def paths_in_backticks(page: Path) -> set[str]:
    """Return what stands in backticks and begins with src/, tests/, docs/, conf/ or benchmarks/; no patterns."""
    named = {path for quoted in NAMED.findall(page.read_text(encoding="utf-8")) for path in PATH.findall(quoted)}
    return {path.rstrip(".") for path in named if not re.search(rf"[A-Z]{{3,}}|{TO_BE_WRITTEN}", path)}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_resolves(page: Path) -> None:
    for link, target, anchor in relative_links(page):
        assert target.exists(), f"{name_of(page)}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{name_of(page)}: {link} (no such heading)"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_in_backticks_exists(page: Path) -> None:
    missing = [path for path in sorted(paths_in_backticks(page)) if not (ROOT / path).exists()]
    assert not missing, f"{name_of(page)} names {missing}"


def test_every_page_that_code_and_configuration_name_exists() -> None:
    missing = []
    for path in CODE:
        if path.suffix in {".py", ".yaml", ".toml", ".j2", ".html", ".md", ".txt", ""} and path.is_file():
            pages = re.findall(r"(?<![\w./-])docs/[\w./-]+\.md", path.read_text(encoding="utf-8"))
            missing += [f"{name_of(path)}: {page}" for page in pages if not (ROOT / page).is_file()]
    assert not missing


def test_every_page_is_reached_from_the_index() -> None:
    reached = {target for _, target, _ in relative_links(ROOT / "docs/README.md")}
    assert not [name_of(page) for page in PAGES if page not in reached and page.name != "README.md"]


def test_the_readme_is_a_front_door() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 120
    assert not [number for number, line in enumerate(lines, 1) if len(line) > 160]
    assert sum(line.startswith("|---") for line in lines) <= 2
    assert "for research and education, not for diagnosis" in "\n".join(lines[:8]).lower()


def test_a_dead_link_and_a_missing_file_are_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A title\n[a](#a-title) [b](gone.md) [c](https://x)\n`src/gone.py` `pytest tests/gone` `src/NAME.py`\n"
    )
    assert [(link, target.exists()) for link, target, _ in relative_links(page)] == [
        ("#a-title", True),
        ("gone.md", False),
    ]
    assert anchors(page) == {"a-title"}
    assert paths_in_backticks(page) == {"src/gone.py", "tests/gone"}
