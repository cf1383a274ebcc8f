"""How stored values become grey: what one file says of its own scale, and the one scale that a data set is read by.

The record travels with the model, so that a single picture is read later as the set was. Nothing of it is a statistic
of pixels beyond a whole number of bits, by which the set as a whole is stored.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any, Literal

STORED_BITS = 16
AIR = -500.0  # Hounsfield units: a chest slice has air (-1000) around and in the lungs, nothing else is below this
LUNG_WINDOW = (-600.0, 1500.0)


class Kind(IntEnum):
    """What a file says of its scale.

    PLAIN: up to 8 bits, white is the highest code. DECLARED: more, of a depth that the format itself states (packed 12
    bits, JPEG 2000). SIGNIFICANT: a 16-bit PNG with the chunk sBIT. MAX_SAMPLE: a 16-bit TIFF whose tag MaxSampleValue
    is 2**n - 1. UNDECLARED: 16 bits without a word. HOUNSFIELD: CT values. RADIOGRAPH: a DICOM that is no CT. UNIT: a
    TIFF of floating-point values, black 0 and white 1.
    """

    PLAIN = 0
    DECLARED = 1
    SIGNIFICANT = 2
    MAX_SAMPLE = 3
    UNDECLARED = 4
    HOUNSFIELD = 5
    RADIOGRAPH = 6
    UNIT = 7


@dataclass(frozen=True, slots=True)
class GreyFacts:
    """What one file says of its scale, and what the choice of one for the whole set needs to know of it.

    Attributes:
        kind: what the file says.
        declared: bits that it declares (stored ones where it declares none).
        highest: highest stored value, 0 to 65,535; 0 where it has no say (up to 8 bits, CT).
        lowest: lowest stored value, likewise.
        bulk: bits that hold all but a hundredth of the pixels of a 16-bit file; 0 where it has no say. White of fewer
            bits cuts off more of the picture than a marker or a piece of metal.
        has_gaps: some pixels of floating-point values are no numbers (NaN): background, and shown black.
        levels: how many of 256 grey levels a DICOM, or a file of Hounsfield units, has as it was read; 0: not counted.
        widened: every value is v * 257 or v * 256: 8 bits, widened.
        has_window: a RADIOGRAPH has a window or VOI LUT that shows something; None: of one value, so it has no say.
        inverted: "yes" where the file states that its lowest value is white; "mislabelled" where it does and is shown
            as it is stored, for the other way it would certainly be a negative; else "".
        looks_negative: a WhiteIsZero TIFF that certainly looks like a negative as it is shown, inverted.
        contradicts: PresentationLUTShape and PhotometricInterpretation contradict each other.
        statistic: a TIFF has a MaxSampleValue that is no 2**n - 1, so in this set the tag is not a depth.
    """

    kind: Kind
    declared: int
    highest: int = 0
    lowest: int = 0
    widened: bool = False
    has_window: bool | None = None
    inverted: str = ""
    looks_negative: bool = False
    contradicts: bool = False
    statistic: bool = False
    bulk: int = 0
    levels: int = 0
    has_gaps: bool = False


@dataclass(frozen=True)
class GreyScale:
    """How the pictures of a set become grey. None leaves it to each file, as where no set is known.

    Attributes:
        bits: white of 16-bit files that declare no depth is 2**bits - 1; 8 to 16.
        significant: whether the significant bits of a PNG with sBIT are the high ones, as the standard says, or low.
        max_sample: whether MaxSampleValue of a TIFF states a depth, or is a statistic of the picture.
        signed: "hounsfield": signed (and floating-point) TIFF values are Hounsfield units, whatever they are.
        dicom: what radiographs are shown by: the header's window, the range of BitsStored, or percentiles.
        window: centre and width, in Hounsfield units.
        monochrome1: "stored": files labelled MONOCHROME1 are shown as stored, for in this set the label is wrong.
    """

    bits: int | None = None
    significant: Literal["high", "low"] | None = None
    max_sample: Literal["depth", "statistic"] | None = None
    signed: Literal["hounsfield"] | None = None
    dicom: Literal["window", "range", "percentiles"] | None = None
    window: tuple[float, float] = LUNG_WINDOW
    monochrome1: Literal["stored"] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the record as metrics/catalog.json["grey"]["scale"] holds it.

        Example:
            >>> GreyScale(bits=13).to_json()["bits"], GreyScale.from_json(GreyScale(bits=13).to_json()).bits
            (13, 13)
        """
        return asdict(self) | {"window": list(self.window)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any] | None) -> "GreyScale":
        """Return the scale that `to_json` wrote; of None (a study of before the record was kept) the default."""
        if record is None:
            return cls()
        return cls(**{**record, "window": (float(record["window"][0]), float(record["window"][1]))})

    def white_bits(self, facts: GreyFacts) -> int:
        """Return the bits n of which white is 2**n - 1 in an integer file, by this scale where it decides."""
        if facts.kind in (Kind.PLAIN, Kind.DECLARED):
            return facts.declared
        if facts.kind == Kind.SIGNIFICANT:
            own = "high" if facts.highest >> facts.declared else "low"
            return STORED_BITS if (self.significant or own) == "high" else facts.declared
        if facts.kind == Kind.MAX_SAMPLE and self.max_sample != "statistic" and not facts.highest >> facts.declared:
            return facts.declared
        return self.bits or bits_needed(facts)

    def rule_of(self, facts: GreyFacts) -> str:
        """Return what a radiograph is shown by: window, range or percentiles."""
        if self.dicom:
            return self.dicom
        if facts.has_window:
            return "window"
        return "range" if facts.declared <= 8 else "percentiles"

    def words(self, facts: GreyFacts) -> str:
        """Return how a file's values become grey, as the catalog's column `scale` has it.

        Example:
            >>> scale = GreyScale(bits=13)
            >>> scale.words(GreyFacts(Kind.PLAIN, 8)), scale.words(GreyFacts(Kind.UNDECLARED, 16, highest=2900))
            ('8 bit', '13 of 16 bit')
            >>> scale.words(GreyFacts(Kind.HOUNSFIELD, 16)), scale.words(GreyFacts(Kind.RADIOGRAPH, 12))
            ('HU -600/1500', 'percentiles')
        """
        if facts.kind == Kind.HOUNSFIELD:
            return f"HU {self.window[0]:g}/{self.window[1]:g}"
        if facts.kind == Kind.RADIOGRAPH:
            return self.rule_of(facts)
        if facts.kind == Kind.UNIT:
            return "0 to 1"
        if facts.kind in (Kind.PLAIN, Kind.DECLARED):
            return f"{facts.declared} bit"
        return f"{self.white_bits(facts)} of {STORED_BITS} bit"


def bits_needed(facts: GreyFacts) -> int:
    """Return the least whole number of bits, 8 to 16, that holds a 16-bit file's values; 16 for 8 bits widened.

    Example:
        >>> [bits_needed(GreyFacts(Kind.UNDECLARED, 16, highest=value)) for value in (0, 255, 4095, 4700, 65535)]
        [8, 8, 12, 13, 16]
    """
    return STORED_BITS if facts.widened else max(8, facts.highest.bit_length())


DEFAULT = GreyScale()
