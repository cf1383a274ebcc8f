import ast
import shutil

import yaml

from chestbench.core.closure import code_deps, import_closure, imported_modules, rewrite, stage_modules
from tests.conftest import ROOT

HEAVY = {"tensorflow", "keras", "mlflow", "pandas", "sklearn", "matplotlib", "scipy"}
LIGHT_STAGES = ["check", "download", "catalog", "split", "preprocess", "upsample"]


def test_deps_of_every_stage_equal_its_imports():
    for stage, (listed, reached) in code_deps(ROOT).items():
        assert sorted(listed) == reached, f"stage {stage}: run `make deps`"


def test_every_stage_file_is_a_stage_and_back():
    parsed = yaml.safe_load((ROOT / "dvc.yaml").read_text())
    files = {path.stem for path in (ROOT / "stages").glob("*.py")} - {"__init__"}
    assert (
        {module.removeprefix("stages.") for module in stage_modules(parsed).values()} == files == set(parsed["stages"])
    )


def test_every_import_form_is_followed():
    source = """
import chestbench.a
def late():
    from chestbench.b import thing
    from . import c
    from .d import other
"""
    found = imported_modules(source, "chestbench.pkg.mod", is_package=False)
    assert {"chestbench.a", "chestbench.b", "chestbench.pkg.c", "chestbench.pkg.d"} <= found
    assert "chestbench.pkg.x" in imported_modules("from . import x", "chestbench.pkg", is_package=True)


def test_rewrite_mends_a_missing_dep_and_keeps_comments(tmp_path):
    for name in ("src", "stages"):
        shutil.copytree(ROOT / name, tmp_path / name)
    original = (ROOT / "dvc.yaml").read_text()
    broken = original.replace("      - src/chestbench/core/parallel.py\n", "", 1)
    assert broken != original
    (tmp_path / "dvc.yaml").write_text(broken)
    rewrite(tmp_path)
    assert (tmp_path / "dvc.yaml").read_text() == original


def test_light_stages_reach_no_heavy_package():
    for stage in LIGHT_STAGES:
        for path in import_closure(ROOT, f"stages.{stage}"):
            if path.startswith("src/chestbench/models/"):
                continue  # builders import keras inside functions that these stages never call: see the next test
            modules = {name.split(".")[0] for name in imported_modules((ROOT / path).read_text(), "x", False)}
            heavy = HEAVY - {"matplotlib"} if stage in ("catalog", "upsample") else HEAVY  # they draw
            assert not modules & heavy, f"{stage} reaches {modules & heavy} through {path}"


def test_models_import_nothing_heavy_when_loaded():
    for path in sorted((ROOT / "src/chestbench/models").glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Import | ast.ImportFrom) and path.name in {
                "registry.py",
                "network.py",
                "__init__.py",
            }:
                names = {alias.name.split(".")[0] for alias in node.names} | {
                    (getattr(node, "module", "") or "").split(".")[0]
                }
                assert not names & HEAVY, path
