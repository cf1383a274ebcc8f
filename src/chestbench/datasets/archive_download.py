"""Bringing one archive: received and looked at.

An archive that somebody puts into its download folder under its final name is used as if it had been downloaded.
"""

import logging
import shutil
from pathlib import Path

from chestbench.core.errors import ChestbenchError
from chestbench.core.gate import kind_of, open_file, require_file
from chestbench.datasets.archive import ARCHIVE, open_archive
from chestbench.datasets.download import Remote, download_folder, receive_all

logger = logging.getLogger(__name__)


def bring(remote: Remote, target: Path) -> None:
    """Put the whole archive at `target`, resuming what an earlier run began.

    Raises:
        ChestbenchError: it is refused, cannot be reached, or is not a sound zip (or not the right one). A download
            that is not sound is deleted; a file that was there before is left.
        OSError: the disk is full, or too small for what is announced; what has arrived is kept.
    """
    with download_folder(remote.name) as place:
        finished = place / ARCHIVE
        was_there = kind_of(finished) != "nothing"
        if was_there:
            _check_brought(finished)
            logger.info("using the archive in %s", place)
        else:
            try:
                receive_all(remote, finished)
            except ChestbenchError as error:
                raise ChestbenchError(
                    f"{error}\nOr bring the archive yourself (as it is published, or a link to it): put it at "
                    f"{finished} and run the same command again."
                ) from None
        try:
            _refuse_a_page(finished, remote)
            open_archive(finished).close()
            remote.check(finished)
        except ChestbenchError as error:
            if was_there:
                raise ChestbenchError(f"{error}\nDelete or replace {finished} and run again.") from None
            finished.unlink()
            raise ChestbenchError(
                f"{error}\n{remote.sender} (or a proxy in between) sent this for {remote.words}; it was deleted, "
                f"run again. Or put the right archive at {finished}."
            ) from None
        if finished.is_symlink():  # brought by hand: what it leads to stays
            shutil.copyfile(finished, target)
        else:
            shutil.move(finished, target)
        shutil.rmtree(place)


def _refuse_a_page(archive: Path, remote: Remote) -> None:
    """Say of a web page what it is: servers send them as any type."""
    with open_file(archive, "the archive") as stream:
        start = stream.read(256).lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise ChestbenchError(
            f"{archive}: expected {remote.words}, received a web page (a sign-in, a notice, or a proxy's own page)"
        )


def _check_brought(path: Path) -> None:
    try:
        require_file(path, "archive brought by hand")
    except ChestbenchError as error:
        raise ChestbenchError(
            f"{error}: put the archive, or a link to it, at {path}, or remove what is there"
        ) from None
