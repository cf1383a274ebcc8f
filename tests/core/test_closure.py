"""What a module reaches: every form of import, data files of packages, and nothing of the observers."""

import ast
from pathlib import Path

import pytest
import yaml

from chestbench.core.closure import (
    OBSERVERS,
    data_files,
    import_closure,
    imported_modules,
    module_file,
    repository_packages,
)
from chestbench.core.code import ASK_EVERY_NETWORK
from tests.conftest import ROOT

HEAVY = {"tensorflow", "keras", "mlflow", "pandas", "sklearn", "matplotlib", "scipy", "jinja2"}
LIGHT_STAGES = ["check", "code", "download", "catalog", "split", "preprocess", "upsample"]
PACKAGES = repository_packages(ROOT)


def names(paths: list[Path], base: Path) -> list[str]:
    return [path.relative_to(base).as_posix() for path in paths]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package `p` that imports in every way there is."""
    files = {
        "__init__.py": "",
        "start.py": "import p.whole\ndef late():\n    from p.sub import late\n    from . import near\n",
        "whole.py": "",
        "near.py": "from .sub.deep import thing\n",
        "unreached.py": "",
        "sub/__init__.py": "",
        "sub/late.py": "",
        "sub/deep.py": "thing = 1\n",
        "sub/templates/card.j2": "{{ x }}",
        "sub/templates/__pycache__/card.pyc": "",
        "broken.py": "def (:",
        "watcher.py": "import p.only_watched\n",
        "only_watched.py": "",
    }
    for name, text in files.items():
        path = tmp_path / "p" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "p"


def test_imports_are_followed_through_functions_and_packages(package: Path) -> None:
    found = names(import_closure({"p": package}, ["p.start"]), package)
    below = ["sub/__init__.py", "sub/deep.py", "sub/late.py", "sub/templates/card.j2"]
    assert found == ["__init__.py", "near.py", "start.py", *below, "whole.py"]


def test_a_file_that_does_not_parse_is_taken_whole(package: Path) -> None:
    assert names(import_closure({"p": package}, ["p.broken"]), package) == ["__init__.py", "broken.py"]


def test_what_is_left_out_is_not_entered(package: Path) -> None:
    (package / "start.py").write_text("import p.watcher\n")
    found = names(import_closure({"p": package}, ["p.start"], leave_out={"p.watcher"}), package)
    assert found == ["__init__.py", "start.py"]


def test_a_module_that_is_not_there_is_refused(package: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"p\.gone"):
        import_closure({"p": package}, ["p.gone"])


def test_data_files_of_packages_inside_are_theirs(package: Path) -> None:
    (package / "sub/font.ttf").write_bytes(b"x")
    assert data_files(package) == []
    assert names(data_files(package / "sub"), package) == ["sub/font.ttf", "sub/templates/card.j2"]


def test_every_stage_file_is_a_stage_and_depends_on_its_fingerprint() -> None:
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    files = {path.stem for path in (ROOT / "stages").glob("*.py")} - {"__init__"}
    assert files == set(stages)
    for name, stage in stages.items():
        assert stage["cmd"].split()[:3] == ["python", "-m", f"stages.{name}"]
        if name != "code":
            assert f"data/code/{name}" in stage["deps"], name
        assert not [dep for dep in stage["deps"] if dep.endswith(".py")], name


@pytest.mark.parametrize(
    ("registry", "kind", "item"),
    [
        ("chestbench.models.registry", "networks", "model"),
        ("chestbench.models.detection.registry", "detectors", "detector"),
    ],
)
def test_stages_of_one_network_depend_on_its_own_code(registry: str, kind: str, item: str) -> None:
    """A registry imports its entries by name, which no closure sees: where it is reached, dvc.yaml names the entry."""
    file = module_file(PACKAGES, registry)
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    for name, stage in stages.items():
        reaches = file in import_closure(PACKAGES, [f"stages.{name}"])
        listed = [dep for dep in stage["deps"] if dep.startswith(f"data/code/{kind}")]
        members = stage.get("matrix", {})
        assert listed == ([f"data/code/{kind}/${{item.{item}}}"] if reaches and item in members else []), name
        # The registry of detectors stands on that of networks, whose entries a detector's own file names.
        assert (reaches and not {"model", "detector"} & set(members)) == (name in ASK_EVERY_NETWORK), name


def test_no_stage_of_networks_for_classes_is_made_of_code_for_boxes() -> None:
    """An edit of a detector would train and evaluate every classifier anew."""
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    serve_both = {"code", "check", "compare", "report"}
    for name, stage in stages.items():
        if name in serve_both or "which" in stage.get("matrix", {}) or "detector" in stage.get("matrix", {}):
            continue
        reached = names(import_closure(PACKAGES, [f"stages.{name}"]), ROOT)
        assert not [path for path in reached if "/detection/" in path or "/detectors/" in path], name


def test_the_observers_are_there_and_reach_every_stage_by_no_other_way() -> None:
    for name in OBSERVERS:
        observer = module_file(PACKAGES, name)
        assert observer is not None, name
        for stage in (ROOT / "stages").glob("*.py"):
            if stage.stem != "__init__":
                assert observer not in import_closure(PACKAGES, [f"stages.{stage.stem}"])


def test_light_stages_reach_no_heavy_package() -> None:
    for stage in LIGHT_STAGES:
        for path in import_closure(PACKAGES, [f"stages.{stage}"]):
            if path.suffix != ".py" or path.is_relative_to(ROOT / "src/chestbench/models"):
                continue  # builders import keras inside functions that these stages never call: see the next test
            modules = {name.split(".")[0] for name in imported_modules(path.read_bytes(), "x", False)}
            heavy = HEAVY - {"matplotlib"} if stage in ("catalog", "upsample") else HEAVY  # they draw
            assert not modules & heavy, f"{stage} reaches {modules & heavy} through {path}"


def test_the_registry_imports_nothing_heavy_when_loaded() -> None:
    for name in ("entries.py", "registry.py", "network.py", "__init__.py"):
        for node in ast.parse((ROOT / "src/chestbench/models" / name).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                found = {alias.name.split(".")[0] for alias in node.names}
                assert not (found | {(getattr(node, "module", "") or "").split(".")[0]}) & HEAVY, name
