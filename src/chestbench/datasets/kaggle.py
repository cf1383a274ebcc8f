"""A Kaggle data set at a pinned version, fetched by Kaggle's own client as one archive."""

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
    """Download `dataset.handle` at `dataset.version` to `folder/archive.zip`, resuming what an earlier run began.

    Without credentials it is tried anonymously, as `kaggle datasets download` does: Kaggle allows that for many
    public sets.

    Raises:
        ChestbenchError: credentials are missing where they are needed (401, 403) or wrong (401), rules are not
            accepted or the set is private (403), there is no such set or version (404), Kaggle asks to wait too long
            or too often (429), cannot be reached, or sent something that is not a sound zip.
        OSError: the disk is full; what has arrived is kept.
    """
    owner, slug = str(dataset.handle).split("/")
    wanted = Wanted(
        words=f"{dataset.handle} version {dataset.version}",
        page=f"datasets/{dataset.handle}",
        kind="data set",
        mend_forbidden="it is private or its rules are not accepted; open {page} in a browser signed in as the same "
        "user, accept the rules or ask its owner, and run again",
        mend_unknown="look at {page} for its name and versions and set dataset.handle and dataset.version",
    )

    def ask(client: Any) -> "Response":
        from kagglesdk.datasets.types.dataset_api_service import ApiDownloadDatasetRequest

        request = ApiDownloadDatasetRequest()
        request.owner_slug, request.dataset_slug = owner, slug
        request.dataset_version_number = dataset.version
        return client.datasets.dataset_api_client.download_dataset(request)

    bring(remote(f"{owner}-{slug}-v{dataset.version}", wanted, ask), folder / ARCHIVE)
