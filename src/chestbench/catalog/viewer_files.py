"""Pictures that belong to the program on a disc of DICOM files: its logo, its buttons, its pages. They show no patient.

A PACS writes such a disc as a folder of DICOM files, often without an ending, a DICOMDIR, and a viewer for Windows.
"""

from collections import Counter
from collections.abc import Container, Sequence

from chestbench.catalog.folders.words.words import word_set, words_of
from chestbench.catalog.kinds import DICOM_DIRECTORY, kind_of_name

_RASTERS = frozenset(("png", "jpg", "jpeg", "gif", "bmp", "ico", "svg", "webp", "tif", "tiff"))
_DICOM_ENDINGS = frozenset(("dcm", "dicom", "dic", "ima"))
_PROGRAMS = frozenset(("exe", "dll", "jar", "inf", "msi", "app", "so", "class", "ocx"))
_VIEWERS = word_set("viewer weasis radiant osirix horos microdicom efilm iqlite dicomviewer pdi syngo")
_NAMES = word_set(
    "logo logos splash icon icons banner background button buttons favicon toolbar header footer screensaver wallpaper "
    "cover about"
)
# Where nothing but the pictures' own names tells it, all other files of the set are DICOM but so few.
_NEARLY_ALL = 0.8


def viewer_files(members: Sequence[str]) -> list[str]:
    """Return the pictures that belong to a viewer: none where they could be those of the set.

    A raster picture is a viewer's in a folder (or below it) that holds a program and no DICOM file, or is called like
    a viewer; below a DICOMDIR, as long as there are no more of them than DICOM files; and in a set of DICOM files where
    its own name says so ("logo.png").

    Args:
        members: names with forward slashes, documents and programs as well.
    """
    rasters = [member for member in members if _ending(member) in _RASTERS]
    dicoms = [member for member in members if _may_be_dicom(member)]
    if not rasters or not dicoms:
        return []
    of_dicom, of_raster = (
        Counter(folder for member in some for folder in _above(member)) for some in (dicoms, rasters)
    )
    programs = {_folder(member) for member in members if _ending(member) in _PROGRAMS} - set(of_dicom)
    indexed = {_folder(member) for member in members if kind_of_name(member) == DICOM_DIRECTORY}
    indexed = {disc for disc in indexed if of_raster[disc] <= of_dicom[disc]}
    found = {member for member in rasters if _is_in_viewer(member, of_dicom, programs | indexed)}
    rest = [member for member in rasters if member not in found]
    if len(dicoms) >= _NEARLY_ALL * (len(dicoms) + len(rest)):
        found |= {member for member in rest if _NAMES & set(words_of(member.rpartition("/")[2].rpartition(".")[0]))}
    return [member for member in rasters if member in found]


def _is_in_viewer(member: str, with_dicom: Container[str], roots: set[str]) -> bool:
    """Tell whether a picture lies in a viewer's folder by its name, or below one of these folders."""
    folder = _folder(member)
    is_called_so = any(_VIEWERS & set(words_of(name)) for name in folder.split("/"))
    return (is_called_so and folder not in with_dicom) or bool(_above(member) & roots)


def _may_be_dicom(member: str) -> bool:
    """Tell by its name whether a file may be DICOM: by its ending, or without one (IM000001, 1.2.840.10008)."""
    ending = _ending(member)
    return ending in _DICOM_ENDINGS or (not kind_of_name(member) and (not ending or ending.isdigit()))


def _ending(member: str) -> str:
    name = member.rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name else ""


def _folder(member: str) -> str:
    return member.rpartition("/")[0]


def _above(member: str) -> set[str]:
    """Return all folders above a member; the top is ""."""
    names = member.split("/")[:-1]
    return {"/".join(names[:level]) for level in range(len(names) + 1)}
