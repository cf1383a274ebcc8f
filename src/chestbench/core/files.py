"""Writing files so that nothing half-written ever carries its final name; the one CSV and JSON writer and reader."""

import csv
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from chestbench.core.bounds import MOST_RECORD_BYTES
from chestbench.core.errors import ChestbenchError
from chestbench.core.gate import FILE, kind_of, open_regular, pieces


class DamagedFile(ChestbenchError):
    """A file of the pipeline's own that is not as it was written: a power cut, a full disk, or an edit.

    Args:
        path: of the file.
        expected: what it should be, such as "JSON".
        received: what was found instead, in words, or the error that reading it gave.
        again: the command that brings it back.
    """

    def __init__(self, path: Path, expected: str, received: object, again: str = "") -> None:
        found = received if isinstance(received, str) else f"received a damaged file ({received})"
        self.path = Path(path)
        again = again or "`dvc repro`, and if it stays so `dvc repro -f`, which makes it anew"
        super().__init__(f"{path}: expected {expected}, {found}; run {again}")


# A row of a table, by column: what the CSV tables, the leaderboard and the reports are made of.
Row = dict[str, Any]
CHUNK_BYTES = 1 << 20
_LONG_BYTES = 2_000_000_000
_MANY_FILES = 200


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it to `path` when the block ends well, delete it when it fails.

    Args:
        path: the final file; its folder is made when missing.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield temporary
        to_disk(temporary)
        os.replace(temporary, path)
        to_disk(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def to_disk(path: Path) -> None:
    """Have the system put a file's content, or a folder's names, on the disk: a power cut then cannot tear them."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def all_to_disk(folder: Path) -> None:
    """Put all files of a folder on the disk: one by one, or, where they are many, with all that the system holds."""
    paths = [Path(parent) / name for parent, _, names in os.walk(folder) for name in (*names, ".")]
    if len(paths) > _MANY_FILES and hasattr(os, "sync"):
        os.sync()
        return
    for path in paths:
        to_disk(path)


def set_aside(path: Path) -> Path:
    """Rename a damaged file or folder to `NAME.damaged`, in place of one that is there; return that path."""
    aside = path.with_name(f"{path.name}.damaged")
    if aside.is_dir():
        shutil.rmtree(aside)
    os.replace(path, aside)
    return aside


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield an empty temporary folder beside `path`; it replaces `path` when the block ends well.

    Left-overs of a process that was killed in an earlier block for the same `path` are removed first.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.partial")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        all_to_disk(temporary)
        if path.exists():
            shutil.rmtree(path)
        os.replace(temporary, path)
        to_disk(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically, on the disk before it gets its name."""
    with atomic_file(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with line feeds, atomically."""
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented UTF-8 JSON with a final newline, atomically. NaN is refused (`ValueError`)."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    with atomic_file(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read a UTF-8 JSON file that `write_json` wrote.

    Raises:
        DamagedFile: it is empty, cut short or something else.
        FileNotFoundError: there is no such file.
    """
    try:
        with _opened(Path(path), "JSON") as stream:
            if os.fstat(stream.fileno()).st_size > MOST_RECORD_BYTES:
                raise DamagedFile(path, "JSON", f"received a file of more than {MOST_RECORD_BYTES:,} bytes")
            return json.loads(stream.read(MOST_RECORD_BYTES).decode("utf-8"))
    except (ValueError, RecursionError) as error:  # of json, and of UTF-8
        raise DamagedFile(path, "JSON", error) from None


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any] | Sequence[Any]]) -> None:
    """Write a table as UTF-8 CSV with a header and line feeds, atomically and one row at a time.

    Args:
        path: the file.
        columns: the header.
        rows: each by column, where a column that is left out stays empty, or as its cells in the order of `columns`.
            None and NaN are written as empty cells, a float with the digits that give it back exactly.

    Raises:
        ValueError: a row has a column that the header lacks, or another number of cells.
    """
    known = set(columns)
    with atomic_file(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            if isinstance(row, Mapping):
                if unknown := row.keys() - known:
                    raise ValueError(f"{path}: expected the columns {list(columns)}, received {sorted(unknown)} too")
                row = [row.get(name) for name in columns]
            elif len(row) != len(columns):
                raise ValueError(f"{path}: expected {len(columns)} cells in each row, received {len(row)}")
            # NaN alone is not equal to itself.
            writer.writerow([None if cell != cell else cell for cell in row])


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table that `write_csv` wrote; every cell is text. See `stream_csv`."""
    return list(stream_csv(path))


def stream_csv(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a table that `write_csv` wrote, one at a time; every cell is text.

    Raises:
        DamagedFile: it is empty or cut short, is not UTF-8, or a row has more or fewer cells than the header.
        FileNotFoundError: there is no such file.
    """
    _check_end(path)
    with io.TextIOWrapper(_opened(path, "a table"), encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        try:
            columns = next(reader, [])
            for cells in reader:
                if not cells:
                    continue
                if len(cells) != len(columns):
                    found = f"received {len(cells)} in line {reader.line_num}"
                    raise DamagedFile(path, f"{len(columns)} cells in each row", found)
                yield dict(zip(columns, cells, strict=True))
        except (UnicodeDecodeError, csv.Error) as error:
            raise DamagedFile(path, "a table in UTF-8", error) from None


def _check_end(path: Path) -> None:
    """Refuse a table that is empty or ends within a line: `write_csv` ends every line."""
    with _opened(path, "a table") as stream:
        if not stream.seek(0, os.SEEK_END):
            raise DamagedFile(path, "a table with a header", "received an empty file")
        stream.seek(-1, os.SEEK_END)
        if stream.read(1) != b"\n":
            raise DamagedFile(path, "a table of whole lines", "received one that is cut short")


def csv_columns(path: Path) -> list[str]:
    """Return the header of a table that `write_csv` wrote; empty where the file is."""
    with io.TextIOWrapper(_opened(path, "a table"), encoding="utf-8", newline="") as stream:
        return next(csv.reader(stream), [])


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hex digits, reading 1 MiB at a time; what takes long says so."""
    return _digest_of(path, "SHA-256", hashlib.sha256())


def md5_file(path: Path) -> str:
    """Return the MD5 of a file as 32 hex digits, as publishers state it; see `sha256_file`."""
    return _digest_of(path, "MD5", hashlib.md5(usedforsecurity=False))


def _digest_of(path: Path, name: str, digest: "hashlib._Hash") -> str:
    with _opened(Path(path), "a file") as stream:
        is_long = os.fstat(stream.fileno()).st_size > _LONG_BYTES
        with _still_hashing(path) if is_long else nullcontext():
            for piece in pieces(stream, path, name):
                digest.update(piece)
    return digest.hexdigest()


def _still_hashing(path: Path) -> AbstractContextManager[None]:
    from chestbench.core.progress import still_at  # of tqdm, for which the stages without long files do not wait

    return still_at(f"hashing {path.name}")


def _opened(path: Path, expected: str) -> BinaryIO:
    """Open a regular file: a FIFO in its place would hold the process for ever."""
    if (kind := kind_of(path)) not in (FILE, "nothing"):
        raise DamagedFile(path, expected, f"received a {kind}")
    return open_regular(path)


def sha256_json(value: Any) -> str:
    """Return the SHA-256 (64 hex digits) of `value` in canonical JSON: sorted keys, no white space."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
