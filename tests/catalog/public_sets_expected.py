"""What each rebuilt public set must give: read by its own file in conf/dataset, or as a folder without a word."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.catalog import public_sets, public_tables


@dataclass(frozen=True)
class PublicSet:
    """A rebuilt set.

    Attributes:
        members: draws the archive.
        kept: images by class.
        unit: what metrics/catalog.json calls the groups: patient, or image (look-alikes).
        person: regular expression whose match in a member's path is one person's, as the publisher numbers them; for
            sets without ids, of the pictures that were drawn alike.
        given: images by part of the published split, "" for none.
        excluded: kind of reason -> pictures left out.
        masks: pictures that have a mask.
        strata: columns of the catalog that are filled.
        as_folder: classes -> images when read with dataset=folder and nothing else, or a part of the refusal.
        commit: of which GitHub made the archive.
    """

    members: Callable[..., dict[str, bytes]]
    kept: dict[str, int]
    unit: str
    person: str
    given: dict[str, int]
    as_folder: dict[str, int] | str
    excluded: dict[str, int] = field(default_factory=dict)
    masks: int = 0
    strata: tuple[str, ...] = ()
    commit: str = ""

    def person_of(self, member: str) -> str:
        """Return whose picture a member is."""
        found = re.search(self.person, member)
        assert found, member
        return found[0]


PUBLIC = {
    "chest_xray_pneumonia": PublicSet(
        public_sets.chest_xray_pneumonia,
        {"NORMAL": 44, "PNEUMONIA": 44},
        unit="patient",
        person=r"person\d+|IM-\d+",
        given={"train": 64, "test": 24},
        excluded={"exact duplicate": 88},
        as_folder={"NORMAL": 52, "PNEUMONIA": 52},
    ),
    "covid_qu_ex": PublicSet(
        public_sets.covid_qu_ex,
        {"Normal": 24, "COVID-19": 24, "Non-COVID": 24},
        unit="image",
        person=r"[^/]+$",
        given={"train": 36, "val": 12, "test": 24},
        masks=72,
        as_folder={"COVID-19": 24, "Non-COVID": 24, "Normal": 24},
    ),
    "pneumoniamnist": PublicSet(
        public_sets.pneumoniamnist,
        {"normal": 34, "pneumonia": 78},
        unit="image",
        person=r".+",
        given={"train": 64, "val": 18, "test": 30},
        as_folder={"0": 34, "1": 78},
    ),
    "sarscov2_ct": PublicSet(
        public_sets.sarscov2_ct,
        {"non-COVID": 32, "COVID": 32},
        unit="image",
        person=r"\(\d+\)",
        given={"": 64},
        as_folder={"COVID": 32, "non-COVID": 32},
    ),
    "covid_ct": PublicSet(
        public_sets.covid_ct,
        {"Non-COVID": 30, "COVID": 30},
        unit="image",
        person=r"[^/]+(?=%)",
        given={"train": 32, "val": 12, "test": 16},
        as_folder="split lists",
        commit=public_sets.COVID_CT_COMMIT,
    ),
    "covid_ctset": PublicSet(
        public_sets.covid_ctset,
        {"Normal": 40, "COVID-19": 40},
        unit="patient",
        person=r"patient\d+",
        given={"": 80},
        as_folder="expected one consistent reading",
    ),
    "iq_oth_nccd": PublicSet(
        public_sets.iq_oth_nccd,
        {"Normal": 32, "Benign": 32, "Malignant": 32},
        unit="image",
        person=r"case \(\d+\)",
        given={"": 96},
        as_folder={"Bengin cases": 32, "Malignant cases": 32, "Normal cases": 32},
    ),
    "shenzhen_tb": PublicSet(
        public_sets.shenzhen_tb,
        {"Normal": 30, "Tuberculosis": 30},
        unit="patient",
        person=r"CHNCXR_\d+",
        given={"": 60},
        as_folder="dataset.labels",
    ),
    "covid_chestxray": PublicSet(
        public_tables.covid_chestxray,
        {"Other pneumonia": 40, "COVID-19": 40},
        unit="patient",
        person=r"case-\d+-",
        given={"": 80},
        excluded={"not in dataset.classes": 4},
        strata=("sex", "age", "view"),
        as_folder="dataset.labels",
        commit=public_tables.COVID_CHESTXRAY_COMMIT,
    ),
    "nih_chestxray14": PublicSet(
        public_tables.nih_chestxray14,
        {"No Finding": 28, "Effusion": 40},
        unit="patient",
        person=r"\d{8}(?=_)",
        given={"train": 52, "test": 16},
        excluded={"not in dataset.classes": 28},
        strata=("sex", "age", "view"),
        as_folder="dataset.labels",
    ),
    "chexpert": PublicSet(
        public_tables.chexpert,
        {"No Finding": 21, "Pleural Effusion": 21},
        unit="patient",
        person=r"patient\d+",
        given={"train": 36, "val": 6},
        excluded={"no or several classes": 22},
        strata=("sex", "age", "view"),
        as_folder="dataset.labels",
    ),
    "rsna_pneumonia": PublicSet(
        public_tables.rsna_pneumonia,
        {"No opacity": 40, "Lung opacity": 20},
        unit="patient",
        person=r"[^/]+$",
        given={"": 60},
        as_folder="dataset.labels",
    ),
    "vinbigdata": PublicSet(
        public_tables.vinbigdata,
        {"No finding": 38, "Pleural effusion": 24},
        unit="image",
        person=r"[^/]+$",
        given={"": 62},
        excluded={"not in dataset.classes": 10},
        as_folder="dataset.labels",
    ),
}
