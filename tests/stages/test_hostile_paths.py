"""Real processes and paths that are no files: refused in one line, or left out by name and kind; never waited for."""

import os
import shutil
from pathlib import Path

import pytest
import yaml

from chestbench.core.files import write_json
from tests.conftest import ROOT
from tests.stages.hostile import HUGE, ODD, draw, odd, sparse, yaml_bomb
from tests.stages.measured import refused, run

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
LOOK = ["chestbench", "look"]


@pytest.fixture(scope="module")
def default_parameters(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """The parameters of a folder of one's own."""
    from chestbench.core.compose import compose_params

    output = tmp_path_factory.mktemp("composed") / "params.yaml"
    compose_params(ROOT / "conf", output, ["dataset=folder", "dataset.path=set"])
    return yaml.safe_load(output.read_text(encoding="utf-8"))


@pytest.fixture
def here(tmp_path: Path, default_parameters: dict) -> Path:
    """A folder with conf/ and a params.yaml that reads the folder `set`."""
    folder = tmp_path / "here"
    shutil.copytree(ROOT / "conf", folder / "conf")
    write_parameters(folder, default_parameters, {"path": str(tmp_path / "set"), "watch": str(tmp_path / "set")})
    return folder


def write_parameters(folder: Path, parameters: dict, dataset: dict, **sections: dict) -> None:
    values = {**parameters, "dataset": {**parameters["dataset"], "name": "mine", "source": "folder", **dataset}}
    values |= {name: {**values[name], **section} for name, section in sections.items()}
    (folder / "params.yaml").write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")


@pytest.mark.parametrize("kind", ODD)
def test_a_data_set_that_is_no_file(here: Path, tmp_path: Path, kind: str) -> None:
    odd(tmp_path / "set", kind)
    for command in ([*LOOK, tmp_path / "set"], ["stages.check"], ["stages.download"]):
        assert kind in refused(command, here)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/stdin", "/proc/self/mem"])
def test_files_of_the_system(here: Path, path: str) -> None:
    assert "expected" in refused([*LOOK, path], here)


@pytest.mark.parametrize("name", ["set.zip", "set.tar", "set.npz", "set.png", "set"])
def test_a_file_of_a_hundred_gigabytes_of_zeros(
    here: Path, tmp_path: Path, default_parameters: dict, name: str
) -> None:
    path = sparse(tmp_path / name, HUGE)
    write_parameters(here, default_parameters, {"path": str(path), "watch": str(path)})
    for command in ([*LOOK, path], ["stages.check"], ["stages.download"]):
        assert "archive" in refused(command, here) or "neither" in refused(command, here)


def test_odd_things_among_pictures_are_left_out_by_name_and_kind(here: Path, tmp_path: Path) -> None:
    data = draw(tmp_path / "set", {"a": 16, "b": 16})
    for kind in ODD:
        odd(data / "a" / f"{kind.split()[0].lower()}.png", kind)
    (data / "b" / "outside").symlink_to(tmp_path)
    (data / "b" / "around").symlink_to(data)
    sparse(data / "a" / "long.png", 500_000_000)
    looked = run([*LOOK, data], here)
    assert looked.status == 0 and looked.megabytes < 700 and "classes   a 16, b 16" in looked.text
    packed = run(["stages.download"], here)
    assert packed.status == 0 and packed.megabytes < 700, packed.text
    catalogued = run(["stages.catalog"], here)
    assert catalogued.status == 0 and "32 images of 2 classes kept; 1 excluded" in catalogued.text, catalogued.text
    for kind in ("FIFO", "socket", "device"):
        for found in (looked, packed, catalogued):
            assert kind in found.text and f"a/{kind.lower()}.png" in found.text, found.text
    assert "too large: 500,000,000 bytes" in (here / "data/catalog.csv").read_text()
    stopped = refused(["stages.check"], here)  # DVC would open all of them
    assert "that DVC can read" in stopped and "'a/broken.png' (broken link)" in stopped and "1 more" not in stopped
    assert "and 2 more" in stopped


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be somebody else")
def test_a_file_that_may_not_be_read_is_left_out_by_name(here: Path, tmp_path: Path) -> None:
    data = draw(tmp_path / "set", {"a": 16, "b": 16})
    (data / "a" / "3.png").chmod(0)
    for path in (tmp_path, *tmp_path.parents):
        if path != Path("/tmp") and path.is_relative_to("/tmp"):
            path.chmod(0o755)
    here.chmod(0o777)
    nobody = 65534
    for module in (["stages.download"], ["stages.catalog"]):
        found = run(module, here, user=nobody)
        assert found.status == 0 and "without permission to read" in found.text and "a/3.png" in found.text, found.text
    assert "'a/3.png' (file without permission to read it)" in run(["stages.check"], here, user=nobody).text


def test_a_file_that_grows_is_not_packed_for_ever(here: Path, tmp_path: Path) -> None:
    data = draw(tmp_path / "set", {"a": 2, "b": 2})
    sparse(data / "a" / "0.png", 50_000_000)
    stop = Path(tmp_path / "stop")
    writer = os.fork()
    if writer == 0:
        with open(data / "a" / "0.png", "ab") as stream:
            for _ in range(100_000):
                if stop.exists():
                    break
                stream.write(b"1" * 4096)
                stream.flush()
        os._exit(0)
    try:
        assert "'a/0.png', whose size changed" in refused(["stages.download"], here)
    finally:
        stop.touch()
        os.waitpid(writer, 0)


def test_many_empty_names_are_no_pictures(here: Path, tmp_path: Path) -> None:
    (tmp_path / "set" / "a").mkdir(parents=True)
    for number in range(20_000):
        (tmp_path / "set" / "a" / f"{number}.png").touch()
    for command in ([*LOOK, tmp_path / "set"], ["stages.download"]):
        assert "20,000 files that are all empty" in refused(command, here, most=400)


@pytest.mark.parametrize("kind", ["FIFO", "device", "socket", "zeros"])
def test_sets_from_elsewhere(here: Path, tmp_path: Path, default_parameters: dict, kind: str) -> None:
    draw(tmp_path / "set", {"a": 3, "b": 3})
    other = tmp_path / "other.zip"
    sparse(other, HUGE) if kind == "zeros" else odd(other, kind)
    own = {"path": str(tmp_path / "set"), "watch": str(tmp_path / "set")}
    entry = {"name": "other", "path": str(other), "classes": None, "group_pattern": None}
    write_parameters(here, default_parameters, own, evaluate={"external": [entry]})
    assert "evaluate.external.other" in refused(["stages.check"], here)
    inside = draw(tmp_path / "another", {"a": 3, "b": 3})
    if kind != "zeros":
        odd(inside / "a" / "odd.png", kind)
        write_parameters(here, default_parameters, own, evaluate={"external": [entry | {"path": str(inside)}]})
        assert f"'a/odd.png' ({kind})" in refused(["stages.check"], here)


@pytest.mark.parametrize("kind", [*ODD, "zeros"])
def test_what_lies_in_data_raw(here: Path, kind: str) -> None:
    write_json(here / "data/raw/source.json", {"name": "mine", "source": "folder"})
    archive = here / "data/raw/archive.zip"
    sparse(archive, HUGE) if kind == "zeros" else odd(archive, kind)
    assert "expected a" in refused(["stages.catalog"], here)
    archive.unlink()
    (here / "data/raw/source.json").unlink()
    note = here / "data/raw/source.json"
    sparse(note, HUGE) if kind == "zeros" else odd(note, kind)
    assert "source.json" in refused(["stages.catalog"], here) if kind != "broken link" else True


@pytest.mark.parametrize("kind", ["FIFO", "device", "broken link", "zeros"])
def test_archives_and_weights_that_were_brought_by_hand(
    here: Path, tmp_path: Path, default_parameters: dict, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    from chestbench.datasets.url import _folder_name

    address = "http://127.0.0.1:9/set.zip"
    brought = here / ".dvc/tmp/downloads" / _folder_name(address) / "archive.zip"
    brought.parent.mkdir(parents=True)
    sparse(brought, HUGE) if kind == "zeros" else odd(brought, kind)
    write_parameters(here, default_parameters, {"source": "url", "url": address, "path": None})
    found = run(["stages.download"], here, 20)
    assert found.status == 1 and "Traceback" not in found.text and brought.relative_to(here).as_posix() in found.text
    assert found.megabytes < 500

    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    files = {
        ("resnet50", "imagenet"): "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        ("bit_r50x1", "imagenet"): "BiT-S-R50x1.npz",
        ("efficientnet_lite0", "imagenet"): "efficientnet-lite0-57934424.pth",
        ("efficientnet_b0", "timm"): "tf_efficientnet_b0.aa_in1k.safetensors",
        ("efficientnet_b3", "timm"): "tf_efficientnet_b3.aa_in1k.safetensors",
    }
    for name in files.values():
        place = tmp_path / "keras/models" / name
        sparse(place, HUGE) if kind == "zeros" else odd(place, kind)
    for network, weights in files:
        write_parameters(here, default_parameters, {}, train={"weights": weights}, model={"variants": [network]})
        assert "expected a" in refused(["stages.weights", "--model", network], here)


@pytest.mark.parametrize("kind", ["FIFO", "device", "zeros", "bomb", "deep"])
def test_parameters(here: Path, tmp_path: Path, kind: str) -> None:
    path = here / "params.yaml"
    path.unlink()
    match kind:
        case "bomb":
            path.write_text(yaml_bomb())
        case "deep":
            path.write_text("a: " + "[" * 50_000)
        case "zeros":
            sparse(path, HUGE)
        case _:
            odd(path, kind)
    assert "params.yaml" in refused(["stages.check"], here)
    draw(tmp_path / "set", {"a": 3, "b": 3})
    if kind != "deep":
        path.rename(here / "conf/dataset/mine.yaml")
        assert "mine.yaml" in refused([*LOOK, tmp_path / "set", "dataset=mine"], here)


def test_what_would_be_written_in_the_place_of_a_device(here: Path, tmp_path: Path) -> None:
    draw(tmp_path / "set", {"a": 3, "b": 3})
    odd(tmp_path / "fifo", "FIFO")
    assert "the FIFO" in refused([*LOOK, tmp_path / "set", "--out", tmp_path / "fifo"], here)
    assert "the FIFO" in refused(["chestbench", "params", "--output", tmp_path / "fifo"], here)
