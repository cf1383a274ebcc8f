"""The section `detector` of params.yaml: which detectors of boxes a run trains."""

from typing import Annotated

from pydantic import Field, field_validator

from chestbench.core.section import FileName, Section


class Detector(Section):
    """The detectors of this run; `name` is the group they go by.

    Attributes:
        name: in file names and tables.
        variants: names of the registry (`chestbench.models.detection.registry`); none where no boxes are asked for.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")]
    variants: list[FileName]

    @field_validator("variants")
    @classmethod
    def _variants_differ(cls, value: list[str]) -> list[str]:
        if len(set(value)) != len(value):
            raise ValueError("a list of different detector names")
        return value
