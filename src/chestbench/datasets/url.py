"""An archive at an address: a .zip, .tar, .tar.gz or MedMNIST's .npz, told by content and kept exactly as published.

What pins it is a commit in the address (https://github.com/OWNER/REPO/archive/COMMIT.zip) or a checksum.

GitHub makes its archives as it sends them: there a cut download starts anew (see `resumable`).
"""

import hashlib
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from chestbench.core.config import Dataset
from chestbench.core.secrets import shown
from chestbench.datasets.archive import ARCHIVE
from chestbench.datasets.archive_download import bring
from chestbench.datasets.download import Remote, status_of
from chestbench.datasets.pinned import check_commit
from chestbench.datasets.published_file import check_download, wanted
from chestbench.datasets.resumable import receive


def fetch(dataset: Dataset, folder: Path) -> None:
    """Download `dataset.url`, or the file of `dataset.files`, to `folder/archive.zip`.

    What an earlier run began is gone on with where the server can.

    Raises:
        ChestbenchError: there is nothing at the address (404), it is refused, it is a web page, cannot be reached,
            is not a sound archive, has another MD5 or pictures of another size than published, or is the archive of
            another commit than the address says.
        OSError: the disk is full, or too small; what has arrived is kept.
    """
    address, token = str(wanted(dataset).url), os.environ.get("CHESTBENCH_URL_TOKEN", "")
    expected = f"dataset.url: expected a .zip, .tar, .tar.gz or .npz at {shown(address)}"

    def check(archive: Path) -> None:
        check_commit(archive, dataset)
        check_download(archive, dataset)

    bring(
        Remote(
            name=_folder_name(address),
            words=f"the archive of {shown(address)}",
            sender=urlsplit(address).hostname or "the server",
            receive=lambda partial: receive(address, partial, expected, "set dataset.url to the archive itself", token),
            refused=lambda error: _refusal(expected, status_of(error)),
            check=check,
        ),
        folder / ARCHIVE,
    )


def _folder_name(address: str) -> str:
    readable = re.sub(r"[^\w.]+", "-", shown(address).partition("://")[2]).removesuffix(".zip")[:80]
    return f"{readable}-{hashlib.blake2b(address.encode(), digest_size=4).hexdigest()}"


def _refusal(expected: str, status: int) -> str:
    expected = f"{expected}, received {status}"
    if status in (404, 410):
        return f"{expected}: there is no such file (or it is private); open the address in a browser and correct it."
    if status == 407:
        return f"{expected}: the proxy wants a user name and password; put them into HTTPS_PROXY."
    if status in (401, 403):
        return (
            f"{expected}: it is not given to everybody; put a user and password into ~/.netrc or a bearer token into "
            "CHESTBENCH_URL_TOKEN, or open the address in a browser to see why."
        )
    return f"{expected}; open the address in a browser to see why."
