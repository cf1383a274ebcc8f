"""Where a Ray is that a grid joins, and whether anything listens there."""

import os
import re
import socket

from chestbench.core.errors import ChestbenchError
from chestbench.grid.events import Settings

_SECONDS_TO_ANSWER = 10


def address_of(settings: Settings) -> str | None:
    """Return the address of the cluster to join; None: one is started on this machine."""
    return settings.address or os.environ.get("RAY_ADDRESS") or None


def check_answers(address: str) -> None:
    """Ask whether a program listens at an address: Ray itself tries for minutes and says nothing meanwhile.

    Args:
        address: as in `Settings`; `auto` and what else names no port is left to Ray, which knows at once.

    Raises:
        ChestbenchError: nothing answers there.
    """
    found = re.fullmatch(r"(?:ray://)?(?P<host>\[[^]]+\]|[^:/\s]+):(?P<port>\d{1,5})(?:/.*)?", address)
    if not found:
        return
    try:
        socket.create_connection((found["host"].strip("[]"), int(found["port"])), _SECONDS_TO_ANSWER).close()
    except (OSError, OverflowError) as error:
        raise ChestbenchError(no_answer(address, str(error))) from None


def no_answer(address: str, told: str) -> str:
    """Return what is said where no Ray answers.

    Args:
        address: that was asked.
        told: what came back.
    """
    return (
        f"--address: expected a Ray that answers, received from {address}: {told}; `ray start --head` starts one, "
        "--address auto joins it"
    )
