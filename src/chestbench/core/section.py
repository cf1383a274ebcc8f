"""What every block of params.yaml is made of: a base class, common types, and checks of patterns."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt

PositiveInt = Annotated[StrictInt, Field(ge=1)]
Name = Annotated[str, Field(min_length=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


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
