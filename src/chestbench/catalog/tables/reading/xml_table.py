"""Annotations of CVAT (XML for images) as the text of a CSV: a row for each image with its labels.

See docs.cvat.ai, "CVAT for image": <image name="a.png"><tag label="tb"/><box label="mass" .../></image>.
"""

import csv
import io
import xml.etree.ElementTree as ElementTree

ENDING = ".xml"
_NAME, _LABEL = "name", "label"


class NoXmlTable(ValueError):
    """The text is no XML, or holds no annotations of images; says why in a few words."""


def xml_as_csv(text: str) -> str:
    """Return the images of such an XML as CSV: their names, and their labels with a bar between them.

    Raises:
        NoXmlTable: it is something else.
    """
    if "<!DOCTYPE" in text[:1024] or "<!ENTITY" in text:  # entities could grow without bounds; CVAT has none
        raise NoXmlTable("a document type")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise NoXmlTable(f"no XML ({error})") from None
    images = [image for image in root.iter("image") if image.get(_NAME)]
    rows = [[image.get(_NAME), "|".join(dict.fromkeys(part.get(_LABEL) or "" for part in image))] for image in images]
    if not any(labels for _, labels in rows):
        raise NoXmlTable("no images with labels, as CVAT writes them")
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([[_NAME, _LABEL], *rows])
    return written.getvalue()
