"""What names of pictures end in."""

import re

# Endings that another copy of the same set may have instead (a table says .dcm, the pictures are .png).
PICTURE_ENDING = re.compile(r"\.(png|jpe?g|jpe|jp2|j2k|tiff?|bmp|gif|webp|dcm|dicom)$", re.IGNORECASE)


def has_picture_ending(name: str) -> bool:
    """Tell whether a name ends as pictures' do."""
    return PICTURE_ENDING.search(name) is not None
