from pathlib import Path

import pytest

from chestbench.catalog.tables.reading.table import Table, read_table
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import open_archive
from tests.imaging.pictures import make_zip


@pytest.fixture
def read(tmp_path: Path):
    """Return a function (content of set/labels.csv, other members, pattern) -> Table of the columns id and class."""

    def run(content: bytes, pattern: str = "*labels.csv", **others: bytes) -> Table:
        members = {"set/labels.csv": content, **{f"{name}.csv": data for name, data in others.items()}}
        with open_archive(make_zip(tmp_path / "archive.zip", members)) as archive:
            return read_table(archive, pattern, ["id", "class"], "dataset.labels")

    return run


@pytest.mark.parametrize(
    "text",
    [
        "id,class\n1,a\n2,b\n",
        "id;class\r\n1;a\r\n2;b\r\n",
        "id\tclass\n1\ta\n2\tb",
        'class,more, id \na,"x, y",1\n\nb,z,2\n',
        "id,class,\n1,a,\n2,b,,,\n",
        "\nid|class\n1|a\n2|b\n",
    ],
    ids=["comma", "semicolon", "tab", "order and more", "trailing commas", "bar and blank line"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_columns_are_found_by_name(read, text: str, encoding: str) -> None:
    table = read(text.encode(encoding))
    assert table.name == "labels.csv" and [cells for _, cells in table.rows] == [["1", "a"], ["2", "b"]]


def test_lines_are_those_of_the_file_and_short_rows_are_filled(read) -> None:
    table = read(b'id,class\n\n1,"a\nb"\n2\n')
    assert table.rows == [(4, ["1", "a\nb"]), (5, ["2", ""])]


def test_decimal_commas_count_where_semicolons_separate(read) -> None:
    assert read(b"id;class\n1;a\n").number("0,5") == 0.5
    with pytest.raises(ValueError):
        read(b"id,class\n1,a\n").number("0,5")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"dataset.labels.table: expected a header and rows in labels.csv, received an empty file"),
        (b" \n\n", r"received an empty file"),
        (b"id,class\n", r"found nothing below its header"),
        (b"id,label\n1,a\n", r"expected the columns 'id', 'class' in labels.csv, found no 'class'.*are 'id', 'label'"),
        (b"id,class,id\n1,a,2\n", r"expected every column of labels.csv once, found 'id' twice"),
        ("id,class\n1,a\n".encode("utf-16-le"), r"expected a text, received set/labels.csv with null bytes in line 1"),
        (b"\xff\xfei\x00d", r"expected set/labels.csv in UTF-16, as its mark says, received other bytes"),
        (b"id,class\n1,a,b\n", r"labels.csv: expected 2 cells in each row, received 3 in line 2"),
        (b'id,class\n1,"a\n', r"labels.csv: expected CSV, received something else in line 2"),
        (b"x" * 300_000, r"found no 'id', 'class'"),
    ],
)
def test_a_bad_table_is_refused_by_name(read, content: bytes, message: str) -> None:
    with pytest.raises(ChestbenchError, match=message):
        read(content)


@pytest.mark.parametrize(
    ("encoding", "name", "said"),
    [
        ("utf-16", "정상 é", ""),
        ("cp949", "정상", "read as Korean (cp949)"),
        ("cp1252", "Entzündung à gauche", "read as Western European (Windows-1252)"),
    ],
)
def test_other_encodings_are_read_and_said(read, caplog, encoding: str, name: str, said: str) -> None:
    assert read(f"id,class\n1,{name}\n".encode(encoding)).rows == [(2, ["1", name])]
    assert said in caplog.text and bool(said) == bool(caplog.text)


def test_a_header_may_have_a_line_break_in_quotes(read) -> None:
    assert read(b'id,"a\nnote",class\n1,x,a\n').rows == [(3, ["1", "a"])]


@pytest.mark.parametrize("ending", ["tsv", "tab", "txt"])
def test_tables_have_other_endings_as_well(tmp_path: Path, ending: str) -> None:
    path = make_zip(tmp_path / "archive.zip", {f"set/labels.{ending}": b"id\tclass\n1\ta\n", "set/labels.md": b""})
    with open_archive(path) as archive:
        assert read_table(archive, "*labels.*", ["id", "class"], "dataset.labels").rows == [(2, ["1", "a"])]


def test_a_table_that_stands_twice_in_a_set_that_does_is_one(tmp_path: Path) -> None:
    members = {f"{folder}labels.csv": b"id,class\n1,a\n" for folder in ("", "set/", "set/set/")}
    with open_archive(make_zip(tmp_path / "archive.zip", members)) as archive:
        assert read_table(archive, "*labels.csv", ["id"], "dataset.labels").rows == [(2, ["1"])]


def test_a_name_alone_finds_a_table_in_a_folder(read) -> None:
    assert read(b"id,class\n1,a\n", "labels.csv", a=b"").rows == [(2, ["1", "a"])]


def test_a_missing_column_is_refused_with_what_may_have_been_meant(read) -> None:
    with pytest.raises(ChestbenchError, match=r"found no 'id'; its columns are 'ID ', 'class'|did you mean 'ID'"):
        read(b"ID ,class\n1,a\n")


def test_no_table_and_several_are_refused_with_what_is_there(read) -> None:
    with pytest.raises(ChestbenchError, match=r"'train.csv', found none; its tables are 'a.csv', 'set/labels.csv'"):
        read(b"id,class\n1,a\n", "train.csv", a=b"")
    with pytest.raises(ChestbenchError, match=r"found several: 'a.csv', 'set/labels.csv'"):
        read(b"id,class\n1,a\n", "*.csv", a=b"")


def test_a_table_that_the_zip_damaged_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "archive.zip", {"labels.csv": b"id,class\n1,a\n"})
    path.write_bytes(path.read_bytes().replace(b"1,a", b"1,b"))
    with open_archive(path) as archive, pytest.raises(ChestbenchError, match="checksum does not match"):
        read_table(archive, "labels.csv", ["id"], "dataset.labels")
