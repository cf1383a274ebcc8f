"""Archives inside archives, tars and MedMNIST's arrays: read as if unpacked, in the same bounds."""

import bz2
import gzip
import io
import random
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.datasets import bounds, folder, unpacked
from chestbench.datasets.archive import UnreadableMember, open_archive
from tests.datasets.test_base import described

FILES = {f"{number}.png": bytes([number]) * (100 + number) for number in range(5)}


def zip_of(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as opened:
        for name, content in members.items():
            opened.writestr(zipfile.ZipInfo(name), content, compression)
    return stream.getvalue()


def tar_of(members: dict[str, bytes | tarfile.TarInfo], mode: str = "w:") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as opened:
        for name, content in members.items():
            info = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            data = b"" if isinstance(content, tarfile.TarInfo) else content
            info.size = len(data)
            opened.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def refused(path: Path) -> str:
    with pytest.raises(ChestbenchError) as error:
        open_archive(path)
    return str(error.value)


PACKERS = {
    "zip": zip_of,
    "tar": tar_of,
    "tar.gz": lambda members: tar_of(members, "w:gz"),
    "tgz": lambda members: tar_of(members, "w:gz"),
    "tar.bz2": lambda members: tar_of(members, "w:bz2"),
}


@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_inner_archives_read_as_if_unpacked(tmp_path, ending, compression):
    own = PACKERS[ending]({f"CT_COVID/{name}": content for name, content in FILES.items()})
    flat = PACKERS[ending](FILES)
    outer = zip_of(
        {f"s/a/CT_COVID.{ending}": own, f"s/b/normal.{ending.upper()}": flat, "s/notes.txt": b"n"}, compression
    )
    with open_archive(written(tmp_path / "x.zip", outer)) as archive:
        wanted = {f"s/a/CT_COVID/{name}" for name in FILES} | {f"s/b/normal/{name}" for name in FILES}
        assert archive.members == sorted(wanted | {"s/notes.txt"})
        assert archive.folders == ["s", "s/a", "s/a/CT_COVID", "s/b", "s/b/normal"] and archive.left_out == {}
        with ThreadPoolExecutor(8) as pool:
            read = dict(zip(archive.members, pool.map(archive.read, archive.members), strict=True))
        assert all(read[name] == FILES[name.rpartition("/")[2]] for name in wanted)
        assert archive.start("s/a/CT_COVID/3.png", 10) == bytes([3]) * 10


@pytest.mark.parametrize("ending", [ending for ending in PACKERS if ending != "zip"])
def test_a_tar_is_a_data_set_and_is_kept_as_it_is(tmp_path, ending):
    path = written(tmp_path / f"set.{ending}", PACKERS[ending]({"set/a/1.png": b"1", "set/b/2.png": b"2"}))
    (tmp_path / "raw").mkdir()
    folder.fetch(described(path=str(path)), tmp_path / "raw")
    kept = tmp_path / "raw" / "archive.zip"
    assert kept.read_bytes() == path.read_bytes()
    with open_archive(kept) as archive:
        assert archive.members == ["set/a/1.png", "set/b/2.png"] and archive.read("set/b/2.png") == b"2"


def test_a_folder_with_a_zip_of_zips_is_read_to_the_end(tmp_path):
    (tmp_path / "mine").mkdir()
    written(tmp_path / "mine" / "set.zip", zip_of({"set/a.zip": zip_of({"1.png": b"1"})}))
    (tmp_path / "raw").mkdir()
    folder.fetch(described(path=str(tmp_path / "mine")), tmp_path / "raw")
    with open_archive(tmp_path / "raw" / "archive.zip") as archive:
        assert archive.members == ["set/a/1.png"]


def test_what_lies_deeper_is_named(tmp_path):
    deep = zip_of({"a.zip": zip_of({"b.zip": zip_of({"1.png": b"1"}), "2.png": b"2"}), "3.png": b"3"})
    with open_archive(written(tmp_path / "x.zip", deep)) as archive:
        assert archive.members == ["3.png", "a/2.png"] and archive.left_out == {"archive": ["a/b.zip"]}


def test_the_same_files_beside_their_own_zip_count_once_and_others_are_refused(tmp_path):
    inner = zip_of({f"a/{name}": content for name, content in FILES.items()})
    beside = {f"a/{name}": content for name, content in FILES.items()}
    with open_archive(written(tmp_path / "x.zip", zip_of({"a.zip": inner, **beside}))) as archive:
        assert archive.members == sorted(beside)
        assert archive.left_out == {"copy in an inner archive": sorted(f"a.zip/{name}" for name in beside)}
    more = zip_of({"a/more.png": b"m", "a/3.png": FILES["3.png"]})
    with open_archive(written(tmp_path / "z.zip", zip_of({"a.zip": more, **beside}))) as archive:
        assert archive.members == sorted([*beside, "a/more.png"])
        assert archive.left_out == {"copy in an inner archive": ["a/3.png"]}
    message = refused(written(tmp_path / "y.zip", zip_of({"a.zip": inner, "a/3.png": b"another"})))
    assert "'a/3.png' twice with different content" in message


@pytest.mark.parametrize("place", ["", "here/", "a/b/"])
def test_an_archive_beside_what_was_unpacked_from_it_counts_once(tmp_path, place):
    files = {f"{label}/{name}": content for label in ("COVID", "Normal") for name, content in FILES.items()}
    beside = {place + name: content for name, content in files.items()}
    for ending in ("zip", "tgz"):
        path = written(tmp_path / f"{ending}.zip", zip_of({f"set.{ending}": PACKERS[ending](files), **beside}))
        with open_archive(path) as archive:
            assert archive.members == sorted(beside)
            assert len(archive.left_out["copy in an inner archive"]) == len(files)


def test_an_archive_whose_name_is_the_class_is_no_copy_of_a_flat_folder(tmp_path):
    members = {f"all/{name}": content for name, content in FILES.items()} | {"COVID.zip": zip_of(FILES)}
    with open_archive(written(tmp_path / "x.zip", zip_of(members))) as archive:
        assert archive.members == sorted([*(f"COVID/{name}" for name in FILES), *(f"all/{name}" for name in FILES)])


def test_what_only_poses_as_an_archive_stays_a_file(tmp_path):
    members = {"a/p.zip": b"version https://git-lfs", "a/q.tar.gz": gzip.compress(b"no tar" * 99), "a/1.png": b"1",
               "a/e.zip": zip_of({}), "a/r.rar": b"Rar!"}  # fmt: skip
    with open_archive(written(tmp_path / "x.zip", zip_of(members))) as archive:
        assert archive.members == ["a/1.png", "a/p.zip", "a/q.tar.gz", "a/r.rar"]
        assert archive.left_out == {"archive": ["a/e.zip"]}


@pytest.mark.parametrize("cut", [10, 200, 700])
@pytest.mark.parametrize("ending", PACKERS)
def test_a_damaged_inner_archive_is_refused_by_name(tmp_path, ending, cut):
    content = random.Random(1).randbytes(2000)
    inner = PACKERS[ending]({"1.png": content, "2.png": content[::-1]})[:-cut]
    path = written(tmp_path / "x.zip", zip_of({f"s/one.{ending}": inner, "s/1.png": b"1"}))
    if ending == "tar":
        return  # the end of a tar is padding
    assert f"s/one.{ending}" in refused(path)


@pytest.mark.parametrize("name", ["../1.png", "/1.png", "a/../../1.png"])
@pytest.mark.parametrize("ending", PACKERS)
def test_names_that_climb_are_refused_inside_as_well(tmp_path, ending, name):
    path = written(tmp_path / "x.zip", zip_of({f"in.{ending}": PACKERS[ending]({name: b"1"})}))
    assert "points out of it" in refused(path)


def test_links_and_devices_of_a_tar_are_named(tmp_path):
    members: dict[str, bytes | tarfile.TarInfo] = {"a/9.png": b"1"}
    for number, kind in enumerate((tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE)):
        info = tarfile.TarInfo(f"a/{number}.png")
        info.type, info.linkname = kind, "/etc/passwd"
        members[info.name] = info
    empty = tarfile.TarInfo("b")
    empty.type = tarfile.DIRTYPE
    members["b"] = empty
    with open_archive(written(tmp_path / "x.tar", tar_of(members))) as archive:
        assert archive.members == ["a/9.png"] and archive.folders == ["a", "b"]
        assert archive.left_out == {"link": ["a/0.png", "a/1.png"], "special file": ["a/2.png", "a/3.png"]}


def test_bombs_inside_are_refused_before_they_are_written(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "SMALL_ARCHIVE_BYTES", 1 << 20)
    zeros = bytes(300_000)
    many = zip_of({f"{n}.zip": zip_of({"1.png": zeros}) for n in range(20)}, zipfile.ZIP_DEFLATED)
    packed = tar_of({"1.png": bytes(5_000_000)}, "w:gz")
    for name, content in {"x.zip": many, "y.zip": zip_of({"in.tar.gz": packed}), "z.tar.gz": packed}.items():
        assert "zip bomb" in refused(written(tmp_path / name, content))


def test_an_archive_that_holds_itself_ends(tmp_path):
    # As near to a quine as bytes come without writing one: every level holds the same name again.
    content = zip_of({"r/1.png": b"1"})
    for _ in range(30):
        content = zip_of({"r/r.zip": content, "r/1.png": b"1"})
    with open_archive(written(tmp_path / "r.zip", content)) as archive:
        assert archive.left_out == {"archive": ["r/r/r.zip"]}


def test_too_small_a_disk_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacked.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 10})())
    path = written(tmp_path / "x.zip", zip_of({"in.zip": zip_of({"1.png": bytes(1000)})}, zipfile.ZIP_DEFLATED))
    assert "TMPDIR" in refused(path) and "in.zip" in refused(path)


def test_random_damage_never_gives_another_exception(tmp_path):
    generator = random.Random(11)
    inner = {f"{n}.png": generator.randbytes(200) for n in range(4)}
    wholes = [
        zip_of({"a.tar": tar_of(inner), "b.tgz": tar_of(inner, "w:gz"), "c.zip": zip_of(inner)}, zipfile.ZIP_DEFLATED),
        zip_of({"a.tar": tar_of(inner), "b.tgz": tar_of(inner, "w:gz"), "c.npz": npz()}),
        tar_of({"a.zip": zip_of(inner), **inner}),
        bz2.compress(tar_of(inner)),
    ]
    for whole in wholes:
        for _ in range(150):
            content = bytearray(whole)
            for _ in range(4):
                content[generator.randrange(len(content))] = generator.randrange(256)
            try:
                with open_archive(written(tmp_path / "damaged", bytes(content))) as archive:
                    for member in archive.members:
                        for read in (archive.read, archive.start):
                            try:
                                read(member)
                            except UnreadableMember:
                                continue
            except ChestbenchError:
                continue


def npz(**changes: np.ndarray) -> bytes:
    pixels = np.random.default_rng(3).integers(0, 256, (6, 12, 10), np.uint8)
    arrays = {}
    for part, count in (("train", 6), ("val", 2), ("test", 3)):
        arrays[f"{part}_images"] = pixels[:count]
        arrays[f"{part}_labels"] = (np.arange(count, dtype=np.uint8) % 2)[:, None]
    stream = io.BytesIO()
    np.savez_compressed(stream, **(arrays | changes))
    return stream.getvalue()


@pytest.mark.parametrize("colour", [False, True])
def test_the_arrays_of_medmnist_are_pictures_in_folders(tmp_path, colour):
    pixels = np.random.default_rng(4).integers(0, 256, (6, 12, 10, 3) if colour else (6, 12, 10), np.uint8)
    with open_archive(written(tmp_path / "archive.zip", npz(train_images=pixels))) as archive:
        assert archive.members[:2] == ["test/0/00001.png", "test/0/00003.png"] and len(archive.members) == 11
        assert archive.folders == [f"{p}{c}" for p in ("test", "train", "val") for c in ("", "/0", "/1")]
        data = archive.read("train/1/00004.png")
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(decoded, pixels[3, :, :, ::-1] if colour else pixels[3])
        assert data == archive.read("train/1/00004.png")


def test_an_npz_inside_has_a_folder_of_its_own(tmp_path):
    with open_archive(written(tmp_path / "x.zip", zip_of({"s/mnist.npz": npz()}))) as archive:
        assert archive.members[-1] == "s/mnist/val/1/00002.png"


@pytest.mark.parametrize(
    "changes",
    [
        {"train_images": np.zeros((5, 12, 10), np.uint8)},
        {"train_images": np.zeros((6, 12, 10), np.float32)},
        {"train_images": np.zeros((6, 12, 10, 4), np.uint8)},
        {"train_images": np.array([{}] * 6, object)},
        {"train_images": np.asfortranarray(np.zeros((6, 12, 10), np.uint8))},
        {"train_labels": np.zeros((6, 2), np.uint8)},
        {"train_labels": np.array([[open]] * 6, object)},
        {"weights": np.zeros(3)},
    ],
)
def test_other_arrays_stay_files_and_no_object_is_loaded(tmp_path, changes):
    whole = zip_of({"a/1.png": b"1", "a/x.npz": npz(**changes)})
    with open_archive(written(tmp_path / "x.zip", whole)) as archive:
        assert archive.members == ["a/1.png", "a/x.npz"]


def test_ten_thousand_members_open_quickly(tmp_path):
    path = written(tmp_path / "x.zip", zip_of({f"{n % 2}/{n}.png": b"x" for n in range(10_000)}))
    with open_archive(path) as archive:
        assert len(archive.members) == 10_000 and archive.folders == ["0", "1"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"train_labels": np.zeros((6, 14), np.uint8)},
            "train_labels of 14 values a picture: several",
        ),
        ({"train_labels": np.zeros(6)}, "train_labels that are not one integer a picture"),
        ({"val_images": np.zeros((2, 28, 28, 28), np.uint8)}, "val_images that are volumes of 2 x 28 x 28 x 28 values"),
        ({"val_images": np.zeros((2, 28, 28))}, "val_images of type float64"),
        ({"val_images": np.zeros((3, 28, 28), np.uint8)}, "3 val_images with 2 labels"),
        ({"weights": np.zeros(3)}, "other arrays: test_images.npy, test_labels.npy, train_images.npy"),
    ],
)
def test_a_data_set_of_other_arrays_is_refused_with_the_reason(tmp_path, changes, why):
    message = refused(written(tmp_path / "archive.zip", npz(**changes)))
    assert "the arrays of MedMNIST" in message and f"received {why}" in message
