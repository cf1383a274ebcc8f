from pathlib import Path

import pytest

from chestbench.catalog.tables import Table, read_table
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
        (b"id,class\n1,\xff\xfe\n", r"expected set/labels.csv in UTF-8, received other bytes in line 2"),
        ("id,class\n1,정상\n".encode("utf-16"), r"in UTF-8, received other bytes in line 1"),
        (b"id,class\n1,a,b\n", r"labels.csv: expected 2 cells in each row, received 3 in line 2"),
        (b'id,class\n1,"a\n', r"labels.csv: expected CSV, received something else in line 2"),
        (b"x" * 300_000, r"found no 'id', 'class'"),
    ],
)
def test_a_bad_table_is_refused_by_name(read, content: bytes, message: str) -> None:
    with pytest.raises(ChestbenchError, match=message):
        read(content)


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
