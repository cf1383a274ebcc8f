"""PATH ... -> pictures to be read, one after another: files, folders, archives, with or without class folders."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chestbench.catalog.folders.copies.mask_names import find_masks
from chestbench.catalog.identity import part_of
from chestbench.catalog.layout import may_be_picture, read_layout
from chestbench.core.errors import ChestbenchError
from chestbench.core.gate import read_file
from chestbench.datasets.archive import Archive, UnreadableMember, is_archive, open_archive
from chestbench.datasets.bounds import MAX_MEMBER_BYTES
from chestbench.datasets.opened import OpenedFolder, check_kind


@dataclass(frozen=True)
class Source:
    """A file that poses as a picture.

    Attributes:
        name: as people named it, and where it lies in a folder or an archive.
        read: gives its bytes; raises `UnreadableMember`.
        patient: what folders, or a pattern, say of the patient; "" where they say nothing.
    """

    name: str
    read: Callable[[], bytes]
    patient: str = ""


@dataclass(frozen=True)
class Opened:
    """All that was named: the files in their order, and what is not asked for.

    Attributes:
        sources: files that pose as pictures.
        left_out: {what, in words: how many}.
    """

    sources: list[Source]
    left_out: dict[str, int]


@contextmanager
def opened(paths: Sequence[str], pattern: str | None = None) -> Iterator[Opened]:
    """Yield the files of all paths; archives stay open inside the block, and no picture is read before it is asked for.

    Args:
        paths: files, folders, archives.
        pattern: regular expression whose part `patient` names the patient in a file's path.

    Raises:
        ChestbenchError: nothing is at a path, it cannot be opened, or the pattern is none or matches nothing.
    """
    compiled = _compiled(pattern)
    sources, left_out = list[Source](), dict[str, int]()
    with ExitStack() as stack:
        for written in paths:
            try:
                sources += _of_path(written, compiled, left_out, stack)
            except ChestbenchError as error:
                raise ChestbenchError(_of_pictures(str(error))) from None
        if compiled and not any(source.patient for source in sources):
            raise ChestbenchError(
                f"--patients: expected a pattern that finds a patient in paths, received {pattern!r}, which matches "
                f"none of {len(sources)}; correct it"
            )
        yield Opened(sources, left_out)


def _of_pictures(sentence: str) -> str:
    """Return what the parts that open data sets say, for who wants answers: no parameter, no folders of classes."""
    sentence = sentence.replace("dataset.path:", "PATH:")
    sentence = sentence.replace("images in folders named after their classes", "pictures")
    return sentence.replace(" in folders named after their classes", "")


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    if pattern is None:
        return None
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ChestbenchError(f"--patients: expected a regular expression, received {pattern!r}: {error}") from None
    if "patient" not in compiled.groupindex:
        raise ChestbenchError(
            f"--patients: expected a pattern with the part (?P<patient>...), received {pattern!r}; name that part"
        )
    return compiled


def _of_path(written: str, pattern: re.Pattern[str] | None, left_out: dict[str, int], stack: ExitStack) -> list[Source]:
    if not written:  # such as a variable of the shell that is not set; to Path, the current folder
        raise ChestbenchError("PATH: expected a file or a folder, received an empty text; write `.` for this folder")
    try:
        path = Path(written).expanduser()
    except RuntimeError:
        raise ChestbenchError(f"PATH: expected a known home folder, received {written!r}; write it out") from None
    check_kind(path)
    if path.is_dir():
        archive: Archive = OpenedFolder(path)
    elif is_archive(path):
        archive = open_archive(path)
    else:
        read = partial(_read, path)
        return [Source(written, read, part_of(pattern, "patient", written) if pattern else "")]
    stack.callback(archive.close)
    return _members(written.rstrip("/"), archive, pattern, left_out)


def _read(path: Path) -> bytes:
    try:
        return read_file(path, "PATH", MAX_MEMBER_BYTES)
    except ChestbenchError as error:
        raise UnreadableMember(str(error)) from None


def _members(written: str, archive: Archive, pattern: re.Pattern[str] | None, left_out: dict[str, int]) -> list[Source]:
    def leave_out(what: str, count: int) -> None:
        if count:
            left_out[what] = left_out.get(what, 0) + count

    posing = [member for member in archive.members if may_be_picture(member)]
    masks = find_masks(posing).members
    pictures = [member for member in posing if member not in masks]
    leave_out("no pictures by their names", len(archive.members) - len(posing))
    leave_out("masks or annotations by their names", len(masks))
    for kind, names in archive.left_out.items():
        leave_out(kind, len(names))
    if isinstance(archive, OpenedFolder):
        leave_out(
            "archives that are too large to be opened in a folder (name them by themselves)", len(archive.unopened)
        )
    patients = _patients(pictures) if pattern is None else [part_of(pattern, "patient", one) for one in pictures]
    return [
        Source(f"{written}/{member}", partial(archive.read, member), patient)
        for member, patient in zip(pictures, patients, strict=True)
    ]


def _patients(pictures: list[str]) -> list[str]:
    """Return what class folders and those below them say of patients, as the audit reads them; "" where nothing."""
    try:
        found = read_layout(pictures, None, honour_split=True).patient
    except ChestbenchError:  # no class folders: nothing is said
        found = []
    return found or [""] * len(pictures)
