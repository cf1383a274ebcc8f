"""Rooms by question: nothing imports upward, and no module lies loose."""

from pathlib import Path

from chestbench.core.closure import imported_modules, module_file, repository_packages
from tests.conftest import ROOT

# From the ground up. docs/architecture.md says what lives in each.
ROOMS = (
    *("core", "datasets", "imaging", "catalog", "preparation", "models", "training", "measures", "shortcuts"),
    *("figures", "evaluation", "external", "reports", "serving", "tracking", "repository", "grid", "cli"),
)
# The rooms of the largest one, each also from the ground up.
WITHIN = {
    "folders": ("words", "splits", "patients", "copies", "readings", "checks"),
    "tables": ("words", "reading", "columns", "splits", "labels", "looks", "unused"),
}
SOURCE = ROOT / "src" / "chestbench"
PACKAGES = repository_packages(ROOT)


def rooms_of(path: Path) -> set[str]:
    """Return the rooms that a file imports from."""
    parts = list(path.relative_to(SOURCE.parent).with_suffix("").parts)
    is_package = parts[-1] == "__init__"
    module = ".".join(parts[:-1] if is_package else parts)
    found = imported_modules(path.read_bytes(), module, is_package)
    return {name.split(".")[1] for name in found if name.startswith("chestbench.") and module_file(PACKAGES, name)}


def test_every_module_lies_in_a_room() -> None:
    assert {path.name for path in SOURCE.glob("*.py")} <= {"__init__.py", "__main__.py"}
    assert {path.parent.name for path in SOURCE.glob("*/__init__.py")} == set(ROOMS)


def test_nothing_imports_upward() -> None:
    for place, room in enumerate(ROOMS):
        for path in sorted((SOURCE / room).rglob("*.py")):
            above = rooms_of(path) & set(ROOMS[place + 1 :])
            assert not above, f"{path.relative_to(ROOT)} imports from {above}, which stand above {room}"


def test_nor_within_the_catalog() -> None:
    """A table is read knowing folders; folders are read without any table."""
    for name, rooms in WITHIN.items():
        folder = SOURCE / "catalog" / name
        assert {path.parent.name for path in folder.glob("*/__init__.py")} == set(rooms)
        assert {path.name for path in folder.glob("*.py")} == {"__init__.py"}
        above = [f"chestbench.catalog.tables.{room}" for room in WITHIN["tables"]] if name == "folders" else []
        for place, room in enumerate(rooms):
            upper = (*(f"chestbench.catalog.{name}.{other}" for other in rooms[place + 1 :]), *above)
            for path in sorted((folder / room).glob("*.py")):
                imported = imported_modules(
                    path.read_bytes(), ".".join(path.relative_to(SOURCE.parent).parts[:-1]), True
                )
                found = {module for module in imported if module.startswith(tuple(f"{one}." for one in upper))}
                assert not found, f"{path.relative_to(ROOT)} imports {found}, which stand above {room}"


def test_the_package_and_the_stages_are_imported_by_nothing_below() -> None:
    for path in SOURCE.rglob("*.py"):
        assert b"from stages" not in path.read_bytes(), path
