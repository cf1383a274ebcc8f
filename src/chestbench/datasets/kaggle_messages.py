"""What Kaggle's answers mean, in words that say what to do next, and which credentials the client would use."""

import contextlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chestbench.config import Dataset

if TYPE_CHECKING:
    from requests import HTTPError, Response

# The longest that is waited before a try; asked for more, the download gives up and says so.
LONGEST_WAIT_SECONDS = 120.0
BY_HAND = (
    "\nOr download the archive in a browser and use it from there: -S dataset=folder -S dataset.path=/path/archive.zip"
)


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


def named(dataset: Dataset) -> str:
    return f"{dataset.handle} version {dataset.version}"


def site(path: str) -> str:
    from kagglesdk.kaggle_env import KaggleEnv, get_web_endpoint

    return f"{get_web_endpoint(KaggleEnv.PROD)}/{path}"


def how_to_sign_in() -> str:
    return (
        f"make a token at {site('settings/api')} and put it into KAGGLE_API_TOKEN or ~/.kaggle/access_token (or a "
        "user name and key into KAGGLE_USERNAME and KAGGLE_KEY or ~/.kaggle/kaggle.json), then run again." + BY_HAND
    )


def wrong_credentials(found: list[str]) -> str:
    return f"Kaggle: expected valid credentials, received ones it refuses ({', '.join(found)}); {how_to_sign_in()}"


def refusal(dataset: Dataset, status: int, says: str) -> str:
    """Explain an answer that trying again will not change."""
    found = credentials()
    page = site(f"datasets/{dataset.handle}")
    if status in (401, 403) and not found:
        return (
            f"Kaggle: expected credentials for {named(dataset)}, found none, and it is not given without "
            f"({status}{says}); {how_to_sign_in()}"
        )
    if status == 401:
        return wrong_credentials(found)
    if status == 403:
        return (
            f"Kaggle: expected access to {named(dataset)}, received 403{says}: it is private or its rules are not "
            f"accepted; open {page} in a browser signed in as the same user, accept the rules or ask its owner, and "
            "run again." + BY_HAND
        )
    if status == 404:
        return (
            f"Kaggle: expected a data set {named(dataset)}, received 404{says}; look at {page} for its name and "
            "versions and set dataset.handle and dataset.version"
        )
    return f"Kaggle: expected the archive of {named(dataset)}, received {status}{says}; look at {page}.{BY_HAND}"


def gave_up(dataset: Dataset, problem: str, asked: float | None, kept: int, tries: int) -> str:
    reason = f"it asks to wait {asked:.0f} s" if asked and asked > LONGEST_WAIT_SECONDS else f"{tries} tries in a row"
    onward = f": it goes on after the {kept:,} bytes that are here" if kept else ""
    message = (
        f"Kaggle: expected the archive of {named(dataset)}, but {problem}, {reason}; check the network (or wait) and "
        f"run the same command again{onward}."
    )
    if credentials():
        return message + BY_HAND
    return f"{message}\nNo Kaggle credentials were found either, and some sets need them: {how_to_sign_in()}"


def answer(response: "Response | None") -> dict[str, Any]:
    """Return the JSON that Kaggle sent with an error, or nothing."""
    try:
        answer = response.json() if response is not None else {}
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def status_of(error: "HTTPError") -> int:
    """Return the status of an error; Kaggle may put it into the JSON of an answer that is itself 200."""
    status = 0 if error.response is None else error.response.status_code
    return status if status >= 400 else int(answer(error.response).get("code", status))


def server_says(error: "HTTPError") -> str:
    message = str(answer(error.response).get("message", "")).strip()
    return f" {message[:200]!r}" if message else ""


def retry_after(response: "Response | None") -> float | None:
    from kaggle.api.kaggle_api_extended import KaggleApi

    return None if response is None else KaggleApi._get_retry_after_delay(response)
