"""What Kaggle's answers mean, in words that say what to do next, and which credentials the client would use."""

import contextlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chestbench.datasets.download import answer

if TYPE_CHECKING:
    from requests import HTTPError


@dataclass(frozen=True)
class Wanted:
    """What is asked of Kaggle, in words.

    Attributes:
        words: "owner/name version 3".
        page: where a person looks at it, below the site's address.
        kind: "data set".
        mend_forbidden, mend_unknown: why 403 or 404 may be, and what to do; `{page}` stands for the page's address.
    """

    words: str
    page: str
    kind: str
    mend_forbidden: str
    mend_unknown: str


def credential_files() -> list[Path]:
    """Return where the client looks for credentials; said without importing it, as it reads them when imported."""
    folders = [Path.home() / ".kaggle", Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "kaggle"]
    if os.environ.get("KAGGLE_CONFIG_DIR"):
        folders.append(Path(os.environ["KAGGLE_CONFIG_DIR"]))
    names = ("kaggle.json", "access_token", "credentials.json", "kaggle.conf")
    return [folder / name for folder in folders for name in names]


def credentials() -> list[str]:
    """Name (never show) the credentials that the client will find, in the order it tries them."""
    from kaggle.api.kaggle_api_extended import KaggleApi
    from kagglesdk import KaggleCredentials, get_access_token_from_env

    found = []
    token, source = get_access_token_from_env()
    if token:
        found.append("~/.kaggle/access_token" if source == "access_token" else str(source))
    api = KaggleApi()
    with contextlib.redirect_stdout(io.StringIO()):
        settings = api.read_config_environment(api.read_config_file(quiet=True))
    if api.CONFIG_NAME_USER in settings and api.CONFIG_NAME_KEY in settings:
        found.append("KAGGLE_USERNAME and KAGGLE_KEY" if "KAGGLE_KEY" in os.environ else str(api.config))
    if Path(KaggleCredentials.DEFAULT_CREDENTIALS_FILE).expanduser().exists():
        found.append(KaggleCredentials.DEFAULT_CREDENTIALS_FILE)
    return found


def site(path: str) -> str:
    from kagglesdk.kaggle_env import KaggleEnv, get_web_endpoint

    return f"{get_web_endpoint(KaggleEnv.PROD)}/{path}"


def how_to_sign_in() -> str:
    return (
        f"make a token at {site('settings/api')} and put it into KAGGLE_API_TOKEN or ~/.kaggle/access_token (or a "
        "user name and key into KAGGLE_USERNAME and KAGGLE_KEY or ~/.kaggle/kaggle.json), then run again."
    )


def wrong_credentials(found: list[str]) -> str:
    return f"Kaggle: expected valid credentials, received ones it refuses ({', '.join(found)}); {how_to_sign_in()}"


def refusal(wanted: Wanted, status: int, says: str) -> str:
    """Explain an answer that trying again will not change."""
    found = credentials()
    page = site(wanted.page)
    if status in (401, 403) and not found:
        return (
            f"Kaggle: expected credentials for {wanted.words}, found none, and it is not given without "
            f"({status}{says}); {how_to_sign_in()}"
        )
    if status == 401:
        return wrong_credentials(found)
    if status == 403:
        mend = wanted.mend_forbidden.format(page=page)
        return f"Kaggle: expected access to {wanted.words}, received 403{says}: {mend}."
    if status == 404:
        mend = wanted.mend_unknown.format(page=page)
        return f"Kaggle: expected a {wanted.kind} {wanted.words}, received 404{says}; {mend}."
    return f"Kaggle: expected the archive of {wanted.words}, received {status}{says}; look at {page}."


def server_says(error: "HTTPError") -> str:
    """Return what Kaggle wrote beside the status, quoted, or ""."""
    message = str(answer(error.response).get("message", "")).strip()
    return f" {message[:200]!r}" if message else ""
