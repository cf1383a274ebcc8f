"""The section `detector` of params.yaml: which detectors of boxes a run trains."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from chestbench.core.section import FileName, Section


class Detector(Section):
    """The detectors of this run; `name` is the group they go by.

    Attributes:
        name: in file names and tables.
        variants: names of the registry (`chestbench.models.detection.registry`); none where no boxes are asked for.
        boxes: which boxes are prepared for them: `drawn`, those of the data set; none where there are no detectors, so
            that DVC has no stage `boxes` then.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")]
    variants: list[FileName]
    boxes: Annotated[list[Literal["drawn"]], Field(max_length=1)]

    @field_validator("variants")
    @classmethod
    def _variants_differ(cls, value: list[str]) -> list[str]:
        if len(set(value)) != len(value):
            raise ValueError("a list of different detector names")
        return value
