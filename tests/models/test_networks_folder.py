"""A network is a file of its own: found by its name, refused in clear words, and depending on no sibling."""

import subprocess
import sys
from pathlib import Path

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.models import networks
from chestbench.models.registry import get, known_names
from chestbench.models.taken_names import TAKEN, check_free
from chestbench.tracking.naming import dataset_detector, registered_name
from tests.closures import reached_files
from tests.conftest import ROOT

FOLDER = "src/chestbench/models/"
SHARED = {"__init__.py", "heads.py", "network.py", "published.py", "networks/__init__.py"}
EFFICIENTNETS = {"efficientnets.py", "timm.py", "safetensors.py", "pytorch_arrays.py"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of networks of the test's own, in place of the project's."""
    monkeypatch.setattr(networks, "__path__", [str(tmp_path)])
    for name in [name for name in sys.modules if name.startswith("chestbench.models.networks.")]:
        monkeypatch.delitem(sys.modules, name)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("chestbench.models.networks.")]:
        del sys.modules[name]


def test_names_are_those_of_the_files(folder: Path) -> None:
    (folder / "second.py").write_text("raise SystemExit('listing imports nothing')")
    (folder / "first.py").write_text("")
    (folder / "notes.txt").write_text("")
    assert known_names() == ["first", "second"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", r"mine\.py: expected the constant NETWORK of type .*, received no NETWORK; add"),
        ("NETWORK = 'mine'", r"mine\.py: .*received NETWORK of type str"),
        (
            "from dataclasses import replace\nfrom chestbench.models.resnets import resnet\n"
            "NETWORK = resnet('ResNet50', 1)",
            r"mine\.py: expected NETWORK to have the name of its file, mine, received resnet50; rename",
        ),
        ("import sys\n\n1 / 0", r"mine\.py: .*received ZeroDivisionError: division by zero \(line 3\); correct"),
        ("def body(:", r"mine\.py: .*received SyntaxError: .*\(mine\.py, line 1\); correct"),
        ("import no_such_package", r"mine\.py: .*ModuleNotFoundError: .*no_such_package.*\(line 1\)"),
    ],
)
def test_a_file_that_is_no_network_is_refused_by_its_name(folder: Path, source: str, message: str) -> None:
    (folder / "mine.py").write_text(source)
    with pytest.raises(ChestbenchError, match=message):
        get("mine")


def test_the_name_of_the_chosen_detector_in_the_model_registry_is_taken() -> None:
    assert registered_name("sample", TAKEN) == dataset_detector("sample")
    with pytest.raises(ChestbenchError, match=r"expected another name .*received detector.*rename its file"):
        check_free(["resnet50", TAKEN])
    check_free(known_names())


def test_only_the_network_asked_for_is_imported() -> None:
    code = (
        "import sys; from chestbench.models.registry import get, known_names; assert len(known_names()) > 10;"
        "assert not [n for n in sys.modules if n.startswith('chestbench.models.networks.')];"
        "get('resnet50'); print(sorted(n for n in sys.modules if n.startswith('chestbench.models.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    reached = {"entries", "heads", "network", "networks", "networks.resnet50", "published", "registry", "resnets"}
    assert done.stdout.strip() == str(sorted(f"chestbench.models.{name}" for name in reached))


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("resnet50", {"resnets.py"}),
        ("resnet152v2", {"resnets.py"}),
        ("efficientnet_b3", EFFICIENTNETS),
        ("efficientnet_lite0", {"efficientnet_lite.py", "state_dict.py", *EFFICIENTNETS}),
        ("bit_r50x1", {"bit.py", "standardised.py"}),
        ("tiny", {"transfusion.py"}),
        ("simple_cnn", set()),
        ("inception_v3", set()),
    ],
)
def test_a_network_depends_on_its_family_and_no_sibling(name: str, family: set[str]) -> None:
    reached = reached_files(ROOT, f"chestbench.models.networks.{name}")
    of_models = {path.removeprefix(FOLDER) for path in reached if path.startswith(FOLDER)}
    assert of_models == SHARED | family | {f"networks/{name}.py"}


def test_the_registry_names_no_network_in_its_imports() -> None:
    reached = reached_files(ROOT, "chestbench.models.registry")
    of_models = {path.removeprefix(FOLDER) for path in reached if path.startswith(FOLDER)}
    assert of_models == {"entries.py", "registry.py"} | SHARED - {"heads.py"}


@pytest.mark.parametrize(
    "module",
    ["stages.audit", "stages.evaluate", "stages.transfer", "chestbench.tracking", "chestbench.serving.model"],
)
def test_what_runs_no_chosen_network_reaches_no_registry(module: str) -> None:
    """Otherwise every network would be part of that code."""
    reached = reached_files(ROOT, module)
    assert f"{FOLDER}registry.py" not in reached
    own = {f"{FOLDER}networks/simple_gmp.py", f"{FOLDER}networks/__init__.py"} if module == "stages.audit" else set()
    assert {path for path in reached if path.startswith(f"{FOLDER}networks/")} == own
