"""What every block of params.yaml is made of: a base class, common types, and checks of patterns."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt

PositiveInt = Annotated[StrictInt, Field(ge=1)]
Name = Annotated[str, Field(min_length=1)]
# Windows opens a device under these names, in every folder.
DEVICES = ("con", "prn", "aux", "nul", *(f"{kind}{number}" for kind in ("com", "lpt") for number in range(10)))


def _is_no_device(name: str) -> str:
    if name in DEVICES:
        raise ValueError("a name that is none of a device on Windows")
    return name


# What DVC makes paths of: nothing in it means anything to a shell or leads out of a folder.
FileName = Annotated[str, Field(pattern=r"^[a-z0-9_]+$", max_length=64), AfterValidator(_is_no_device)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Md5 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class Section(BaseModel):
    """A block of params.yaml: no unknown keys, no change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def pattern_with(part: str, value: str | None) -> str | None:
    """Return a regular expression unchanged when it is one and has a part named `part`."""
    if value is not None:
        try:
            compiled = re.compile(value)
        except re.error as error:
            raise ValueError(f"a regular expression ({error})") from None
        if part not in compiled.groupindex:
            raise ValueError(f"a regular expression with a part named (?P<{part}>...)")
    return value
