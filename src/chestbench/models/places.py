"""Places that a weights file can be received from, asked one after the other until one has it."""

import hashlib
import logging
import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chestbench.core.errors import ChestbenchError
from chestbench.core.gate import kind_of
from chestbench.datasets.download import Remote, download_folder, receive_all, status_of
from chestbench.datasets.resumable import receive
from chestbench.models.published import PublishedWeights

logger = logging.getLogger(__name__)

OWN_PLACE = "CHESTBENCH_WEIGHTS"


@dataclass(frozen=True)
class Place:
    """A place that may have a weights file.

    Attributes:
        words: what it is, for messages and records; without a user's name or password.
        receive: `receive(target)` puts the file there, checked; `ChestbenchError` where it cannot be had or is wrong,
            and then nothing is there.
    """

    words: str
    receive: Callable[[Path], None]


def own_folder() -> Path | None:
    """Return the folder that the user's CHESTBENCH_WEIGHTS names, or None where it names an address or nothing.

    Raises:
        ChestbenchError: it names neither a folder that exists nor an http(s) address.
    """
    value = os.environ.get(OWN_PLACE, "").strip()
    if not value or _is_address(value):
        return None
    folder = Path(value).expanduser()
    if (kind := kind_of(folder)) != "folder":
        raise ChestbenchError(
            f"{OWN_PLACE}: expected a folder with weights files or an address that begins with https:// or http://, "
            f"received {without_password(value)!r}, which is {'' if kind == 'nothing' else 'a '}{kind}; "
            "correct it, or unset it"
        )
    return folder


def own_address() -> str | None:
    """Return the address that the user's CHESTBENCH_WEIGHTS names, without a slash at its end, or None."""
    value = os.environ.get(OWN_PLACE, "").strip()
    return value.rstrip("/") if _is_address(value) else None


def _is_address(value: str) -> bool:
    return re.match(r"https?://", value, re.IGNORECASE) is not None


def without_password(address: str) -> str:
    """Return an address without what it may hold of a user: name, password, query.

    >>> without_password("https://me:secret@mirror.example/keras/b0.h5?token=1")
    'https://mirror.example/keras/b0.h5'
    """
    return re.sub(r"^([a-z]+://)[^/]*@", r"\1", address.partition("?")[0], flags=re.IGNORECASE)


def at_address(published: PublishedWeights, address: str, check: Callable[[Path], None]) -> Place:
    """Return the place of a file at one http(s) address; what has arrived of it waits there for the next run.

    Args:
        published: what it is.
        address: of the file itself.
        check: raises `ChestbenchError` where a file is another one.
    """
    shown = without_password(address)
    expected = f"{published.file}: expected the ImageNet weights at {shown}"
    # One folder a file, one name in it an address: parts from two places are never put together.
    name = f"{hashlib.sha256(address.encode()).hexdigest()[:8]}-{published.file}"
    remote = Remote(
        name=f"weights-{published.file}",
        words=f"{published.file} with the ImageNet weights from {shown}",
        sender=urlsplit(shown).hostname or "the server",
        receive=lambda partial: receive(address, partial, expected, "try again"),
        refused=lambda error: f"{expected}, received {status_of(error)}; open the address in a browser to see why",
    )

    def bring(target: Path) -> None:
        with download_folder(remote.name) as folder:
            finished = folder / name
            receive_all(remote, finished)
            try:
                check(finished)
            except ChestbenchError:
                finished.unlink()
                raise
            shutil.move(finished, target)
            shutil.rmtree(folder)

    return Place(words=shown, receive=bring)


def first_of(published: PublishedWeights, places: Sequence[Place], target: Path, otherwise: str) -> str:
    """Receive a file from the first place that has it; each that has not is said.

    Args:
        published: what is asked for.
        places: in the order to try.
        target: where to; exists afterwards only when it was checked.
        otherwise: what else to do, a sentence.

    Returns:
        The words of the place that it came from.

    Raises:
        ChestbenchError: no place has it; says what was received from each.
    """
    failures: list[str] = []
    for number, place in enumerate(places, 1):
        try:
            place.receive(target)
            return place.words
        except ChestbenchError as error:
            failures.append(str(error).rstrip(". "))
            if number < len(places):
                logger.warning("%s; next: %s", failures[-1], places[number].words)
    if len(failures) == 1:
        raise ChestbenchError(f"{failures[0]}. {otherwise}")
    tried = "; ".join(f"({number}) {failure}" for number, failure in enumerate(failures, 1))
    raise ChestbenchError(
        f"{published.file}: expected the ImageNet weights at one of {len(places)} places, received from none: {tried}. "
        f"{otherwise}"
    )
