"""Zips that are what they should be, and zips that are not."""

import random
import stat
import struct
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.datasets import bounds, byte_source, entries
from chestbench.datasets.archive import UnreadableMember, open_archive


def zipped(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as opened:
        for name, content in members.items():
            opened.writestr(zipfile.ZipInfo(name), content, compression)
    return path


def refused(path: Path) -> str:
    with pytest.raises(ChestbenchError) as error:
        open_archive(path)
    assert str(path) in str(error.value)
    return str(error.value)


def raw_name(path: Path, placeholder: bytes, name: bytes) -> Path:
    """Put other bytes of the same length in place of a name, as a program that knows no UTF-8 would."""
    assert len(placeholder) == len(name)
    path.write_bytes(path.read_bytes().replace(placeholder, name))
    return path


def test_members_are_sorted_visible_files_and_read_back(tmp_path):
    members = {
        "b/2.png": b"two",
        "a/1 one.png": b"one" * 1000,
        "a/": b"",
        "한국어/폐 'x\".png": b"korean",
        "a/empty.txt": b"",
        "./c//3.png": b"three",
        "__MACOSX/a/._1 one.png": b"x",
        "a/.DS_Store": b"x",
        "a/Thumbs.db": b"x",
        ".git/config": b"x",
    }
    path = zipped(tmp_path / "x.zip", members)
    with open_archive(path) as archive:
        assert archive.members == ["a/1 one.png", "a/empty.txt", "b/2.png", "c/3.png", "한국어/폐 'x\".png"]
        assert archive.read("a/1 one.png") == b"one" * 1000
        assert archive.read("a/empty.txt") == b"" and archive.read("c/3.png") == b"three"
        assert archive.read("한국어/폐 'x\".png") == b"korean"
        assert archive.size == path.stat().st_size
        with pytest.raises(KeyError):
            archive.read("a/.DS_Store")


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("with_pread", [True, False])
def test_many_threads_read_the_same_archive(tmp_path, compression, with_pread, monkeypatch):
    if not with_pread:
        monkeypatch.delattr(byte_source.os, "pread", raising=False)
    members = {f"m/{number}.bin": bytes([number % 251]) * (number * 37 % 5000) for number in range(200)}
    with open_archive(zipped(tmp_path / "x.zip", members, compression)) as archive:
        start = threading.Barrier(16)

        def read_all(offset: int) -> bool:
            start.wait(30)
            names = archive.members[offset:] + archive.members[:offset]
            return all(archive.read(name) == members[name] for name in names)

        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(read_all, range(0, 160, 10)))


@pytest.mark.parametrize(
    "name",
    [
        "../evil.png",
        "a/../../evil.png",
        "/etc/evil.png",
        "C:/evil.png",
        "c:evil.png",
        "..\\evil.png",
        "\\\\host\\x.png",
    ],
)
def test_members_that_climb_out_are_refused(tmp_path, name):
    message = refused(zipped(tmp_path / "x.zip", {"a/1.png": b"1", name: b"2"}))
    assert "inside the archive" in message and repr(name) in message


def test_backslashes_of_windows_programs_count_as_slashes(tmp_path):
    with open_archive(zipped(tmp_path / "x.zip", {"COVID\\images\\1.png": b"1"})) as archive:
        assert archive.members == ["COVID/images/1.png"] and archive.read("COVID/images/1.png") == b"1"


def linked(path: Path, others: dict[str, bytes], target: str = "/etc/passwd") -> Path:
    zipped(path, others)
    with zipfile.ZipFile(path, "a") as opened:
        for name, mode in (("a/link.png", stat.S_IFLNK), ("a/pipe.png", stat.S_IFIFO)):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, (mode | 0o777) << 16
            opened.writestr(info, target)
    return path


def test_links_and_devices_are_named_and_never_read(tmp_path):
    with open_archive(linked(tmp_path / "x.zip", {"a/1.png": b"1"})) as archive:
        assert archive.members == ["a/1.png"]
        assert archive.left_out == {"link": ["a/link.png"], "special file": ["a/pipe.png"]}
        with pytest.raises(KeyError):
            archive.read("a/link.png")
    assert "1 link ('a/link.png')" in refused(linked(tmp_path / "y.zip", {}))


def test_a_link_of_git_annex_is_called_that(tmp_path):
    target = "../.git/annex/objects/Xz/SHA256E-s1--0.png"
    with open_archive(linked(tmp_path / "x.zip", {"a/1.png": b"1"}, target)) as archive:
        assert archive.left_out["git-annex pointer"] == ["a/link.png"]


def test_names_in_korean_without_the_utf8_mark(tmp_path):
    korean = "폐렴/환자.png".encode("cp949")
    path = raw_name(zipped(tmp_path / "x.zip", {"#" * len(korean): b"1"}), b"#" * len(korean), korean)
    assert open_archive(path).members == ["폐렴/환자.png"]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        *(("gbk", "肺炎/患者.png"), ("shift_jis", "正常/診断ファイル.png"), ("big5", "肺炎/病患編號.png")),
        *(("cp866", "норма/пациент.png"), ("cp437", "Entzündung/Grün.png"), ("cp949", "정상/우측.png")),
    ],
)
def test_names_of_other_systems_without_the_utf8_mark(tmp_path, caplog, encoding, name):
    raw = name.encode(encoding)
    path = raw_name(zipped(tmp_path / "x.zip", {"#" * len(raw): b"1"}), b"#" * len(raw), raw)
    with open_archive(path) as archive:
        assert archive.members == [name]
    assert caplog.text == ""


def test_names_that_may_be_of_several_systems_are_warned_of(tmp_path, caplog):
    raw = "기타/보류.png".encode("cp949")
    path = raw_name(zipped(tmp_path / "x.zip", {"#" * len(raw): b"1"}), b"#" * len(raw), raw)
    with open_archive(path) as archive:
        assert archive.members == ["기타/보류.png"]
    assert "read as Korean (cp949) ('기타/보류.png'); they may as well be simplified Chinese" in caplog.text


def test_names_in_utf8_without_the_utf8_mark(tmp_path):
    name = "정상/폐.png".encode()
    path = raw_name(zipped(tmp_path / "x.zip", {"#" * len(name): b"1"}), b"#" * len(name), name)
    assert open_archive(path).members == ["정상/폐.png"]


def test_western_names_without_the_utf8_mark(tmp_path):
    name = "Müller/Grün.png".encode("cp437")
    path = raw_name(zipped(tmp_path / "x.zip", {"#" * len(name): b"1"}), b"#" * len(name), name)
    with open_archive(path) as archive:
        assert archive.members == ["Müller/Grün.png"] and archive.read("Müller/Grün.png") == b"1"


def test_decomposed_names_of_a_mac_become_composed(tmp_path):
    with open_archive(zipped(tmp_path / "x.zip", {"\u1100\u1161/1.png": b"1"})) as archive:
        assert archive.members == ["\uac00/1.png"] and archive.read("\uac00/1.png") == b"1"


def test_names_twice_are_refused(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as opened, pytest.warns(UserWarning, match="Duplicate"):
        opened.writestr("a/1.png", b"1")
        opened.writestr("a/1.png", b"2")
    assert "'a/1.png' twice" in refused(path)


def test_missing_and_folder_and_no_zip(tmp_path):
    assert "nothing" in refused(tmp_path / "missing.zip")
    assert "a folder" in refused(tmp_path)
    (tmp_path / "x.zip").write_text("hello")
    assert "expected a zip archive" in refused(tmp_path / "x.zip")
    (tmp_path / "y.zip").write_bytes(b"")
    assert "expected a zip archive" in refused(tmp_path / "y.zip")


@pytest.mark.parametrize("members", [{}, {"a/": b""}, {".hidden": b"x", "__MACOSX/x": b"y"}])
def test_an_archive_without_visible_files_is_refused(tmp_path, members):
    assert "empty" in refused(zipped(tmp_path / "x.zip", members))


def test_a_truncated_zip_is_refused_wherever_it_is_cut(tmp_path):
    whole = zipped(tmp_path / "x.zip", {f"a/{n}.png": bytes(range(256)) * 20 for n in range(20)}).read_bytes()
    cut = tmp_path / "cut.zip"
    for length in range(5, len(whole) - 1, max(1, len(whole) // 40)):
        cut.write_bytes(whole[:length])
        assert "cut off or damaged" in refused(cut)


def test_a_zip_that_lost_its_middle_is_refused_or_read_member_by_member(tmp_path):
    whole = zipped(tmp_path / "x.zip", {f"a/{n}.png": bytes(range(256)) * 20 for n in range(20)}).read_bytes()
    (tmp_path / "holed.zip").write_bytes(whole[:500] + whole[1500:])
    try:
        archive = open_archive(tmp_path / "holed.zip")
    except ChestbenchError:
        return
    unreadable = 0
    for member in archive.members:
        try:
            assert archive.read(member) == bytes(range(256)) * 20
        except UnreadableMember:
            unreadable += 1
    assert unreadable


def encrypted(path: Path, name: bytes) -> Path:
    content = bytearray(path.read_bytes())
    for signature, flags, names in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        at = content.index(signature)
        while content[at + names : at + names + len(name)] != name:
            at = content.index(signature, at + 1)
        content[at + flags] |= 1
    path.write_bytes(content)
    return path


def test_encrypted_members_are_named_and_the_others_read(tmp_path):
    path = encrypted(zipped(tmp_path / "x.zip", {"a/1.png": b"1", "a/2.png": b"2"}), b"a/1.png")
    with open_archive(path) as archive:
        assert archive.members == ["a/2.png"] and archive.left_out == {"password": ["a/1.png"]}
    only = encrypted(zipped(tmp_path / "y.zip", {"a/1.png": b"1"}), b"a/1.png")
    assert "1 password ('a/1.png')" in refused(only)


def test_unusual_compression_is_refused_because_its_output_cannot_be_bounded(tmp_path):
    assert "compression method 14" in refused(zipped(tmp_path / "x.zip", {"a/1.png": b"1" * 99}, zipfile.ZIP_LZMA))


def test_a_bomb_is_refused_without_unpacking_it(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened, opened.open("a/zeros.png", "w") as member:
        for _ in range(80):
            member.write(bytes(1 << 20))
    assert "zip bomb" in refused(path)


def test_a_member_above_the_limit_is_refused(tmp_path, monkeypatch):
    path = zipped(tmp_path / "x.zip", {"a/1.png": b"x" * 2000}, zipfile.ZIP_STORED)
    monkeypatch.setattr(bounds, "MAX_MEMBER_BYTES", 1999)
    assert "zip bomb" in refused(path) and "2,000 bytes" in refused(path)


def test_a_bomb_of_many_small_members_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "SMALL_ARCHIVE_BYTES", 1 << 20)
    members = {f"a/{number}.png": bytes(200_000) for number in range(20)}
    assert "its members" in refused(zipped(tmp_path / "x.zip", members))


def rewritten_size(path: Path, size: int) -> Path:
    """Make both headers of the only member state another unpacked size."""
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, content.index(b"PK\x03\x04") + 22, size)
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, size)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("stated", [100, 4000])
def test_a_header_that_lies_about_the_size_cannot_make_a_read_grow(tmp_path, stated, monkeypatch):
    path = rewritten_size(zipped(tmp_path / "x.zip", {"a/1.png": bytes(3000)}), stated)
    produced: list[bytes] = []
    inflate = entries.inflate

    def noted(data: bytes, size: int) -> bytes:
        produced.append(inflate(data, size))
        return produced[-1]

    monkeypatch.setattr(entries, "inflate", noted)
    with open_archive(path) as archive, pytest.raises(UnreadableMember):
        archive.read("a/1.png")
    assert len(produced[0]) <= stated + 1


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_one_damaged_member_leaves_the_others_readable(tmp_path, compression):
    good, bad = bytes(range(256)) * 10, bytes(reversed(range(256))) * 10
    path = zipped(tmp_path / "x.zip", {"a/bad.png": bad, "a/good.png": good}, compression)
    content = bytearray(path.read_bytes())
    for position in range(60, 90):
        content[position] ^= 0xFF
    path.write_bytes(content)
    with open_archive(path) as archive:
        assert archive.read("a/good.png") == good
        with pytest.raises(UnreadableMember, match="damaged zip entry") as error:
            archive.read("a/bad.png")
    assert "a/bad.png" not in error.value.reason


def test_random_damage_never_gives_wrong_bytes_or_another_exception(tmp_path):
    generator = random.Random(7)
    members = {f"a/{number}.png": generator.randbytes(50) * 4 for number in range(6)}
    whole = zipped(tmp_path / "x.zip", members).read_bytes()
    path = tmp_path / "damaged.zip"
    for _ in range(400):
        content = bytearray(whole)
        for _ in range(3):
            content[generator.randrange(len(content))] = generator.randrange(256)
        path.write_bytes(content)
        try:
            with open_archive(path) as archive:
                for member in archive.members:
                    try:
                        data = archive.read(member)
                    except UnreadableMember:
                        continue
                    assert data in members.values()
        except ChestbenchError:
            continue
