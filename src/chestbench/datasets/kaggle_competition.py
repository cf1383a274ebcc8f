"""All files of a Kaggle competition, fetched by Kaggle's own client as one archive.

Competitions have no version numbers: `dataset.sha256` is what pins one. Their archives may exceed 100 GB: bytes go
straight to the disk, and a disk that is too small is refused before the first of them.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from chestbench.core.config import Dataset
from chestbench.datasets.archive import ARCHIVE
from chestbench.datasets.archive_download import bring
from chestbench.datasets.kaggle_client import remote
from chestbench.datasets.kaggle_messages import Wanted

if TYPE_CHECKING:
    from requests import Response


def fetch(dataset: Dataset, folder: Path) -> None:
    """Download all of the competition `dataset.handle` to `folder/archive.zip`, resuming what an earlier run began.

    Raises:
        ChestbenchError: credentials are missing or wrong (401), its rules are not accepted (403; that is done in a
            browser), there is no such competition (404), Kaggle asks to wait too long or too often (429), cannot be
            reached, or sent something that is not a sound zip.
        OSError: the disk is full, or too small; what has arrived is kept.
    """
    handle = str(dataset.handle)
    wanted = Wanted(
        words=f"competition {handle}",
        page=f"competitions/{handle}/rules",
        kind="Kaggle",
        mend_forbidden="its rules are not accepted by this user; open {page} in a browser signed in as the same user, "
        "join the competition (late entries too) and accept them, and run again",
        mend_unknown="look for its name, as in the address of its page, and set dataset.handle",
    )

    def ask(client: Any) -> "Response":
        from kagglesdk.competitions.types.competition_api_service import ApiDownloadDataFilesRequest

        request = ApiDownloadDataFilesRequest()
        request.competition_name = handle
        return client.competitions.competition_api_client.download_data_files(request)

    bring(remote(f"competition-{handle}", wanted, ask), folder / ARCHIVE)
